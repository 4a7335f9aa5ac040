"""Checking recorded entries: each is proved with what its detector's check needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from envmgr.api import recorded
from envmgr.api.workspace import Workspace
from envmgr.detect.check import Proof, prove
from envmgr.errors import ResolutionError
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.resolve.resolve import resolve


def check(workspace: Workspace, entries: Iterable[Entry]) -> list[Proof]:
    """Prove each entry by building, running, importing or opening what it is."""
    everything = recorded.entries(workspace)
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
