"""What this machine has in place of what is locked, in the form of a lock, to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from envmgr.api import recorded
from envmgr.api.drafts import machine, with_contents
from envmgr.api.workspace import Workspace
from envmgr.errors import LockError, UsageError
from envmgr.lock.fitting import present
from envmgr.model.entry import Entry
from envmgr.model.lock import Lock, LockedEntry, LockedPlatform
from envmgr.resolve.rank import ranked


def look_for(workspace: Workspace, locked: Iterable[LockedEntry]) -> None:
    """Detect what *locked* entries may be here, in the places that are always looked at.

    The path of a lock is not looked at: to judge a program is to run it, and the lock may come
    from anybody.
    """
    from envmgr.api.detect import detect

    names = {entry.detector for entry in locked if entry.kind == "detected"}
    known = [name for name in sorted(names) if _is_detector(workspace, name)]
    if known:
        detect(workspace, known)


def this_machine(workspace: Workspace, lock: Lock) -> tuple[Lock, Lock]:
    """The part of *lock* that is this platform's, and what this machine has in its place.

    Raises LockError when nothing is locked for this platform.
    """
    part = lock.platforms.get(workspace.platform)
    if part is None:
        raise LockError(
            f"the lock holds nothing for {workspace.platform}",
            hint=f"it holds {', '.join(lock.platforms) or 'no platform'}",
        )
    look_for(workspace, part.entries.values())
    entries = recorded.entries(workspace)
    asked = [key for each in part.environments.values() for key in each.answers.values()]
    keys = part.closure(asked)  # what something was built with need not be here
    alone = replace(part, environments={}, entries={key: part.entries[key] for key in keys})
    seen = observe(workspace, alone, keys, present(part, entries), entries)
    return Lock({workspace.platform: alone}), Lock({workspace.platform: seen})


def observe(
    workspace: Workspace,
    part: LockedPlatform,
    keys: Iterable[str],
    here: Mapping[str, Entry],
    entries: Sequence[Entry],
) -> LockedPlatform:
    """*part* with *keys* alone, as this machine has them; without what it has nothing for.

    *here* holds what was found as it is locked, among all *entries*.
    """
    stands = {key: here.get(key) or alike(part.entries[key], entries) for key in keys}
    drafts = {
        key: _drafted(part.entries[key], entry, key in here)
        for key, entry in stands.items()
        if entry is not None
    }
    seen = machine()
    return LockedPlatform(seen.cpu, seen.libc, entries=with_contents(workspace, drafts))


def alike(locked: LockedEntry, entries: Iterable[Entry]) -> Entry | None:
    """What *entries* have of the name of *locked*: best the same version of the same kind, then
    what is in the same place."""

    def unlike(entry: Entry) -> tuple[bool, bool, bool]:
        other_kind = entry.origin.kind != locked.kind
        return entry.version != locked.version, entry.path != locked.path, other_kind

    same = ranked(entry for entry in entries if entry.name == locked.name)
    return min(same, key=unlike, default=None)


def _drafted(locked: LockedEntry, entry: Entry, is_it: bool) -> LockedEntry:
    if is_it and locked.kind == "installed":
        return replace(locked, id=entry.id)
    if is_it:
        return replace(locked, id=entry.id, package="", files={})
    return LockedEntry(
        id=entry.id,
        name=entry.name,
        version=entry.version,
        kind=entry.origin.kind,
        detector=entry.origin.detector,
        path=entry.path if entry.origin.kind == "detected" else "",
        recipe=entry.origin.recipe or "",
    )


def _is_detector(workspace: Workspace, name: str) -> bool:
    try:
        workspace.catalogue.detector(name)
    except UsageError:
        return False
    return True
