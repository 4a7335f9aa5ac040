"""Energy that the processor used, by the counters (RAPL) that Linux shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.host.facts.reading import Machine, UnreadableError

_ZONES = "/sys/class/powercap"
_PATTERN = r"intel-rapl:\d+(:\d+)?"
"""AMD's processors are shown under the same name."""
_FIGURES = {"package": "energy", "dram": "energy_dram", "psys": "energy_system"}
"""The zones that are read to what they are called as figures: `core` is a part of `package`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the counters showed at one moment: each zone to microjoules and where it wraps."""

    zones: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)
    """Directory to figure, count and range."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """`energy` to why it cannot be read."""


NOTHING = Reading()


def read(machine: Machine) -> Reading:
    """Read all counters that tell of a whole package, its memory or the system."""
    names = machine.names(_ZONES, _PATTERN)
    if not names:
        return Reading(absent={"energy": f"{_ZONES} shows no counter of energy"})
    zones: dict[str, tuple[str, int, int]] = {}
    try:
        for name in names:
            kind = machine.read(f"{_ZONES}/{name}/name").partition("-")[0]
            if kind in _FIGURES:
                count = machine.number(f"{_ZONES}/{name}/energy_uj")
                wraps = machine.number(f"{_ZONES}/{name}/max_energy_range_uj")
                zones[name] = (_FIGURES[kind], count, wraps)
    except UnreadableError as error:
        return Reading(absent={"energy": str(error)})
    return Reading(zones)


def between(before: Reading, after: Reading) -> dict[str, float]:
    """Joules by figure, all packages together. Nothing of what was not read both times.

    A counter that wrapped round is taken to have done so once: it takes minutes at full power.
    """
    joules: dict[str, float] = {}
    for name, (figure, count, wraps) in after.zones.items():
        if name not in before.zones:
            continue
        used = count - before.zones[name][1]
        joules[figure] = joules.get(figure, 0.0) + (used if used >= 0 else used + wraps) / 1e6
    return joules
