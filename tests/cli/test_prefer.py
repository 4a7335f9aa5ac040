"""`--prefer`, as it is typed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def compilers(tmp_path: Path) -> str:
    """A directory with two versions of a compiler."""
    for suffix, version in (("-11", "11.4.0"), ("-13", "13.2.0")):
        program = tmp_path / "bin" / f"gcc{suffix}"
        program.parent.mkdir(exist_ok=True)
        said = f"Target: x86_64-linux-gnu\ngcc version {version} (Mock)"
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
    return str(tmp_path / "bin")


def chosen(envmgr: Run, place: str, *arguments: str) -> str:
    done = envmgr("resolve", "compiler.gcc", "--json", *arguments, PATH=f"{place}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout)["answers"]
    return str(answer["chosen"])


def test_the_command_line_says_what_goes_first(envmgr: Run, compilers: str) -> None:
    envmgr("detect", "compiler.gcc", PATH=f"{compilers}:/usr/bin:/bin")
    query = "compiler.gcc@11.4"
    assert chosen(envmgr, compilers, "--prefer", query) == "compiler.gcc@11.4.0"
    assert chosen(envmgr, compilers, f"--prefer={query}", "--prefer=newest").endswith("11.4.0")
    assert not chosen(envmgr, compilers, "--prefer=newest", f"--prefer={query}").endswith("11.4.0")


def test_env_is_not_answered_from_memory_for_another_preference(
    envmgr: Run, compilers: str
) -> None:
    path = f"{compilers}:/usr/bin:/bin"
    plain = [envmgr("env", "compiler.gcc", "--shell=sh", PATH=path).stdout for _ in range(2)]
    asked = ("env", "compiler.gcc", "--shell=sh", "--prefer=compiler.gcc@11.4")
    other = [envmgr(*asked, PATH=path).stdout for _ in range(2)]
    again = envmgr("env", "compiler.gcc", "--shell=sh", PATH=path).stdout
    assert len({*plain, again}) == 1 and len(set(other)) == 1
    assert "gcc-11'" in other[0] and "gcc-11'" not in plain[0]


def test_what_is_no_preference_is_said(envmgr: Run) -> None:
    done = envmgr("resolve", "compiler.gcc", "--prefer", ">=3")
    assert done.returncode == 2
    assert "not a preference: '>=3'" in done.stderr
