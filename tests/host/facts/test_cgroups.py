"""Limits of control groups: both versions, inside and outside containers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.host.facts import cgroups
from envmgr.host.facts.reading import Machine, UnreadableError

Record = Callable[..., Machine]
_GROUP = "/sys/fs/cgroup"


def test_version_2_counts_the_tightest_group_above(record: Record) -> None:
    machine = record(
        {
            "/proc/self/cgroup": "0::/user.slice/job.scope\n",
            f"{_GROUP}/user.slice/job.scope/cpu.max": "max 100000\n",
            f"{_GROUP}/user.slice/cpu.max": "400000 100000\n",
            f"{_GROUP}/user.slice/job.scope/memory.max": "1073741824\n",
            f"{_GROUP}/user.slice/memory.max": "2147483648\n",
        }
    )
    assert cgroups.cpu_quota(machine) == 4.0
    assert cgroups.memory_limit(machine) == 1 << 30


def test_version_1_with_controllers_that_are_mounted_together(record: Record) -> None:
    machine = record(
        {
            "/proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n1:name=x:/\n",
            f"{_GROUP}/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
            f"{_GROUP}/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            f"{_GROUP}/cpu": Path("cpu,cpuacct"),
            f"{_GROUP}/memory/memory.limit_in_bytes": "536870912\n",
        }
    )
    assert cgroups.cpu_quota(machine) == 0.5
    assert cgroups.memory_limit(machine) == 512 << 20


def test_no_limit_is_said_in_many_ways(record: Record) -> None:
    machine = record(
        {
            "/proc/self/cgroup": "4:memory:/\n2:cpu:/\n0::/../../escaped\n",
            f"{_GROUP}/cpu/cpu.cfs_quota_us": "-1\n",
            f"{_GROUP}/cpu/cpu.cfs_period_us": "100000\n",
            f"{_GROUP}/memory/memory.limit_in_bytes": "9223372036854771712\n",
            f"{_GROUP}/cpu.max": "max 100000\n",
            f"{_GROUP}/memory.max": "max\n",
        }
    )
    for limit in (cgroups.cpu_quota, cgroups.memory_limit):
        with pytest.raises(UnreadableError, match="no control group sets a limit"):
            limit(machine)


@pytest.mark.parametrize("text", ["", "0 0", "1", "a b", "-5 100000", "5 0"])
def test_what_is_no_quota_is_no_limit(record: Record, text: str) -> None:
    machine = record({"/proc/self/cgroup": "odd\n0::/\n", f"{_GROUP}/cpu.max": text})
    with pytest.raises(UnreadableError):
        cgroups.cpu_quota(machine)
