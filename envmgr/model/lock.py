"""Locks: resolutions written down so that another machine can have the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = 1


@dataclass(frozen=True, slots=True)
class LockedEntry:
    """One entry as it must be again. What belongs to the other kind of origin is empty."""

    id: str
    name: str
    version: str
    platform: str
    kind: str
    """`detected` or `installed`."""
    detector: str
    needs: tuple[str, ...] = ()
    """Ids of locked entries."""
    path: str = ""
    """Of a detected one: the file (or directory) that it was."""
    package: str = ""
    """Of a detected one: the package that owns it, `gcc-12=12.2.0-14`."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of a detected one: the file and the libraries that it loads, by path: `sha256:…`."""
    recipe: str = ""
    """Of an installed one."""
    recipe_digest: str = ""
    """sha256 of the recipe's file."""
    plan: str = ""
    """Digest of the plan: the same plan gives the same prefix."""
    sources: tuple[str, ...] = ()
    """Checksums of what an installed one is made from, `sha256:…`, commits as `git:…`."""

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class LockedEnvironment:
    """One environment on one platform."""

    name: str
    platform: str
    queries: tuple[str, ...]
    """What it was made for; the lock is stale when the project wants something else."""
    entries: tuple[str, ...]
    """Ids in the order they are activated."""
    asked: tuple[str, ...] = ()
    """The id that answers each query."""
    variables: Mapping[str, str] = field(default_factory=dict)
    prefer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file."""

    environments: tuple[LockedEnvironment, ...] = ()
    """By name, then by platform."""
    entries: Mapping[str, LockedEntry] = field(default_factory=dict)
    """By id."""
