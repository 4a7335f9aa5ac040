"""Restoring what a measurement was made with: its lock matched, its data sets found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from envmgr.api import recorded
from envmgr.api.context import input_digest
from envmgr.api.lock import project_lock
from envmgr.api.observe import alike
from envmgr.api.pack_data import placed
from envmgr.api.sync import Sync, carry_out_sync, decide_sync
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, HostError, UsageError
from envmgr.experiment.pack import Data, Pack
from envmgr.install.plan import in_order
from envmgr.install.words import describe
from envmgr.model.entry import Entry
from envmgr.model.filenames import DEFAULT, FILE
from envmgr.model.lock import LockedEntry
from envmgr.model.plan import Plan
from envmgr.model.project import Project
from envmgr.project.read import read_project

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What this machine has of a lock."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By the keys of the lock."""
    changes: tuple[str, ...] = ()
    """What is otherwise here, though of the same version."""
    reasons: tuple[str, ...] = ()
    """Why it cannot be as it was; empty when it can."""


def restore(workspace: Workspace, directory: str, *, offline: bool, tell: Tell) -> Restored:
    """Make this machine match the lock in *directory*, as far as that can be done.

    What recipes give is installed, unless *offline*; *tell* is told before it is. What is
    detected must have the version that is locked, wherever it lies.
    """
    try:
        project = read_project(os.path.join(directory, FILE))
        lock = project_lock(project)
        if lock is None or workspace.platform not in lock.platforms:
            there = ", ".join(lock.platforms) if lock else "nothing"
            why = f"it was measured on {there}, and this is {workspace.platform}"
            return Restored(reasons=(why,))
        return _matched(workspace, project, offline, tell)
    except EnvmgrError as error:
        return Restored(reasons=(error.message, *getattr(error, "lines", ())))


def _matched(workspace: Workspace, project: Project, offline: bool, tell: Tell) -> Restored:
    sync = decide_sync(workspace, project, frozen=True)
    if sync.plans and offline:
        missing = [f"{plan} is not here, and offline nothing is fetched" for plan in _plans(sync)]
        return Restored(reasons=tuple(missing))
    here = {**sync.here, **_installed(workspace, project, sync, tell)}
    part = sync.lock.platforms[workspace.platform]
    known = recorded.entries(workspace)
    reasons: list[str] = []
    for key in sync.keys:
        if key in here:
            continue
        locked = part.entries[key]
        other = alike(locked, known)
        if other is not None and other.version == locked.version and locked.kind == "detected":
            here[key] = other
        else:
            reasons.append(_missing(locked, other))
    changes = (str(one) for one in sync.differences if one.field != "version")
    told = tuple(changes) if not reasons else ()
    return Restored(here, (*told, *sync.notes), tuple(reasons))


def _plans(sync: Sync) -> list[Plan]:
    return in_order(list(sync.plans.values()))


def _installed(workspace: Workspace, project: Project, sync: Sync, tell: Tell) -> dict[str, Entry]:
    """What was not here and is now, by the keys of the lock."""
    if not sync.plans:
        return {}
    for plan in _plans(sync):
        tell(f"installing {plan}: {'; '.join(map(describe, plan.steps))}")
    carry_out_sync(workspace, project, sync, frozen=True)
    return dict(decide_sync(workspace, project, frozen=True).here)


def _missing(locked: LockedEntry, other: Entry | None) -> str:
    if locked.kind == "installed":
        return f"{locked} cannot be installed here"
    if other is None:
        return f"{locked} was used, and no {locked.name} is here"
    return f"{locked} was used, and here is {other} ({other.path})"


def answers_of(directory: str, platform: str) -> Mapping[str, str]:
    """Each wish of the lock in *directory* to the key of what answers it."""
    lock = project_lock(read_project(os.path.join(directory, FILE)))
    part = lock.platforms.get(platform) if lock else None
    return part.environments[DEFAULT].answers if part else {}


# -- data sets -------------------------------------------------------------------------------


def data_set(workspace: Workspace, pack: Pack, data: Data) -> Entry | None:
    """The data set out of *pack*, or the one of this machine; None when neither has it.

    Of several here one with the bytes that were measured is taken, if there is one. Raises
    StoreError or ValueError for a pack that says nonsense.
    """
    if data.place:
        return placed(data.name, data.version, data.entry, pack.place(data.place))
    _look_for(workspace, data.name)
    found = [
        entry
        for entry in recorded.entries(workspace)
        if (entry.name, entry.version) == (data.name, data.version)
    ]
    right = [entry for entry in found if _digest(entry) == data.digest]
    return next(iter([*right, *found]), None)


def _look_for(workspace: Workspace, name: str) -> None:
    from envmgr.api.detect import detect

    try:
        workspace.catalogue.detector(name)
    except UsageError:
        return
    detect(workspace, [name])


def _digest(entry: Entry) -> str:
    try:
        return input_digest(entry.path)
    except HostError:
        return ""
