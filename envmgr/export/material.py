"""What an image is decided from: entries, and where a container could get each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.host.packages import SystemPackage
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry
from envmgr.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Packaged:
    """From the system's packages."""

    packages: tuple[SystemPackage, ...] = ()
    """Those that own its files, and what they recommend as far as it is installed."""
    unowned: Mapping[str, str] = field(default_factory=dict)
    """Files that come from none of them, and why."""


@dataclass(frozen=True, slots=True)
class Remade:
    """By its recipe, once more."""

    plan: Plan
    """Its needs are entries, all of them."""
    programs: Packaged
    """Where the programs of the system that its commands start come from."""
    changed: bool = False
    """Whether the recipe has changed since the entry was made."""


@dataclass(frozen=True, slots=True)
class Lost:
    """From nowhere."""

    reason: str


Source = Packaged | Remade | Lost


@dataclass(frozen=True, slots=True)
class Pin:
    """A package in a version; None where nobody knows which versions there are."""

    name: str
    version: str | None

    def __str__(self) -> str:
        return f"{self.name}={self.version}" if self.version else self.name


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that was found out; deciding needs nothing else."""

    base: str
    platform: str
    entries: tuple[Entry, ...]
    """What the image must have, needs first."""
    known: Mapping[str, Entry]
    """These and all that they, or their plans, need, by id."""
    sources: Mapping[str, Source]
    """Where each of the known entries can be had, by id."""
    tools: Mapping[str, Pin]
    """What fetching takes, by package."""
    name: str = "environment"
    """What people call the environment: letters, digits and `._+-`."""
    extra: Delta = field(default_factory=Delta)
    """Variables of its project, which win over those of the entries."""
    lock: str | None = None
    """sha256 of the lock file that the environment is from."""
    gone: frozenset[SystemPackage] = frozenset()
    """Packages whose version no source of packages has any more."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the image lacks or has otherwise, and why."""

    what: str
    why: str
    path: str | None = None
    """Where it is on this machine."""

    def __str__(self) -> str:
        where = f" ({self.path})" if self.path else ""
        return f"{self.what}{where}: {self.why}"
