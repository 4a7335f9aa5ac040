"""The order of preference: the same things give the same order on every machine.

1. what is there before what would have to be installed
2. a release before a pre-release
3. by name: the numbers of different things say nothing about each other
4. the newer version first
5. what envmgr installed before what it found
6. by path, then by id

Preferences are applied on top of this, the last one first, so that earlier ones decide.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TypeVar

from envmgr.model.entry import Entry
from envmgr.model.preference import AGES, KINDS
from envmgr.model.resolution import Release
from envmgr.model.version import Version
from envmgr.resolve.subject import Subject, fits, key_of, query_of, version_of

S = TypeVar("S", bound=Subject)


def ranked(subjects: Iterable[S]) -> list[S]:
    """*subjects*, the preferred one first."""
    by_place = sorted(subjects, key=_place)
    by_age = sorted(by_place, key=_age, reverse=True)
    return sorted(by_age, key=_class)


def preferred(subjects: Iterable[S], prefer: Sequence[str]) -> list[S]:
    """*subjects*, which are in order, put in order of *prefer*; what that leaves open stays.

    Ages order the versions of each name, and leave the names in the order that they have.
    """
    order = list(subjects)
    for preference in reversed(prefer):
        if preference in AGES:
            order = _by_age(order, preference)
        else:
            order.sort(key=lambda subject: _step(preference, subject))
    return order


def lead(
    winner: Subject, loser: Subject, prefer: Sequence[str] = (), present: Container[str] = ()
) -> str:
    """Why *winner* goes before *loser*, both of which fit.

    *present* are the keys of what the environment has anyway.
    """
    for preference in prefer:
        if preference not in AGES:
            if _step(preference, winner) < _step(preference, loser):
                return f"{winner} {_liking(preference, winner)}, which is preferred"
        elif winner.name != loser.name:
            return f"{winner.name} goes before {loser.name}, whose versions are not compared"
        elif _is_early(winner) == _is_early(loser) and winner.order != loser.order:
            older = "older" if preference == "oldest" else "newer"
            return f"{older} version {winner.version} of {winner.name} is preferred"
    if key_of(winner) in present and key_of(loser) not in present:
        return f"{winner} is in the environment anyway"
    return _default_lead(winner, loser)


def _place(subject: Subject) -> tuple[str, str]:
    if isinstance(subject, Entry):
        return subject.path, subject.id
    return subject.recipe.name, subject.version


def _age(subject: Subject) -> tuple[Version, bool]:
    return version_of(subject.version), _is_installed(subject)


def _class(subject: Subject) -> tuple[bool, bool, str]:
    return isinstance(subject, Release), _is_early(subject), subject.name


def _is_early(subject: Subject) -> bool:
    return version_of(subject.version).is_prerelease


def _is_installed(subject: Subject) -> bool:
    return isinstance(subject, Entry) and subject.origin.kind == "installed"


def _by_age(subjects: Sequence[S], age: str) -> list[S]:
    names: dict[str, list[S]] = {}
    for subject in subjects:
        names.setdefault(subject.name, []).append(subject)
    for same in names.values():
        same.sort(key=lambda subject: version_of(subject.version), reverse=age == "newest")
        same.sort(key=_is_early)
    return [subject for same in names.values() for subject in same]


def _step(preference: str, subject: Subject) -> int:
    """How far *subject* is from what is preferred."""
    if preference not in KINDS:
        return 0 if fits(query_of(preference), subject) else 1
    if isinstance(subject, Entry):
        return 0 if subject.origin.kind == preference else 2
    return 1 if preference == "installed" else 2


def _liking(preference: str, subject: Subject) -> str:
    if preference not in KINDS:
        return f"fits {preference}"
    return f"is {preference}" if isinstance(subject, Entry) else f"will be {preference}"


def _default_lead(winner: Subject, loser: Subject) -> str:
    if isinstance(winner, Entry) and isinstance(loser, Release):
        return f"{winner} is there, which goes before installing"
    if _is_early(loser) and not _is_early(winner):
        return f"release {winner.version} of {winner.name} goes before a pre-release"
    if winner.name != loser.name:
        return f"{winner.name} comes first by name"
    if winner.order != loser.order:
        return f"newer version {winner.version} of {winner.name} wins"
    if isinstance(winner, Entry) and isinstance(loser, Entry):
        return _lead_of_equals(winner, loser)
    return f"{winner} comes first by name"


def _lead_of_equals(winner: Entry, loser: Entry) -> str:
    if winner.origin.kind != loser.origin.kind:
        return f"{winner} in {winner.prefix} was installed, which goes before found"
    if winner.path != loser.path:
        return f"{winner.path} of the same version comes first by path"
    return f"entry {winner.id} at the same path comes first by id"
