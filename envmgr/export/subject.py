"""An environment as it is on this machine: what exporters know that do not make an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.host.packages import SystemPackage
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry
from envmgr.model.names import Names
from envmgr.model.plan import Checkout, Download, NodePackage, Wheel

Fetched = Download | Wheel | NodePackage | Checkout


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that was found out; rendering needs nothing else."""

    name: str
    """What people call the environment: letters, digits and `._+-`."""
    platform: str
    entries: tuple[Entry, ...]
    """Needs first."""
    asked: frozenset[str]
    """Ids of those that were asked for rather than needed."""
    delta: Delta
    """What the environment changes here, variables of its project included."""
    names: Names
    """How other systems call things."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the delta's variables come out as on this machine, whole path lists included."""
    extra: Delta = field(default_factory=Delta)
    """The variables of its project alone, which are the same on every machine."""
    packages: Mapping[str, tuple[SystemPackage, ...]] = field(default_factory=dict)
    """The system's packages that own the files of each entry, by id."""
    distribution: str = ""
    """The short name of the distribution that has these packages, `debian`."""
    sources: Mapping[str, tuple[Fetched, ...]] = field(default_factory=dict)
    """What each installed entry was made from, by id, where the catalogue still says it."""
    homepages: Mapping[str, str] = field(default_factory=dict)
    """By name of the entry."""
    lock: str | None = None
    """sha256 of the lock file that the environment is from."""
    epoch: int | None = None
    """The time that files are to state, in seconds since 1970; None for none at all."""
