"""Detecting into a store: sweep, then bring the recorded entries in line with what was found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from envmgr.api.workspace import Workspace
from envmgr.detect.check import Proof, prove
from envmgr.detect.memo import Memo
from envmgr.detect.places import Places, at, below, merged, outside, survey
from envmgr.detect.sweep import INTERPRETER, Sweep, sweep
from envmgr.errors import ResolutionError, UsageError
from envmgr.model.definition import Detector
from envmgr.model.entry import Entry, with_needs
from envmgr.model.query import Query
from envmgr.resolve.resolve import resolve
from envmgr.store.entries import stale

Progress = Callable[[str], None]


def detect(
    workspace: Workspace,
    queries: Iterable[str | Query] = (),
    *,
    paths: Sequence[str] = (),
    search_dirs: Sequence[str] = (),
    record: bool = True,
    progress: Progress = lambda _: None,
) -> Sweep:
    """Look for what the detectors that fit *queries* describe (none: every detector).

    *paths* look at exactly these places, *search_dirs* below these directories; otherwise
    every known place is searched. Unless *record* is false the store is brought in line: what
    was found is recorded, and what is gone, changed or judged otherwise now is removed.
    """
    detectors = _chosen(workspace, queries)
    everywhere = not paths and not search_dirs
    if any(d.find.python for d in detectors) and not _interpreters(workspace):
        first = workspace.catalogue.detector(INTERPRETER)
        detectors = [first, *(d for d in detectors if d.name != INTERPRETER)]
    places = _places(workspace, paths, search_dirs)
    memo = Memo(workspace.layout.cache if record else None)
    result = sweep(
        detectors,
        places,
        workspace.environ,
        known=_interpreters(workspace) if everywhere else (),
        memo=memo,
        own_places=everywhere,
        progress=progress,
    )
    if record:
        _reconcile(workspace, detectors, result)
        memo.save(detectors, whole=everywhere)
    return result


def rejudge(workspace: Workspace, changed: Sequence[Entry]) -> None:
    """Judge again what no longer looks as it did; installed prefixes that are gone are dropped."""
    from envmgr.api.install import redescribe

    detected = [entry for entry in changed if entry.origin.kind == "detected"]
    names = {entry.name for entry in detected}
    catalogue = workspace.catalogue
    detectors = [d for d in catalogue.detectors() if d.name in names]
    if detectors:
        own = at(entry.path for entry in detected if os.path.isfile(entry.path))
        result = sweep(
            detectors,
            merged((_places(workspace, (), ()), own)),
            workspace.environ,
            known=_interpreters(workspace),
            memo=Memo(workspace.layout.cache),
        )
        _reconcile(workspace, detectors, result)
    gone = {entry.id for entry in changed} - {entry.id for entry in workspace.store.all()}
    left = [entry for entry in changed if entry.id not in gone]
    for entry in stale(left):
        redescribe(workspace, entry)


def check(workspace: Workspace, entries: Iterable[Entry]) -> list[Proof]:
    """Prove each entry by building, running, importing or opening what it is."""
    everything = workspace.entries()
    return [_proof(workspace, entry, everything) for entry in entries]


def _proof(workspace: Workspace, entry: Entry, everything: Sequence[Entry]) -> Proof:
    detector = workspace.catalogue.detector(entry.origin.detector)
    if detector.check is None:
        return Proof(entry, None, f"{detector.name} says no way to check it")
    queries = [Query.parse(text) for text in detector.check.needs.values()]
    try:
        helpers = resolve(queries, everything, platform=workspace.platform)
    except ResolutionError as error:
        return Proof(entry, None, f"its check needs what is not there: {error.message}")
    by_role = dict(zip(detector.check.needs, (a.chosen for a in helpers.answers), strict=True))
    needs = {role: chosen for role, chosen in by_role.items() if isinstance(chosen, Entry)}
    own = _with_needs(entry, {known.id: known for known in everything})
    return prove(entry, detector.check, needs, own, workspace.environ)


def _with_needs(entry: Entry, known: Mapping[str, Entry]) -> list[Entry]:
    """*entry* after everything it needs."""
    needs = [known[id] for id in entry.needs if id in known]
    return [*chain.from_iterable(_with_needs(need, known) for need in needs), entry]


def _chosen(workspace: Workspace, queries: Iterable[str | Query]) -> list[Detector]:
    catalogue = workspace.catalogue
    chosen: dict[str, Detector] = {}
    asked = False
    for query in queries:
        asked = True
        wanted = Query.parse(query) if isinstance(query, str) else query
        for name in wanted.wanted:
            if "." in name:
                catalogue.detector(name)  # an unknown name is an error with suggestions
        chosen |= {d.name: d for d in catalogue.detectors(wanted)}
    return list(chosen.values()) if asked else list(catalogue.detectors())


def _places(workspace: Workspace, paths: Sequence[str], search_dirs: Sequence[str]) -> Places:
    if paths or search_dirs:
        _require(paths, os.path.exists, "is not there")
        _require(search_dirs, os.path.isdir, "is not a directory")
        return merged((at(paths), below(search_dirs)))
    everywhere = survey(workspace.catalogue.places(), workspace.environ)
    return outside(everywhere, workspace.prefixes.root)  # installs have entries of their own


def _require(paths: Iterable[str], holds: Callable[[str], bool], otherwise: str) -> None:
    for path in paths:
        if not holds(path):
            raise UsageError(f"cannot look at {path}: it {otherwise}", hint="check the spelling")


def _interpreters(workspace: Workspace) -> tuple[Entry, ...]:
    return tuple(entry for entry in workspace.store.all() if entry.name == INTERPRETER)


def _reconcile(workspace: Workspace, detectors: Iterable[Detector], result: Sweep) -> None:
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


def _relink(workspace: Workspace, successors: Mapping[str, str]) -> None:
    """Let what needed an entry need its successor: the same place, judged otherwise now."""
    while successors:
        dependents = [e for e in workspace.store.all() if not successors.keys().isdisjoint(e.needs)]
        renewed = {
            e.id: with_needs(e, tuple(successors.get(id, id) for id in e.needs)) for e in dependents
        }
        workspace.store.replace(renewed.values(), renewed)
        successors = {old: new.id for old, new in renewed.items()}
