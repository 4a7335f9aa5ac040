"""The processor: recorded ones of x86 and ARM, and this machine's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from envmgr.host.facts import cpu
from envmgr.host.facts.reading import Machine, split

Record = Callable[..., Machine]
pytestmark = pytest.mark.needs("linux")

_X86 = """processor	: 0
vendor_id	: GenuineIntel
model name	: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz
cpu MHz		: 2095.077
flags		: fpu vme avx2 sse4_2

processor	: 1
vendor_id	: GenuineIntel
"""
_ARM = """processor	: 0
BogoMIPS	: 50.00
Features	: fp asimd sve
CPU implementer	: 0x41
CPU architecture: 8
CPU part	: 0xd0c
"""


def _topology(siblings: list[str], sockets: list[int]) -> dict[str, str | Path]:
    base = "/sys/devices/system/cpu"
    files: dict[str, str | Path] = {}
    for number, shared in enumerate(siblings):
        cpu_dir = f"{base}/cpu{number}"
        files[f"{cpu_dir}/topology/thread_siblings_list"] = f"{shared}\n"
        files[f"{cpu_dir}/topology/physical_package_id"] = f"{sockets[number]}\n"
        for index, (level, kind, size, users) in enumerate(
            [(1, "Data", "32K", shared), (3, "Unified", "24M", "0-3")]
        ):
            cache = f"{cpu_dir}/cache/index{index}"
            files |= {
                f"{cache}/level": f"{level}\n",
                f"{cache}/type": f"{kind}\n",
                f"{cache}/size": f"{size}\n",
                f"{cache}/shared_cpu_list": f"{users}\n",
            }
    return files


def _facts(machine: Machine) -> tuple[dict[str, Any], dict[str, str]]:
    return split(cpu.facts(machine))


def test_a_processor_with_two_threads_a_core(record: Record) -> None:
    machine = record(
        {
            "/proc/cpuinfo": _X86,
            "/proc/self/cgroup": "0::/\n",
            "/sys/fs/cgroup/cpu.max": "150000 100000\n",
            "/sys/devices/system/node/node0/x": "",
            "/sys/devices/system/cpu/cpu4/uevent": "",  # off: it has no topology
            "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "3900000\n",
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
            **_topology(["0,2", "1,3", "0,2", "1,3"], [0, 0, 0, 0]),
        }
    )
    facts, absent = _facts(machine)
    assert facts["vendor"] == "GenuineIntel"
    assert facts["model"] == "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz"
    assert facts["flags"] == ["avx2", "fpu", "sse4_2", "vme"]
    assert facts["cores"] == {
        "logical": 4,
        "physical": 2,
        "sockets": 1,
        "numa_nodes": 1,
        "quota": 1.5,
        "usable": 1,
    }
    assert facts["caches"] == [
        {"level": 1, "type": "data", "size_bytes": 32768, "shared_by": 2, "instances": 2},
        {"level": 3, "type": "unified", "size_bytes": 24 << 20, "shared_by": 4, "instances": 1},
    ]
    assert facts["frequency_mhz"] == {"current": 2095.077, "maximum": 3900.0}
    assert facts["governor"] == "performance"
    assert sorted(absent) == ["cores.affinity", "frequency_mhz.minimum", "microarchitecture"]


def test_an_arm_processor_is_named_by_lscpu(record: Record) -> None:
    machine = record(
        {"/proc/cpuinfo": _ARM, **_topology(["0", "1"], [0, 1])},
        {"lscpu": "echo 'Architecture:  aarch64'; echo 'Model name:    Neoverse-N1'"},
    )
    facts, absent = _facts(machine)
    assert (facts["vendor"], facts["model"]) == ("ARM", "Neoverse-N1")
    assert facts["flags"] == ["asimd", "fp", "sve"]
    assert facts["cores"] == {"logical": 2, "physical": 2, "sockets": 2, "usable": 2}
    assert absent["cores.quota"] == "/proc/self/cgroup: No such file or directory"


def test_an_arm_processor_without_lscpu_has_no_model(record: Record) -> None:
    _, absent = _facts(record({"/proc/cpuinfo": _ARM}))
    assert absent["model"] == "there is no lscpu on PATH"
    assert absent["cores.logical"] == "/sys/devices/system/cpu describes no processor"
    assert absent["caches"] == "/sys/devices/system/cpu describes no processor"


def test_a_vendor_that_nobody_lists_keeps_its_number(record: Record) -> None:
    facts, _ = _facts(record({"/proc/cpuinfo": "CPU implementer : 0xfe\n"}))
    assert facts["vendor"] == "0xfe"


def test_a_machine_that_says_nothing_has_no_facts(record: Record) -> None:
    facts, absent = _facts(record({}))
    assert facts == {"cores": {}, "frequency_mhz": {}}
    assert all(absent.values())


def test_this_machine_agrees_with_psutil() -> None:
    facts, absent = _facts(Machine(os.environ))
    assert "cores.logical" in absent or facts["cores"]["logical"] == psutil.cpu_count()
    assert facts["cores"]["affinity"] == len(os.sched_getaffinity(0))
    assert 1 <= facts["cores"]["usable"] <= facts["cores"]["affinity"]
    assert facts["microarchitecture"]["name"]
    assert not [name for name, reason in absent.items() if "could not be read" in reason]
