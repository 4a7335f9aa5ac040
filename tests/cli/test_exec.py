from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Envmgr

ROOT = Path(__file__).parents[2]


@pytest.mark.needs("gcc")
def test_a_command_sees_the_compiler_that_fits(envmgr: Envmgr) -> None:
    """The first question on a new machine: nothing was detected before."""
    done = envmgr("exec", "--tags=compiler,gcc,>=12", "--", "sh", "-c", "$CC --version")
    assert done.returncode == 0, done.stderr
    assert "Free Software Foundation" in done.stdout
    assert envmgr("exec", "--tags=compiler,gcc,>=900", "--", "true").returncode == 3


@pytest.fixture
def inside(envmgr: Envmgr, definitions: Path) -> Envmgr:
    """Runs commands in an environment with the small program installed."""
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    assert envmgr("install", "tool.hello").returncode == 0

    def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return envmgr("exec", "tool.hello", "--", *command, **environ)

    return run


def test_an_installed_program_is_on_the_path(inside: Envmgr) -> None:
    done = inside("hello-envmgr")
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello-envmgr 1.2\n", "")


@pytest.mark.parametrize("status", [0, 1, 2, 42, 255])
def test_the_exit_status_is_the_commands(inside: Envmgr, status: int) -> None:
    assert inside("sh", "-c", f"exit {status}").returncode == status


@pytest.mark.parametrize("name", ["TERM", "KILL", "PIPE", "INT"])
def test_the_signal_is_the_commands(inside: Envmgr, name: str) -> None:
    assert inside("sh", "-c", f"kill -{name} $$").returncode == -getattr(signal, f"SIG{name}")


def test_a_command_that_is_not_there_is_127(inside: Envmgr) -> None:
    done = inside("no-such-command")
    assert (done.returncode, done.stdout) == (127, "")
    assert "command not found: no-such-command" in done.stderr


def test_a_command_that_cannot_be_started_is_126(inside: Envmgr, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("")
    assert inside(str(plain)).returncode == 126


def test_words_reach_the_command_as_they_are(inside: Envmgr) -> None:
    words = ["--json", "--help", "--", "-x", "a b", "$HOME", "*", "", "'\"\\", "\n"]
    done = inside(sys.executable, "-c", "import sys; print(ascii(sys.argv[1:]))", *words)
    assert done.stdout == f"{words!a}\n"


def test_bytes_that_are_no_text_reach_the_command(inside: Envmgr) -> None:
    raw = os.fsdecode(b"\xff\xfe")
    code = "import os, sys; print(os.fsencode(sys.argv[1]), os.environb[b'RAW'])"
    done = inside(sys.executable, "-c", code, raw, RAW=raw)
    assert done.stdout == "b'\\xff\\xfe' b'\\xff\\xfe'\n"


def test_standard_input_and_other_variables_are_passed_on(
    environ: dict[str, str], inside: Envmgr
) -> None:
    assert inside("sh", "-c", "echo $OTHER", OTHER="kept").stdout == "kept\n"
    done = subprocess.run(
        [sys.executable, "-m", "envmgr", "exec", "tool.hello", "--", "cat"],
        env={**environ, "PYTHONPATH": str(ROOT)},
        input="through",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "through"


def test_entering_again_changes_nothing(inside: Envmgr) -> None:
    again = [sys.executable, "-m", "envmgr", "exec", "tool.hello", "--", "sh", "-c"]
    done = inside(*again, 'echo "$ENVMGR_ENVIRONMENT $PATH"')
    label, path = done.stdout.split()
    assert label == "tool.hello@1.2"
    assert len([part for part in path.split(":") if "tool.hello" in part]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tool.hello",), "no command was given"),
        (("tool.hello", "--"), "no command was given"),
        (("--", "true"), "no query was given"),
        (("a b", "--", "true"), "not a tag"),
        (("tool.hello", "--", ""), "no command was given"),
    ],
)
def test_what_makes_no_sense_is_2(
    envmgr: Envmgr, inside: Envmgr, arguments: tuple[str, ...], said: str
) -> None:
    done = envmgr("exec", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_explain_says_why_and_leaves_the_output_alone(envmgr: Envmgr, inside: Envmgr) -> None:
    done = envmgr("exec", "tool.hello", "--explain", "--", "hello-envmgr")
    assert done.stdout == "hello-envmgr 1.2\n"
    assert "tool.hello: tool.hello@1.2" in done.stderr
