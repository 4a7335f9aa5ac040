"""The catalogue as one value: every repository laid over the next, decoded when asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from envmgr.catalog.problem import Problem, Spot, nearest
from envmgr.catalog.repositories import Repositories
from envmgr.catalog.rows import Row, open_rows
from envmgr.catalog.scan import holds_definitions
from envmgr.catalog.schema import Value, decode
from envmgr.errors import UsageError
from envmgr.model.definition import Definition, Detector, KnownPlace, Recipe
from envmgr.model.names import Names, Renamed, make_names
from envmgr.model.query import Query
from envmgr.model.shell import Shell
from envmgr.model.version import Version

if TYPE_CHECKING:
    from envmgr.model.program import Program  # few starts read programs

T = TypeVar("T")
_Rows = Mapping[str, Row]

_KINDS = ("detector", "recipe", "program", "shell")
_ADDED = ("places", "names")
"""What every repository has one file of."""
_NAMES = "names"
"""Where the names are kept among what is decoded, which else has paths of files as keys."""


def open_catalogue(home: str, cache_dir: str) -> Catalogue:
    """The catalogue of the store at *home*: the user's repositories, then what ships with envmgr.

    *cache_dir* keeps what was parsed; it may be deleted at any time and need not be writable.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    for repository in Repositories(home).all():
        if not holds_definitions(repository.root):
            message = f"the repository {repository.name} is no longer there"
            problems.append(Problem(repository.root, 0, "", message))
        found, wrong = open_rows(repository.root, cache_dir)
        rows += found
        problems += wrong
    return catalogue_of(rows, problems)


def catalogue_of(rows: Iterable[Row], problems: Iterable[Problem] = ()) -> Catalogue:
    """The catalogue of *rows*, where the first of a name wins; places and other names add up."""
    tables: dict[str, dict[str, Row]] = {kind: {} for kind in (*_KINDS, *_ADDED)}
    for row in rows:
        tables[row.kind].setdefault(row.file if row.kind in _ADDED else row.name, row)
    return Catalogue(
        tables["detector"],
        tables["recipe"],
        tables["program"],
        tables["shell"],
        tuple(tables["places"].values()),
        tuple(tables["names"].values()),
        tuple(problems),
    )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything envmgr knows about software.

    Looking up a name that is unknown raises UsageError, with the nearest name as the hint.
    """

    _detectors: _Rows
    _recipes: _Rows
    _programs: _Rows
    _shells: _Rows
    _places: tuple[Row, ...]
    _renamed: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    """Mistakes for which a file was left out."""
    _decoded: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    def detector(self, name: str) -> Detector:
        """The detector called *name*."""
        return self._decode(Detector, _named("detector", name, self._detectors))

    def recipe(self, name: str) -> Recipe:
        """The recipe called *name*."""
        return self._decode(Recipe, _named("recipe", name, self._recipes))

    def program(self, name: str) -> Program:
        """The program called *name*."""
        from envmgr.model.program import Program

        return self._decode(Program, _named("program", name, self._programs))

    def shell(self, name: str) -> Shell:
        """The shell called *name*."""
        return self._decode(Shell, _named("shell", name, self._shells))

    def detectors(self, query: Query | None = None) -> tuple[Detector, ...]:
        """Detectors whose entries may have the tags of *query*, in order of name."""
        return tuple(
            self._decode(Detector, row)
            for row in _by_name(self._detectors)
            if query is None or _may_fit(query, row)
        )

    def recipes(self, query: Query | None = None) -> tuple[Recipe, ...]:
        """Recipes that may give an entry for *query*, version included, in order of name."""
        recipes = (
            self._decode(Recipe, row)
            for row in _by_name(self._recipes)
            if query is None or _may_fit(query, row, self._detectors.get(row.detector))
        )
        return tuple(one for one in recipes if query is None or _has_version(query, one))

    def recipes_for(self, detector: str) -> tuple[Recipe, ...]:
        """Recipes for what the detector called *detector* describes, in order of name."""
        rows = _by_name(self._recipes)
        return tuple(self._decode(Recipe, row) for row in rows if row.detector == detector)

    def programs(self, query: Query | None = None) -> tuple[Program, ...]:
        """Programs with the tags of *query*, in order of name."""
        from envmgr.model.program import Program

        rows = _by_name(self._programs)
        return tuple(
            self._decode(Program, row) for row in rows if query is None or _may_fit(query, row)
        )

    def shells(self) -> tuple[Shell, ...]:
        """Every shell, in order of name."""
        return tuple(self._decode(Shell, row) for row in _by_name(self._shells))

    def places(self) -> tuple[KnownPlace, ...]:
        """Known places, those of the user's repositories first."""
        return tuple(place for row in self._places for place in self._decode(tuple, row))

    @property
    def names(self) -> Names:
        """What Spack, conda and PyPI call our things. Made when first asked for, then kept."""
        kept = self._decoded.get(_NAMES)
        if not isinstance(kept, Names):
            things = {one.name: one.find.python for one in self.detectors()}
            renamed = [self._decode(Renamed, row) for row in self._renamed]
            kept = self._decoded[_NAMES] = make_names(things, renamed)
        return kept

    def known_tags(self) -> dict[str, tuple[str, ...]]:
        """The name of every detector, to every tag that its entries may carry."""
        return {name: (*row.tags, *row.more_tags) for name, row in self._detectors.items()}

    def search(self, words: Iterable[str] = (), tags: Iterable[str] = ()) -> tuple[Definition, ...]:
        """Detectors and recipes that have all *tags* and say all *words*, best first.

        A word may stand anywhere in the name, the tags or the description; it counts more the
        nearer it is to the name.
        """
        sought = tuple(word.lower() for word in words)
        query = Query(wanted=tuple(tags))
        found = (*self.detectors(query), *self.recipes(query))
        said = [one for one in found if all(_distance(word, one) is not None for word in sought)]
        return tuple(sorted(said, key=lambda one: (_distances(sought, one), one.name)))

    def _decode(self, kind: type[T], row: Row) -> T:
        if row.file not in self._decoded:
            document = json.loads(row.document)
            definition = decode(row.kind, document, Spot(), row.file, row.digest)
            self._decoded[row.file] = self._related(definition, row)
        value = self._decoded[row.file]
        if not isinstance(value, kind):
            raise TypeError(f"{row.file} is a {row.kind}, not a {kind.__name__}")
        return value

    def _related(self, value: Value, row: Row) -> Value:
        """A recipe with what its detector provides and conflicts with: it gives that thing."""
        detector = self._detectors.get(row.detector)
        if not isinstance(value, Recipe) or detector is None:
            return value
        return replace(value, provides=detector.provides, conflicts=detector.conflicts)


def _by_name(rows: _Rows) -> list[Row]:
    return [rows[name] for name in sorted(rows)]


def _named(kind: str, name: str, rows: _Rows) -> Row:
    if name in rows:
        return rows[name]
    close = nearest(name, rows)
    hint = f"did you mean {close}?" if close else _where_to_look(kind, name)
    raise UsageError(f"there is no {kind} called {name!r}", hint=hint)


def _where_to_look(kind: str, name: str) -> str:
    if kind == "program":
        return "`envmgr program list` shows those there are"
    return f"`envmgr search {name}` looks for it everywhere"


def _may_fit(query: Query, *rows: Row | None) -> bool:
    """Whether what *rows* describe together may have the tags of *query*.

    Wanted tags may come with a part; a refused tag rules out only what always has it.
    """
    given = [row for row in rows if row]
    always = {tag for row in given for tag in row.tags}
    possible = always.union(*(row.more_tags for row in given))
    return possible.issuperset(query.wanted) and always.isdisjoint(query.refused)


def _has_version(query: Query, recipe: Recipe) -> bool:
    return any(Version(row.version) in query.versions for row in recipe.versions)


def _distances(words: Iterable[str], definition: Definition) -> int:
    return sum(_distance(word, definition) or 0 for word in words)


def _distance(word: str, definition: Definition) -> int | None:
    """How far from the name *word* stands, or None where it does not stand at all."""
    _, _, short = definition.name.partition(".")
    tags = " ".join((*definition.tags, *definition.provides))
    texts = (short, definition.name, tags, definition.description.lower())
    if word in (short, definition.name):
        return 0
    return next((i for i, text in enumerate(texts, 1) if word in text), None)
