"""Counters of energy, as recorded machines show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.host import energy
from envmgr.host.facts.reading import Machine

_ZONES = {
    "intel-rapl:0": ("package-0", 1_000_000, 262_143_328_850),
    "intel-rapl:0:0": ("core", 500_000, 262_143_328_850),
    "intel-rapl:0:1": ("dram", 700_000, 65_712_999_613),
    "intel-rapl:1": ("package-1", 262_143_000_000, 262_143_328_850),
}


def _machine(root: Path, zones: dict[str, tuple[str, int, int]], added: int = 0) -> Machine:
    for name, (kind, count, wraps) in zones.items():
        directory = root / "sys/class/powercap" / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "name").write_text(f"{kind}\n")
        (directory / "energy_uj").write_text(f"{(count + added) % wraps}\n")
        (directory / "max_energy_range_uj").write_text(f"{wraps}\n")
    (root / "sys/class/powercap/intel-rapl").mkdir(exist_ok=True)  # the control itself, no zone
    return Machine({}, str(root))


def test_packages_add_up_and_wrap_round(tmp_path: Path) -> None:
    before = energy.read(_machine(tmp_path, _ZONES))
    after = energy.read(_machine(tmp_path, _ZONES, added=3_500_000))
    used = energy.between(before, after)
    assert used == pytest.approx({"energy": 7.0, "energy_dram": 3.5})
    assert after.absent == {}


def test_nothing_used_is_nothing(tmp_path: Path) -> None:
    reading = energy.read(_machine(tmp_path, _ZONES))
    assert energy.between(reading, reading) == {"energy": 0.0, "energy_dram": 0.0}


def test_a_machine_without_counters_says_so(tmp_path: Path) -> None:
    reading = energy.read(Machine({}, str(tmp_path)))
    assert reading.absent == {"energy": "/sys/class/powercap shows no counter of energy"}
    assert energy.between(reading, reading) == {}


def test_a_counter_that_may_not_be_read_is_absent_and_no_zero(tmp_path: Path) -> None:
    machine = _machine(tmp_path, _ZONES)
    (tmp_path / "sys/class/powercap/intel-rapl:0/energy_uj").unlink()
    reading = energy.read(machine)
    assert "intel-rapl:0/energy_uj" in reading.absent["energy"]
    assert energy.between(reading, reading) == {}


def test_a_zone_that_was_not_there_before_does_not_count(tmp_path: Path) -> None:
    before = energy.read(_machine(tmp_path, {"intel-rapl:0": _ZONES["intel-rapl:0"]}))
    after = energy.read(_machine(tmp_path, _ZONES, added=1_000_000))
    assert energy.between(before, after) == {"energy": 1.0}
