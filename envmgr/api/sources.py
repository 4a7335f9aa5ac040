"""What installed things were made from, as far as the catalogue still says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError
from envmgr.export.subject import Fetched
from envmgr.install.plan import make_plan
from envmgr.model.definition import RecipeVersion, SourceFile
from envmgr.model.entry import Entry
from envmgr.model.plan import Checkout, Plan
from envmgr.model.resolution import Release


def sources_of(workspace: Workspace, entry: Entry) -> tuple[Fetched, ...]:
    """The files and checkouts of *entry* with their addresses; none where its recipe is gone.

    Recipes change, so only what has the very checksum counts that the entry was made from.
    """
    made_from = frozenset(entry.origin.sources)
    if not made_from or not entry.origin.recipe:
        return ()

    def same(files: Sequence[SourceFile], _: object) -> Sequence[SourceFile]:
        return [file for file in files if file.digest in made_from]

    try:
        recipe = workspace.catalogue.recipe(entry.origin.recipe)
        row = next((row for row in recipe.versions if made_from & _checksums(row)), None)
        plan = make_plan(Release(recipe, row), workspace.platform, same) if row else None
    except EnvmgrError:
        return ()
    return tuple(step for step in _fetched(plan) if _checksum(step) in made_from) if plan else ()


def _checksums(row: RecipeVersion) -> frozenset[str]:
    return frozenset((*(file.digest for file in row.files), f"git:{row.commit}"))


def _fetched(plan: Plan) -> Iterator[Fetched]:
    return (step for step in plan.steps if isinstance(step, Fetched))


def _checksum(step: Fetched) -> str:
    return f"git:{step.commit}" if isinstance(step, Checkout) else step.digest
