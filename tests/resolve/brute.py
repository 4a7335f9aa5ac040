"""Resolution by trying everything, written from docs/resolution.md alone.

Nothing of `envmgr.resolve` is used but the names of requirements, in which its explanations
are given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key

from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.version import Version
from envmgr.resolve.requirement import Apart, Asked, Needed, Requirement, Single


@dataclass(frozen=True, eq=False)
class Thing:
    """An entry or a version of a recipe."""

    key: str
    name: str
    version: str
    kind: str
    """`detected`, `installed` or `release`."""
    tags: frozenset[str]
    slots: frozenset[str]
    conflicts: tuple[str, ...]
    place: tuple[str, str]
    ids: tuple[str, ...] = ()
    """Of an entry: the ids of what it needs."""
    needs: tuple[tuple[str, str], ...] = ()
    """Of a release: roles and queries."""
    runs_with_needs: bool = False

    @property
    def make(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        return self.place[0], self.needs

    def fits(self, query: Query) -> bool:
        return (
            set(query.wanted) <= self.tags
            and not set(query.refused) & self.tags
            and Version(self.version) in query.versions
        )


@dataclass(frozen=True)
class Wish:
    """A query, asked for or needed by a release."""

    query: Query
    role: str
    owner: Thing | None = None


Chosen = tuple[tuple[Wish, Thing], ...]


def things_of(entry: Entry) -> Thing:
    return Thing(
        entry.id,
        entry.name,
        entry.version,
        entry.origin.kind,
        frozenset((entry.name, *entry.tags, *entry.provides)),
        frozenset((entry.name, *entry.provides)),
        entry.conflicts,
        (entry.path, entry.id),
        ids=entry.needs,
    )


def releases_of(recipe: Recipe, platform: str) -> Iterator[Thing]:
    for row in recipe.versions:
        yield Thing(
            f"{recipe.name}@{row.version}",
            recipe.detector,
            row.version,
            "release",
            frozenset((recipe.detector, recipe.name, *recipe.tags, *recipe.provides)),
            frozenset((recipe.detector, *recipe.provides)),
            recipe.conflicts,
            (recipe.name, row.version),
            needs=tuple(
                (role, need.query)
                for role, need in recipe.needs.items()
                if need.applies(row.version, platform)
            ),
            runs_with_needs=recipe.build.system == "none",
        )


# -- order -------------------------------------------------------------------------------------


def compare(one: Thing, other: Thing) -> int:
    for first, second in (
        (one.kind == "release", other.kind == "release"),
        (Version(one.version).is_prerelease, Version(other.version).is_prerelease),
        (one.name, other.name),
    ):
        if first != second:
            return -1 if first < second else 1  # type: ignore[operator]
    if Version(one.version) != Version(other.version):
        return -1 if Version(one.version) > Version(other.version) else 1
    if (one.kind == "installed") != (other.kind == "installed"):
        return -1 if one.kind == "installed" else 1
    return -1 if one.place < other.place else 1


def ordered(things: Collection[Thing], prefer: Sequence[str], first: frozenset[str]) -> list[Thing]:
    """In the order of preference; the keys in *first* go first where no preference decides."""
    if not prefer:
        order = sorted(things, key=cmp_to_key(compare))
        return [t for t in order if t.key in first] + [t for t in order if t.key not in first]
    preference, *later = prefer
    rest = ordered(things, later, first)
    if preference in ("newest", "oldest"):
        result = []
        for name in dict.fromkeys(thing.name for thing in rest):
            for early in (False, True):
                same = [
                    t for t in rest if t.name == name and Version(t.version).is_prerelease == early
                ]
                same.sort(key=lambda t: Version(t.version), reverse=preference == "newest")
                result += same
        return result
    if preference in ("detected", "installed"):
        ranks = {preference: 0, "release": 1 if preference == "installed" else 2}
        return [t for rank in range(3) for t in rest if ranks.get(t.kind, 2) == rank]
    query = Query.parse(preference)
    return [t for t in rest if t.fits(query)] + [t for t in rest if not t.fits(query)]


# -- what there is -----------------------------------------------------------------------------


@dataclass
class Brute:
    """Entries and recipes, with everything found out by trying."""

    entries: Sequence[Entry]
    recipes: Sequence[Recipe]
    platform: str
    prefer: tuple[str, ...] = ()
    things: dict[str, Thing] = field(default_factory=dict)
    usable: list[Thing] = field(default_factory=list)
    releases: list[Thing] = field(default_factory=list)
    rounds: dict[object, int] = field(default_factory=dict)
    """The round in which each make is done."""

    def __post_init__(self) -> None:
        self.things = {entry.id: things_of(entry) for entry in self.entries}
        self.usable = [thing for thing in self.things.values() if self.is_usable(thing)]
        self.releases = [r for each in self.recipes for r in releases_of(each, self.platform)]
        number = 0
        while ready := [r for r in self.releases if self.is_ready(r)]:
            self.rounds |= {release.make: number for release in ready}
            number += 1

    def is_usable(self, thing: Thing) -> bool:
        found, waiting = {thing.key: thing}, [thing]
        for each in waiting:
            for id in each.ids:
                if id not in self.things:
                    return False
                if id not in found:
                    found[id] = self.things[id]
                    waiting.append(self.things[id])
        left = dict(found)
        while free := [key for key, each in left.items() if not set(each.ids) & left.keys()]:
            for key in free:
                del left[key]
        return not left and agree(found.values(), None)

    def is_ready(self, release: Thing) -> bool:
        if release.make in self.rounds:
            return False
        wishes = [Wish(self.need(text), role, release) for role, text in release.needs]
        return next(self.answers(wishes), None) is not None

    def need(self, text: str) -> Query:
        query = Query.parse(text)
        return Query(query.wanted, query.refused, query.versions, self.prefer)

    def leads_to(self, release: Thing) -> set[object]:
        """The makes that needs of *release*, over any recipes that fit them, lead to."""
        found: set[object] = set()
        waiting = [release]
        for each in waiting:
            for _, text in each.needs:
                for other in self.releases:
                    if other.fits(Query.parse(text)) and other.make not in found:
                        found.add(other.make)
                        waiting.append(other)
        return found

    def may_meet(self, release: Thing, owner: Thing | None) -> bool:
        if release.make not in self.rounds:
            return False
        if owner is None or owner.make not in self.rounds:
            return True
        if self.rounds[release.make] < self.rounds[owner.make]:
            return True
        return owner.make not in self.leads_to(release)

    def options(self, wish: Wish) -> list[Thing]:
        made = [r for r in self.releases if self.may_meet(r, wish.owner)]
        return [thing for thing in (*self.usable, *made) if thing.fits(wish.query)]

    # -- environments --------------------------------------------------------------------------

    def answers(
        self,
        wishes: Sequence[Wish],
        *,
        shared: frozenset[str] = frozenset(),
        kept: frozenset[Requirement] | None = None,
        chosen: Chosen = (),
        there: Mapping[str, Thing] | None = None,
    ) -> Iterator[Chosen]:
        """Every way to answer *wishes*, in order; *kept* are the only rules, None means all."""
        there = there or {}
        if not wishes:
            yield chosen
            return
        wish, *later = wishes
        present = shared | there.keys()
        options = self.options(wish)
        if wish.owner is None:
            order = ordered(options, wish.query.prefer, present)
        else:
            order = ordered(options, wish.query.prefer, frozenset())
            order.sort(key=lambda thing: thing.key not in present)
        for thing in order:
            new = {**there, **self.with_needs(thing, kept)}
            if agree(new.values(), kept):
                more = [] if thing.key in there else self.wishes_of(thing, kept)
                yield from self.answers(
                    [*later, *more],
                    shared=shared,
                    kept=kept,
                    chosen=(*chosen, (wish, thing)),
                    there=new,
                )

    def with_needs(self, thing: Thing, kept: frozenset[Requirement] | None) -> dict[str, Thing]:
        found, waiting = {thing.key: thing}, [thing]
        for each in waiting:
            for need in (self.things[id] for id in each.ids):
                if need.key not in found and is_kept(Needed(each.name, need.name), kept):
                    found[need.key] = need
                    waiting.append(need)
        return found

    def wishes_of(self, thing: Thing, kept: frozenset[Requirement] | None) -> list[Wish]:
        """The needs of *thing* that belong to its environment."""
        needs = thing.needs if thing.runs_with_needs else ()
        wishes = [Wish(self.need(text), role, thing) for role, text in needs]
        return [w for w in wishes if is_kept(Needed(thing.name, str(w.query)), kept)]

    def first(self, queries: Sequence[Query]) -> Chosen | None:
        """The answer."""
        return next(self.answers(asked(queries, self.prefer)), None)

    def contradict(self, requirements: Iterable[Requirement]) -> bool:
        """Whether no environment keeps to *requirements*, whatever else it does."""
        kept = frozenset(requirements)
        wishes = [Wish(r.query, str(r.number)) for r in kept if isinstance(r, Asked)]
        return next(self.answers(wishes, kept=kept), None) is None


def asked(queries: Sequence[Query], prefer: tuple[str, ...]) -> list[Wish]:
    return [
        Wish(Query(q.wanted, q.refused, q.versions, q.prefer or prefer), str(n))
        for n, q in enumerate(queries)
    ]


def is_kept(rule: Requirement, kept: frozenset[Requirement] | None) -> bool:
    return kept is None or rule in kept


def agree(things: Iterable[Thing], kept: frozenset[Requirement] | None) -> bool:
    """Whether no two of *things* have one name or capability, or conflict."""
    together = list(things)
    for one in together:
        for other in together:
            if one is other:
                continue
            if any(is_kept(Single(slot), kept) for slot in one.slots & other.slots):
                return False
            for text in one.conflicts:
                if is_kept(Apart(one.name, text), kept) and other.fits(Query.parse(text)):
                    return False
    return True
