"""Whether a lock fits: its project, the entries of a machine, the recipes of a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from envmgr.errors import ChangedRecipeError
from envmgr.model.entry import Entry
from envmgr.model.lock import LockedEntry, LockedPlatform, wish_text
from envmgr.model.project import Project

TYPE_CHECKING = False  # every start with a lock comes here
if TYPE_CHECKING:
    from envmgr.model.definition import Recipe, RecipeVersion

# -- the project -----------------------------------------------------------------------------


def stale(part: LockedPlatform | None, project: Project, name: str, platform: str) -> str | None:
    """Why what is locked of the environment *name* does not fit *project*; None when it does."""
    locked = part.environments.get(name) if part else None
    if locked is None:
        return f"{name} is not locked for {platform}"
    if locked.not_locked:
        return f"{name} is not locked for {platform}: {locked.not_locked}"
    wanted = [wish_text(query) for query in project.wanted(name, platform).queries]
    new = [text for text in wanted if text not in locked.answers]
    old = [text for text in locked.answers if text not in wanted]
    if new:
        return f"{name} wants {new[0]}, which is not locked for {platform}"
    if old:
        return f"{old[0]} is locked for {platform}, and {name} no longer wants it"
    return None if list(locked.answers) == wanted else f"{name} wants its things in another order"


# -- the machine -----------------------------------------------------------------------------


def present(part: LockedPlatform, entries: Iterable[Entry]) -> dict[str, Entry]:
    """Key to entry, for every locked entry of *part* that is among *entries*.

    The id decides. Where only a definition has changed since, so that ids are others, the same
    place and version do, or for what was installed the same recipe and checksums.
    """
    known = sorted(entries, key=lambda entry: entry.id)
    by_id = {entry.id: entry for entry in known}
    found: dict[str, Entry] = {}
    for key in part.closure(part.entries, builds=True):
        locked = part.entries[key]
        if locked.id in by_id:
            found[key] = by_id[locked.id]
            continue
        for entry in known:
            if is_the_same(locked, entry) and _has_needs(locked, entry, found):
                found[key] = entry
    return found


def is_the_same(locked: LockedEntry, entry: Entry) -> bool:
    """Whether *entry* is what was locked, needs and ids aside."""
    if (locked.name, locked.kind) != (entry.name, entry.origin.kind):
        return False
    if locked.kind == "detected":
        return (locked.version, locked.path) == (entry.version, entry.path)
    sources = sorted(locked.sources.values())
    return (locked.recipe, sources) == (entry.origin.recipe, sorted(entry.origin.sources))


def _has_needs(locked: LockedEntry, entry: Entry, found: Mapping[str, Entry]) -> bool:
    needs = [found[key].id if key in found else "" for key in locked.needs.values()]
    return sorted(needs) == sorted(entry.needs)


# -- the catalogue ---------------------------------------------------------------------------


def row_of(locked: LockedEntry, recipe: Recipe) -> RecipeVersion:
    """The row of *recipe* that makes *locked*, with its checksums. Raises ChangedRecipeError."""
    for row in recipe.versions:
        if row.version == locked.version:
            _require_sources(locked, recipe, row)
            return row
    there = ", ".join(row.version for row in recipe.newest_first()) or "none"
    raise ChangedRecipeError(
        f"{locked} is locked, and the recipe {recipe.name} no longer has that version",
        lines=(f"{recipe.file} has {there}",),
        hint=f"envmgr lock --update {locked.name}",
    )


def _require_sources(locked: LockedEntry, recipe: Recipe, row: RecipeVersion) -> None:
    has = [file.digest for file in row.files]
    has += [f"git:{row.commit}"] if row.commit else []
    lines = [
        _changed(name, digest, recipe, row, has)
        for name, digest in locked.sources.items()
        if digest not in has
    ]
    if lines:
        raise ChangedRecipeError(
            lines[0],
            lines=tuple(lines[1:]),
            hint="nothing was fetched; find out who changed it and why, and then run"
            f" `envmgr lock --update {locked.name}`",
        )


def _changed(name: str, digest: str, recipe: Recipe, row: RecipeVersion, has: Sequence[str]) -> str:
    named = [file.digest for file in row.files if file.name == name]
    now = named or (has if len(has) == 1 else [])
    what = f"the checksum of {name}, of {recipe.name}@{row.version}, is {digest} in the lock"
    if now:
        return f"{what} and {now[0]} in the recipe ({recipe.file})"
    return f"{what}, and the recipe has no such file ({recipe.file})"
