"""Making this machine match a lock: look for what is detected, install what is missing.

Everything is decided, and every recipe compared with the lock, before anything is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from envmgr.api import recorded
from envmgr.api.install import Intent, carry_out
from envmgr.api.lock import project_lock, require_fresh, write_lock
from envmgr.api.locking import make_lock
from envmgr.api.observe import look_for, observe
from envmgr.api.replan import Replanner
from envmgr.api.workspace import Workspace
from envmgr.errors import LockError
from envmgr.install.plan import in_order
from envmgr.lock.difference import Difference, between
from envmgr.lock.fitting import present
from envmgr.model.entry import Entry
from envmgr.model.lock import Lock, LockedPlatform
from envmgr.model.plan import Plan
from envmgr.model.project import Project
from envmgr.model.resolution import Resolution

if TYPE_CHECKING:
    from envmgr.install.progress import Progress


@dataclass(frozen=True, slots=True)
class Sync:
    """What a sync does, decided."""

    lock: Lock
    is_new: bool
    """Whether the lock was made, or made to fit its project, on the way."""
    keys: tuple[str, ...]
    """Locked entries of the environments, needs first."""
    here: Mapping[str, Entry]
    """What is here of them, by key."""
    plans: Mapping[str, Plan]
    """What is to be installed, by key."""
    differences: tuple[Difference, ...]
    """What is another on this machine, or is not here and cannot be installed."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync gave."""

    lock: Lock
    entries: tuple[Entry, ...]
    """What is here now of the environments, needs first."""
    made: tuple[Entry, ...]
    """Those that were not there before, with what they needed."""
    notes: tuple[str, ...]
    is_written: bool
    """Whether the lock was written: it is new, or has ids now."""


def decide_sync(
    workspace: Workspace, project: Project, names: Sequence[str] = (), *, frozen: bool = False
) -> Sync:
    """Decide how this machine comes to match the lock of *project*; only detecting is done.

    *names* are environments (none: all of them). A lock that does not fit its project is made
    to, in the value and not on the disk; with *frozen* that is a LockError. Raises
    ChangedRecipeError when a recipe is not what was locked, UsageError for an unknown name.
    """
    for name in names:
        project.wanted(name, workspace.platform)
    names = tuple(names) or tuple(project.environments)
    lock, is_new, notes = _fresh_lock(workspace, project, names, frozen)
    part = require_fresh(lock, project, names, workspace.platform)
    asked = [key for name in names for key in part.environments[name].answers.values()]
    keys = part.closure(asked)
    entries, here = _here(workspace, part, keys)
    missing = [key for key in keys if key not in here and part.entries[key].kind == "installed"]
    replanner = Replanner(workspace, part, entries, here)
    plans = replanner.plans(missing)
    every = dict.fromkeys((*keys, *part.closure(missing, builds=True)))
    compared = [key for key in every if key in here or part.entries[key].kind == "detected"]
    seen = observe(workspace, part, compared, here, entries)
    found = (*_another(workspace.platform, part, compared, seen), *replanner.blocked)
    return Sync(
        lock=lock,
        is_new=is_new,
        keys=keys,
        here=here,
        plans=plans,
        differences=tuple(each for each in found if each.matters),
        notes=(*notes, *replanner.notes, *(_told(each) for each in found if not each.matters)),
    )


def carry_out_sync(
    workspace: Workspace,
    project: Project,
    sync: Sync,
    *,
    frozen: bool = False,
    progress: Progress | None = None,
    report: Callable[[Plan], None] = lambda _: None,
) -> Synced:
    """Do what was decided, and write the lock with what is known now, unless it is *frozen*.

    Raises InstallError; what was finished before stays.
    """
    plans = in_order(list(sync.plans.values()))
    intent = Intent(Resolution(), tuple(plans))
    made = carry_out(workspace, intent, progress=progress, report=report).made
    by_plan = dict(zip((plan.digest for plan in plans), made, strict=True))
    here = {**sync.here, **{key: by_plan[plan.digest] for key, plan in sync.plans.items()}}
    lock = sync.lock if frozen else _with_ids(sync.lock, workspace.platform, here)
    is_written = not frozen and write_lock(project, lock)
    entries = tuple(here[key] for key in sync.keys if key in here)
    told = _other_ids(sync.lock.platforms[workspace.platform], sync.plans, here)
    return Synced(lock, entries, made, told, is_written)


def _other_ids(
    part: LockedPlatform, keys: Iterable[str], here: Mapping[str, Entry]
) -> tuple[str, ...]:
    """What came out of an install with another id than it has in the lock."""
    return tuple(
        f"{part.entries[key]} has the id {here[key].id} here and {part.entries[key].id} in the"
        " lock: its detector says it otherwise"
        for key in keys
        if part.entries[key].id not in ("", here[key].id)
    )


def _fresh_lock(
    workspace: Workspace, project: Project, names: Sequence[str], frozen: bool
) -> tuple[Lock, bool, tuple[str, ...]]:
    old = project_lock(project)
    try:
        require_fresh(old, project, names, workspace.platform)
    except LockError:
        if frozen:
            raise
        made = make_lock(
            workspace, project, old, environments=names, platforms=[workspace.platform]
        )
        return made.lock, True, made.notes
    assert old is not None  # or it would not be fresh
    return old, False, ()


def _here(
    workspace: Workspace, part: LockedPlatform, keys: Sequence[str]
) -> tuple[tuple[Entry, ...], dict[str, Entry]]:
    """Everything recorded, and of it what is locked, after looking for what is not."""
    entries = recorded.entries(workspace)
    here = present(part, entries)
    every = part.closure(keys, builds=any(key not in here for key in keys))
    unseen = [part.entries[key] for key in every if key not in here]
    if unseen:
        look_for(workspace, unseen)
        entries = recorded.entries(workspace)
        here = present(part, entries)
    return entries, here


def _another(
    platform: str, part: LockedPlatform, keys: Sequence[str], seen: LockedPlatform
) -> tuple[Difference, ...]:
    """What is another here of the entries *keys* of *part*, or of the machine."""
    entries = {key: part.entries[key] for key in keys}
    return tuple(between(platform, LockedPlatform(part.cpu, part.libc, entries=entries), seen))


def _told(difference: Difference) -> str:
    return f"{difference}: it can change {difference.effect}"


def _with_ids(lock: Lock, platform: str, here: Mapping[str, Entry]) -> Lock:
    """*lock* with the ids of what was installed for the first time."""
    part = lock.platforms[platform]
    known = {
        key: replace(part.entries[key], id=entry.id)
        for key, entry in here.items()
        if not part.entries[key].id
    }
    filled = replace(part, entries={**part.entries, **known})
    return Lock({**lock.platforms, platform: filled})
