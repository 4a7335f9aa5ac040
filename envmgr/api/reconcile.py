"""Bringing the recorded entries in line with what a sweep found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from envmgr.api.workspace import Workspace
from envmgr.detect.sweep import Sweep
from envmgr.model.definition import Detector
from envmgr.model.entry import with_needs
from envmgr.store.entries import stale


def bring_in_line(workspace: Workspace, detectors: Iterable[Detector], result: Sweep) -> None:
    """Record what was found and remove what it contradicts."""
    names = {detector.name for detector in detectors}
    found = {entry.id for entry in result.entries}
    judged = {refusal.path for refusal in result.refusals}
    judged |= {entry.path for entry in result.entries}
    judged |= {path for paths in result.aliases.values() for path in paths}
    known = [e for e in workspace.store.all() if e.name in names and e.origin.kind == "detected"]
    gone = {entry.id for entry in stale(known)}
    unwanted = {e.id for e in known if e.id in gone or e.path in judged} - found
    workspace.store.replace(result.entries, unwanted)
    places = {(entry.name, entry.path): entry.id for entry in result.entries}
    successors = {e.id: places.get((e.name, e.path), "") for e in known if e.id in unwanted}
    _relink(workspace, {old: new for old, new in successors.items() if new})
    _drop_orphans(workspace)


def _relink(workspace: Workspace, successors: Mapping[str, str]) -> None:
    """Let what needed an entry need its successor: the same place, judged otherwise now."""
    while successors:
        dependents = [e for e in workspace.store.all() if not successors.keys().isdisjoint(e.needs)]
        renewed = {
            e.id: with_needs(e, tuple(successors.get(id, id) for id in e.needs)) for e in dependents
        }
        workspace.store.replace(renewed.values(), renewed)
        successors = {old: new.id for old, new in renewed.items()}


def _drop_orphans(workspace: Workspace) -> None:
    """Remove what was detected with a need that is gone: packages go with their interpreter."""
    while True:
        entries = workspace.store.all()
        ids = {entry.id for entry in entries}
        detected = [entry for entry in entries if entry.origin.kind == "detected"]
        orphans = [entry.id for entry in detected if not ids.issuperset(entry.needs)]
        if not orphans:
            return
        workspace.store.remove(orphans)
