"""Facts about the machine: what `envmgr host` shows and an experiment records.

A fact that cannot be read is absent, with the reason; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from envmgr.host.facts import cpu, disks, gpu, managers, memory, system, virtualization
from envmgr.host.facts.reading import Machine, known, split

_SECTIONS = {
    "system": system.facts,
    "virtualization": virtualization.facts,
    "cpu": cpu.facts,
    "memory": memory.facts,
    "disks": disks.facts,
    "gpu": gpu.facts,
    "managers": managers.facts,
}


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a machine says about itself."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    """Section to its facts: JSON values. Sizes are in bytes and say so in their names."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """Dotted name of a fact that could not be read (`cpu.model`, `gpu.devices.0.model`) to why."""

    def to_json(self) -> dict[str, Any]:
        """The documented JSON form: the sections, and `absent`."""
        return {**self.facts, "absent": dict(self.absent)}


def gather(
    environ: Mapping[str, str], root: str = "/", *, without: Collection[str] = ()
) -> HostFacts:
    """Read every fact, but for sections *without*. Programs are looked up on the PATH of *environ*.

    *root* is where `/proc`, `/sys` and `/etc` lie; another than `/` is a recorded machine, and
    what only the running machine can tell is absent then.
    """
    machine = Machine(environ, root)
    tree = {
        name: known(section, machine) for name, section in _SECTIONS.items() if name not in without
    }
    facts, absent = split(tree)
    return HostFacts(facts, absent)
