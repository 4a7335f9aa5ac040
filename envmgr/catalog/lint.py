"""Lint: every mistake of every file, those that only show between files among them."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from envmgr.catalog.load import Loaded, load, located
from envmgr.catalog.problem import Problem, Spot, nearest
from envmgr.catalog.scan import DIRECTORIES, holds_definitions, scan, shipped_root
from envmgr.errors import UsageError
from envmgr.model.definition import Detector, Recipe
from envmgr.model.query import Query


def lint(paths: Sequence[str] | None = None, roots: Sequence[str] = ()) -> list[Problem]:
    """Every problem of the definitions at *paths*: files, directories or whole repositories.

    Without *paths* it is everything: the catalogue that ships with envmgr and the repositories
    at *roots*. What the files refer to is looked up there, and in the repositories they belong
    to. Raises UsageError for a path that is not there or holds no definition.
    """
    files = files_of(paths, roots)
    asked = [load(file) for file in files]
    around = _around(files, (*roots, shipped_root()))
    known = _known([*asked, *map(load, around)])
    problems = {problem for loaded in asked for problem in loaded.problems}
    problems.update(problem for loaded in asked for problem in _between(loaded, known))
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.key))


# -- which files -----------------------------------------------------------------------------


def files_of(paths: Sequence[str] | None = None, roots: Sequence[str] = ()) -> list[str]:
    """The files that `lint` looks at with the same arguments, each once. Raises UsageError."""
    return _files((*roots, shipped_root()) if paths is None else paths)


def _files(paths: Iterable[str]) -> list[str]:
    """The files at *paths*, each once, named as the caller named them."""
    files = {os.path.realpath(file): file for path in paths for file in _files_at(path)}
    return sorted(files.values())


def _files_at(path: str) -> list[str]:
    if os.path.isfile(path):
        return [path]
    if holds_definitions(path):
        return [os.path.join(path, relative) for relative, _, _ in scan(path)]
    files = [
        os.path.join(directory, name)
        for directory, _, names in os.walk(path)
        for name in names
        if name.endswith(".toml") and not name.startswith(".")
    ]
    if not files:
        raise UsageError(
            f"no definition at {path}", hint="name a .toml file or a directory of some"
        )
    return files


def _around(files: Iterable[str], roots: Iterable[str]) -> list[str]:
    """The files that *files* may refer to, apart from themselves."""
    own = (root for file in files if (root := _root_of(file)))
    given = set(map(os.path.realpath, files))
    around = _files(root for root in dict.fromkeys((*own, *roots)) if holds_definitions(root))
    return [file for file in around if os.path.realpath(file) not in given]


def _root_of(file: str) -> str | None:
    """The repository that a file lies in."""
    head = os.path.dirname(os.path.abspath(file))
    for _ in range(2):
        head, name = os.path.split(head)
        if name in DIRECTORIES:
            return head
    return None


# -- between files ---------------------------------------------------------------------------


_Offer = tuple[frozenset[str], frozenset[str]]


@dataclass(slots=True)
class _Known:
    """What the files refer to each other by."""

    detectors: dict[str, Detector | None] = field(default_factory=dict)
    """None for one that cannot be read: it is there, whatever it says."""
    offers: list[_Offer] = field(default_factory=list)
    """Of everything that can be found or installed: tags it always has, tags it may have."""
    claims: Mapping[tuple[str, str, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    """Repository, kind and name, to the files that claim it."""

    def nothing_is(self, query: Query) -> bool:
        """Whether no detector and no recipe could answer *query*."""
        wanted, refused = set(query.wanted), set(query.refused)
        return not any(
            wanted <= possible and refused.isdisjoint(always) for always, possible in self.offers
        )


def _known(everything: Iterable[Loaded]) -> _Known:
    known = _Known()
    recipes = []
    for loaded in everything:
        value = loaded.value
        if loaded.kind == "detector":
            known.detectors[loaded.name] = value if isinstance(value, Detector) else None
        if isinstance(value, Recipe):
            recipes.append(value)
        if isinstance(value, Detector | Recipe):
            known.claims[_root_of(loaded.file) or "", loaded.kind, value.name].add(loaded.file)
    known.offers = [*_found(known.detectors.values()), *_installed(recipes, known.detectors)]
    return known


def _found(detectors: Iterable[Detector | None]) -> Iterator[_Offer]:
    for detector in filter(None, detectors):
        yield frozenset(detector.all_tags), frozenset(detector.possible_tags)


def _installed(
    recipes: Iterable[Recipe], detectors: Mapping[str, Detector | None]
) -> Iterator[_Offer]:
    for recipe in recipes:
        always, possible = frozenset(recipe.all_tags), frozenset(recipe.all_tags)
        if detector := detectors.get(recipe.detector):
            always |= frozenset(detector.all_tags)
            possible |= frozenset(detector.possible_tags)
        yield always, possible


def _between(loaded: Loaded, known: _Known) -> tuple[Problem, ...]:
    """Problems of a file that only show beside the others."""
    value, spot = loaded.value, Spot()
    if isinstance(value, Recipe):
        if value.detector and value.detector not in known.detectors:
            meant = nearest(value.detector, known.detectors)
            spot.at("detector").say(f"there is no detector {value.detector!r}", meant)
        _needs(value.needs_queries, known, spot.at("needs"))
    if isinstance(value, Detector) and value.check:
        _needs(value.check.needs, known, spot.at("check", "needs"))
    if isinstance(value, Detector | Recipe):
        files = known.claims[_root_of(loaded.file) or "", loaded.kind, value.name]
        others = sorted(files - {loaded.file})
        if value.name and others:
            spot.at("name").say(f"{value.name!r} is defined in {others[0]} as well")
    return located(loaded.file, loaded.text, spot.found)


def _needs(needs: Mapping[str, str], known: _Known, spot: Spot) -> None:
    tags = {tag for _, possible in known.offers for tag in possible}
    for role, text in needs.items():
        try:
            query = Query.parse(text)
        except UsageError:
            continue  # said when the file was read
        if known.nothing_is(query):
            unknown = [tag for tag in query.wanted if tag not in tags]
            meant = nearest(unknown[0], tags) if unknown else None
            spot.at(role).say(f"no detector and no recipe has the tags of {text!r}", meant)


def main(arguments: Sequence[str]) -> int:
    """Print every problem at the paths given as *arguments*; 1 when there is one."""
    try:
        problems = lint(arguments or None)
    except UsageError as error:
        print(error.message, file=sys.stderr)
        return error.exit_code
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
