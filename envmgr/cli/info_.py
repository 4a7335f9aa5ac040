"""`envmgr info`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from envmgr.api import recorded
from envmgr.catalog.index import Catalogue
from envmgr.catalog.problem import nearest
from envmgr.cli.output import entries_json, heading, plain, print_json, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.search_ import definition_json, names, warn_of_mistakes
from envmgr.errors import UsageError
from envmgr.model.definition import Definition, Detector, Need, Recipe, Source
from envmgr.model.entry import Entry
from envmgr.model.names import Names

T = TypeVar("T")
_MOST_VERSIONS = 12
_Lines = list[tuple[str, str]]
"""What a line is about, and the line."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """Everything that a name stands for."""

    name: str
    detector: Detector | None
    recipes: tuple[Recipe, ...]
    entries: tuple[Entry, ...]
    elsewhere: Mapping[str, str]
    """Other systems, to what they call it."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "info",
            "Say what a detector or a recipe finds, sets and needs, and where it is defined.",
            ("envmgr info compiler.gcc", "envmgr info tool.cmake --json"),
        )
        .add("name", metavar="NAME", help="the name of a detector or a recipe")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Print what is known about the name. Raises UsageError for one that nothing has."""
    workspace = workspace_of(arguments)
    subject = _subject(workspace.catalogue, arguments.name, recorded.entries(workspace))
    warn_of_mistakes(workspace.catalogue)
    if arguments.json:
        _print_json(subject)
    else:
        _print_text(subject)
    return 0


def _subject(catalogue: Catalogue, name: str, entries: Iterable[Entry]) -> _Subject:
    """What *name* stands for: a detector with the recipes for it, or a recipe with its detector."""
    recipe = _known(catalogue.recipe, name)
    detector = _known(catalogue.detector, name)
    if recipe is None and detector is None:
        raise _unknown(catalogue, name)
    if recipe and detector is None:
        detector = _known(catalogue.detector, recipe.detector)
        recipes: tuple[Recipe, ...] = (recipe,)
    else:
        others = catalogue.recipes_for(name)
        recipes = others if recipe is None or recipe in others else (recipe, *others)
    things = dict.fromkeys((name, *(one.detector for one in recipes)))
    there = tuple(e for e in entries if e.name in things)
    return _Subject(name, detector, recipes, there, _elsewhere(catalogue.names, things))


def _elsewhere(others: Names, things: Iterable[str]) -> dict[str, str]:
    ways = {"spack": others.spack, "conda": others.conda, "pypi": others.pypi}
    found = {system: next(filter(None, map(way, things)), None) for system, way in ways.items()}
    return {system: name for system, name in found.items() if name}


def _known(look: Callable[[str], T], name: str) -> T | None:
    try:
        return look(name)
    except UsageError:
        return None


def _unknown(catalogue: Catalogue, name: str) -> UsageError:
    every = names(catalogue)
    same = [known for known in every if known.partition(".")[2] == name.lower()]
    near = same or list(filter(None, [nearest(name, every)]))
    hint = f"did you mean {' or '.join(near)}?" if near else "`envmgr search WORD` looks for it"
    return UsageError(f"there is no detector and no recipe called {name!r}", hint=hint)


# -- for scripts -----------------------------------------------------------------------------


def _print_json(subject: _Subject) -> None:
    print_json(
        name=subject.name,
        detector=_detector_json(subject.detector) if subject.detector else None,
        recipes=[_recipe_json(recipe) for recipe in subject.recipes],
        entries=entries_json(subject.entries),
        elsewhere=dict(subject.elsewhere),
    )


def _detector_json(detector: Detector) -> dict[str, Any]:
    return {
        **definition_json(detector),
        **_relations_json(detector),
        "possible_tags": list(detector.possible_tags),
        "find": {way: places for way, places in asdict(detector.find).items() if places},
        "env": dict(detector.env),
        "prepend": dict(detector.prepend),
        "parts": [asdict(part) for part in detector.parts],
        "refuses": [rule.why for rule in detector.refusals],
        "check": asdict(detector.check) if detector.check else None,
        "cases": len(detector.cases),
    }


def _recipe_json(recipe: Recipe) -> dict[str, Any]:
    return {
        **definition_json(recipe),
        **_relations_json(recipe),
        "needs": recipe.needs_queries,
        "conditions": {
            role: {"versions": need.versions, "platforms": list(need.platforms)}
            for role, need in recipe.needs.items()
            if need.versions or need.platforms
        },
        "platforms": list(recipe.platforms),
        "source": _source(recipe.source),
        "build": recipe.build.system,
    }


def _relations_json(definition: Definition) -> dict[str, Any]:
    return {"provides": list(definition.provides), "conflicts": list(definition.conflicts)}


# -- for people ------------------------------------------------------------------------------


def _print_text(subject: _Subject) -> None:
    first = subject.detector or subject.recipes[0]
    print(f"{heading(subject.name)}  {plain(first.description)}")
    if first.homepage:
        tell(first.homepage)
    if subject.elsewhere:
        tell("elsewhere: " + ", ".join(f"{s} {name}" for s, name in subject.elsewhere.items()))
    if subject.detector:
        _print_section("detector", _detector_lines(subject.detector))
    for recipe in subject.recipes:
        _print_section(f"recipe {recipe.name}", _recipe_lines(recipe))
    there = [(entry.id[:8], f"{entry} at {entry.path}") for entry in subject.entries]
    _print_section("recorded", there or [("", "nothing")])


def _print_section(title: str, lines: _Lines) -> None:
    print(f"\n{heading(title)}")
    for what, text in lines:
        tell(f"  {what:<12}{text}" if what else f"  {text}")


def _detector_lines(detector: Detector) -> _Lines:
    lines: _Lines = [("tags", " ".join(detector.tags))]
    if detector.provides:
        lines.append(("provides", " ".join(detector.provides)))
    lines += [("never with", query) for query in detector.conflicts]
    for way, places in asdict(detector.find).items():
        lines += [("finds", f"{way} {place}") for place in places]
    lines += [("refuses", rule.why) for rule in detector.refusals]
    lines += _changes(detector.env, detector.prepend)
    for part in detector.parts:
        lines.append(("part", f"{part.file}{_tagged(part.tags)}"))
        lines += [(what, f"  {text}") for what, text in _changes(part.env, part.prepend)]
    return [*lines, ("checked by", _check(detector)), ("defined in", detector.file)]


def _changes(env: Mapping[str, str], prepend: Mapping[str, Sequence[str]]) -> _Lines:
    sets = [("sets", f"{name}={value}") for name, value in env.items()]
    return sets + [("prepends", f"{name}: {' '.join(dirs)}") for name, dirs in prepend.items()]


def _tagged(tags: Sequence[str]) -> str:
    return f" gives the tags {' '.join(tags)}" if tags else ""


def _check(detector: Detector) -> str:
    check = detector.check
    if check is None:
        return "nothing"
    needs = f" with {', '.join(check.needs.values())}" if check.needs else ""
    files = [f"{count} of {pattern}" for pattern, count in check.files.items()]
    return (check.run or f"files: {'; '.join(files)}") + needs


def _recipe_lines(recipe: Recipe) -> _Lines:
    versions = [row.version for row in recipe.newest_first()]
    more = len(versions) - _MOST_VERSIONS
    shown = " ".join(versions[:_MOST_VERSIONS]) + (f" and {more} more" if more > 0 else "")
    lines: _Lines = [("versions", shown), ("from", _source(recipe.source))]
    if recipe.build.system != "none":
        lines.append(("built with", recipe.build.system))
    lines += [("needs", f"{role}: {_need(need)}") for role, need in recipe.needs.items()]
    if recipe.platforms:
        lines.append(("only on", " ".join(recipe.platforms)))
    return [*lines, ("gives", recipe.detector), ("defined in", recipe.file)]


def _need(need: Need) -> str:
    """The query with its conditions."""
    conditions = [f"for {need.versions}"] if need.versions else []
    if need.platforms:
        conditions.append(f"on {' '.join(need.platforms)}")
    return f"{need.query} ({', '.join(conditions)})" if conditions else need.query


def _source(source: Source) -> str:
    """Where the files come from, in one line."""
    packages = {"pypi": source.pypi, "npm": source.npm, "git": source.git}
    kinds = [f"{kind} {name}" for kind, name in packages.items() if name]
    return ", ".join((*kinds, *source.urls))
