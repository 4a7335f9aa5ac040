"""What is recorded, as it is now: nothing is told of an entry that no longer looks as it did."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from envmgr.api.workspace import Workspace
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.store.entries import stale

if TYPE_CHECKING:
    from envmgr.detect.places import Places
    from envmgr.model.definition import Detector


def entries(workspace: Workspace) -> tuple[Entry, ...]:
    """Every recorded entry; what changed on the disk is judged again first."""
    known = workspace.store.all()
    changed = stale(known)
    if not changed:
        return known
    rejudge(workspace, changed)
    return tuple(entry for entry in workspace.store.all() if entry not in changed)


def find(workspace: Workspace, query: str | Query) -> tuple[Entry, ...]:
    """Recorded entries that fit *query*, in order of name and version."""
    return fitting(entries(workspace), query)


def fitting(known: Iterable[Entry], query: str | Query) -> tuple[Entry, ...]:
    """Those of *known* that fit *query*."""
    wanted = Query.parse(query) if isinstance(query, str) else query
    return tuple(e for e in known if wanted.misfit(e.all_tags, e.order) is None)


def remove(workspace: Workspace, ids: Iterable[str]) -> tuple[Entry, ...]:
    """Forget entries; the prefix of an installed one is deleted. Raises UsageError."""
    unwanted = tuple(workspace.store.get(id) for id in ids)
    for entry in unwanted:
        workspace.store.remove([entry.id])
        if entry.origin.kind == "installed":
            _delete_prefix(workspace, entry)
    return unwanted


def _delete_prefix(workspace: Workspace, entry: Entry) -> None:
    prefixes = workspace.prefixes_of(entry.prefix)
    slug = prefixes.slug_of(entry.prefix)
    if slug:
        with prefixes.lock(slug):
            prefixes.remove(slug)


def rejudge(workspace: Workspace, changed: Sequence[Entry]) -> None:
    """Judge again what no longer looks as it did; installed prefixes that are gone are dropped."""
    # Nothing changed is the usual case, and a warm start must not pay for sweeping.
    from envmgr.api.describe import redescribe

    detected = [entry for entry in changed if entry.origin.kind == "detected"]
    if detected:
        _sweep_again(workspace, detected)
    left = {entry.id for entry in workspace.store.all()}
    for entry in changed:
        if entry.origin.kind == "installed" and entry.id in left:
            redescribe(workspace, entry)


def _sweep_again(workspace: Workspace, changed: Sequence[Entry]) -> None:
    from envmgr.api.detect import interpreters, places_of
    from envmgr.api.reconcile import bring_in_line
    from envmgr.detect.memo import Memo
    from envmgr.detect.places import merged
    from envmgr.detect.sweep import sweep

    names = {entry.name for entry in changed}
    detectors = [d for d in workspace.catalogue.detectors() if d.name in names]
    own = _own_places(changed, detectors)
    memo = Memo(workspace.layout.cache)
    result = sweep(
        detectors,
        merged((places_of(workspace), own)),
        workspace.environ,
        known=interpreters(workspace),
        memo=memo,
    )
    memo.save(detectors, whole=False)
    bring_in_line(workspace, detectors, result)
    unknown = [entry.id for entry in changed if entry.name not in {d.name for d in detectors}]
    workspace.store.remove(unknown)  # no detector is left that could say what they are now


def _own_places(changed: Iterable[Entry], detectors: Iterable[Detector]) -> Places:
    """Where they were found, which is no known place when it was named once with `--path`."""
    from envmgr.detect.places import at
    from envmgr.detect.watched import looks_elsewhere

    by_prefix = {detector.name for detector in detectors if looks_elsewhere(detector)}
    files = [entry.path for entry in changed if os.path.isfile(entry.path)]
    prefixes = [
        entry.prefix
        for entry in changed
        if entry.name in by_prefix and not entry.needs and os.path.isdir(entry.prefix)
    ]  # what has needs is found through them: a package through its interpreter
    return at(dict.fromkeys([*files, *prefixes]))
