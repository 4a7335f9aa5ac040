"""The processor: model, cores, caches, microarchitecture, frequency."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

from envmgr.host.facts import cgroups
from envmgr.host.facts.reading import Machine, UnreadableError, known, table

_CPUS = "/sys/devices/system/cpu"
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def facts(machine: Machine) -> dict[str, Any]:
    """Everything about the processor."""
    return {
        "vendor": known(_vendor, machine),
        "model": known(_model, machine),
        "flags": known(_flags, machine),
        "cores": {
            "logical": known(_logical, machine),
            "physical": known(_physical, machine),
            "sockets": known(_sockets, machine),
            "numa_nodes": known(_numa_nodes, machine),
            "affinity": known(_affinity, machine),
            "quota": known(cgroups.cpu_quota, machine),
            "usable": known(_usable, machine),
        },
        "caches": known(_caches, machine),
        "microarchitecture": known(_microarchitecture, machine),
        "frequency_mhz": {
            "current": known(_current_mhz, machine),
            "minimum": known(_mhz, machine, "cpuinfo_min_freq"),
            "maximum": known(_mhz, machine, "cpuinfo_max_freq"),
        },
        "governor": known(machine.read, f"{_CPUS}/cpu0/cpufreq/scaling_governor"),
    }


def _info(machine: Machine) -> dict[str, str]:
    """What the kernel says about the first processor, or the same from elsewhere."""
    if machine.has("/proc/cpuinfo") or sys.platform == "linux":
        return table(machine.read("/proc/cpuinfo"))
    import cpuinfo  # slow, but it knows systems without /proc

    machine.require_running()
    told = cpuinfo.get_cpu_info()
    rows = {"vendor_id": told.get("vendor_id_raw"), "model name": told.get("brand_raw")}
    rows["flags"] = " ".join(told.get("flags", ()))
    return {key: value for key, value in rows.items() if value}


def _vendor(machine: Machine) -> str:
    from archspec.cpu.schema import TARGETS_JSON

    info = _info(machine)
    if "vendor_id" in info:
        return info["vendor_id"]
    implementer = info.get("CPU implementer")
    if implementer is None:
        raise UnreadableError("/proc/cpuinfo names no vendor")
    return str(TARGETS_JSON["conversions"]["arm_vendors"].get(implementer, implementer))


def _model(machine: Machine) -> str:
    info = _info(machine)
    told = info.get("model name") or info.get("cpu")
    if not told and "CPU part" in info:  # the kernel leaves names of ARM's parts to lscpu
        told = table(machine.ask("lscpu")).get("Model name")
    if not told:
        raise UnreadableError("/proc/cpuinfo names no model")
    return told


def _flags(machine: Machine) -> list[str]:
    info = _info(machine)
    told = info.get("flags") or info.get("Features") or info.get("isa")
    if not told:
        raise UnreadableError("/proc/cpuinfo lists no flags")
    return sorted(told.split())


def _cpus(machine: Machine) -> list[str]:
    """Directories of the logical processors that are on."""
    found = (f"{_CPUS}/{name}" for name in machine.names(_CPUS, r"cpu\d+"))
    online = [directory for directory in found if machine.has(f"{directory}/topology")]
    if not online:
        raise UnreadableError(f"{_CPUS} describes no processor")
    return online


def _logical(machine: Machine) -> int:
    if sys.platform == "linux":
        return len(_cpus(machine))
    return _counted(machine, logical=True)


def _physical(machine: Machine) -> int:
    if sys.platform == "linux":
        return len({machine.read(f"{c}/topology/thread_siblings_list") for c in _cpus(machine)})
    return _counted(machine, logical=False)


def _counted(machine: Machine, *, logical: bool) -> int:
    import psutil

    machine.require_running()
    count = psutil.cpu_count(logical=logical)
    if count is None:
        raise UnreadableError("the system does not say how many there are")
    return int(count)


def _sockets(machine: Machine) -> int:
    return len({machine.read(f"{c}/topology/physical_package_id") for c in _cpus(machine)})


def _numa_nodes(machine: Machine) -> int:
    nodes = machine.names("/sys/devices/system/node", r"node\d+")
    if not nodes:
        raise UnreadableError("/sys/devices/system/node lists no node")
    return len(nodes)


def _affinity(machine: Machine) -> int:
    machine.require_running()
    if not hasattr(os, "sched_getaffinity"):
        raise UnreadableError("this system has no affinity of processes")
    return len(os.sched_getaffinity(0))


def _usable(machine: Machine) -> int:
    """Cores that this process gets: those it may run on, as far as its share of time reaches."""
    counts = (known(_affinity, machine), known(_logical, machine))
    cores = next((count for count in counts if isinstance(count, int)), None)
    if cores is None:
        raise UnreadableError("neither the affinity nor the number of cores is known")
    quota = known(cgroups.cpu_quota, machine)
    return min(cores, max(1, int(quota))) if isinstance(quota, float) else cores


def _caches(machine: Machine) -> list[dict[str, Any]]:
    """Kinds of caches: level, type, size, how many logical cores share one, how many there are."""
    instances = {
        (_cache_kind(machine, cache), machine.read(f"{cache}/shared_cpu_list"))
        for cpu in _cpus(machine)
        for cache in (f"{cpu}/cache/{n}" for n in machine.names(f"{cpu}/cache", r"index\d+"))
    }
    if not instances:
        raise UnreadableError(f"{_CPUS}/cpu0/cache describes none")
    kinds = Counter((*kind, _listed(shared)) for kind, shared in instances)
    keys = ("level", "type", "size_bytes", "shared_by")
    return [
        {**dict(zip(keys, kind, strict=True)), "instances": kinds[kind]} for kind in sorted(kinds)
    ]


def _cache_kind(machine: Machine, cache: str) -> tuple[int, str, int]:
    size = machine.read(f"{cache}/size")
    number = int(size.rstrip("KMG")) * _UNITS.get(size[-1:], 1)
    return machine.number(f"{cache}/level"), machine.read(f"{cache}/type").lower(), number


def _listed(ranges: str) -> int:
    """How many `0-3,8` are."""
    ends = (part.partition("-") for part in ranges.split(","))
    return sum(int(last or first) - int(first) + 1 for first, _, last in ends)


def _microarchitecture(machine: Machine) -> dict[str, Any]:
    import archspec.cpu

    machine.require_running()
    target = archspec.cpu.host()
    return {
        "name": target.name,
        "vendor": target.vendor,
        "family": str(target.family),
        "generic": str(target.generic),
        "features": sorted(target.features),
    }


def _mhz(machine: Machine, name: str) -> float:
    return machine.number(f"{_CPUS}/cpu0/cpufreq/{name}") / 1000


def _current_mhz(machine: Machine) -> float:
    told = _info(machine).get("cpu MHz")
    return float(told) if told else _mhz(machine, "scaling_cur_freq")
