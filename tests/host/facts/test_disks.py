"""Disks: what counts as one, and a file system that never answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from envmgr.host.facts import disks
from envmgr.host.facts.reading import Machine, UnreadableError, split

Record = Callable[..., Machine]


def _mounts(monkeypatch: pytest.MonkeyPatch, **types: str) -> None:
    parts = [
        SimpleNamespace(mountpoint=place, device=f"dev-{kind}", fstype=kind)
        for place, kind in types.items()
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: parts)


def test_this_machine_has_the_disk_that_the_test_runs_on(tmp_path: Path) -> None:
    rows, _ = split(disks.facts(Machine(os.environ)))
    usage = {row["mount"]: row["size_bytes"] for row in rows if "size_bytes" in row}
    assert usage
    for mount, size in usage.items():
        assert size == psutil.disk_usage(mount).total
    assert not {row["type"] for row in rows} & {"proc", "sysfs", "cgroup", "cgroup2", "tmpfs"}


def test_a_second_mount_of_a_file_system_and_single_files_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "hosts").touch()
    places = {f"{tmp_path}/data": "ext4", str(tmp_path): "ext4", f"{tmp_path}/hosts": "ext4"}
    _mounts(monkeypatch, **places, **{"/dev/shm": "tmpfs"})
    (row,) = disks.facts(Machine({}))
    assert (row["mount"], row["device"], row["type"]) == (str(tmp_path), "dev-ext4", "ext4")
    assert 0 <= row["free_bytes"] <= row["size_bytes"]


def test_a_file_system_that_never_answers_is_shown_without_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(mountpoint: str) -> tuple[int, int, int]:
        release.wait()
        return 1, 1, 1

    monkeypatch.setattr(disks, "_look", hang)
    monkeypatch.setattr(disks, "_PATIENCE", 0.2)
    _mounts(monkeypatch, **{str(tmp_path): "nfs4"})
    try:
        rows, absent = split(disks.facts(Machine({})))
    finally:
        release.set()
    assert rows == [{"mount": str(tmp_path), "device": "dev-nfs4", "type": "nfs4"}]
    assert absent["0.size_bytes"] == "it did not answer within 0 s"


def test_a_mount_that_may_not_be_looked_at_is_shown_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(psutil, "disk_usage", refuse)
    _mounts(monkeypatch, **{str(tmp_path): "ext4"})
    _, absent = split(disks.facts(Machine({})))
    assert "Permission denied" in absent["0.free_bytes"]


def test_a_recorded_machine_has_no_disks(record: Record) -> None:
    with pytest.raises(UnreadableError, match="recorded"):
        disks.facts(record({}))
