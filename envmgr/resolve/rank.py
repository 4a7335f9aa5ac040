"""The order of preference: the same entries give the same order on every machine.

1. a release before a pre-release
2. the newer version first
3. what envmgr installed before what it found
4. by name, then by path, then by id

Only the last step is arbitrary, and it is reached only by entries that are equally good.
"""

from __future__ import annotations

from collections.abc import Iterable

from envmgr.model.entry import Entry
from envmgr.model.resolution import Release
from envmgr.model.version import Version

Subject = Entry | Release
"""What may be taken for a query: something that is there, or something to install."""


def ranked(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """*entries*, the preferred one first."""
    by_place = sorted(entries, key=lambda entry: (entry.name, entry.path, entry.id))
    return tuple(sorted(by_place, key=_entry_worth, reverse=True))


def ranked_releases(releases: Iterable[Release]) -> tuple[Release, ...]:
    """*releases*, the preferred one first: as for entries, ties broken by the recipe's name."""
    by_name = sorted(releases, key=lambda release: (release.recipe.name, release.version))
    return tuple(sorted(by_name, key=lambda release: _worth(release.version), reverse=True))


def lead(winner: Subject, loser: Subject) -> str:
    """Why *winner* goes before *loser*, both of which fit."""
    if isinstance(winner, Entry) and isinstance(loser, Release):
        return f"{winner} is there, which goes before installing"
    ahead, behind = Version(winner.version), Version(loser.version)
    if _only_loser_is_early(ahead, behind):
        return f"release {winner.version} of {winner.name} goes before a pre-release"
    if ahead != behind:
        return f"newer version {winner.version} of {winner.name} wins"
    if isinstance(winner, Release) or isinstance(loser, Release):
        return f"{winner} comes first by name"
    return _lead_of_equals(winner, loser)


def _only_loser_is_early(winner: Version, loser: Version) -> bool:
    """Whether only the loser is a pre-release."""
    return loser.is_prerelease and not winner.is_prerelease


def _lead_of_equals(winner: Entry, loser: Entry) -> str:
    if winner.origin.kind != loser.origin.kind:
        return f"{winner} in {winner.prefix} was installed, which goes before found"
    if winner.name != loser.name:
        return f"{winner.name} of the same version comes first by name"
    if winner.path != loser.path:
        return f"{winner.path} of the same version comes first by path"
    return f"entry {winner.id} at the same path comes first by id"


def _worth(version: str) -> tuple[bool, Version]:
    value = Version(version)
    return not value.is_prerelease, value


def _entry_worth(entry: Entry) -> tuple[bool, Version, bool]:
    return (*_worth(entry.version), entry.origin.kind == "installed")
