"""Locks: environments written down so that another machine can have the same.

A lock has a part for each platform, because what was detected is there on one machine and not on
another. In a part every entry stands once, under a key: its name and version, and more only
where two share both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from envmgr.model.query import Query

FORMAT = 1
_DEEPEST = 100
"""Needs of needs that are followed; what goes deeper was not made by a resolver."""


@dataclass(frozen=True, slots=True)
class LockedEntry:
    """One entry as it must be again. What belongs to the other kind of origin is empty."""

    name: str
    version: str
    """Of an installed one: the version of its recipe."""
    kind: str
    """`detected` or `installed`."""
    detector: str
    id: str = ""
    """Empty while what is to be installed never was: only a finished prefix has an id."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Role to the key of what it needs when it runs; a detected one has names for roles."""
    path: str = ""
    """Of a detected one: the file (or directory) that it was."""
    package: str = ""
    """Of a detected one: the package that owns it, `gcc-12=12.2.0-14`."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Of a detected one: its files and the libraries that they load, by path: `sha256:…`."""
    recipe: str = ""
    """Of an installed one."""
    recipe_digest: str = ""
    """sha256 of the recipe's file."""
    plan: str = ""
    """sha256 of the steps of its plan, which name no place of this machine."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Of an installed one: what it is made from, by name: `sha256:…`, a commit as `git:…`."""
    built_with: Mapping[str, str] = field(default_factory=dict)
    """Role to the key of what it needs only while it is built."""

    @property
    def all_needs(self) -> tuple[str, ...]:
        """The keys of everything that it needs, whenever."""
        return (*self.needs.values(), *self.built_with.values())

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class LockedEnvironment:
    """One environment on one platform."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """Each wish, as `wish_text` writes it, to the key of the entry that answers it."""
    not_locked: str = ""
    """Why there is no answer on this platform; empty when there is one."""


@dataclass(frozen=True, slots=True)
class LockedPlatform:
    """The part of a lock that one platform has."""

    cpu: str = ""
    """The microarchitecture of the machine that found the detected entries: `skylake`."""
    libc: str = ""
    """Its C library, `glibc 2.36`."""
    environments: Mapping[str, LockedEnvironment] = field(default_factory=dict)
    """By name."""
    entries: Mapping[str, LockedEntry] = field(default_factory=dict)
    """By key."""

    def closure(self, keys: Iterable[str], *, builds: bool = False) -> tuple[str, ...]:
        """*keys* with all that they need when they run, needs first; with *builds* all at all."""
        found: dict[str, None] = {}
        for key in keys:
            self._visit(key, builds, found)
        return tuple(found)

    def _visit(self, key: str, builds: bool, found: dict[str, None]) -> None:
        if key in found:
            return
        entry = self.entries[key]
        for need in entry.all_needs if builds else entry.needs.values():
            self._visit(need, builds, found)
        found[key] = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file."""

    platforms: Mapping[str, LockedPlatform] = field(default_factory=dict)
    """By the name of the platform."""


def wish_text(query: Query) -> str:
    """How a lock names a wish: the query with its preferences, which decide about the answer."""
    prefer = f" prefer {', '.join(query.prefer)}" if query.prefer else ""
    return f"{query}{prefer}"


def needs_in_a_circle(entries: Mapping[str, LockedEntry]) -> tuple[str, ...]:
    """Keys of entries that need each other in a circle, or too deeply; empty when none does."""
    left = {key: set(entry.all_needs) for key, entry in entries.items()}
    for _ in range(_DEEPEST):
        free = [key for key, needs in left.items() if left.keys().isdisjoint(needs)]
        for key in free:
            del left[key]
    return tuple(left)


def renamed(entry: LockedEntry, keys: Mapping[str, str]) -> LockedEntry:
    """*entry* with the keys of its needs replaced, those that *keys* has."""
    needs = {role: keys.get(key, key) for role, key in entry.needs.items()}
    built_with = {role: keys.get(key, key) for role, key in entry.built_with.items()}
    return replace(entry, needs=needs, built_with=built_with)


def marks(entries: Mapping[str, LockedEntry]) -> dict[str, str]:
    """Key to a digest of what the entry is, its needs included: whoever finds it, and whether or
    not it is installed yet, it is the same."""
    found: dict[str, str] = {}
    for key in entries:
        _mark(key, entries, found)
    return found


def keyed(entries: Mapping[str, LockedEntry]) -> dict[str, str]:
    """Provisional key to final key: name and version, and of what shares both some digits more."""
    marked = marks(entries)
    sharing: dict[str, set[str]] = {}
    for draft, entry in entries.items():
        sharing.setdefault(str(entry), set()).add(marked[draft])
    return {
        draft: str(entry) if len(sharing[str(entry)]) == 1 else f"{entry}#{marked[draft][:8]}"
        for draft, entry in entries.items()
    }


def _mark(key: str, entries: Mapping[str, LockedEntry], found: dict[str, str]) -> str:
    from hashlib import sha256

    if key not in found:
        entry = entries[key]
        roles = (*entry.needs.items(), *entry.built_with.items())
        needs = [f"{role}={_mark(need, entries, found)}" for role, need in sorted(roles)]
        made = [entry.recipe, entry.plan, *sorted(entry.sources.values())]
        form = [str(entry), entry.kind, entry.path, *made, *needs]
        found[key] = sha256("\0".join(form).encode("utf-8", "surrogateescape")).hexdigest()
    return found[key]
