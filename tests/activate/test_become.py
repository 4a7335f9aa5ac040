from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from envmgr.activate.become import CommandNotFoundError, NotExecutableError, execute
from envmgr.errors import EnvmgrError, UsageError

ROOT = Path(__file__).parents[2]

# A process of its own, since `execute` never returns.
EXECUTE = """
import sys
from envmgr.activate.become import execute
execute(sys.argv[1:], {environ!r})
"""


def executed(
    argv: list[str], environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin"} if environ is None else environ
    code = EXECUTE.format(environ=dict(environ))
    return subprocess.run(
        [sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_the_command_has_exactly_the_environment() -> None:
    environ = {"PATH": "/usr/bin:/bin", "CC": "it's\n", "RAW": os.fsdecode(b"\xff")}
    done = executed([sys.executable, "-c", "import os; print(ascii(dict(os.environ)))"], environ)
    seen = ast.literal_eval(done.stdout)
    seen.pop("LC_CTYPE", None)  # Python itself sets it in an environment without a locale
    assert seen == environ


def test_the_exit_status_is_the_commands_own() -> None:
    assert executed(["sh", "-c", "exit 42"]).returncode == 42


def test_the_signal_is_the_commands_own() -> None:
    assert executed(["sh", "-c", "kill -TERM $$"]).returncode == -signal.SIGTERM


def test_a_broken_pipe_ends_the_command_as_it_would_alone() -> None:
    done = executed(["sh", "-c", "kill -PIPE $$; exit 5"])
    assert done.returncode == -signal.SIGPIPE


def test_words_reach_the_command_as_they_are() -> None:
    words = ["a b", "$HOME", "", "*", "'"]
    assert executed(["printf", "%s|", *words]).stdout == "".join(f"{word}|" for word in words)


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    path = tmp_path / "tool"
    path.write_text("#!/bin/sh\necho from the environment\n")
    path.chmod(0o755)
    return path


def test_the_command_is_looked_up_on_the_path_of_the_environment(tool: Path) -> None:
    assert executed(["tool"], {"PATH": str(tool.parent)}).stdout == "from the environment\n"


def test_a_missing_command_is_127(tmp_path: Path) -> None:
    for program in ("no-such-tool", f"{tmp_path}/no-such-tool"):
        with pytest.raises(CommandNotFoundError, match=f"command not found: {program}") as caught:
            execute([program], {"PATH": str(tmp_path)})
        assert caught.value.exit_code == 127


def test_a_command_without_permission_is_126(tool: Path) -> None:
    tool.chmod(0o644)
    for program in ("tool", str(tool)):
        with pytest.raises(NotExecutableError, match=r"cannot execute .*/tool: ") as caught:
            execute([program], {"PATH": str(tool.parent)})
        assert caught.value.exit_code == 126


def test_a_command_without_its_interpreter_is_126(tool: Path) -> None:
    tool.write_text("#!/no/such/interpreter\n")
    with pytest.raises(NotExecutableError, match="interpreter that it names is missing"):
        execute(["tool"], {"PATH": str(tool.parent)})


def test_what_no_process_can_be_given_is_an_error(tool: Path) -> None:
    for argv, environ in ([str(tool), "a\0b"], {}), ([str(tool)], {"A": "a\0b"}):
        with pytest.raises(NotExecutableError, match="null byte"):
            execute(argv, environ)
    for argv in [], [""]:
        with pytest.raises(UsageError, match="no command"):
            execute(argv, {})


def test_a_failed_start_leaves_signals_as_they_were() -> None:
    before = signal.getsignal(signal.SIGPIPE)
    with pytest.raises(CommandNotFoundError):
        execute(["no-such-tool"], {"PATH": "/nowhere"})
    assert signal.getsignal(signal.SIGPIPE) == before


def test_errors_of_starting_are_envmgrs_own() -> None:
    assert issubclass(CommandNotFoundError, EnvmgrError)
    assert issubclass(NotExecutableError, EnvmgrError)
