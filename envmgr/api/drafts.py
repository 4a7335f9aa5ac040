"""From what a resolution chose to what a lock says of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from envmgr.api import recorded
from envmgr.api.made import release_of
from envmgr.api.workspace import Workspace
from envmgr.errors import ChangedRecipeError
from envmgr.host.binary import Libraries, digest
from envmgr.host.packages import SystemPackage, owners
from envmgr.install.plan import ChooseWheels, make_plan
from envmgr.install.registries import choose_wheels
from envmgr.model.entry import Entry
from envmgr.model.lock import LockedEntry, LockedPlatform
from envmgr.model.plan import Checkout, Download, NodePackage, Plan, Wheel
from envmgr.model.resolution import Release


@dataclass(slots=True)
class Drafts:
    """Locked entries under provisional keys, without what takes reading files."""

    workspace: Workspace
    found: dict[str, LockedEntry] = field(default_factory=dict)

    def draft(self, chosen: Entry | Release, platform: str, choose: ChooseWheels) -> str:
        """The provisional key of *chosen*, drafted with all that it needs.

        Raises ChangedRecipeError for what is installed and cannot be installed again.
        """
        if isinstance(chosen, Entry):
            return self._entry(chosen)
        return self._planned(make_plan(chosen, platform, choose))

    def _entry(self, entry: Entry) -> str:
        if entry.id in self.found:
            return entry.id
        if entry.origin.kind == "installed":
            return self._installed(entry)
        by_id = {other.id: other for other in recorded.entries(self.workspace)}
        needs = {by_id[id].name: self._entry(by_id[id]) for id in entry.needs}
        self.found[entry.id] = LockedEntry(
            id=entry.id,
            name=entry.name,
            version=entry.version,
            kind="detected",
            detector=entry.origin.detector,
            needs=needs,
            path=entry.path,
        )
        return entry.id

    def _installed(self, entry: Entry) -> str:
        release = release_of(self.workspace, entry, recorded.entries(self.workspace))
        plan = make_plan(release, self.workspace.platform, choose_wheels)
        if sorted(plan.sources) != sorted(entry.origin.sources):
            raise ChangedRecipeError(
                f"the checksums of {plan} in its recipe are not those that"
                f" {entry.prefix} was made from",
                hint=f"envmgr install --force '{plan.recipe}@{plan.version}'",
            )
        self.found[entry.id] = replace(self.found[self._planned(plan)], id=entry.id)
        return entry.id

    def _planned(self, plan: Plan) -> str:
        if plan.digest in self.found:
            return plan.digest
        needs = {
            role: self._entry(need) if isinstance(need, Entry) else self._planned(need)
            for role, need in plan.needs.items()
        }
        self.found[plan.digest] = LockedEntry(
            name=plan.detector,
            version=plan.version,
            kind="installed",
            detector=plan.detector,
            needs=needs if plan.needs_at_run_time else {},
            recipe=plan.recipe,
            recipe_digest=plan.recipe_digest,
            plan=steps_digest(plan),
            sources=sources_of(plan),
            built_with={} if plan.needs_at_run_time else needs,
        )
        return plan.digest


def steps_digest(plan: Plan) -> str:
    """A digest of what *plan* does, which what it needs does not change."""
    form = [{type(step).__name__: asdict(step)} for step in plan.steps]
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()


def sources_of(plan: Plan) -> dict[str, str]:
    """What *plan* fetches, by name, with the checksum of each."""
    sources = {}
    for step in plan.steps:
        if isinstance(step, Download | Wheel | NodePackage):
            sources[step.name] = step.digest
        elif isinstance(step, Checkout):
            sources[step.url] = f"git:{step.commit}"
    return sources


# -- contents --------------------------------------------------------------------------------


def machine() -> LockedPlatform:
    """What a lock says of this machine itself."""
    import archspec.cpu

    from envmgr.host.platform import libc

    return LockedPlatform(cpu=archspec.cpu.host().name, libc=str(libc() or ""))


def with_contents(
    workspace: Workspace, drafts: Mapping[str, LockedEntry]
) -> dict[str, LockedEntry]:
    """*drafts*, the detected ones with their packages and the digests of what they are."""
    detected = {key: draft for key, draft in drafts.items() if draft.kind == "detected"}
    if not detected:
        return dict(drafts)
    stamped = {
        entry.id: [stamp.path for stamp in entry.fingerprint]
        for entry in recorded.entries(workspace)
    }
    places = {key: os.path.realpath(draft.path) for key, draft in detected.items()}
    packages = owners(places.values(), environ=workspace.environ)
    reader = _Reader(Libraries(workspace.environ))
    filled = {}
    for key, draft in detected.items():
        owner = packages[places[key]]
        filled[key] = replace(
            draft,
            package=str(owner) if isinstance(owner, SystemPackage) else "",
            files=reader.contents(draft.path, stamped.get(draft.id, ())),
        )
    return {**drafts, **filled}


@dataclass(slots=True)
class _Reader:
    """Digests of files, each made once."""

    libraries: Libraries
    known: dict[str, str] = field(default_factory=dict)

    def contents(self, path: str, stamped: Iterable[str]) -> dict[str, str]:
        """What the thing at *path* is made of: itself, the files it was judged by (directories
        are shared with others), and the libraries that any of them loads."""
        own = [os.path.realpath(path), *(os.path.realpath(p) for p in stamped)]
        files = [p for p in dict.fromkeys(own) if os.path.isfile(p) or p == own[0]]
        loaded = (library for file in files for library in self.libraries.of(file))
        return {p: self.digest(p) for p in dict.fromkeys((*files, *loaded))}

    def digest(self, path: str) -> str:
        if path not in self.known:
            self.known[path] = digest(path)
        return self.known[path]
