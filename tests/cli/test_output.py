"""What reaches a terminal: colours of ours, and nothing that commands it from elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.cli.output import plain, print_table, report_error
from envmgr.errors import ResolutionError

from .conftest import Envmgr

ROOT = Path(__file__).parents[2]
NASTY = "\x1b]0;owned\x07\x1b[2J\x9b1m\r\u202e"


@given(st.text(), st.text(st.characters(categories=["L", "N", "Zs"])))
def test_plain_text_has_no_controls_and_ordinary_text_is_left_alone(any: str, usual: str) -> None:
    shown = plain(any).replace("\n", "").replace("\t", "")
    assert not set(map(ord, shown)) & {*range(32), *range(127, 160), 0x202E, 0x2066}
    assert plain(usual) == usual


def test_a_row_of_a_table_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("NAME", "PATH"), [("a", f"/b\nc{NASTY}")])
    assert capsys.readouterr().out.splitlines() == [
        "NAME  PATH",
        r"a     /b\nc\x1b]0;owned\x07\x1b[2J\x9b1m\r\u202e",
    ]


def test_an_error_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(
        ResolutionError(f"m{NASTY}", lines=(f"l{NASTY}",), hint=f"h{NASTY}"), as_json=False
    )
    said = capsys.readouterr().err
    assert said.count(r"\x1b]0;owned") == 3
    assert plain(said) == said


@pytest.mark.parametrize(
    "arguments",
    [
        ("detect", "tool.hello", "--explain"),
        ("show", "tool.hello"),
        ("resolve", "tool.hello", "--explain"),
        ("remove", "tool.hello"),
    ],
    ids=lambda words: str(words[0]),
)
def test_no_verb_shows_a_path_raw(
    envmgr: Envmgr, environ: dict[str, str], definitions: Path, arguments: tuple[str, ...]
) -> None:
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    place = definitions / f"x{NASTY}" / "bin"
    place.mkdir(parents=True)
    (place / "hello-envmgr").write_text("#!/bin/sh\necho hello-envmgr 1.2\n")
    (place / "hello-envmgr").chmod(0o755)
    path = f"{place}{os.pathsep}{environ['PATH']}"
    assert envmgr("detect", "tool.hello", PATH=path).returncode == 0
    said = pexpect.run(
        f"{sys.executable} -m envmgr {' '.join(arguments)}",
        env={**environ, "PYTHONPATH": str(ROOT), "PATH": path, "TERM": "xterm", "COLUMNS": "400"},
        encoding="utf-8",
        timeout=60,
    )
    assert r"x\x1b]0;owned\x07" in str(said)
    assert "\x1b]" not in said and "\x07" not in said and "\u202e" not in said
