"""Limits that the kernel's control groups set: processor time and memory, versions 1 and 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envmgr.host.facts.reading import Machine, UnreadableError

_MOUNT = "/sys/fs/cgroup"
_UNLIMITED = 1 << 60
"""Version 1 says "no limit" with a number of bytes that no machine has."""


def cpu_quota(machine: Machine) -> float:
    """How many cores' worth of time may be used; the tightest group above this process counts."""
    return _tightest(machine, "cpu", _quota_at)


def memory_limit(machine: Machine) -> int:
    """How many bytes of memory may be used; the tightest group above this process counts."""
    return int(_tightest(machine, "memory", _memory_at))


def _tightest(
    machine: Machine, controller: str, limit_at: Callable[[Machine, str], float | None]
) -> float:
    limits = [limit_at(machine, directory) for directory in _directories(machine, controller)]
    set_limits = [limit for limit in limits if limit is not None]
    if not set_limits:
        raise UnreadableError("no control group sets a limit")
    return min(set_limits)


def _directories(machine: Machine, controller: str) -> Iterator[str]:
    """Directories of the groups that this process is in, each with those above it."""
    for line in machine.read("/proc/self/cgroup").splitlines():
        controllers, _, group = line.partition(":")[2].partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        # Inside a container the group's path may be the host's, which is not mounted here:
        # the walk up reaches the mount itself, where the container's own limits are.
        parts = [part for part in group.split("/") if part not in ("", "..")]
        for mount in (f"{_MOUNT}/{controller}", f"{_MOUNT}/{controllers}".rstrip("/")):
            for depth in range(len(parts), -1, -1):
                yield "/".join([mount, *parts[:depth]])


def _quota_at(machine: Machine, directory: str) -> float | None:
    try:
        if machine.has(f"{directory}/cpu.max"):
            quota, period = machine.read(f"{directory}/cpu.max").split()
        else:
            quota = machine.read(f"{directory}/cpu.cfs_quota_us")
            period = machine.read(f"{directory}/cpu.cfs_period_us")
        return int(quota) / int(period) if int(quota) > 0 else None
    except (UnreadableError, ValueError, ZeroDivisionError):
        return None  # `max`, or no such file: no limit is set here


def _memory_at(machine: Machine, directory: str) -> float | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        try:
            limit = machine.number(f"{directory}/{name}")
        except UnreadableError:
            continue  # `max`, or no such file
        return limit if limit < _UNLIMITED else None
    return None
