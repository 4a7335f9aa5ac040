"""Resolutions: entries in dependency order, with the reason for each."""

from __future__ import annotations

from dataclasses import dataclass, field

from envmgr.model.delta import Delta, combined
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.version import Version

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from collections.abc import Callable

    from envmgr.model.definition import Recipe, RecipeVersion


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why something was or was not taken for a query."""

    subject: str
    """What was judged, `compiler.gcc@12.2.0 (/usr/bin/gcc)`."""
    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One query with what was taken for it and the verdict on everything that was considered."""

    query: Query
    chosen: Entry | Release
    judge: Callable[[], tuple[Verdict, ...]] = field(repr=False, compare=False, default=tuple)
    """Makes the verdicts: they name every entry there is, and are seldom read."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What was taken, what else would have fitted, and what does not fit."""
        return self.judge()


@dataclass(frozen=True, slots=True)
class Release:
    """A version of a recipe that would have to be installed first, with what it needs."""

    recipe: Recipe
    row: RecipeVersion
    needs: tuple[tuple[str, Entry | Release], ...] = ()

    @property
    def name(self) -> str:
        """The name of the entry that installing this gives."""
        return self.recipe.detector

    @property
    def version(self) -> str:
        """The version that would be installed."""
        return self.row.version

    @property
    def order(self) -> Version:
        """The version as a value that compares."""
        return Version(self.row.version)

    @property
    def provides(self) -> tuple[str, ...]:
        """The capabilities that it would have."""
        return self.recipe.provides

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Queries for what must not be in the same environment."""
        return self.recipe.conflicts

    @property
    def all_tags(self) -> tuple[str, ...]:
        """The tags by which queries see it: those of its recipe and the name that it gives."""
        return (self.recipe.detector, *self.recipe.all_tags)

    def __str__(self) -> str:
        return f"{self.recipe.name}@{self.row.version}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an environment consists of. `entries` come needs first."""

    answers: tuple[Answer, ...] = ()
    entries: tuple[Entry, ...] = ()
    missing: tuple[Release, ...] = field(default_factory=tuple)
    """What must be installed before the environment is whole, needs first."""

    @property
    def delta(self) -> Delta:
        """The sum of the entries' deltas; what was asked for first comes first in path lists.

        Programs have the names they were found by; an `Environment` adds their plain ones.
        """
        return combined(entry.delta for entry in self.entries)
