"""What machines were doing, from recorded ones, and warnings made of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from envmgr.host import conditions
from envmgr.host.conditions import Conditions, Moment, during, moment, worries
from envmgr.host.facts.reading import Machine
from envmgr.host.measured import Usage

_USAGE = Usage(
    code=0, timed_out=False, wall=10.0, user=8.0, system=1.0, memory=1, left=0, counters={}
)
_BEFORE = Moment(at=100.0, busy=1000.0, stolen=5.0, load=0.5, running=1)


def _write(root: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        file = root / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return root


def _after(*, busy: float, stolen: float = 0.0) -> Conditions:
    later = replace(_BEFORE, at=110.0, busy=1000.0 + busy, stolen=5.0 + stolen)
    return Conditions(_BEFORE, later)


def test_a_moment_is_read_in_seconds(tmp_path: Path) -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    times = [n * ticks for n in (10, 2, 5, 900, 3, 1, 2, 7, 0, 0)]
    _write(
        tmp_path,
        {
            "/proc/stat": f"cpu  {' '.join(map(str, times))}\ncpu0 1 2 3\n",
            "/proc/loadavg": "0.75 0.60 0.50 3/412 99\n",
        },
    )
    told = moment(str(tmp_path))
    assert told is not None
    assert (told.busy, told.stolen, told.load, told.running) == (20.0, 7.0, 0.75, 3)


def test_a_machine_that_does_not_tell_gives_nothing(tmp_path: Path) -> None:
    with during(str(tmp_path)) as around:
        pass
    assert around.to_json() == {}
    assert worries(around, _USAGE, 2) == ()


@pytest.mark.needs("linux")
def test_this_machine_tells() -> None:
    with during() as around:
        until = sum(os.times()[:2]) + 0.15
        while sum(os.times()[:2]) < until:
            pass
    told = around.to_json()
    assert set(told) == {"load", "running", "busy", "stolen", "seconds"}
    assert told["busy"] >= 0.1
    assert told["seconds"] >= 0.15


def test_a_run_that_fails_has_conditions_too(tmp_path: Path) -> None:
    files = {"/proc/stat": "cpu  1 2 3 4 5 6 7 8\n", "/proc/loadavg": "0 0 0 1/2 3\n"}
    _write(tmp_path, files)
    seen = []
    with pytest.raises(KeyError), during(str(tmp_path)) as around:
        seen.append(around)
        raise KeyError
    assert seen[0].after is not None


@pytest.mark.parametrize(
    ("busy", "stolen", "told"),
    [
        (9.0, 0.0, ()),
        (11.0, 0.0, ()),
        (5.0, 0.0, ()),  # counted in ticks, it may be less than what the run itself used
        (12.0, 0.0, ("others used about 0.5 of 2 cores while it ran: wall time says little",)),
        (18.9, 0.0, ("others used about 0.5 of 2 cores while it ran: wall time says little",)),
        (26.0, 0.0, ("others used about 1.5 of 2 cores while it ran: wall time says little",)),
        (9.0, 0.3, ()),
        (9.0, 2.4, ("the hypervisor took about 20 % of the time away: wall time says little",)),
    ],
)
def test_what_others_did_is_warned_of(busy: float, stolen: float, told: tuple[str, ...]) -> None:
    assert worries(_after(busy=busy, stolen=stolen), _USAGE, 2) == told


@pytest.mark.parametrize(("before", "after", "warned"), [(1, 9, 0), (9, 2, 0), (3, 3, 1)])
def test_around_a_short_run_it_counts_who_waits(before: int, after: int, warned: int) -> None:
    later = replace(_BEFORE, at=100.05, busy=1010.0, running=after)
    told = worries(Conditions(replace(_BEFORE, running=before), later), _USAGE, 2)
    waited = "others wanted all 2 cores before it ran and after: wall time says little"
    assert told == (waited,) * warned


_CPU = "/sys/devices/system/cpu"
_LAPTOP = {
    f"{_CPU}/cpu0/cpufreq/scaling_governor": "powersave\n",
    f"{_CPU}/cpu1/cpufreq/scaling_governor": "performance\n",
    f"{_CPU}/cpu0/cpufreq/scaling_cur_freq": "800000\n",
    f"{_CPU}/cpu1/cpufreq/scaling_cur_freq": "4100000\n",
    f"{_CPU}/cpu0/thermal_throttle/core_throttle_count": "3\n",
    f"{_CPU}/cpu1/thermal_throttle/core_throttle_count": "4\n",
    f"{_CPU}/intel_pstate/no_turbo": "0\n",
    f"{_CPU}/smt/active": "1\n",
    "/sys/class/thermal/thermal_zone0/type": "acpitz\n",
    "/sys/class/thermal/thermal_zone0/temp": "99000\n",
    "/sys/class/thermal/thermal_zone1/type": "x86_pkg_temp\n",
    "/sys/class/thermal/thermal_zone1/temp": "91500\n",
    "/sys/class/power_supply/AC/type": "Mains\n",
    "/sys/class/power_supply/BAT0/type": "Battery\n",
    "/sys/class/power_supply/BAT0/status": "Discharging\n",
    "/proc/meminfo": "MemTotal: 16000 kB\nMemAvailable:  8000 kB\n",
}


def test_what_stands_is_read(tmp_path: Path) -> None:
    told = conditions.standing(Machine({}, str(_write(tmp_path, _LAPTOP))))
    assert told.pop("absent") == {
        "affinity": "only the running machine can tell, and this is a recorded one"
    }
    assert told == {
        "governor": ["performance", "powersave"],
        "turbo": True,
        "frequency_mhz": {"lowest": 800.0, "highest": 4100.0},
        "temperature": 91.5,
        "throttled": 7,
        "hyperthreading": True,
        "available_bytes": 8_192_000,
        "battery": "discharging",
    }


def test_what_stands_in_the_way_is_warned_of(tmp_path: Path) -> None:
    told = conditions.standing(Machine({}, str(_write(tmp_path, _LAPTOP))))
    assert conditions.standing_worries(told, {**told, "throttled": 8}) == (
        "the governor is powersave: the frequency follows the load",
        "turbo is on: the frequency depends on temperature and on what else runs",
        "the battery is discharging: the processor may be slowed down",
        "the processor is at 92 degrees: it may be slowed down",
        "the processor was slowed down meanwhile, for its temperature",
    )


def test_a_steady_machine_is_not_warned_of(tmp_path: Path) -> None:
    files = {
        f"{_CPU}/cpu0/cpufreq/scaling_governor": "performance\n",
        f"{_CPU}/cpufreq/boost": "0\n",
    }
    told = conditions.standing(Machine({}, str(_write(tmp_path, files))))
    assert (told["governor"], told["turbo"]) == (["performance"], False)
    assert conditions.standing_worries(told, told) == ()


def test_every_fact_that_is_not_known_says_why(tmp_path: Path) -> None:
    told = conditions.standing(Machine({}, str(tmp_path)))
    assert set(told) == {"absent"}
    assert all(told["absent"].values())
    assert conditions.standing_worries(told) == ()
