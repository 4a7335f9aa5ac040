"""Where a container could get each part of an environment: all that an image is decided from."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from envmgr.api import recorded
from envmgr.api.environment import Environment
from envmgr.api.made import making_of
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, StoreError
from envmgr.export.material import Lost, Material, Packaged, Pin, Remade, Source
from envmgr.export.steps import programs, tools
from envmgr.host import apt, packages
from envmgr.host.packages import SystemPackage, Unowned
from envmgr.install.plan import make_plan
from envmgr.install.words import describe
from envmgr.model.entry import Entry
from envmgr.model.plan import Plan
from envmgr.model.resolution import Release

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
"""Where a container looks for programs."""


def gather(workspace: Workspace, environment: Environment, name: str, base: str) -> Material:
    """Everything that is to be known before the image *name* of *environment* can be decided."""
    entries = environment.entries
    search = _Search(workspace)
    for entry in entries:
        search.visit(entry)
    plans = {id: found for id, found in search.found.items() if isinstance(found, _Planned)}
    owners = _owners(workspace, search, plans.values())
    sources: dict[str, Source] = {}
    for id, entry in search.known.items():
        made = search.found.get(id)
        if made is None:
            sources[id] = owners.packaged(files_of(entry), workspace.environ)
        elif isinstance(made, Lost):
            sources[id] = made
        else:
            needed = owners.packaged(made.programs, workspace.environ)
            sources[id] = Remade(made.plan, needed, made.changed)
    needed_tools = tools(found.plan for found in plans.values())
    pinned = {p for s in sources.values() if isinstance(s, Packaged) for p in s.packages}
    policies = apt.policies([*needed_tools, *(p.name for p in pinned)], workspace.environ)
    return Material(
        base=base,
        platform=workspace.platform,
        entries=entries,
        known=search.known,
        sources=sources,
        tools={name: Pin(name, _version(policies.get(name))) for name in needed_tools},
        gone=_gone(pinned, policies),
        name=name,
        extra=environment.extra,
        lock=environment.lock,
    )


def files_of(entry: Entry) -> tuple[str, ...]:
    """The files by which *entry* was judged, itself first."""
    return tuple(dict.fromkeys((entry.path, *(stamp.path for stamp in entry.fingerprint))))


def _version(policy: apt.Policy | None) -> str | None:
    """What apt would install: its dependencies then fit, which those of an older one need not."""
    return policy.candidate if policy else None


def _gone(
    pinned: Iterable[SystemPackage], policies: Mapping[str, apt.Policy]
) -> frozenset[SystemPackage]:
    if not any(policy.offered for policy in policies.values()):
        return frozenset()  # nobody fetched the lists, so nothing is known
    nothing = apt.Policy()
    return frozenset(p for p in pinned if p.version not in policies.get(p.name, nothing).offered)


# -- packages --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Owners:
    by_path: Mapping[str, SystemPackage | Unowned]

    def packaged(self, paths: Iterable[str], environ: Mapping[str, str]) -> Packaged:
        """The packages of *paths* with what they recommend, and the paths that have none."""
        found = {path: self.by_path[path] for path in paths}
        own = {owner for owner in found.values() if isinstance(owner, SystemPackage)}
        wished = packages.recommended(own, environ=environ)
        unowned = {p: owner.reason for p, owner in found.items() if isinstance(owner, Unowned)}
        return Packaged(tuple(sorted(own.union(wished))), unowned)


def _owners(workspace: Workspace, search: _Search, plans: Iterable[_Planned]) -> _Owners:
    """The owners of all files in question, asked for at once."""
    detected = (entry for id, entry in search.known.items() if id not in search.found)
    files = [file for entry in detected for file in files_of(entry)]
    files += [file for planned in plans for file in planned.programs]
    return _Owners(packages.owners(files, environ=workspace.environ) if files else {})


# -- plans -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Planned:
    plan: Plan
    changed: bool
    programs: tuple[str, ...]
    """Paths of the system's programs that its commands start; the bare name of one not there."""


@dataclass(slots=True)
class _Search:
    """Goes from entries to all that they, and the making of them, need."""

    workspace: Workspace
    known: dict[str, Entry] = field(default_factory=dict)
    found: dict[str, _Planned | Lost] = field(default_factory=dict)
    """How installed ones are made."""

    def visit(self, entry: Entry) -> None:
        """Take in *entry* and what it needs."""
        if entry.id in self.known:
            return
        self.known[entry.id] = entry
        for id in entry.needs:
            self._visit_recorded(id)
        if entry.origin.kind != "installed":
            return
        try:
            made = self._planned(entry)
        except EnvmgrError as error:
            self.found[entry.id] = Lost(error.message)
            return
        self.found[entry.id] = made
        for need in made.plan.needs.values():
            if isinstance(need, Entry):
                self.visit(need)

    def _visit_recorded(self, id: str) -> None:
        for entry in recorded.entries(self.workspace):
            if entry.id == id:
                self.visit(entry)

    def _planned(self, entry: Entry) -> _Planned:
        """The plan that made *entry*, made again. Raises EnvmgrError where there is none."""
        from envmgr.install.registries import choose_wheels

        making = making_of(self.workspace, entry, recorded.entries(self.workspace))
        needs = {role: _still_here(role, need) for role, need in making.needs.items()}
        release = Release(making.recipe, making.row, tuple(needs.items()))
        plan = make_plan(release, making.platform, choose_wheels)
        changed = not _does_the_same(plan, making.form)
        if not changed:  # a plan is also called by its needs, some of which were plans then
            plan = replace(plan, slug="/".join(entry.prefix.split(os.sep)[-2:]))
        return _Planned(plan, changed, _program_paths(plan, needs.values()))


def _still_here(role: str, need: Entry | None) -> Entry:
    if need is None:
        raise StoreError(f"what it was made with as {role} is not recorded any more")
    return need


def _does_the_same(plan: Plan, form: Mapping[str, Any]) -> bool:
    """Whether *plan* has the sources and the steps that the prefix which says *form* has."""
    steps = [describe(step) for step in plan.steps]
    return (form.get("sources"), form.get("steps")) == (list(plan.sources), steps)


def _program_paths(plan: Plan, needs: Collection[Entry]) -> tuple[str, ...]:
    import shutil

    own = [path for need in needs for path in need.delta.prepend.get("PATH", ())]
    own += [os.path.join(need.prefix, "bin") for need in needs if need.origin.kind == "installed"]
    linked = {name for need in needs for name in need.links}
    missing = [
        name
        for name in programs(plan)
        if name not in linked and not shutil.which(name, path=os.pathsep.join(own) or os.devnull)
    ]
    return tuple(shutil.which(name, path=_SYSTEM_PATH) or name for name in missing)
