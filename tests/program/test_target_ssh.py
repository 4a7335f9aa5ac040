"""Runs over ssh, with a server of this machine's own that a test starts."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.program.target import open_target
from envmgr.program.target_definition import TargetDefinition
from envmgr.program.target_ssh import Ssh

from .elsewhere import is_running, program, some_time, started

pytestmark = pytest.mark.needs("sshd", "ssh", "ssh-keygen")

SERVER = """
ListenAddress 127.0.0.1
HostKey {place}/host
AuthorizedKeysFile {place}/client.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
"""
CLIENT = """
Host near
  HostName 127.0.0.1
  Port {port}
  User {user}
  IdentityFile {place}/client
  IdentitiesOnly yes
  UserKnownHostsFile {place}/known
  StrictHostKeyChecking yes
"""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(port: int) -> bool:
    for _ in range(200):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration of ssh that knows the machine `near`, on which a server runs."""
    place, port = tmp_path_factory.mktemp("ssh"), _free_port()
    for name in ("host", "client"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
        subprocess.run(key, check=True)
    host_key = (place / "host.pub").read_text()
    (place / "known").write_text(f"[127.0.0.1]:{port} {host_key}")
    (place / "config").write_text(CLIENT.format(place=place, port=port, user=getpass.getuser()))
    (place / "server").write_text(SERVER.format(place=place))
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)  # where sshd wants to be locked up, wherever it is
    sshd = shutil.which("sshd")
    assert sshd
    argv = [sshd, "-D", "-e", "-f", str(place / "server"), "-p", str(port)]
    with open(place / "log", "wb") as log, subprocess.Popen(argv, stderr=log) as server:
        assert _answers(port), (place / "log").read_text()
        yield place / "config"
        server.terminate()


def near(config: Path, directory: Path, **more: object) -> Ssh:
    definition = TargetDefinition(
        "near", "ssh", host="near", config=str(config), directory=str(directory)
    )
    return Ssh(definition, os.environ)


@pytest.fixture
def store(tmp_path: Path, config: Path) -> str:
    """A store whose targets hold the machine."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "targets.toml").write_text(
        f"""
[near]
way = "ssh"
host = "near"
config = "{config}"
directory = "{tmp_path}/there"
env = {{ THREADS = "3" }}
[shut]
way = "ssh"
host = "{getpass.getuser()}@127.0.0.1"
port = {_free_port()}
config = "{config}"
[strange]
way = "ssh"
host = "127.0.0.1"
port = {config.read_text().split("Port ")[1].split()[0]}
config = "{os.devnull}"
"""
    )
    return str(tmp_path / "store")


def test_a_program_runs_on_the_other_machine(tmp_path: Path, store: str) -> None:
    said = 'cat "$1" -; echo "$THREADS $GREETING" >&2; echo 1 >a.out; exit 3'
    exe = program(tmp_path / "built", said)
    (tmp_path / "data").write_text("data ")
    (tmp_path / "stdin").write_bytes(b"input \x00\xff")
    target = open_target("near", store)
    cwd = tmp_path / "run"
    cwd.mkdir()
    usage = target.start(
        [exe, str(tmp_path / "data")],
        env={"GREETING": "it's"},
        cwd=str(cwd),
        stdin=str(tmp_path / "stdin"),
        stdout=str(cwd / "o"),
        stderr=str(cwd / "e"),
        timeout=60,
    )
    assert (target.name, target.is_here) == ("near", False)
    assert (usage.code, usage.timed_out, usage.left) == (3, False, 0)
    assert (cwd / "o").read_bytes() == b"data input \x00\xff"
    assert (cwd / "e").read_text() == "3 it's\n"
    assert (cwd / "a.out").read_text() == "1\n"
    assert usage.wall > 0 and usage.user + usage.system >= 0
    assert list((tmp_path / "there").iterdir()) == []


def test_past_its_time_a_run_is_ended_on_the_other_machine(tmp_path: Path, store: str) -> None:
    nap, daemon = some_time(), some_time()
    exe = program(tmp_path / "built", f"setsid sleep {daemon} &\nsleep {nap}")
    target = open_target("near", store)
    usage, _, _ = started(target.start, [exe], tmp_path / "run", timeout=0.5)
    assert usage.timed_out
    assert not is_running(f"sleep {nap}")
    assert not is_running(f"sleep {daemon}")


def test_a_run_that_does_not_answer_is_ended_over_another_connection(
    tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envmgr.program.target_ssh._TRANSFER", -58.0)
    nap = some_time()
    exe = program(tmp_path / "built", f"setsid sleep {nap} &\nsleep {nap}")
    with pytest.raises(HostError, match="near: no result"):
        started(open_target("near", store).start, [exe], tmp_path / "run", timeout=60)
    assert not is_running(f"sleep {nap}")
    assert list((tmp_path / "there").iterdir()) == []


def test_a_machine_that_is_not_there_is_told(tmp_path: Path, store: str) -> None:
    with pytest.raises(HostError, match=r"shut: cannot be reached: .*refused") as caught:
        started(open_target("shut", store).start, ["/bin/true"], tmp_path / "run")
    assert "must work without a question" in str(caught.value.hint)


def test_a_machine_that_nobody_knows_is_not_trusted(tmp_path: Path, store: str) -> None:
    with pytest.raises(HostError, match=r"strange: cannot be reached: .*verification failed"):
        started(open_target("strange", store).start, ["/bin/true"], tmp_path / "run")


def test_a_place_where_nothing_can_be_made_is_told(tmp_path: Path, store: str) -> None:
    (tmp_path / "there").write_text("in the way")
    with pytest.raises(HostError, match=r"near: cannot run programs: .*there"):
        started(open_target("near", store).start, ["/bin/true"], tmp_path / "run")
