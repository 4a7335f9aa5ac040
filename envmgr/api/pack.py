"""Packing: recorded measurements with everything of them that may travel, in one file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from envmgr.api.context import input_digest
from envmgr.api.experiment import show
from envmgr.api.kept import is_fetched, kept
from envmgr.api.pack_data import data_entries, files_of, relative
from envmgr.api.private import Private, private_of
from envmgr.api.program import find_program
from envmgr.api.sweep import reference_place
from envmgr.api.workspace import Workspace
from envmgr.catalog.scan import PROGRAM_FILE
from envmgr.errors import EnvmgrError, StoreError, UsageError
from envmgr.experiment.pack import SUFFIX, Case, Content, Data, LeftOut, write
from envmgr.experiment.records import Records
from envmgr.lock.lockfile import parsed, written
from envmgr.model.entry import Entry
from envmgr.model.experiment import Experiment
from envmgr.model.filenames import DEFAULT, FILE, LOCK
from envmgr.model.lock import Lock, LockedEnvironment, wish_text
from envmgr.model.measurement import Measurement, to_json
from envmgr.model.measurement import from_json as measurement_of
from envmgr.model.program import Program
from envmgr.model.query import Query
from envmgr.program.reference import find, key_of
from envmgr.program.source import file_digest
from envmgr.project.edit import spelled
from envmgr.store.layout import safe_name

ALL, SMALL, NONE = "all", "small", "none"
SMALL_SIZE = 50 << 20
"""Bytes of a data set that travels as `small`."""
_PROJECT = """\
# An environment of a pack: `envmgr sync` here makes this machine match the lock beside it.

name = "replay"
needs = [
{needs}]
"""
_Source = str | bytes
"""A path, or the bytes themselves."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a pack is made of."""

    content: Content
    files: Mapping[str, _Source]
    """Name of a member to what it holds."""

    @property
    def name(self) -> str:
        """What the file is called, unless a person says otherwise."""
        programs = dict.fromkeys(one.point.program for one in self.content.measurements)
        what = next(iter(programs)) if len(programs) == 1 else f"{len(programs)}-programs"
        first = self.content.experiments[0].id if self.content.experiments else ""
        return f"{what}-{first or self.content.measurements[0].id}{SUFFIX}"

    def write(self, path: str) -> None:
        """Write the pack at *path*, as a whole or not at all. Raises StoreError."""
        directory, name = os.path.split(os.path.abspath(path))
        temporary = os.path.join(directory, f".{name[:48]}.{os.urandom(6).hex()}.tmp")
        try:
            with open(temporary, "wb") as stream:
                write(stream, self.content, self.files)
            os.replace(temporary, path)
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from error
        finally:
            with suppress(OSError):
                os.unlink(temporary)  # gone already unless something failed


def gather(
    workspace: Workspace,
    records: Records,
    ids: Sequence[str],
    *,
    data: str = SMALL,
    private: Private | None = None,
) -> Material:
    """What has one of *ids*, with all that it takes to do it again.

    *data* says which data sets travel that no recipe fetches: `all`, `small` ones or `none`.
    *private* is what may not travel, by default all that tells of a person or their places.
    Raises UsageError for what cannot be done again anywhere, and for a file that names a place
    of this machine; StoreError where something that was kept is damaged.
    """
    shown = [show(records, id_) for id_ in ids]
    measurements = {one.id: one for each in shown for one in each.measurements}
    experiments = {one.id: one for each in shown for one in each.experiments}
    contexts = {digest: form for each in shown for digest, form in each.contexts.items()}
    if not measurements:
        raise UsageError(f"nothing was measured in {', '.join(ids)}")
    gatherer = _Gatherer(workspace, data, private or private_of(workspace))
    gatherer.take(sorted(measurements.values(), key=lambda one: one.id), contexts)
    gatherer.require_public()
    return gatherer.material(tuple(experiments[id_] for id_ in sorted(experiments)))


@dataclass(slots=True)
class _Gatherer:
    """A pack in the making."""

    workspace: Workspace
    data: str
    private: Private
    files: dict[str, _Source] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    contexts: dict[str, dict[str, Any]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    left_out: dict[LeftOut, None] = field(default_factory=dict)
    """Each once, in order."""

    def take(
        self, measurements: Sequence[Measurement], contexts: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Take all *measurements*, those of a point in a context together."""
        groups: dict[tuple[str, str], list[Measurement]] = {}
        for one in measurements:
            groups.setdefault((one.point.id, one.context), []).append(one)
        for group in groups.values():
            self._take(group, contexts.get(group[0].context, {}))

    def _take(self, group: Sequence[Measurement], context: Mapping[str, Any]) -> None:
        first = group[0]
        _require_known(first, context)
        if any(one.inputs != first.inputs for one in group):
            raise UsageError(
                f"the inputs of {first.point.name} changed from one measurement to the next",
                hint="pack the measurements one by one; `envmgr experiment show` gives their ids",
            )
        digest = self._context(context, first.point.data)
        own = [self._public(one, digest) for one in group]
        self.measurements += own
        program, place = self._program(first, context)
        self.cases.append(
            Case(
                point=own[0].point.id,
                context=digest,
                program=place,
                environment=self._environment(first, context),
                data=self._data_sets(first, context),
                reference=self._reference(first, context, program),
            )
        )

    # -- documents ---------------------------------------------------------------------------

    def _public(self, one: Measurement, context: str) -> Measurement:
        form = self.private.document(to_json(one))
        return replace(measurement_of(form), context=context)

    def _context(self, context: Mapping[str, Any], roles: Collection[str]) -> str:
        """Take *context* without its lock, which has a file of its own; its digest now."""
        prefixes = {one.prefix: f"/DATA/{one.name}" for one in data_entries(context, roles)}
        places = replace(self.private, places={**self.private.places, **prefixes})
        form = places.document({name: it for name, it in context.items() if name != "lock"})
        digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()
        self.contexts[digest] = form
        return digest

    def material(self, experiments: Sequence[Experiment]) -> Material:
        """All of it."""
        forms = [self.private.document(asdict(one)) for one in experiments]
        public = (Experiment(**{**one, "argv": tuple(one["argv"]), "context": ""}) for one in forms)
        content = Content(
            tuple(public),
            tuple(self.measurements),
            self.contexts,
            tuple(self.cases),
            tuple(self.left_out),
        )
        return Material(content, self.files)

    def require_public(self) -> None:
        """Raise UsageError for a file that names a private place: it must stay as it is."""
        for name, source in self.files.items():
            found = self.private.found_in(source)
            if found is not None:
                raise UsageError(
                    f"{name} holds {found}, a place of this machine, and cannot travel",
                    hint="take it out and measure again, or leave data sets out by --data none",
                )

    # -- programs ----------------------------------------------------------------------------

    def _program(self, one: Measurement, context: Mapping[str, Any]) -> tuple[Program, str]:
        """The program as it was measured, and its directory in the pack."""
        told, name = context["program"], one.point.program
        root = self._root(name, told)
        program = find_program(self.workspace, root)
        key = hashlib.sha256(f"{told['definition']} {told['sources']}".encode()).hexdigest()[:12]
        place = f"programs/{key}/{name}"
        self.files[f"{place}/{PROGRAM_FILE}"] = os.path.join(root, PROGRAM_FILE)
        if is_fetched(program):
            source = program.source
            why = f"it is fetched again from {source.url or source.git}"
            name = f"the sources of {name}"
            self.left_out[LeftOut(name, source.digest or source.commit or "", why)] = None
            return program, place
        for path in told["files"]:
            self.files[f"{place}/{path}"] = os.path.join(root, *path.split("/"))
        return program, place

    def _root(self, name: str, told: Mapping[str, Any]) -> str:
        """Where the program is with exactly what was measured."""
        root = kept(self.workspace, name, told["definition"], told["sources"])
        if root is None:  # too large to be kept, or measured elsewhere
            root = self._catalogued(name)
        for path, digest in {**told["files"], PROGRAM_FILE: told["definition"]}.items():
            self._require(os.path.join(root, *path.split("/")), digest, name)
        return root

    def _catalogued(self, name: str) -> str:
        try:
            return os.path.dirname(self.workspace.catalogue.program(name).file)
        except UsageError as error:
            raise StoreError(
                f"this store does not have {name} as it was measured",
                hint="pack it where it was measured",
            ) from error

    def _require(self, path: str, digest: str, program: str) -> None:
        try:
            same = file_digest(path) == digest
        except OSError:
            same = False
        if not same:
            raise StoreError(
                f"{path} of {program} is not what was measured",
                hint=f"measure it again: envmgr program run {program}",
            )

    # -- environments ------------------------------------------------------------------------

    def _environment(self, one: Measurement, context: Mapping[str, Any]) -> str:
        """The directory of the pack with the project and the lock of what was needed."""
        if context.get("lock") is None:
            return ""
        lock = _lock_of_needs(context, one.point.data)
        if not lock.platforms:
            return ""
        text = self.private.text(written(lock))
        place = f"environments/{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        (part,) = lock.platforms.values()
        needs = (spelled(Query.parse(wish)) for wish in part.environments[DEFAULT].answers)
        lines = "".join(f'    "{need}",\n' for need in needs)
        self.files[f"{place}/{FILE}"] = _PROJECT.format(needs=lines).encode()
        self.files[f"{place}/{LOCK}"] = text.encode()
        return place

    # -- data sets and references ------------------------------------------------------------

    def _data_sets(self, one: Measurement, context: Mapping[str, Any]) -> dict[str, Data]:
        by_name = {str(entry): entry for entry in data_entries(context, one.point.data)}
        return {
            role: self._data_set(by_name[thing], one.inputs[role])
            for role, thing in one.point.data.items()
            if thing in by_name
        }

    def _data_set(self, entry: Entry, digest: str) -> Data:
        made = Data(
            entry.name, entry.version, digest, entry=relative(entry), note=self._note(entry)
        )
        why = self._why_not(entry, digest)
        if why:
            self.left_out[LeftOut(str(entry), digest, why)] = None
            return made
        place = f"data/{safe_name(f'{entry.name}-{entry.version}')}-{digest[:8]}"
        for path in files_of(entry):
            name = os.path.relpath(path, entry.prefix).replace(os.sep, "/")
            self.files[f"{place}/{name}"] = path
        return replace(made, place=place)

    def _why_not(self, entry: Entry, digest: str) -> str:
        """Why the data set does not travel; empty when it does."""
        if self.data == NONE:
            return "no data was to travel"
        try:
            if input_digest(entry.path) != digest:
                return "it has changed since it was measured"
            size = sum(map(os.path.getsize, files_of(entry)))
        except (OSError, EnvmgrError):
            return "it is no longer where it was"
        if self.data == SMALL and size > SMALL_SIZE:
            return f"it has {size >> 20} MiB; --data all takes it along"
        return ""

    def _note(self, entry: Entry) -> str:
        try:
            detector = self.workspace.catalogue.detector(entry.origin.detector)
        except UsageError:
            return "its licence is not known here"
        where = f"see {detector.homepage}" if detector.homepage else "its detector names none"
        return f"{detector.description}; for its licence {where}"

    def _reference(self, one: Measurement, context: Mapping[str, Any], program: Program) -> str:
        point = one.point
        run = program.runs.get(point.command)
        if run is None or not run.wants_reference:
            return ""
        sources = context["program"]["sources"]
        key = key_of(point.program, sources, point.command, point.params, one.inputs)
        found = find(reference_place(self.workspace), key)
        if found is None:
            why = "nothing was recorded, or it is damaged"
            self.left_out[LeftOut(f"the reference of {point.name}", key, why)] = None
            return ""
        directory = os.path.join(reference_place(self.workspace), key)
        for name in os.listdir(directory):
            self.files[f"references/{key}/{name}"] = os.path.join(directory, name)
        return key


def _require_known(one: Measurement, context: Mapping[str, Any]) -> None:
    """Raise UsageError for what nobody could do again."""
    if not {"program", "wanted", "entries"} <= context.keys():
        raise UsageError(
            f"{one.point.name} was not measured by `envmgr program run`: nothing tells how to do"
            " it again",
            hint="`envmgr experiment export --format json` writes what was measured",
        )


def _lock_of_needs(context: Mapping[str, Any], roles: Collection[str]) -> Lock:
    """The recorded lock without the data sets that travel apart, or are looked for apart."""
    lock = parsed(context["lock"], "the recorded lock")
    part = lock.platforms[context["platform"]]
    apart = {
        wish_text(Query.parse(f"{e.name}@=={e.version}")) for e in data_entries(context, roles)
    }
    every = part.environments[DEFAULT].answers
    answers = {wish: key for wish, key in every.items() if wish not in apart}
    if not answers:
        return Lock()
    keys = part.closure(answers.values(), builds=True)
    whole = replace(
        part,
        environments={DEFAULT: LockedEnvironment(answers)},
        entries={key: part.entries[key] for key in keys},
    )
    return Lock({context["platform"]: whole})
