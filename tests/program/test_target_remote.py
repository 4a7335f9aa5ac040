"""Runs on another machine, for which another shell of this one stands in."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.program.target_remote import Remote
from envmgr.program.target_script import begin, end, script

from .elsewhere import is_running, program, some_time, started

TOOLS = (
    *("tar", "find", "grep", "sleep", "env", "cat", "wc", "rm", "mkdir", "date"),
    *("setsid", "ln", "mkfifo"),
)


@dataclass
class OtherShell:
    """Does with a shell what a connection to another machine would."""

    shell: str
    directory: str
    path: str = os.environ["PATH"]

    def carry(self, archive: str, result: str, token: str, seconds: float) -> None:
        with open(archive, "rb") as sent, open(result, "wb") as came:
            self._run(begin(self.directory, token), sent, came)

    def stop(self, token: str) -> None:
        self._run(end(self.directory, token), None, None)

    def _run(self, command: str, stdin: object, stdout: object) -> None:
        argv = [self.shell, "-c", command]
        environ = {"PATH": self.path, "HOME": f"{self.directory}-home"}
        subprocess.run(argv, stdin=stdin, stdout=stdout, env=environ, timeout=60)  # type: ignore[call-overload]


@dataclass
class Lost(OtherShell):
    """Loses its connection right after it was made."""

    def carry(self, archive: str, result: str, token: str, seconds: float) -> None:
        command = begin(self.directory, token)
        with open(archive, "rb") as sent, open(os.devnull, "wb") as nowhere:
            subprocess.Popen([self.shell, "-c", command], stdin=sent, stdout=nowhere)
            run = os.path.join(self.directory, f"run.{token}", "leader")
            subprocess.run(["sh", "-c", f"until [ -s {run} ]; do :; done"], timeout=30)
        raise HostError("the connection is lost")


SHELLS = [
    pytest.param(name, marks=pytest.mark.needs(name))
    for name in ("bash", "dash", "zsh", "fish", "tcsh")
]


@pytest.mark.parametrize("shell", SHELLS)
def test_any_login_shell_will_do(tmp_path: Path, shell: str) -> None:
    exe = program(
        tmp_path / "built", 'cat "$1" in.txt; echo "$GREETING" >&2; echo 1 >out.txt; exit 7'
    )
    (tmp_path / "da'ta").write_text("data ")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "in.txt").write_text("input")
    (tmp_path / "there").mkdir()
    remote = Remote("x", OtherShell(shell, str(tmp_path / "there" / "a'b c")))
    words = [exe, str(tmp_path / "da'ta")]
    usage, out, err = started(remote.start, words, tmp_path / "run")
    assert (usage.code, usage.timed_out, usage.left) == (7, False, 0)
    assert (out, err) == ("data input", "it's me\n")
    assert (tmp_path / "run" / "out.txt").read_text() == "1\n"
    assert usage.user + usage.system >= 0 and usage.wall > 0
    assert list((tmp_path / "there" / "a'b c").iterdir()) == []


# -- what is there ---------------------------------------------------------------------------

KINDS = [
    pytest.param("dash", marks=pytest.mark.needs("dash", "setsid")),
    pytest.param("busybox", marks=pytest.mark.needs("busybox")),  # as small devices have
    pytest.param("mksh", marks=pytest.mark.needs("mksh", "toybox")),  # as Android has
]
BOXES = {"busybox": "busybox", "mksh": "toybox"}


def machine(tmp_path: Path, kind: str) -> OtherShell:
    """One with the shell *kind*, the tools that come with it, and no bash."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(BOXES.get(kind, tool))
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    (tmp_path / "bin" / "sh").symlink_to(shutil.which(kind) or "")
    shell = str(tmp_path / "bin" / "sh")
    return OtherShell(shell, str(tmp_path / "there"), str(tmp_path / "bin"))


@pytest.mark.parametrize("kind", KINDS)
def test_little_is_needed_there(tmp_path: Path, kind: str) -> None:
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; cat"
    kinds = "mkdir -p a/b; printf y >a/b/c; ln a/b/c also; ln -s /etc/passwd away; mkfifo pipe"
    exe = program(tmp_path / "built", f"{busy}; printf x >out; {kinds}")
    (tmp_path / "in").write_text("input")
    remote = Remote("x", machine(tmp_path, kind), {"GREETING": "hi"})
    usage, out, _ = started(remote.start, [exe], tmp_path / "run", stdin=str(tmp_path / "in"))
    assert (usage.code, out) == (0, "input")
    assert usage.user > 0
    written = {str(path.relative_to(tmp_path / "run")) for path in tmp_path.glob("run/**/*")}
    assert written == {"out", "a", "a/b", "a/b/c", "also", ".stdout", ".stderr"}
    assert (tmp_path / "run" / "also").read_text() == "y"


@pytest.mark.parametrize("kind", KINDS)
def test_past_its_time_a_run_is_ended_with_all_its_children(tmp_path: Path, kind: str) -> None:
    nap, daemon, hidden = some_time(), some_time(), some_time()
    daemons = f"setsid sleep {daemon} &\nenv -i {shutil.which('sleep')} {hidden} &"
    exe = program(tmp_path / "built", f"{daemons}\necho began\nsleep {nap}\necho ended")
    remote = Remote("x", machine(tmp_path, kind))
    usage, out, _ = started(remote.start, [exe], tmp_path / "run", timeout=0.5)
    assert usage.timed_out
    assert out == "began\n"
    assert not is_running(f"sleep {nap}")
    assert not is_running(f"sleep {daemon}")
    assert not is_running(f"{shutil.which('sleep')} {hidden}")
    assert list((tmp_path / "there").iterdir()) == []


@pytest.mark.parametrize(
    "kind", [pytest.param("bash", marks=pytest.mark.needs("bash", "setsid")), *KINDS]
)
def test_what_a_program_leaves_running_is_counted_and_ended(tmp_path: Path, kind: str) -> None:
    nap = some_time()
    exe = program(tmp_path / "built", f"setsid sleep {nap} &\necho ended")
    there = OtherShell("bash", str(tmp_path / "there"))
    remote = Remote("x", there if kind == "bash" else machine(tmp_path, kind))
    usage, out, _ = started(remote.start, [exe], tmp_path / "run")
    assert (usage.code, usage.timed_out, usage.left, out) == (0, False, 1, "ended\n")
    assert not is_running(f"sleep {nap}")


@pytest.mark.needs("dash", "setsid")
def test_sending_does_not_count_as_the_programs_time(tmp_path: Path) -> None:
    there = machine(tmp_path, "dash")
    tar = tmp_path / "bin" / "tar"
    tar.unlink()
    busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    tar.write_text(f'#!/bin/sh\n{busy}\nexec {shutil.which("tar")} "$@"\n')
    tar.chmod(0o755)
    exe = program(tmp_path / "built", ":")
    usage, _, _ = started(Remote("x", there).start, [exe], tmp_path / "run")
    assert usage.user + usage.system < 0.1


# -- what goes wrong -------------------------------------------------------------------------


@pytest.mark.needs("bash", "setsid")
def test_a_run_whose_connection_is_lost_is_ended(tmp_path: Path) -> None:
    nap = some_time()
    exe = program(tmp_path / "built", f"setsid sleep {nap} &\nsleep {nap}")
    remote = Remote("faraway", Lost("bash", str(tmp_path / "there")))
    with pytest.raises(HostError, match="faraway: the connection is lost"):
        started(remote.start, [exe], tmp_path / "run")
    assert not is_running(f"sleep {nap}")
    assert list((tmp_path / "there").iterdir()) == []


@pytest.mark.needs("bash")
@pytest.mark.parametrize(("ending", "code"), [("kill -SEGV $$", -11), ("exec /no/such", 127)])
def test_how_a_program_ended_is_told(tmp_path: Path, ending: str, code: int) -> None:
    exe = program(tmp_path / "built", ending)
    remote = Remote("x", OtherShell("bash", str(tmp_path / "there")))
    usage, _, _ = started(remote.start, [exe], tmp_path / "run")
    assert usage.code == code


@pytest.mark.needs("bash")
def test_a_place_where_nothing_can_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("in the way")
    exe = program(tmp_path / "built", ":")
    remote = Remote("x", OtherShell("bash", str(tmp_path / "there")))
    with pytest.raises(HostError, match="x: what came back cannot be read"):
        started(remote.start, [exe], tmp_path / "run")


@pytest.mark.needs("root", "bash")
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o777)
    os.chown(tmp_path / "there", 12345, 12345)
    exe = program(tmp_path / "built", ":")
    remote = Remote("x", OtherShell("bash", str(tmp_path / "there")))
    with pytest.raises(HostError):
        started(remote.start, [exe], tmp_path / "run")
    (tmp_path / "there").chmod(0o1777)
    assert started(remote.start, [exe], tmp_path / "run")[0].code == 0


def test_every_sleep_reads_the_limit() -> None:
    def limit(seconds: float) -> str:
        text = script(["x"], {}, mark="m", timeout=seconds, has_stdin=False)
        return text.splitlines()[1]

    assert limit(300.0) == "limit=300"
    assert limit(12.3) == "limit=13"
    assert limit(0.25) == "limit=0.25"
    assert limit(3.0) == "limit=3"
