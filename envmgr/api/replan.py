"""Plans for what is locked and not here: the locked version, files and needs, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from envmgr.api.drafts import steps_digest
from envmgr.api.observe import alike
from envmgr.api.workspace import Workspace
from envmgr.errors import ChangedRecipeError, UsageError
from envmgr.install.plan import make_plan
from envmgr.lock.difference import Difference
from envmgr.lock.fitting import row_of
from envmgr.model.definition import Recipe, RecipeVersion, SourceFile
from envmgr.model.entry import Entry
from envmgr.model.lock import LockedEntry, LockedPlatform
from envmgr.model.plan import Plan
from envmgr.model.resolution import Release


@dataclass(slots=True)
class Replanner:
    """Plans locked entries of *part* again; *here* are those that need no plan."""

    workspace: Workspace
    part: LockedPlatform
    entries: Sequence[Entry]
    here: Mapping[str, Entry]
    notes: list[str] = field(default_factory=list)
    blocked: list[Difference] = field(default_factory=list)
    """What cannot be installed, because something it needs is not here."""
    _releases: dict[str, Release] = field(default_factory=dict)

    def plans(self, keys: Iterable[str]) -> dict[str, Plan]:
        """Key to plan, needs first, for *keys* and what they need.

        Every recipe is compared with the lock before the first plan is made. Raises
        ChangedRecipeError.
        """
        missing = [
            key
            for key in self.part.closure(keys, builds=True)
            if key not in self.here and self.part.entries[key].kind == "installed"
        ]
        rows = {key: self._row(self.part.entries[key]) for key in missing}
        for key, (recipe, row) in rows.items():
            self._release(key, recipe, row)
        return {key: self._plan(key) for key in missing if key in self._releases}

    def _row(self, locked: LockedEntry) -> tuple[Recipe, RecipeVersion]:
        try:
            recipe = self.workspace.catalogue.recipe(locked.recipe)
        except UsageError as error:
            raise ChangedRecipeError(
                f"{locked} is locked, and the catalogue has no recipe {locked.recipe}",
                hint=f"`envmgr repo add` where it is from, or `envmgr lock --update {locked.name}`",
            ) from error
        row = row_of(locked, recipe)
        if recipe.digest != locked.recipe_digest:
            self.notes.append(
                f"the recipe {recipe.name} has changed since; {row.version} has the checksums"
                " that are locked"
            )
        return recipe, row

    def _release(self, key: str, recipe: Recipe, row: RecipeVersion) -> None:
        locked = self.part.entries[key]
        needs: dict[str, Entry | Release] = {}
        for role in recipe.needs_of(row.version, self.workspace.platform):
            need_key = locked.needs.get(role) or locked.built_with.get(role)
            if need_key is None:
                raise ChangedRecipeError(
                    f"the recipe {recipe.name} needs something as {role} now,"
                    f" and the lock of {locked} says nothing of it",
                    hint=f"envmgr lock --update {locked.name}",
                )
            need = self._need(locked, role, need_key)
            if need is None:
                self._block(locked, self.part.entries[need_key])
                return
            needs[role] = need
        self._releases[key] = Release(recipe, row, tuple(needs.items()))

    def _need(self, locked: LockedEntry, role: str, key: str) -> Entry | Release | None:
        """What fills a role: what is locked, or for a build the same version from elsewhere."""
        if key in self.here:
            return self.here[key]
        if key in self._releases:
            return self._releases[key]
        wanted = self.part.entries[key]
        other = alike(wanted, self.entries)
        if role in locked.needs or other is None or other.version != wanted.version:
            return None
        self.notes.append(f"{locked} is built with {other} at {other.path}, not {wanted.path}")
        return other

    def _block(self, locked: LockedEntry, need: LockedEntry) -> None:
        effect = f"it cannot be installed: it needs {need}, which is not here"
        self.blocked.append(
            Difference(self.workspace.platform, locked.name, "gone", "", str(locked), "", effect)
        )

    def _plan(self, key: str) -> Plan:
        plan = make_plan(self._releases[key], self.workspace.platform, self._locked_files)
        locked = self.part.entries[key]
        if steps_digest(plan) != locked.plan:
            self.notes.append(f"{locked} is installed by other steps than those that are locked")
        return plan

    def _locked_files(
        self, files: Sequence[SourceFile], _: tuple[int, int] | None
    ) -> list[SourceFile]:
        """Those of a recipe's files that are locked: which wheel fits was decided then."""
        locked = {d for entry in self.part.entries.values() for d in entry.sources.values()}
        return [file for file in files if file.digest in locked]
