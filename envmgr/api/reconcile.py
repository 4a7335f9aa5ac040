"""Bringing the recorded entries in line with what a sweep found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from envmgr.api.workspace import Workspace
from envmgr.detect.links import follow
from envmgr.detect.sweep import Sweep
from envmgr.host.files import unchanged
from envmgr.model.definition import Detector
from envmgr.model.entry import Entry, with_needs
from envmgr.model.template import MissingValueError, fill
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
    places = {_place(entry): entry.id for entry in result.entries}
    successors = {e.id: places.get(_place(e), "") for e in known if e.id in unwanted}
    _relink(workspace, {old: new for old, new in successors.items() if new})
    _drop_orphans(workspace)


def under_known_names(workspace: Workspace, detectors: Iterable[Detector], result: Sweep) -> Sweep:
    """*result* with what is recorded already, under another path, told by its recorded entry.

    A link or a wrapper that a sweep of a few places came upon is not another thing.
    """
    templates = {detector.name: detector.identity for detector in detectors}
    known = {
        (entry.name, _identity(entry, templates[entry.name])): entry
        for entry in workspace.store.all()
        if entry.name in templates and unchanged(entry.fingerprint)
    }
    told = {
        entry.id: known.get((entry.name, _identity(entry, templates[entry.name])), entry)
        for entry in result.entries
    }
    aliases = {
        told[id].id: (*paths, *(e.path for e in result.entries if e.id == id != told[id].id))
        for id, paths in result.aliases.items()
    }
    entries = {entry.id: entry for entry in told.values()}
    return replace(result, entries=tuple(entries.values()), aliases=aliases)


def _identity(entry: Entry, template: str) -> str:
    """What tells the entry apart from its aliases; its path where the template asks for more."""
    values = {
        **entry.facts,
        "path": entry.path,
        "real": follow(entry.path),
        "prefix": entry.prefix,
        "version": entry.version,
    }
    try:
        return fill(template, values)
    except MissingValueError:
        return entry.path


def _place(entry: Entry) -> tuple[object, ...]:
    """Where it is and of which line: packages for 3.11.2 work with 3.11.9, not with 3.12."""
    return (entry.name, entry.path, *entry.order.parts[:2])


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
