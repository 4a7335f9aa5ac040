"""What other systems call our things: Spack, conda (conda-forge) and PyPI.

A name there follows from ours by a rule, see `default`; only what is called otherwise is listed,
in `detectors/names.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Table = Mapping[str, tuple[str, ...]]
"""Our name to theirs, the one to write first; none where the thing is not to be had there."""

SYSTEMS = ("spack", "conda", "pypi")
_CATEGORIES = ("compiler", "tool", "lib", "python")
"""What other systems have packages of, in the order that settles whose a shared name is."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """Names in other systems that do not follow from ours."""

    spack: Table = field(default_factory=dict)
    conda: Table = field(default_factory=dict)
    pypi: Table = field(default_factory=dict)

    def of(self, system: str) -> Table:
        """The table of *system*, one of `SYSTEMS`."""
        return {"spack": self.spack, "conda": self.conda, "pypi": self.pypi}[system]


@dataclass(frozen=True, slots=True)
class Names:
    """Names in both directions; None where the other side has none. Built with `make_names`."""

    _theirs: Mapping[str, Mapping[str, str]]
    """System and our name, to theirs."""
    _ours: Mapping[str, Mapping[str, str]]
    """System and their name, to ours."""

    def spack(self, name: str) -> str | None:
        """The Spack package of our *name*: `gcc` of `compiler.gcc`."""
        return self._theirs["spack"].get(name)

    def of_spack(self, package: str) -> str | None:
        """Our name of a Spack package."""
        return self._ours["spack"].get(package.lower())

    def conda(self, name: str) -> str | None:
        """The conda-forge package of our *name*: `openjdk` of `compiler.java`."""
        return self._theirs["conda"].get(name)

    def of_conda(self, package: str) -> str | None:
        """Our name of a conda package."""
        return self._ours["conda"].get(package.lower())

    def pypi(self, name: str) -> str | None:
        """The project on PyPI of our *name*: `torch` of `python.torch`."""
        return self._theirs["pypi"].get(name)

    def of_pypi(self, project: str) -> str | None:
        """Our name of a project on PyPI, however its name is spelled."""
        return self._ours["pypi"].get(re.sub(r"[-_.]+", "-", project).lower())


def make_names(things: Table, renamed: Iterable[Renamed]) -> Names:
    """The names of *things*: our name to the Python distributions that it is found by.

    Of several in *renamed* that list a thing, the first is taken.
    """
    layers = tuple(renamed)
    theirs: dict[str, dict[str, str]] = {}
    ours: dict[str, dict[str, str]] = {}
    for system in SYSTEMS:
        listed: dict[str, tuple[str, ...]] = {}
        for layer in reversed(layers):
            listed |= layer.of(system)
        every = _names(system, things, listed)
        theirs[system] = {name: there[0] for name, there in every.items() if there}
        ours[system] = _turned(every, listed)
    return Names(theirs, ours)


def _names(system: str, things: Table, listed: Table) -> dict[str, tuple[str, ...]]:
    return {
        name: listed[name] if name in listed else default(system, name, distributions)
        for name, distributions in things.items()
    }


def default(system: str, name: str, distributions: tuple[str, ...]) -> tuple[str, ...]:
    """What *system* calls our *name*, if it is not listed: the last piece of it.

    What is found by its Python *distributions* has these names on PyPI, and a thing of the category
    `python` the first of them with conda and, after `py-`, with Spack. Data sets and models have
    no names elsewhere.
    """
    category, _, short = name.partition(".")
    if category not in _CATEGORIES:
        return ()
    if system == "pypi":
        return distributions
    if category != "python":
        return (short,)
    return tuple(f"py-{one}" if system == "spack" else one for one in distributions[:1])


def _turned(every: Table, listed: Table) -> dict[str, str]:
    """Their name to ours.

    A name that several things have belongs to the one that would write it rather than to one that
    also answers to it; then to the one that has it unlisted; then to the one listed first, or of
    the first category.
    """
    places = {name: place for place, name in enumerate(listed)}

    def order(name: str) -> tuple[int, int, str]:
        category = name.partition(".")[0]
        known = category in _CATEGORIES
        rank = _CATEGORIES.index(category) if known else len(_CATEGORIES)
        return places.get(name, -1), rank, name

    ours: dict[str, str] = {}
    ordered = sorted(every, key=order)
    for width in (slice(0, 1), slice(1, None)):
        for name in ordered:
            for there in every[name][width]:
                ours.setdefault(there, name)
    return ours
