"""How an installed entry was made, and the release that, installed again, gives the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envmgr.api.install import detect_needs, recipes_for
from envmgr.api.workspace import Workspace
from envmgr.errors import ChangedRecipeError, StoreError, UsageError
from envmgr.model.definition import Recipe, RecipeVersion
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.resolve.resolve import resolve
from envmgr.store.prefixes import provenance


@dataclass(frozen=True, slots=True)
class Making:
    """How an installed entry was made, as far as it is still known."""

    form: Mapping[str, Any]
    """What its prefix says of it."""
    recipe: Recipe
    row: RecipeVersion
    platform: str
    needs: Mapping[str, Entry | None]
    """Role to what filled it, or one of the same name and version; None for what is gone."""


def making_of(workspace: Workspace, entry: Entry, entries: Sequence[Entry]) -> Making:
    """How the installed *entry* was made; its needs are looked for among *entries*.

    Raises StoreError, with the reason alone, when its prefix or its recipe cannot tell.
    """
    form = provenance(workspace.prefixes_of(entry.prefix).around(entry.prefix))
    if form is None:
        raise StoreError("its prefix does not say how it was made")
    recipe = _recipe(workspace, entry.origin.recipe or "")
    row = _row(recipe, str(table_of(form, "recipe").get("version", entry.version)))
    platform = str(table_of(form, "host").get("platform"))
    needed = table_of(form, "needs")
    roles = recipe.needs_of(row.version, platform)
    needs = {role: _recorded(table_of(needed, role), entries) for role in roles}
    return Making(form, recipe, row, platform, needs)


def release_of(workspace: Workspace, entry: Entry, entries: Sequence[Entry]) -> Release:
    """The release that made *entry*, with the needs of then, which are among *entries*.

    What it was only built with may be gone; then it is what a build would take now. Raises
    ChangedRecipeError when it cannot be made again.
    """
    try:
        making = making_of(workspace, entry, entries)
    except StoreError as error:
        raise ChangedRecipeError(
            f"{entry} in {entry.prefix} cannot be installed again: {error.message}",
            hint=f"envmgr remove {entry.id}, or ask for another version",
        ) from error
    queries = making.recipe.needs_of(making.row.version, making.platform)
    needs = [
        (role, need or _found(workspace, queries[role], entries))
        for role, need in making.needs.items()
    ]
    return Release(making.recipe, making.row, tuple(needs))


def table_of(form: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A table of what a prefix says; empty where it says something else."""
    table = form.get(key)
    return table if isinstance(table, dict) else {}


def _recipe(workspace: Workspace, name: str) -> Recipe:
    try:
        return workspace.catalogue.recipe(name)
    except UsageError as error:
        raise StoreError(f"its recipe {name} is no longer in the catalogue") from error


def _row(recipe: Recipe, version: str) -> RecipeVersion:
    for row in recipe.versions:
        if row.version == version:
            return row
    raise StoreError(f"the recipe {recipe.name} no longer has its version {version}")


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
