"""Completion in the real shells: what a press of the tab key offers."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from envmgr.cli import VERBS
from envmgr.cli.completion_ import verbs

from .conftest import Envmgr, write_definitions

ROOT = Path(__file__).parents[2]

LINES = [
    ("envmgr ", [*VERBS]),
    ("envmgr dete", ["detect"]),
    ("envmgr --ver", ["--version"]),
    ("envmgr detect compiler.gc", ["compiler.gcc", "compiler.gcc-cross"]),
    ("envmgr info tool.hel", ["tool.hello"]),
    ("envmgr detect --search", ["--search-dir"]),
    ("envmgr show --js", ["--json"]),
    ("envmgr detect --tags lib.zl", ["lib.zlib"]),
    ("envmgr shell --shell zs", ["zsh"]),
    ("envmgr repo up", ["update"]),
    ("envmgr completion fi", ["fish"]),
    ("envmgr program bu", ["build"]),
    ("envmgr program run --repea", ["--repeat"]),
    ("envmgr lint here/is-a-fi", ["here/is-a-file.toml"]),
    ("envmgr detect --search-dir he", ["here/"]),
    ("envmgr exec compiler.gcc -- printe", ["printenv"]),
    ("envmgr exec compiler.gcc -- cat here/is-a-fi", ["here/is-a-file.toml"]),
    ("envmgr info no-such-thi", []),
    ("envmgr detect -- compiler.gc", ["compiler.gcc", "compiler.gcc-cross"]),
]
IDS = [line for line, _ in LINES]


Run = Callable[..., list[str]]
Place = tuple[Path, dict[str, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A directory with `envmgr` in `bin`, the scripts and a file to complete; its environment."""
    root = tmp_path_factory.mktemp("completion")
    program = root / "bin" / "envmgr"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m envmgr "$@"\n')
    program.chmod(0o755)
    (root / "here").mkdir()
    (root / "here/is-a-file.toml").touch()
    path = f"{program.parent}:{os.environ['PATH']}"
    environ = {"PATH": path, "HOME": str(root), "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    add = ["envmgr", "repo", "add", str(write_definitions(root))]
    subprocess.run(add, env=environ, check=True, capture_output=True, timeout=60)
    for shell in ("bash", "zsh", "fish"):
        command = ["envmgr", "completion", shell]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        (root / f"script.{shell}").write_text(done.stdout)
    return root, environ


@pytest.fixture
def run(place: Place) -> Run:
    """Runs a shell in that directory; the lines it prints."""

    def lines(*argv: str) -> list[str]:
        root, environ = place
        done = subprocess.run(
            argv, env=environ, cwd=root, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return lines


# bash splits a line at `=` as well as at blanks; readline is not there to do it.
BASH = """
source ./script.bash
read -r -a COMP_WORDS <<< "${1//=/ = }"
[[ $1 == *' ' || $1 == *= ]] && COMP_WORDS+=('')
[[ $1 == *= ]] && unset 'COMP_WORDS[-1]'
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_envmgr envmgr
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(lines: list[str]) -> list[str]:
    """What was offered, without descriptions; a slash that only one shell adds does not count."""
    return sorted({line.split("\t")[0].rstrip("/") for line in lines if line})


def same(expected: list[str]) -> list[str]:
    return sorted({word.rstrip("/") for word in expected})


@pytest.mark.needs("bash")
@pytest.mark.parametrize(("line", "expected"), LINES, ids=IDS)
def test_bash(run: Run, line: str, expected: list[str]) -> None:
    found = offered(run("bash", "--norc", "-c", BASH, "bash", line))
    assert set(found) - {"--help", "--version"} == set(same(expected)) - {"--help", "--version"}


@pytest.mark.needs("bash")
@pytest.mark.parametrize("line", ["envmgr show --tags=", "envmgr show --tags=lib.zl"])
def test_bash_completes_after_an_equals_sign(run: Run, line: str) -> None:
    assert "lib.zlib" in run("bash", "--norc", "-c", BASH, "bash", line)


@pytest.mark.needs("fish")
@pytest.mark.parametrize(("line", "expected"), LINES, ids=IDS)
def test_fish(run: Run, line: str, expected: list[str]) -> None:
    found = run("fish", "--no-config", "-c", f"source script.fish; complete -C {line!r}")
    # fish also offers what contains the word.
    assert set(same(expected)) <= set(offered(found))
    assert bool(found) == bool(expected)


@pytest.mark.needs("fish")
def test_fish_describes_what_it_offers(run: Run) -> None:
    found = run("fish", "--no-config", "-c", "source script.fish; complete -C 'envmgr '")
    assert f"detect\t{VERBS['detect']}" in found


# One press of a key completes, the next prints the line as it then is.
ZSH = r"""
autoload -Uz compinit && compinit -u -D
source ./script.zsh
show() { print -r -- "<$BUFFER>"; BUFFER='' }
zle -N show; bindkey '^X' show
PS1='ready> '; LISTMAX=1000; unsetopt list_ambiguous
"""


def zsh_after_tab(place: Place, line: str) -> tuple[str, str]:
    """What zsh shows when the tab key is pressed at the end of *line*, and the line then."""
    root, environ = place
    (root / "setup").write_text(ZSH)
    with pexpect.spawn(
        "zsh",
        ["-f", "-i"],
        env={**environ, "ZDOTDIR": str(root)},
        cwd=str(root),
        encoding="utf-8",
        timeout=60,
    ) as shell:
        shell.sendline("source ./setup")
        shell.expect("ready> ")
        shell.send(f"{line}\t")
        shell.send("\x18")
        shell.expect("<(envmgr.*)>")
        assert isinstance(shell.match, re.Match)
        return str(shell.before), str(shell.match[1])


@pytest.mark.needs("zsh")
@pytest.mark.parametrize(("line", "expected"), LINES, ids=IDS)
def test_zsh(place: Place, line: str, expected: list[str]) -> None:
    shown, after = zsh_after_tab(place, line)
    if not expected:
        assert after == line
    elif len(expected) == 1:
        assert after.split()[-1].rstrip("=/") == expected[0].rstrip("/")
    else:
        assert {word for word in expected if word not in shown} == set()


def test_the_scripts_know_every_verb_and_option() -> None:
    every = {verb.name: {option.flag for option in verb.options} for verb in verbs()}
    assert set(every) == set(VERBS)
    assert all("--help" in flags and "--store" in flags for flags in every.values())
    assert {name for name, flags in every.items() if "--tags" in flags} >= {"detect", "exec", "env"}
    assert "--names" not in {flag for flags in every.values() for flag in flags}


def test_only_exec_takes_a_command() -> None:
    assert [verb.name for verb in verbs() if verb.takes_command] == ["exec"]


@pytest.mark.needs("bash", "zsh", "fish")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_valid(run: Run, shell: str) -> None:
    assert run(shell, "-n", f"script.{shell}") == []


@pytest.mark.needs("bash")
def test_a_file_name_with_a_blank_stays_one_word(run: Run, place: Place) -> None:
    (place[0] / "here/with blank").touch()
    assert run("bash", "--norc", "-c", BASH, "bash", "envmgr lint here/w") == ["here/with blank"]


def test_another_shell_is_refused(envmgr: Envmgr) -> None:
    done = envmgr("completion", "tcsh")
    assert done.returncode == 2
    assert "tcsh" in done.stderr


def test_names_are_asked_for_by_their_beginning(envmgr: Envmgr) -> None:
    found = envmgr("search", "--names=compiler.gcc").stdout.split()
    assert found == ["compiler.gcc", "compiler.gcc-cross"]
    assert envmgr("search", "--names=$(nothing)").stdout.split() == []
