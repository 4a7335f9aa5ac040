"""From an installed prefix to its entry, by the one path that all entries take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from envmgr.api.workspace import Workspace
from envmgr.detect.judge import Made
from envmgr.detect.places import INSTALL, of_root
from envmgr.detect.sweep import Sweep, sweep
from envmgr.errors import InstallError
from envmgr.model.entry import Entry, Origin
from envmgr.model.plan import Plan
from envmgr.model.version import Version
from envmgr.store.prefixes import provenance


def describer(
    workspace: Workspace, plan: Plan, needs: Mapping[str, Entry]
) -> Callable[[str], Entry]:
    """How the finished prefix of *plan* becomes an entry."""
    origin = Origin("installed", plan.detector, plan.recipe, plan.sources)
    runtime = tuple(need.id for need in needs.values()) if plan.needs_at_run_time else ()
    values = {"python": needs["python"].path} if "python" in needs else {}

    def describe(prefix: str) -> Entry:
        result = _judged(workspace, plan.detector, prefix, Made(origin, runtime, values))
        if not result.entries:
            reasons = "; ".join(f"{r.path}: {r.why}" for r in result.refusals[:3])
            raise InstallError(
                f"{plan}: {plan.detector} does not find itself in what was installed"
                f" ({reasons or 'no candidate'})",
                hint=f"compare `envmgr info {plan.detector}` with the log",
            )
        return max(result.entries, key=lambda e: (e.version == plan.version, Version(e.version)))

    return describe


def redescribe(workspace: Workspace, entry: Entry) -> None:
    """Judge an installed entry again; when its prefix is gone or is it no longer, forget it."""
    prefix = workspace.prefixes_of(entry.prefix).around(entry.prefix)
    fresh: tuple[Entry, ...] = ()
    if provenance(prefix) is not None:
        made = Made(entry.origin, entry.needs, entry.facts)
        fresh = _judged(workspace, entry.origin.detector, prefix, made).entries
    workspace.store.replace(fresh, {entry.id} - {found.id for found in fresh})


def _judged(workspace: Workspace, detector: str, prefix: str, made: Made) -> Sweep:
    return sweep(
        [workspace.catalogue.detector(detector)],
        of_root(prefix, INSTALL),
        workspace.environ,
        made=made,
        own_places=False,
    )
