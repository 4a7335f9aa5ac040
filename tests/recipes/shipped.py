"""The recipes and detectors that ship with envmgr, and machines on which they are planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.tags import mac_platforms

from envmgr.catalog.load import load
from envmgr.model.definition import Detector, Recipe
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from tests.conftest import ROOT


def _load(kind: str) -> Iterator[Detector | Recipe]:
    for file in sorted((ROOT / kind).glob("*/*.toml")):
        value = load(str(file)).value
        if isinstance(value, Detector | Recipe):
            yield value


DETECTORS = {value.name: value for value in _load("detectors") if isinstance(value, Detector)}
RECIPES = {value.name: value for value in _load("recipes") if isinstance(value, Recipe)}


@dataclass(frozen=True, slots=True)
class Machine:
    """A platform, and the platform tags of the wheels that it can use, best first."""

    platform: str
    tags: tuple[str, ...]


def _linux(machine: str, glibc: int = 36) -> tuple[str, ...]:
    """What Linux with that minor version of glibc 2 takes."""
    numbered = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc, 4, -1)]
    older = [f"manylinux{year}_{machine}" for year in ("2014", "2010", "1")]
    return (*numbered, *older, f"linux_{machine}")


MACHINES = {
    machine.platform: machine
    for machine in (
        Machine("linux-x86_64-debian12", _linux("x86_64")),
        Machine("linux-aarch64-debian12", _linux("aarch64")),
        Machine("macos-arm64-14", tuple(mac_platforms((14, 0), "arm64"))),
        Machine("macos-x86_64-14", tuple(mac_platforms((14, 0), "x86_64"))),
    )
}
FIRST = "linux-x86_64-debian12"
"""Where every version of a recipe has a plan; elsewhere at least the newest has."""
PYTHONS = ("3.10.14", "3.11.9", "3.12.7", "3.13.1")


def found(python: str) -> tuple[Entry, ...]:
    """What a machine for building has: a compiler, Make and this version of Python."""
    return (
        _entry("compiler.python", python, ("compiler", "python"), {}),
        _entry("tool.make", "4.3", ("tool", "make"), {}),
        _entry(
            "compiler.gcc",
            "12.2.0",
            ("compiler", "gcc", "lang-c", "lang-cpp"),
            {"CC": "/usr/bin/gcc", "CXX": "/usr/bin/g++"},
        ),
    )


def _entry(name: str, version: str, tags: tuple[str, ...], put: Mapping[str, str]) -> Entry:
    path = f"/usr/bin/{name}"
    origin = Origin("detected", name)
    return make_entry(
        name, version, tags=tags, prefix="/usr", path=path, delta=Delta(put), origin=origin
    )
