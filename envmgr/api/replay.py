"""Replaying: what was measured is done again, here, and held against what was recorded."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from envmgr.api.experiment import records_of
from envmgr.api.pack import NONE, gather
from envmgr.api.private import Private
from envmgr.api.remake import Limits, Made, Maker
from envmgr.api.sweep import Subject, Sweep, begin
from envmgr.api.workspace import Workspace
from envmgr.errors import ProgramError, UsageError
from envmgr.experiment.comparison import Rule
from envmgr.experiment.pack import Case, Pack, opened
from envmgr.experiment.records import Records
from envmgr.experiment.sampling import Plan
from envmgr.experiment.verdict import (
    CANNOT,
    DIFFERS,
    REPRODUCED,
    Figures,
    Outputs,
    judge_figures,
    judge_outputs,
    worst,
)
from envmgr.model.measurement import Measurement, Point
from envmgr.program.reference import find

Tell = Callable[[str], None]
_LEAST = 2
"""Runs of each point, so that what never comes out twice alike is known for that."""


@dataclass(frozen=True, slots=True)
class How:
    """What a person asked of a replay."""

    only: tuple[str, ...] = ()
    """Ids of points, or how they begin; none means all of them."""
    repeat: int | None = 0
    """Rounds; 0 is as many as were recorded, None goes on until the figure is known."""
    rule: Rule = field(default_factory=Rule)
    """How figures are compared."""
    offline: bool = False
    relax: bool = False
    is_own: bool = False
    """It was recorded here, so it may reach the same machines again."""
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one point."""

    point: Point
    """As it was recorded."""
    outputs: Outputs
    figures: Figures | None = None
    changes: tuple[str, ...] = ()
    """What is not as it was in its environment."""
    alterations: tuple[str, ...] = ()
    """What is not as it was in its program: then it is another."""
    reasons: tuple[str, ...] = ()
    """Why it cannot be done here; empty when it can."""
    is_restored: bool = False
    """Whether there is an environment to do it in."""
    recorded: int = 0
    """Measurements that were recorded."""
    replayed: int = 0

    @property
    def verdict(self) -> str:
        """Whether its outputs are reproduced, by the program that was measured."""
        return DIFFERS if self.alterations else self.outputs.verdict

    @property
    def environment(self) -> str:
        """Whether it was done in the environment that was recorded."""
        if not self.is_restored:
            return CANNOT
        return DIFFERS if self.changes else REPRODUCED


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of everything."""

    points: tuple[Replayed, ...]
    experiments: tuple[str, ...] = ()
    """Ids under which the runs are recorded here."""
    warnings: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """On all outputs."""
        return worst([one.verdict for one in self.points])

    @property
    def figures(self) -> str:
        """On all figures."""
        return worst([one.figures.outcome if one.figures else CANNOT for one in self.points])


# -- opening ---------------------------------------------------------------------------------


@contextmanager
def scratch(workspace: Workspace) -> Iterator[str]:
    """An empty directory for a replay, gone afterwards."""
    place = os.path.join(workspace.layout.cache, "replays")
    os.makedirs(place, exist_ok=True)
    directory = tempfile.mkdtemp(dir=place)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def open_pack(workspace: Workspace, named: str, directory: str) -> Pack:
    """The pack in the file *named*, or one made of what is recorded under that id.

    Its files are put below *directory*. Raises StoreError for what is damaged, UsageError for
    what there is not.
    """
    into = os.path.join(directory, "pack")
    os.mkdir(into)
    if os.path.isfile(named):
        return opened(named, into)
    if os.sep in named or not all(c in "0123456789abcdef" for c in named):
        raise UsageError(f"there is no pack {named}", hint="give the file of a pack, or an id")
    file = os.path.join(directory, "recorded")
    with records_of(workspace) as records:
        # It goes nowhere, so nothing is taken out of it, and its data sets are where they were.
        gather(workspace, records, [named], data=NONE, private=Private({})).write(file)
    return opened(file, into)


# -- replaying -------------------------------------------------------------------------------


def replay(
    workspace: Workspace, pack: Pack, directory: str, how: How, tell: Tell = lambda _: None
) -> Replay:
    """Do again what is in *pack*, with builds below *directory*; the runs are recorded here.

    *tell* is told what is going to be done. Raises UsageError when nothing of it is meant.
    """
    cases = _meant(pack, how.only)
    builds = os.path.join(directory, "builds")
    limits = Limits(offline=how.offline, relax=how.relax, is_own=how.is_own)
    maker = Maker(workspace, pack, builds, limits, tell)
    tell(f"restoring and building {_points(len(cases))}")
    made = [maker.make(case) for case in cases]
    with records_of(workspace, write=True) as records:
        runner = _Runner(workspace, pack, records, how, tell)
        runner.run([one for one in made if one.ready is not None])
        points = tuple(map(runner.judged, made))
    return Replay(points, tuple(runner.experiments), tuple(runner.warnings))


def _points(count: int) -> str:
    return f"{count} {'point' if count == 1 else 'points'}"


def _meant(pack: Pack, only: Sequence[str]) -> list[Case]:
    cases = list(pack.content.cases)
    found = [c for c in cases if not only or any(c.point.startswith(text) for text in only)]
    if not found:
        there = ", ".join(dict.fromkeys(case.point for case in cases))
        raise UsageError(f"there is no point {', '.join(only)}", hint=f"there are: {there}")
    return found


@dataclass(slots=True)
class _Runner:
    """Runs what could be made, and judges it."""

    workspace: Workspace
    pack: Pack
    records: Records
    how: How
    tell: Tell
    experiments: list[str] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    done: dict[int, list[Measurement]] = field(default_factory=dict)
    """The measurements of each that was made, by its identity."""
    failed: dict[int, str] = field(default_factory=dict)
    """Why one of them cannot be run."""

    def run(self, made: Sequence[Made]) -> None:
        """Measure all of *made*: as many together as are different points, in rounds."""
        left = list(made)
        while left:
            together = {one.point.id: one for one in reversed(left)}
            self._measure(list(together.values()))
            left = [one for one in left if together[one.point.id] is not one]

    def _measure(self, together: Sequence[Made]) -> None:
        self.tell(f"measuring {_points(len(together))}")
        try:
            sweep = self._begun(together)
            done = list(sweep.run(self._plan(together), seed=secrets.randbelow(2**32)))
        except ProgramError as error:
            self._one_by_one(together, error)
            return
        self.experiments.append(sweep.experiment.id)
        self.warnings |= sweep.warnings
        for one in together:
            self.done[id(one)] = [each for each in done if each.point.id == one.point.id]

    def _one_by_one(self, together: Sequence[Made], error: ProgramError) -> None:
        """What cannot be begun keeps no other from being measured."""
        if len(together) == 1:
            self.failed[id(together[0])] = error.message
            return
        for one in together:
            self._measure([one])

    def _begun(self, together: Sequence[Made]) -> Sweep:
        title = next((one.title for one in self.pack.content.experiments), "")
        ready = [one.ready for one in together if one.ready is not None]
        sweep = begin(
            self.workspace,
            self.records,
            ready,
            title=f"replay of {title}" if title else "replay",
            argv=self.how.argv,
        )
        for one in together:
            subject = sweep.subjects[one.point.id]
            sweep.subjects[one.point.id] = self._with_reference(subject, one)
        return sweep

    def _with_reference(self, subject: Subject, made: Made) -> Subject:
        """*subject* with the reference out of the pack: the one that it was checked against."""
        key = made.case.reference
        if not key:
            return subject
        return replace(subject, reference=find(self.pack.place("references"), key))

    def _plan(self, together: Sequence[Made]) -> Plan:
        figure = self.how.rule.figure
        if self.how.repeat is None:
            return Plan(figure=figure)
        recorded = max(len(self.pack.content.of(one.case)) for one in together)
        return Plan(figure=figure, repeat=self.how.repeat or max(_LEAST, recorded))

    # -- judging -----------------------------------------------------------------------------

    def judged(self, made: Made) -> Replayed:
        """What is to be said of it."""
        recorded = self.pack.content.of(made.case)
        reasons = (*made.reasons, *filter(None, [self.failed.get(id(made))]))
        told = Replayed(
            recorded[0].point,
            Outputs(DIFFERS if made.alterations else CANNOT, reasons[0] if reasons else ""),
            changes=made.changes,
            alterations=made.alterations,
            reasons=reasons,
            is_restored=made.is_restored,
            recorded=len(recorded),
        )
        done = self.done.get(id(made))
        if reasons or not done:
            return told
        return replace(
            told,
            outputs=judge_outputs(recorded, done, made.checked),
            figures=self._figures(recorded, done, made),
            replayed=len(done),
        )

    def _figures(
        self, recorded: Sequence[Measurement], done: Sequence[Measurement], made: Made
    ) -> Figures:
        rule = replace(self.how.rule, better=made.better(self.how.rule.figure))
        was = self.pack.content.contexts[made.case.context]
        now = self.records.document(done[0].context)
        return judge_figures(recorded, done, rule, (_processor(was), _processor(now)))


def _processor(context: Mapping[str, object]) -> str:
    """The model of the processor that a context tells of; empty when it does not."""
    found: object = context
    for key in ("host", "cpu", "model"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return str(found or "")
