"""`envmgr shell` on a pseudo-terminal, as a person has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from .conftest import Envmgr

ROOT = Path(__file__).parents[2]


@contextmanager
def opened(environ: dict[str, str], *arguments: str) -> Iterator[pexpect.spawn[str]]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "envmgr", "shell", *arguments],
        env={**environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 200),
    )
    try:
        yield child
    finally:
        child.close(force=True)


def answer(child: pexpect.spawn[str], command: str) -> str:
    """What *command* prints; the echo of the line is told apart by its quotes."""
    child.sendline(f"echo be''gin; {command}; echo en''d")
    child.expect(r"begin\r\n(.*?)\r?\nend\r\n")
    assert isinstance(child.match, re.Match)
    return str(child.match[1])


@pytest.mark.needs("gcc", "bash", "zsh", "fish")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_marked_has_the_compiler_and_leaves_with_its_status(
    envmgr: Envmgr, environ: dict[str, str], shell: str
) -> None:
    entry = envmgr("show", "compiler.gcc", "--json")  # nothing is recorded yet
    assert entry.returncode == 1
    with opened(environ, "--tags=compiler,gcc", f"--shell={shell}") as child:
        child.expect(r"\(compiler\.gcc@[\d.]+\) ")
        assert "Free Software Foundation" in answer(child, "$CC --version")
        assert re.search(r"compiler\.gcc@\d", answer(child, 'echo "$ENVMGR_ENVIRONMENT"'))
        child.sendline("exit 7")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 7


@pytest.mark.needs("bash")
def test_the_shell_of_the_user_is_the_default(
    envmgr: Envmgr, environ: dict[str, str], definitions: Path
) -> None:
    envmgr("repo", "add", str(definitions))
    envmgr("install", "tool.hello")
    with opened({**environ, "SHELL": "/bin/bash"}, "tool.hello") as child:
        child.expect_exact("(tool.hello@1.2) ")
        assert answer(child, "hello-envmgr") == "hello-envmgr 1.2"
        assert "bash" in answer(child, "echo $0")


def reached(child: pexpect.spawn[str], pattern: str) -> str:
    """What comes before *pattern*; the editor asks where the cursor is, and waits."""
    passed = ""
    while child.expect([r"\x1b\[6n", pattern]) == 0:
        passed += str(child.before)
        child.send("\x1b[1;1R")
    return passed + str(child.before)


@pytest.mark.needs("nu")
def test_nushell_is_marked_and_has_the_environment(
    envmgr: Envmgr, environ: dict[str, str], definitions: Path
) -> None:
    envmgr("repo", "add", str(definitions))
    envmgr("install", "tool.hello")
    with opened(environ, "tool.hello", "--shell=nu") as child:
        reached(child, r"\(tool\.hello@1\.2\) ")
        child.send("print $'<($env.PATH | describe) (hello-envmgr) ($env.ENVMGR_ENVIRONMENT)>'\r")
        reached(child, r"<list<string> hello-envmgr 1\.2 tool\.hello@1\.2>")
        child.send("exit 7\r")
        reached(child, r"\x1b\[\?2004l")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 7


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("compiler.gcc", "--shell=nothing"), 2, "no shell called 'nothing'"),
        (("compiler.gcc", "--shell=json"), 2, "cannot start json"),
        ((), 2, "no query was given"),
        (("no-such-tag",), 3, "no-such-tag"),
    ],
)
def test_no_shell_starts_without_an_environment(
    envmgr: Envmgr, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = envmgr("shell", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
