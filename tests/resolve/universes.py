"""Small universes made of a seed: entries, recipes and queries that get in each other's way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from envmgr.model.definition import Build, Need, Recipe, RecipeVersion
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from tests.resolve.things import PLATFORM, entry

NAMES = ("tool.a", "tool.b", "lib.c", "lib.d")
ROLES = ("mpi", "blas")
TAGS = ("x", "y")
VERSIONS = ("1", "2", "2.1", "3rc1")
RANGES = ("", "", "", "", "", "", "@>=2", "@<2", "@=2", "@!=2.1", "@>=2,<3")
PREFERENCES = ("detected", "installed", "newest", "oldest", "tool.a", "x", "lib.c@<2", "mpi,-y")
PLATFORMS = ((), (), (), (PLATFORM,), ("macos-*",))


@dataclass(frozen=True)
class Small:
    """A request and what there is for it."""

    queries: tuple[Query, ...]
    entries: tuple[Entry, ...]
    recipes: tuple[Recipe, ...]
    prefer: tuple[str, ...]


def small(seed: int) -> Small:
    """The universe of *seed*."""
    chance = Random(seed)
    entries = _entries(chance)
    made = [name for name in NAMES if chance.random() < 0.6]
    there = [*made, *(tag for each in entries for tag in (each.name, *each.provides))]
    recipes = tuple(_recipe(chance, name, there) for name in made)
    queries = tuple(_query(chance, there) for _ in range(chance.choice((1, 2, 2, 3, 3, 4))))
    return Small(queries, entries, recipes, _prefer(chance, 0.25))


def _entries(chance: Random) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for number in range(chance.randint(1, 9)):
        name = chance.choice(NAMES)
        wanted = chance.sample(entries, min(len(entries), chance.choice((0, 1, 1, 1, 2))))
        gone = ["f" * 16] if chance.random() < 0.03 else []
        entries.append(
            entry(
                name,
                chance.choice(VERSIONS),
                " ".join([name.split(".")[0], *_some(chance, TAGS, 0.4)]),
                needs=[*wanted, *gone],
                path=f"/{chance.randint(0, 2)}/{number}",
                kind=chance.choice(("detected", "installed")),
                provides=_some(chance, ROLES, 0.3),
                conflicts=_conflicts(chance),
            )
        )
    return tuple(entries)


def _recipe(chance: Random, name: str, there: Sequence[str]) -> Recipe:
    needs = {}
    for role in range(chance.choice((0, 1, 1, 2, 3))):
        versions = chance.choice(("", "", "", ">=2", "<2"))
        needs[f"r{role}"] = Need(_text(chance, there), versions, chance.choice(PLATFORMS))
    return Recipe(
        name=name,
        description="",
        tags=(name.split(".")[0], *_some(chance, TAGS, 0.4)),
        file="",
        digest="",
        detector=name,
        versions=tuple(RecipeVersion(v) for v in chance.sample(VERSIONS, chance.randint(1, 3))),
        needs=needs,
        build=Build(system=chance.choice(("none", "none", "make"))),
        provides=_some(chance, ROLES, 0.3),
        conflicts=_conflicts(chance),
    )


def _query(chance: Random, there: Sequence[str]) -> Query:
    query = Query.parse(_text(chance, there))
    return Query(query.wanted, query.refused, query.versions, _prefer(chance, 0.25))


def _text(chance: Random, there: Sequence[str] = ()) -> str:
    """A query; mostly for a tag that something in *there* has."""
    anything = (*NAMES, *NAMES, *ROLES, *ROLES, "tool", "lib", "x")
    wanted = chance.choice(there if there and chance.random() < 0.8 else anything)
    refused = chance.choice((*[""] * 12, ",-x", ",-y", ",-tool.a", ",-blas"))
    return wanted + chance.choice(RANGES) + refused


def _conflicts(chance: Random) -> tuple[str, ...]:
    return (_text(chance),) if chance.random() < 0.15 else ()


def _prefer(chance: Random, share: float) -> tuple[str, ...]:
    count = chance.randint(1, 3) if chance.random() < share else 0
    return tuple(chance.sample(PREFERENCES, count))


def _some(chance: Random, values: tuple[str, ...], share: float) -> tuple[str, ...]:
    return tuple(value for value in values if chance.random() < share)
