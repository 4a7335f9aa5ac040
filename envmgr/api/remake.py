"""Making again what was measured: its environment, its inputs and its program, as recorded.

What is in the way is a reason why it cannot be done here. What is otherwise and not in the way is
told: of the environment as a change, of the program as an alteration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from envmgr.api import recorded
from envmgr.api.choosing import Choice, environ_of
from envmgr.api.context import input_digests
from envmgr.api.detect import detect
from envmgr.api.kept import is_fetched
from envmgr.api.program import Ready, find_program, prepare, sources_of
from envmgr.api.program_sources import place_of
from envmgr.api.restore import Restored, Tell, answers_of, data_set, restore
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, ProgramError
from envmgr.experiment.pack import Case, Pack
from envmgr.model.entry import Entry
from envmgr.model.lock import wish_text
from envmgr.model.measurement import Point
from envmgr.model.program import Program
from envmgr.model.query import Query
from envmgr.model.resolution import Resolution
from envmgr.program.reference import find
from envmgr.program.source import SourceTree
from envmgr.program.target import open_target
from envmgr.resolve.resolve import resolve

_NONSENSE = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a document may come to that says something else than was written."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be done for it."""

    offline: bool = False
    """Nothing is fetched."""
    relax: bool = False
    """Another version may stand for what was needed, as far as the program takes it."""
    is_own: bool = False
    """It may reach the machines that the record names: it was recorded by the same person."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was measured, made again; or why it cannot be."""

    case: Case
    ready: Ready | None = None
    """None when there is nothing to run."""
    changes: tuple[str, ...] = ()
    alterations: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_restored: bool = False
    """Whether there is an environment to do it in."""
    unsteady: tuple[str, ...] = ()
    """Outputs that trusted builds never gave twice alike."""

    @property
    def point(self) -> Point:
        """What it is here."""
        assert self.ready is not None
        return self.ready.choice.point

    @property
    def checked(self) -> frozenset[str]:
        """The outputs that its checks look at."""
        assert self.ready is not None
        files = {check.file for check in self.ready.choice.run.checks}
        return frozenset(files - set(self.unsteady))

    def better(self, figure: str) -> str:
        """Which way *figure* is better."""
        assert self.ready is not None
        own = self.ready.choice.run.figures.get(figure)
        return own.better if own else "lower"


@dataclass(slots=True)
class Maker:
    """Makes cases of *pack* again, with builds below the directory *builds*."""

    workspace: Workspace
    pack: Pack
    builds: str
    limits: Limits
    tell: Tell
    _restored: dict[str, Restored] = field(default_factory=dict)

    def make(self, case: Case) -> Made:
        """*case* as it was, as far as this machine allows."""
        try:
            return self._made(case)
        except EnvmgrError as error:
            return Made(case, reasons=(error.message, *getattr(error, "lines", ())))
        except _NONSENSE as error:
            return Made(case, reasons=(f"the pack does not say how: {error!r}",))

    def _made(self, case: Case) -> Made:
        point = self.pack.content.point(case)
        program, tree, alterations = self._program(case)
        restored, data = self._restore(case), self._data(case)
        is_restored = self.limits.relax or not restored.reasons
        made = Made(
            case, changes=restored.changes, alterations=alterations, is_restored=is_restored
        )
        in_the_way = [*self._elsewhere(point), *_missing(case, data)]
        if self.limits.relax:
            made = replace(made, changes=(*made.changes, *restored.reasons))
        else:
            in_the_way += restored.reasons
        if in_the_way:
            return replace(made, reasons=tuple(in_the_way))
        choice = self._choice(case, program, restored, {r: e for r, e in data.items() if e})
        changed = _changed(self.pack.content.of(case)[0].inputs, choice)
        if changed:
            return replace(made, reasons=changed)
        return self._built(made, choice, tree)

    def _built(self, made: Made, choice: Choice, tree: SourceTree) -> Made:
        try:
            ready = prepare(self.workspace, choice, tree, self.builds)
        except ProgramError as error:
            why = f"it cannot be built: {error.message}"
            if made.alterations:
                return replace(made, alterations=(*made.alterations, why))
            return replace(made, reasons=(why,))
        key = made.case.reference
        found = find(self.pack.place("references"), key) if key else None
        return replace(made, ready=ready, unsteady=found.unsteady if found else ())

    # -- the program -------------------------------------------------------------------------

    def _program(self, case: Case) -> tuple[Program, SourceTree, tuple[str, ...]]:
        """The program of *case*, its sources, and which of them are not what was measured."""
        program = find_program(self.workspace, self.pack.place(case.program))
        is_here = os.path.isdir(place_of(self.workspace, program.source))
        if is_fetched(program) and self.limits.offline and not is_here:
            where = program.source.url or program.source.git
            raise ProgramError(f"its sources are at {where}, and offline nothing is fetched")
        tree = sources_of(self.workspace, program)
        told: Mapping[str, Any] = self.pack.content.contexts[case.context]["program"]
        was, now = dict(told["files"]), dict(tree.files)
        altered = [path for path in sorted(was | now) if was.get(path) != now.get(path)]
        altered += ["program.toml"] if program.digest != told["definition"] else []
        return program, tree, tuple(f"{path} is not what was measured" for path in altered)

    # -- the environment ---------------------------------------------------------------------

    def _restore(self, case: Case) -> Restored:
        place = case.environment
        if not place:
            needs = self.pack.content.point(case).needs
            told = "nothing was locked: the same versions are taken from wherever they are"
            return Restored(changes=(told,) if needs else ())
        if place not in self._restored:
            directory = self.pack.place(place)
            self._restored[place] = restore(
                self.workspace, directory, offline=self.limits.offline, tell=self.tell
            )
        return self._restored[place]

    def _data(self, case: Case) -> dict[str, Entry | None]:
        return {role: data_set(self.workspace, self.pack, one) for role, one in case.data.items()}

    def _elsewhere(self, point: Point) -> tuple[str, ...]:
        """Why it may not run where it ran; a name alone is one of this person's own targets."""
        if self.limits.is_own or not point.target.startswith(("ssh:", "adb:")):
            return ()
        return (f"it ran on {point.target}: addresses in packs are not followed",)

    # -- choosing ----------------------------------------------------------------------------

    def _choice(
        self, case: Case, program: Program, restored: Restored, data: Mapping[str, Entry]
    ) -> Choice:
        point = self.pack.content.point(case)
        if point.command not in program.runs:
            raise ProgramError(f"{program.name} has no command {point.command}")
        queries = self._queries(case, program, point, restored)
        own = {entry.name for entry in data.values()}
        pool = [one for one in self._pool(case, program, restored) if one.name not in own]
        resolution = resolve(
            list(queries.values()), [*pool, *data.values()], platform=self.workspace.platform
        )
        layout, environ = self.workspace.layout, self.workspace.environ
        return Choice(
            program=program,
            command=point.command,
            params=point.params,
            flags=point.flags,
            entries=_by_role(queries, resolution),
            resolution=resolution,
            environ=environ_of(self.workspace, resolution),
            target=open_target(point.target, layout.root, environ),
        )

    def _queries(
        self, case: Case, program: Program, point: Point, restored: Restored
    ) -> dict[str, Query]:
        """Role to what fills it: what was recorded, or where that is not here what may be."""
        wanted = self.pack.content.contexts[case.context]["wanted"]
        exact = {
            role: Query.parse(wanted[role])
            for role in (*program.needs, *program.runs[point.command].data)
        }
        if not restored.reasons:
            return exact
        answers = answers_of(self.pack.place(case.environment), self.workspace.platform)
        here = {wish for wish, key in answers.items() if key in restored.entries}
        loose = [role for role in program.needs if wish_text(exact[role]) not in here]
        return {**exact, **{role: _alike(program, role, exact[role]) for role in loose}}

    def _pool(self, case: Case, program: Program, restored: Restored) -> list[Entry]:
        """What may answer: what is locked with all that it needs, or everything that is here."""
        if case.environment and not restored.reasons:
            return _with_needs(restored.entries, recorded.entries(self.workspace))
        for text in program.needs.values():
            if self.workspace.catalogue.detectors(Query.parse(text)):
                detect(self.workspace, [text])
        return list(recorded.entries(self.workspace))


def _alike(program: Program, role: str, exact: Query) -> Query:
    """What the program takes, and of that the same thing in another version first."""
    return replace(Query.parse(program.needs[role]), prefer=(exact.wanted[0],))


def _with_needs(entries: Mapping[str, Entry], known: tuple[Entry, ...]) -> list[Entry]:
    by_id = {entry.id: entry for entry in known}
    found: dict[str, Entry] = {}
    left = list(entries.values())
    while left:
        entry = left.pop()
        if entry.id not in found:
            found[entry.id] = entry
            left += [by_id[id_] for id_ in entry.needs if id_ in by_id]
    return list(found.values())


def _by_role(queries: Mapping[str, Query], resolution: Resolution) -> dict[str, Entry]:
    chosen = (answer.chosen for answer in resolution.answers)
    pairs = zip(queries, chosen, strict=True)
    return {role: one for role, one in pairs if isinstance(one, Entry)}


# -- inputs ----------------------------------------------------------------------------------


def _missing(case: Case, data: Mapping[str, Entry | None]) -> list[str]:
    return [
        f"data is missing: {one.name}@{one.version} with the sha256 {one.digest}"
        for role, one in case.data.items()
        if data[role] is None
    ]


def _changed(was: Mapping[str, str], choice: Choice) -> tuple[str, ...]:
    """Which inputs are not those that were measured."""
    now = input_digests(choice)
    return tuple(
        f"input changed: {role} ({choice.entries[role]}) had the sha256 {was.get(role)}, and"
        f" {choice.entries[role].path} has {digest}"
        for role, digest in now.items()
        if digest != was.get(role)
    )
