"""All facts of a machine in one JSON form."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from envmgr.host import facts
from envmgr.host.facts.reading import Machine

Record = Callable[..., Machine]
_SECTIONS = ["cpu", "disks", "gpu", "managers", "memory", "system", "virtualization"]


@pytest.mark.needs("linux")
def test_this_machine_in_json() -> None:
    form = facts.gather(os.environ).to_json()
    assert json.loads(json.dumps(form)) == form
    assert sorted(form) == sorted([*_SECTIONS, "absent"])
    assert form["system"]["kernel"]["release"] == os.uname().release
    assert form["memory"]["total_bytes"] > 0
    broken = {n: why for n, why in form["absent"].items() if not why or "could not be read" in why}
    assert broken == {}


def test_a_recorded_machine_that_says_nothing_is_all_absent(record: Record) -> None:
    machine = record({})
    told = facts.gather(machine.environ, machine.root)
    assert {"disks", "gpu", "cpu.microarchitecture", "virtualization.virtual_machine"} <= set(
        told.absent
    )
    assert told.facts["managers"] == []
    assert told.facts["cpu"] == {"cores": {}, "frequency_mhz": {}}
    assert json.dumps(told.to_json())


def test_a_section_that_breaks_costs_only_itself(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(machine: Machine) -> object:
        raise RuntimeError("a strange machine")

    monkeypatch.setitem(facts._SECTIONS, "gpu", broken)
    machine = record({"/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "4096\n"})
    told = facts.gather(machine.environ, machine.root)
    assert told.absent["gpu"] == "it could not be read: RuntimeError: a strange machine"
    assert told.facts["memory"] == {"limit_bytes": 4096}
