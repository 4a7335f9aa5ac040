"""Detecting into a store: sweep, then bring the recorded entries in line with what was found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from envmgr.api.reconcile import bring_in_line, under_known_names
from envmgr.api.workspace import Workspace
from envmgr.detect.memo import Memo
from envmgr.detect.places import Places, at, below, merged, outside, survey
from envmgr.detect.sweep import INTERPRETER, Sweep, sweep
from envmgr.detect.watched import Witness, witness_of
from envmgr.errors import UsageError
from envmgr.model.definition import Detector
from envmgr.model.entry import Entry
from envmgr.model.query import Query

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
    if any(d.find.python for d in detectors) and not interpreters(workspace):
        first = workspace.catalogue.detector(INTERPRETER)
        detectors = [first, *(d for d in detectors if d.name != INTERPRETER)]
    places = places_of(workspace, paths, search_dirs)
    memo = Memo(workspace.layout.cache if record else None)
    result = sweep(
        detectors,
        places,
        workspace.environ,
        known=interpreters(workspace) if everywhere else (),
        memo=memo,
        own_places=everywhere,
        progress=progress,
    )
    if record:
        if not everywhere:
            result = under_known_names(workspace, detectors, result)
        bring_in_line(workspace, detectors, result)
        memo.save(detectors, whole=everywhere)
    if not everywhere:
        return result
    witness = _witness(workspace, detectors, places, result, memo.looked_at())
    return replace(result, witness=witness)


def _witness(
    workspace: Workspace,
    detectors: Sequence[Detector],
    places: Places,
    result: Sweep,
    consulted: set[str],
) -> Witness | None:
    """What a sweep of every known place depends on: *consulted* files, definitions, directories."""
    known = workspace.catalogue.places()
    patterns = [pattern for place in known for pattern in (*place.prefixes, *place.shims)]
    judged = consulted | _definitions(workspace, detectors)
    judged |= {refusal.path for refusal in result.refusals}
    judged |= {path for paths in result.aliases.values() for path in paths}
    return witness_of(detectors, patterns, places, judged, workspace.environ)


def _definitions(workspace: Workspace, detectors: Iterable[Detector]) -> set[str]:
    """The files that say what to look for, and the directories where others would come before."""
    from envmgr.catalog.repositories import Repositories

    tops = [
        os.path.join(repository.root, "detectors")
        for repository in Repositories(workspace.layout.root).all()
    ]
    categories = {detector.name.partition(".")[0] for detector in detectors}
    folders = {os.path.join(top, category) for top in tops for category in categories}
    places = {os.path.join(top, "places.toml") for top in tops}
    return {*tops, *folders, *places, *(detector.file for detector in detectors)}


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


def places_of(
    workspace: Workspace, paths: Sequence[str] = (), search_dirs: Sequence[str] = ()
) -> Places:
    """The places that were named, or else every known place but the prefixes of installs."""
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


def interpreters(workspace: Workspace) -> tuple[Entry, ...]:
    """The interpreters that packages are looked for in."""
    return tuple(entry for entry in workspace.store.all() if entry.name == INTERPRETER)
