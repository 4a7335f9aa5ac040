"""`envmgr search`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from envmgr.api import recorded
from envmgr.catalog.index import Catalogue
from envmgr.cli.output import entries_json, print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.model.definition import Definition, Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query

_COLUMNS = ("NAME", "FINDS", "INSTALLS", "RECORDED", "DESCRIPTION")


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "search",
            "Look for detectors and recipes: what envmgr can find, and what it can install.",
            (
                "envmgr search compression",
                "envmgr search imagenet --json",
                "envmgr search --tags=compiler,lang-cpp",
            ),
        )
        .add("words", nargs="*", metavar="WORD", help="must stand in name, tags or description")
        .add("--tags", action="append", default=[], metavar="QUERY",
             help="only what may give an entry for this query")
        .hidden("--names")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Print what fits, best first; exit status 1 when nothing does."""
    workspace = workspace_of(arguments)
    catalogue = workspace.catalogue
    if arguments.names is not None:
        print("\n".join(names(catalogue, arguments.names)))
        return 0
    queries = [Query.parse(text) for text in arguments.tags]
    found = _found(catalogue, arguments.words, queries)
    about = {_thing(definition) for definition in found}
    known = [entry for entry in recorded.entries(workspace) if entry.name in about]
    warn_of_mistakes(catalogue)
    if arguments.json:
        definitions = [definition_json(definition) for definition in found]
        print_json(definitions=definitions, entries=entries_json(known))
    elif found:
        print_table(_COLUMNS, _rows(found, known))
    else:
        say("no detector and no recipe fits", style="warn")
    return 0 if found else 1


def names(catalogue: Catalogue, prefix: str = "") -> list[str]:
    """Names of detectors and recipes that begin with *prefix*, for completion and suggestions."""
    every = {*catalogue.known_tags(), *(recipe.name for recipe in catalogue.recipes())}
    return sorted(name for name in every if name.startswith(prefix))


def warn_of_mistakes(catalogue: Catalogue) -> None:
    """Say on standard error that definitions are left out, when some are."""
    files = {problem.file for problem in catalogue.problems}
    if files:
        say(f"left out for their mistakes: {len(files)} (`envmgr lint` names them)", style="warn")


def definition_json(definition: Definition) -> dict[str, Any]:
    """A detector or recipe as every listing gives it."""
    is_recipe = isinstance(definition, Recipe)
    form: dict[str, Any] = {
        "kind": "recipe" if is_recipe else "detector",
        "name": definition.name,
        "description": definition.description,
        "tags": list(definition.tags),
        "homepage": definition.homepage,
        "file": definition.file,
        "digest": f"sha256:{definition.digest}",
    }
    if isinstance(definition, Recipe):
        versions = [row.version for row in definition.newest_first()]
        form |= {"detector": definition.detector, "versions": versions}
    return form


def _found(
    catalogue: Catalogue, words: Sequence[str], queries: Sequence[Query]
) -> list[Definition]:
    """What says all *words* and may answer one of *queries*, if there are any."""
    found = catalogue.search(words)
    if not queries:
        return list(found)
    fitting = {
        definition.file
        for query in queries
        for definition in (*catalogue.detectors(query), *catalogue.recipes(query))
    }
    return [definition for definition in found if definition.file in fitting]


def _thing(definition: Definition) -> str:
    """The name of the entries that *definition* makes."""
    return definition.detector if isinstance(definition, Recipe) else definition.name


def _rows(found: Iterable[Definition], recorded: Iterable[Entry]) -> list[tuple[str, ...]]:
    """One row a name: a detector and a recipe of one name are the same thing to a person."""
    there: Mapping[str, list[str]] = defaultdict(list)
    for entry in recorded:
        there[entry.name].append(entry.version)
    by_name: dict[str, list[Definition]] = defaultdict(list)
    for definition in found:
        by_name[definition.name].append(definition)
    return [_row(same, there[_thing(same[0])]) for same in by_name.values()]


def _row(same: Sequence[Definition], recorded: Sequence[str]) -> tuple[str, ...]:
    recipes = [definition for definition in same if isinstance(definition, Recipe)]
    newest = [recipe.newest_first()[0].version for recipe in recipes]
    return (
        same[0].name,
        "yes" if len(recipes) < len(same) else "",
        ", ".join(newest),
        ", ".join(dict.fromkeys(recorded)),
        same[0].description,
    )
