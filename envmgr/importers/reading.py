"""What reading a file of another tool gives, and what it could not give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from envmgr.model.filenames import DEFAULT
from envmgr.model.project import Wish
from envmgr.model.query import Query
from envmgr.model.version import VersionRange

Lookup = Callable[[str], "str | None"]
"""From a name in the other system to ours, or None."""


class UntranslatableError(Exception):
    """A specification has no exact counterpart here; the message says why."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not taken over as it was written."""

    where: str
    """The file and the line or the key."""
    what: str
    """As it is written there."""
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that a file asks for, as a wish of a feature."""

    where: str
    what: str
    wish: Wish
    feature: str = DEFAULT


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says, in its order."""

    taken: tuple[Taken, ...] = ()
    left: tuple[Note, ...] = ()
    """Things that were not taken over."""
    lost: tuple[Note, ...] = ()
    """Details that were not, where the thing was, and what does not apply to this machine."""

    def __add__(self, other: Reading) -> Reading:
        return total((self, other))

    def of_feature(self, feature: str) -> Reading:
        """The same, wished for by *feature*."""
        return replace(self, taken=tuple(replace(one, feature=feature) for one in self.taken))


def total(readings: Iterable[Reading]) -> Reading:
    """All of *readings*, in order."""
    parts = tuple(readings)
    return Reading(
        tuple(one for part in parts for one in part.taken),
        tuple(note for part in parts for note in part.left),
        tuple(note for part in parts for note in part.lost),
    )


def left(where: str, what: str, why: str) -> Reading:
    """One thing that was not taken over."""
    return Reading(left=(Note(where, what, why),))


def lost(where: str, what: str, why: str) -> Reading:
    """One detail that was not."""
    return Reading(lost=(Note(where, what, why),))


def taken(
    where: str,
    what: str,
    name: str | None,
    versions: VersionRange,
    platforms: tuple[str, ...] = (),
) -> Reading:
    """A thing that is called *name* here; None when nothing here is that thing."""
    if name is None:
        return left(where, what, "envmgr has no detector and no recipe for it")
    return Reading((Taken(where, what, Wish(Query((name,), versions=versions), platforms)),))


def merged(reading: Reading) -> Reading:
    """*reading* with one wish for each name of a feature on the same platforms.

    Other systems split what is one thing here, and files say a name twice: all clauses must hold.
    A name that is wanted everywhere has no room for a wish for some platforms beside that.
    """
    first: dict[tuple[object, ...], Taken] = {}
    for one in reading.taken:
        key = (one.feature, one.wish.query.wanted, one.wish.platforms)
        first[key] = _both(first[key], one) if key in first else one
    kept = {key: one for key, one in first.items() if not key[2] or (*key[:2], ()) not in first}
    over = (one for key, one in first.items() if key not in kept)
    unsaid = (Note(one.where, one.what, "the same is asked for on every platform") for one in over)
    return replace(reading, taken=tuple(kept.values()), left=(*reading.left, *unsaid))


def _both(one: Taken, other: Taken) -> Taken:
    clauses = (*one.wish.query.versions.clauses, *other.wish.query.versions.clauses)
    versions = VersionRange(tuple(dict.fromkeys(clauses)))
    wish = replace(one.wish, query=replace(one.wish.query, versions=versions))
    return replace(one, what=f"{one.what}; {other.what}", wish=wish)
