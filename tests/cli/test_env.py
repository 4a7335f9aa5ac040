from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Envmgr

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hello(envmgr: Envmgr, definitions: Path) -> Envmgr:
    """The command line, with the small program installed."""
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    assert envmgr("install", "tool.hello").returncode == 0
    return envmgr


def bash(environ: dict[str, str], script: str) -> list[str]:
    """Lines that bash prints; `envmgr` is this one."""
    program = f"{shlex.quote(sys.executable)} -m envmgr"
    done = subprocess.run(
        ["bash", "--norc", "-c", f'envmgr() {{ {program} "$@"; }}\n{script}'],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.needs("bash")
def test_a_shell_enters_and_leaves(hello: Envmgr, environ: dict[str, str]) -> None:
    script = """
before=$(export -p)
eval "$(envmgr env tool.hello --shell=bash)"; hello-envmgr; echo "$ENVMGR_ENVIRONMENT"
inside=$(export -p)
eval "$(envmgr env tool.hello --shell=bash)"; [[ $inside == "$(export -p)" ]] && echo same
eval "$(envmgr env --leave --shell=bash)"; [[ $before == "$(export -p)" ]] && echo restored
"""
    assert bash(environ, script) == ["hello-envmgr 1.2", "tool.hello@1.2", "same", "restored"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "sh", "csh", "pwsh", "cmd", "nu"])
def test_every_shell_is_told_the_variable(hello: Envmgr, shell: str) -> None:
    done = hello("env", "tool.hello", f"--shell={shell}")
    assert done.returncode == 0, done.stderr
    assert "HELLO" in done.stdout


def test_as_json_it_is_one_object(hello: Envmgr) -> None:
    done = hello("env", "tool.hello", "--shell=json")
    printed = json.loads(done.stdout)
    assert printed["set"]["HELLO"].endswith("/bin/hello-envmgr")
    assert printed["unset"] == []


def test_the_answer_is_the_same_from_memory(hello: Envmgr) -> None:
    answers = {hello("env", "tool.hello", "--shell=bash").stdout for _ in range(4)}
    assert len(answers) == 1
    assert "HELLO" in answers.pop()


def test_what_was_removed_is_not_remembered(hello: Envmgr) -> None:
    for _ in range(3):
        assert hello("env", "tool.hello", "--shell=bash").returncode == 0
    assert hello("remove", "tool.hello").returncode == 0
    assert hello("env", "tool.hello", "--shell=bash").returncode == 3


def test_a_variable_with_any_bytes_goes_through(hello: Envmgr) -> None:
    path = os.fsdecode(b"/tmp/\xff")
    done = hello("env", "tool.hello", "--shell=json", PATH=f"{os.environ['PATH']}:{path}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["set"]["PATH"].endswith(path)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "no query was given"),
        (("tool.hello", "--shell=nothing"), 2, "'nothing'"),
        (("--leave",), 1, "no environment is active"),
        (("a b",), 2, "not a tag"),
        (("no-such-tag",), 3, "no-such-tag"),
    ],
)
def test_nothing_is_printed_for_a_shell_to_read_when_it_fails(
    envmgr: Envmgr, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = envmgr("env", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_damaged_state_is_an_error(envmgr: Envmgr) -> None:
    done = envmgr("env", "--leave", "--shell=sh", ENVMGR_RESTORE="rubbish")
    assert (done.returncode, done.stdout) == (1, "")
    assert "damaged" in done.stderr
