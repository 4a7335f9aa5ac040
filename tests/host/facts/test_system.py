"""The operating system of this machine and of recorded ones."""

from __future__ import annotations

import os
import platform as stdlib_platform
from collections.abc import Callable

import pytest

from envmgr.host.facts import system
from envmgr.host.facts.reading import Machine, split

Record = Callable[..., Machine]


def test_this_machine_agrees_with_the_standard_library() -> None:
    facts, _ = split(system.facts(Machine(os.environ)))
    uname = stdlib_platform.uname()
    assert facts["kernel"] == {
        "name": uname.system,
        "release": uname.release,
        "version": uname.version,
        "machine": uname.machine,
    }
    assert facts["os"]["name"] in ("linux", "macos", "windows")


@pytest.mark.needs("linux")
def test_a_recorded_distribution(record: Record) -> None:
    machine = record(
        {
            "/etc/os-release": (
                'PRETTY_NAME="Ubuntu 22.04.4 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\n'
                "VERSION_CODENAME=jammy\nID=ubuntu\n"
            )
        }
    )
    facts, absent = split(system.facts(machine))
    assert facts["distribution"] == {
        "id": "ubuntu",
        "name": "Ubuntu 22.04.4 LTS",
        "version": "22.04",
        "codename": "jammy",
    }
    assert facts["platform"].endswith("-ubuntu22")
    assert sorted(absent) == ["kernel", "libc"]


@pytest.mark.needs("linux")
def test_a_rolling_distribution_has_no_version(record: Record) -> None:
    machine = record({"/etc/os-release": 'NAME="Arch Linux"\nID=arch\n'})
    facts, absent = split(system.facts(machine))
    assert facts["distribution"] == {"id": "arch", "name": "Arch Linux"}
    assert absent["distribution.version"] == "os-release gives no version"
