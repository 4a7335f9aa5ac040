"""Installing into a store: resolve, plan, execute, describe, record."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.api import recorded
from envmgr.api.describe import describer
from envmgr.api.detect import detect
from envmgr.api.environment import resolved
from envmgr.api.workspace import Workspace
from envmgr.errors import ResolutionError
from envmgr.install.execute import execute
from envmgr.install.perform import Site
from envmgr.install.plan import in_order, make_plan
from envmgr.install.registries import choose_wheels
from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.model.plan import Plan
from envmgr.model.query import Query
from envmgr.model.resolution import Release, Resolution
from envmgr.resolve.resolve import resolve
from envmgr.store.trust import Trust

if TYPE_CHECKING:
    from envmgr.install.progress import Progress

_MOST_VERSIONS = 8
"""Versions of a recipe that are told when another one was asked for."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What an install would do: the resolution, and the plans in the order they are carried out."""

    resolution: Resolution
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """What an install gave: an entry for every query, in order."""

    entries: tuple[Entry, ...]
    made: tuple[Entry, ...]
    """Those that were not there before, with what they needed."""


def intend(
    workspace: Workspace,
    queries: Iterable[str | Query],
    *,
    force: bool = False,
    prefer: tuple[str, ...] = (),
) -> Intent:
    """Decide what installing *queries* takes, and do none of it.

    What is asked for must be installed, so only an installed entry answers a query (none does
    with *force*); needs are met by whatever is there, detected or installed. What nobody has
    looked for yet is looked for first. *prefer* holds for needs, and for queries without
    preferences of their own.
    """
    wanted = [Query.parse(query) if isinstance(query, str) else query for query in queries]
    asked = {name for query in wanted for name in _targets(workspace, query)}

    def may_answer(entry: Entry) -> bool:
        return entry.name not in asked or (entry.origin.kind == "installed" and not force)

    return _intended(workspace, wanted, may_answer, prefer)


def intend_missing(
    workspace: Workspace, queries: Iterable[Query], *, prefer: tuple[str, ...] = ()
) -> Intent:
    """Decide what it takes that every one of *queries* has an answer, and do none of it.

    What is there already, detected or installed, is the answer: the wishes of a project say
    what must be there, and not where it has to come from. *prefer* holds for needs.
    """
    wanted = list(queries)
    try:
        return Intent(resolved(workspace, wanted), ())
    except ResolutionError:
        return _intended(workspace, wanted, lambda _: True, prefer)


def _intended(
    workspace: Workspace,
    wanted: Sequence[Query],
    may_answer: Callable[[Entry], bool],
    prefer: tuple[str, ...],
) -> Intent:
    recipes = recipes_for(workspace, wanted)
    detect_needs(workspace, recipes)
    entries = [entry for entry in recorded.entries(workspace) if may_answer(entry)]
    for query in wanted:
        _require_offer(workspace, query, entries)
    resolution = resolve(
        wanted,
        entries,
        recipes,
        platform=workspace.platform,
        prefer=prefer,
        known=workspace.catalogue.known_tags(),
        available=tuple(recipes),
    )
    releases = [a.chosen for a in resolution.answers if isinstance(a.chosen, Release)]
    plans = in_order([make_plan(r, workspace.platform, choose_wheels) for r in releases])
    return Intent(resolution, tuple(plans))


def carry_out(
    workspace: Workspace,
    intent: Intent,
    *,
    force: bool = False,
    progress: Progress | None = None,
    report: Callable[[Plan], None] = lambda _: None,
) -> Installed:
    """Do what was intended. Raises InstallError; what was finished before stays."""
    workspace.prefixes.sweep()
    site = _site(workspace, progress)
    made: dict[str, Entry] = {}
    for plan in intent.plans:
        report(plan)
        needs = {
            role: need if isinstance(need, Entry) else made[need.digest]
            for role, need in plan.needs.items()
        }
        describe = describer(workspace, plan, needs)
        entry = execute(plan, needs, site, describe, force=force)
        workspace.store.add([entry])
        made[plan.digest] = entry
    asked = iter(_asked(intent))
    entries = [
        answer.chosen if isinstance(answer.chosen, Entry) else made[next(asked).digest]
        for answer in intent.resolution.answers
    ]
    return Installed(tuple(entries), tuple(made.values()))


def _asked(intent: Intent) -> list[Plan]:
    """The plans of the releases that queries asked for, in the order of the queries."""
    by_name = {(plan.recipe, plan.version): plan for plan in intent.plans}
    chosen = [answer.chosen for answer in intent.resolution.answers]
    return [by_name[c.recipe.name, c.version] for c in chosen if isinstance(c, Release)]


def _targets(workspace: Workspace, query: Query) -> set[str]:
    recipes = workspace.catalogue.recipes(query)
    return {recipe.detector for recipe in recipes}


def _require_offer(workspace: Workspace, query: Query, entries: Iterable[Entry]) -> None:
    """Raise ResolutionError when recipes fit *query* but for their versions, or have mistakes."""
    if recorded.fitting(entries, query) or workspace.catalogue.recipes(query):
        return
    others = workspace.catalogue.recipes(Query(query.wanted, query.refused))
    versions = [
        f"{recipe.name} can be installed: "
        + ", ".join(row.version for row in recipe.newest_first()[:_MOST_VERSIONS])
        for recipe in others
    ]
    files = {os.path.join("recipes", *name.split(".", 1)) + ".toml" for name in query.wanted}
    mistakes = [str(p) for p in workspace.catalogue.problems if p.file.endswith(tuple(files))]
    if versions or mistakes:
        raise ResolutionError(
            f"no recipe fits {query}",
            lines=(*mistakes, *versions),
            hint="envmgr lint names every mistake" if mistakes else "ask for another version",
        )


def recipes_for(workspace: Workspace, queries: Sequence[Query]) -> list[Recipe]:
    """Every recipe that *queries*, or the needs of such recipes, may call for."""
    found: dict[str, Recipe] = {}
    waiting = list(queries)
    while waiting:
        for recipe in workspace.catalogue.recipes(waiting.pop()):
            if recipe.name not in found:
                found[recipe.name] = recipe
                waiting += [Query.parse(text) for text in recipe.needs_queries.values()]
    return list(found.values())


def detect_needs(workspace: Workspace, recipes: Iterable[Recipe]) -> None:
    """Look for needs that nothing recorded meets: on a new machine nothing was looked for yet."""
    texts = dict.fromkeys(text for recipe in recipes for text in recipe.needs_queries.values())
    known = recorded.entries(workspace)
    missing = [text for text in texts if not recorded.fitting(known, text)]
    if missing:
        detect(workspace, missing)


def _site(workspace: Workspace, progress: Progress | None) -> Site:
    from envmgr.install.progress import Silent

    return Site(
        prefixes=workspace.prefixes,
        downloads=os.path.join(workspace.layout.cache, "downloads"),
        logs=workspace.layout.logs,
        trust=Trust(workspace.layout),
        environ=workspace.environ,
        platform=workspace.platform,
        progress=progress or Silent(),
    )
