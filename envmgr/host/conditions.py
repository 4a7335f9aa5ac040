"""What a machine is doing around a run, and what of it makes the figures worthless.

`during` is for every run and costs next to nothing. `standing` is for every experiment: what costs
more to read and stays as it is.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from envmgr.host.facts.reading import Machine, UnreadableError, known, split
from envmgr.host.measured import Usage

_CPUS = "/sys/devices/system/cpu"
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_MUCH = 0.25
"""Cores that others may use before wall time is doubted."""
_STEP = 0.5
"""Numbers in warnings are rounded to this, so that runs alike are warned of alike."""
_STOLEN = 0.02
"""Share of the time that may be stolen."""
_SHORT = 0.1
"""Seconds below which processor time of others cannot be told: it is counted in ticks."""
_HOT = 90.0
"""Degrees Celsius at which processors begin to slow down."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the machine had done up to a moment, and was doing then."""

    at: float
    """Seconds on a clock that is never set."""
    busy: float
    """Seconds of processor time that all processes used since the start, interrupts included."""
    stolen: float
    """Seconds of processor time that the hypervisor gave to others."""
    load: float
    """Processes that ran or waited for a core, over the last minute."""
    running: int
    """Processes that ran or waited at the moment, this one included."""


@dataclass(slots=True)
class Conditions:
    """What the machine was doing from before a run until after it. None of it where the system
    does not tell."""

    before: Moment | None = None
    after: Moment | None = None

    @property
    def busy(self) -> float:
        """Seconds of processor time that all processes used meanwhile."""
        return self.after.busy - self.before.busy if self.after and self.before else 0.0

    @property
    def wall(self) -> float:
        """Seconds that it took."""
        return self.after.at - self.before.at if self.after and self.before else 0.0

    @property
    def stolen(self) -> float:
        """Seconds of processor time that were stolen meanwhile."""
        return self.after.stolen - self.before.stolen if self.after and self.before else 0.0

    def to_json(self) -> dict[str, float]:
        """The documented JSON form: `load` and `running` before the run, and seconds of processor
        time during it: `busy` of all processes, `stolen` by the hypervisor."""
        if self.before is None or self.after is None:
            return {}
        told = {"busy": self.busy, "stolen": self.stolen, "seconds": self.wall}
        rounded = {name: round(value, 3) for name, value in told.items()}
        return {"load": self.before.load, "running": self.before.running, **rounded}


@contextmanager
def during(root: str = "/") -> Iterator[Conditions]:
    """What the machine does while the block runs; known after it."""
    conditions = Conditions(before=moment(root))
    try:
        yield conditions
    finally:
        conditions.after = moment(root)


def moment(root: str = "/") -> Moment | None:
    """What the machine is doing now; None where the system does not tell."""
    try:
        times = _beginning(os.path.join(root, "proc/stat")).partition(b"\n")[0].split()
        load = _beginning(os.path.join(root, "proc/loadavg")).split()
    except OSError:
        return None
    user, nice, system, _, _, irq, softirq, stolen = (int(ticks) / _TICKS for ticks in times[1:9])
    return Moment(
        at=time.monotonic(),
        busy=user + nice + system + irq + softirq,
        stolen=stolen,
        load=float(load[0]),
        running=int(load[3].partition(b"/")[0]),
    )


def _beginning(path: str) -> bytes:
    """The first bytes of a file, without the cost of a file object. Raises OSError."""
    number = os.open(path, os.O_RDONLY)
    try:
        return os.read(number, 512)
    finally:
        os.close(number)


def worries(conditions: Conditions, usage: Usage, cores: int | None = None) -> tuple[str, ...]:
    """What makes the times of a run worth little, each in a line.

    *cores* is how many the machine has; None asks it.
    """
    if conditions.before is None or conditions.after is None:
        return ()
    cores = cores or os.cpu_count() or 1
    if conditions.wall < _SHORT:
        others = min(conditions.before.running, conditions.after.running) - 1
        told = (
            [f"others wanted all {cores} cores before it ran and after"] if others >= cores else []
        )
    else:
        told = _of_longer(conditions, usage, cores)
    return tuple(f"{text}: wall time says little" for text in told)


def _of_longer(conditions: Conditions, usage: Usage, cores: int) -> list[str]:
    wall = conditions.wall
    others = max(0.0, conditions.busy - usage.user - usage.system) / wall
    stolen = conditions.stolen / (wall * cores)
    told = []
    if others > _MUCH:
        about = max(_STEP, math.floor(others / _STEP) * _STEP)
        told.append(f"others used about {about:g} of {cores} cores while it ran")
    if stolen > _STOLEN:
        told.append(f"the hypervisor took about {math.ceil(stolen * 10) * 10} % of the time away")
    return told


# -- for an experiment -----------------------------------------------------------------------


def standing(machine: Machine) -> dict[str, Any]:
    """What stays as it is for an experiment; `absent` says why what is not known is not.

    Frequencies are in MHz, memory in bytes, temperatures in degrees Celsius; `throttled` counts
    since the start of the machine.
    """
    told, absent = split(
        {
            "governor": known(_governors, machine),
            "turbo": known(_turbo, machine),
            "frequency_mhz": known(_frequencies, machine),
            "temperature": known(_temperature, machine),
            "throttled": known(_throttled, machine),
            "hyperthreading": known(_hyperthreading, machine),
            "affinity": known(_affinity, machine),
            "available_bytes": known(_available, machine),
            "battery": known(_battery, machine),
        }
    )
    return {**told, "absent": absent}


def standing_worries(
    before: Mapping[str, Any], after: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """What of `standing` makes times worth little; of that *after* it too, where it is known."""
    slow = [name for name in before.get("governor", ()) if name != "performance"]
    told = [f"the governor is {name}: the frequency follows the load" for name in slow]
    if before.get("turbo"):
        told.append("turbo is on: the frequency depends on temperature and on what else runs")
    if before.get("battery") == "discharging":
        told.append("the battery is discharging: the processor may be slowed down")
    hottest = max(one.get("temperature", 0.0) for one in (before, after or before))
    if hottest >= _HOT:
        told.append(f"the processor is at {hottest:.0f} degrees: it may be slowed down")
    if after and after.get("throttled", 0) > before.get("throttled", 0):
        told.append("the processor was slowed down meanwhile, for its temperature")
    return tuple(told)


def _governors(machine: Machine) -> list[str]:
    read = (machine.read(f"{cpu}/cpufreq/scaling_governor") for cpu in _cpus(machine))
    return sorted(set(read))


def _turbo(machine: Machine) -> bool:
    if machine.has(f"{_CPUS}/intel_pstate/no_turbo"):
        return machine.number(f"{_CPUS}/intel_pstate/no_turbo") == 0
    return machine.number(f"{_CPUS}/cpufreq/boost") == 1


def _frequencies(machine: Machine) -> dict[str, float]:
    """The lowest and the highest that a core has now."""
    kilohertz = [machine.number(f"{cpu}/cpufreq/scaling_cur_freq") for cpu in _cpus(machine)]
    return {"lowest": min(kilohertz) / 1000, "highest": max(kilohertz) / 1000}


def _cpus(machine: Machine) -> list[str]:
    names = machine.names(_CPUS, r"cpu\d+")
    cpus = [f"{_CPUS}/{name}" for name in names if machine.has(f"{_CPUS}/{name}/cpufreq")]
    if not cpus:
        raise UnreadableError(f"{_CPUS} tells of no frequency")
    return cpus


def _temperature(machine: Machine) -> float:
    """Of the hottest sensor of the processor."""
    zones = "/sys/class/thermal"
    found = []
    for name in machine.names(zones, r"thermal_zone\d+"):
        kind = machine.read(f"{zones}/{name}/type").lower()
        if any(word in kind for word in ("cpu", "pkg", "core", "soc")):
            found.append(machine.number(f"{zones}/{name}/temp") / 1000)
    if not found:
        raise UnreadableError(f"{zones} shows no sensor of the processor")
    return max(found)


def _throttled(machine: Machine) -> int:
    """How often any core was slowed down for its temperature."""
    names = machine.names(_CPUS, r"cpu\d+")
    files = [f"{_CPUS}/{name}/thermal_throttle/core_throttle_count" for name in names]
    counts = [machine.number(file) for file in files if machine.has(file)]
    if not counts:
        raise UnreadableError(f"{_CPUS} counts nothing")
    return sum(counts)


def _hyperthreading(machine: Machine) -> bool:
    return machine.number(f"{_CPUS}/smt/active") == 1


def _affinity(machine: Machine) -> list[int]:
    machine.require_running()
    if not hasattr(os, "sched_getaffinity"):
        raise UnreadableError("this system has no affinity of processes")
    return sorted(os.sched_getaffinity(0))


def _available(machine: Machine) -> int:
    for line in machine.read("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise UnreadableError("/proc/meminfo does not tell")


def _battery(machine: Machine) -> str:
    """`discharging`, `charging`, `full` …"""
    supplies = "/sys/class/power_supply"
    for name in machine.names(supplies):
        if machine.read(f"{supplies}/{name}/type").lower() == "battery":
            return machine.read(f"{supplies}/{name}/status").lower()
    raise UnreadableError("there is no battery")
