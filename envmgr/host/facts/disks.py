"""Disks: mounted file systems that keep files, with size, free space and type."""

from __future__ import annotations

import os
import threading
from typing import Any

from envmgr.host.facts.reading import Absent, Machine, UnreadableError, known

_IN_MEMORY = frozenset(("tmpfs", "devtmpfs", "ramfs", "hugetlbfs", "efivarfs", "rootfs"))
_PATIENCE = 3.0
"""Seconds to wait for the size of a file system: a network one whose server is gone never says."""


def facts(machine: Machine) -> list[dict[str, Any]]:
    """One row a file system, in order of mount points; a second mount of it is left out."""
    import psutil

    machine.require_running()
    rows: dict[int | str, dict[str, Any]] = {}
    for mount in sorted(psutil.disk_partitions(all=True), key=lambda part: part.mountpoint):
        if mount.fstype in _IN_MEMORY or mount.mountpoint.startswith(("/proc/", "/sys/")):
            continue
        seen = known(_within, mount.mountpoint)
        if seen == (0, 0, None):
            continue  # a view of the kernel, or a file: it keeps nothing of its own
        rows.setdefault(_identity(seen, mount.mountpoint), _row(mount, seen))
    return list(rows.values())


_Seen = tuple[int, int, int | None]
"""Size, free bytes for this user, and the number of the device."""


def _identity(seen: _Seen | Absent, mountpoint: str) -> int | str:
    return mountpoint if isinstance(seen, Absent) or seen[2] is None else seen[2]


def _row(mount: Any, seen: _Seen | Absent) -> dict[str, Any]:
    size, free = (seen, seen) if isinstance(seen, Absent) else seen[:2]
    return {
        "mount": mount.mountpoint,
        "device": mount.device,
        "type": mount.fstype,
        "size_bytes": size,
        "free_bytes": free,
    }


def _within(mountpoint: str) -> _Seen:
    """`_look` in a thread that is left behind when it does not come back in time."""
    answers: list[_Seen | Absent] = []
    asker = threading.Thread(target=lambda: answers.append(known(_look, mountpoint)), daemon=True)
    asker.start()
    asker.join(_PATIENCE)
    answer = answers[0] if answers else Absent(f"it did not answer within {_PATIENCE:.0f} s")
    if isinstance(answer, Absent):
        raise UnreadableError(answer.reason)
    return answer


def _look(mountpoint: str) -> _Seen:
    import psutil

    if not os.path.isdir(mountpoint):
        return 0, 0, None
    usage = psutil.disk_usage(mountpoint)
    return (usage.total, usage.free, os.stat(mountpoint).st_dev) if usage.total else (0, 0, None)
