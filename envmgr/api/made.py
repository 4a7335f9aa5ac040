"""How an installed entry was made: the release that, installed again, gives the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envmgr.api.install import detect_needs, recipes_for
from envmgr.api.workspace import Workspace
from envmgr.errors import ChangedRecipeError, UsageError
from envmgr.model.definition import Recipe, RecipeVersion
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.resolve.resolve import resolve
from envmgr.store.prefixes import provenance


def release_of(workspace: Workspace, entry: Entry, entries: Sequence[Entry]) -> Release:
    """The release that made *entry*, with the needs of then, which are among *entries*.

    What it was only built with may be gone; then it is what a build would take now. Raises
    ChangedRecipeError when it cannot be made again.
    """
    form = provenance(workspace.prefixes_of(entry.prefix).around(entry.prefix))
    if form is None:
        raise _lost(entry, "its prefix does not say how it was made")
    recipe = _recipe(workspace, entry)
    row = _row(recipe, entry, str(_table(form, "recipe").get("version", entry.version)))
    needed = _table(form, "needs")
    needs = [
        (role, _recorded(_table(needed, role), entries) or _found(workspace, query, entries))
        for role, query in recipe.needs_of(row.version, workspace.platform).items()
    ]
    return Release(recipe, row, tuple(needs))


def _recipe(workspace: Workspace, entry: Entry) -> Recipe:
    name = entry.origin.recipe or ""
    try:
        return workspace.catalogue.recipe(name)
    except UsageError as error:
        raise _lost(entry, f"its recipe {name} is no longer in the catalogue") from error


def _row(recipe: Recipe, entry: Entry, version: str) -> RecipeVersion:
    for row in recipe.versions:
        if row.version == version:
            return row
    raise _lost(entry, f"{recipe.name} no longer has its version {version}")


def _recorded(form: Mapping[str, Any], entries: Sequence[Entry]) -> Entry | None:
    """The entry that filled a role: that very one, or one of the same name and version."""
    wanted = (form.get("name"), form.get("version"))
    alike = [entry for entry in entries if (entry.name, entry.version) == wanted]
    return min(alike, key=lambda e: (e.id != form.get("id"), e.id), default=None)


def _found(workspace: Workspace, query: str, entries: Sequence[Entry]) -> Entry | Release:
    """What a build would take for *query* now."""
    wanted = [Query.parse(query)]
    recipes = recipes_for(workspace, wanted)
    detect_needs(workspace, recipes)
    resolution = resolve(wanted, entries, recipes, platform=workspace.platform)
    return resolution.answers[0].chosen


def _table(form: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A table of what a prefix says; empty where it says something else."""
    table = form.get(key)
    return table if isinstance(table, dict) else {}


def _lost(entry: Entry, why: str) -> ChangedRecipeError:
    return ChangedRecipeError(
        f"{entry} in {entry.prefix} cannot be installed again: {why}",
        hint=f"envmgr remove {entry.id}, or ask for another version",
    )
