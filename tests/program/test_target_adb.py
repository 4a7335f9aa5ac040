"""Runs through adb. There is no device: a program of its name stands in for the way to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.program.target import Target, open_target

from .elsewhere import is_running, program, some_time, started

# Pushes, pulls and runs as adb does, but on this machine. Only the transport is not real.
ADB = """#!/bin/sh
[ "$1 $2" = "-s phone-1" ] || { echo "error: device '$2' not found" >&2; exit 1; }
shift 2
case $1 in
    shell) shift; exec sh -c "$*";;
    push) [ -d "${3%/*}" ] && cp "$2" "$3";;
    pull) cp "$2" "$3";;
    *) exit 2;;
esac
"""

pytestmark = pytest.mark.needs("sh", "setsid")


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A device that is connected."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "adb").write_text(ADB)
    (tmp_path / "bin" / "adb").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    (tmp_path / "targets.toml").write_text(
        f'phone = {{ way = "adb", serial = "phone-1", directory = "{tmp_path}/the device" }}'
    )
    return open_target("phone", str(tmp_path))


def test_a_program_runs_on_the_device(tmp_path: Path, phone: Target) -> None:
    exe = program(tmp_path / "built", 'cat "$1"; echo "$GREETING" >&2; echo 1 >out; exit 3')
    (tmp_path / "data").write_text("data")
    usage, out, err = started(phone.start, [exe, str(tmp_path / "data")], tmp_path / "run")
    assert (usage.code, out, err) == (3, "data", "it's me\n")
    assert (tmp_path / "run" / "out").read_text() == "1\n"
    assert list((tmp_path / "the device").iterdir()) == []


def test_past_its_time_a_run_is_ended_on_the_device(tmp_path: Path, phone: Target) -> None:
    nap = some_time()
    exe = program(tmp_path / "built", f"setsid sleep {nap} &\nsleep {nap}")
    usage, _, _ = started(phone.start, [exe], tmp_path / "run", timeout=0.5)
    assert usage.timed_out
    assert not is_running(f"sleep {nap}")
    assert list((tmp_path / "the device").iterdir()) == []


def test_a_device_that_is_not_connected_is_told(tmp_path: Path, phone: Target) -> None:
    target = open_target("adb:other", str(tmp_path))
    with pytest.raises(HostError, match="adb shell: error: device 'other' not found") as caught:
        started(target.start, ["/bin/true"], tmp_path / "run")
    assert caught.value.hint == "`adb -s other get-state` must say device"


def test_a_device_that_does_not_answer_is_told(
    tmp_path: Path, phone: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envmgr.program.target_adb._TRANSFER", -58.5)
    nap = some_time()
    exe = program(tmp_path / "built", f"sleep {nap}")
    with pytest.raises(HostError, match="phone: adb shell did not end"):
        started(phone.start, [exe], tmp_path / "run", timeout=60)
    assert not is_running(f"sleep {nap}")
    assert list((tmp_path / "the device").iterdir()) == []
