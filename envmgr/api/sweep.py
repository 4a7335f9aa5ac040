"""Sweeps: points that are each built, then measured in rounds, and recorded as soon as done."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from envmgr.api.choosing import Choice
from envmgr.api.context import context_of, input_digests, input_stamps
from envmgr.api.program import (
    Instruments,
    Outcome,
    Ready,
    prepare,
    run_directory,
    run_once,
    sources_of,
)
from envmgr.api.workspace import Workspace
from envmgr.errors import ProgramError
from envmgr.experiment.records import Records
from envmgr.experiment.sampling import Plan, Progress, sample
from envmgr.experiment.select import Filter
from envmgr.host import conditions
from envmgr.host.conditions import worries
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import FAILED, RESULTS, Measurement, Point, new_id
from envmgr.program.figures import figures_of
from envmgr.program.reference import Reference, find, key_of
from envmgr.program.source import SourceTree


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """A choice for which there is no program."""

    choice: Choice
    error: ProgramError


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be measured, and what could not be built."""

    ready: tuple[Ready, ...]
    unbuilt: tuple[Unbuilt, ...] = ()


def build_all(
    workspace: Workspace,
    choices: Sequence[Choice],
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Build every choice, several at once; a build that fails does not keep others from it."""
    from concurrent.futures import ThreadPoolExecutor

    if not choices:
        return Prepared(())
    tree = sources_of(workspace, choices[0].program)

    def attempt(choice: Choice) -> Ready | Unbuilt:
        try:
            return prepare(workspace, choice, tree)
        except ProgramError as error:
            return Unbuilt(choice, error)
        finally:
            tell(str(choice.point.name))

    with ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        done = list(pool.map(attempt, choices))
    return Prepared(
        tuple(one for one in done if isinstance(one, Ready)),
        tuple(one for one in done if isinstance(one, Unbuilt)),
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """One point of an experiment, with all that stays the same from run to run."""

    ready: Ready
    inputs: Mapping[str, str]
    context: str
    reference: Reference | None
    stamps: Mapping[str, tuple[int, int]]
    """Each input to the size and the time of change of the file when it was hashed."""

    @property
    def point(self) -> Point:
        """What is measured."""
        return self.ready.choice.point

    def changed_inputs(self) -> list[str]:
        """The roles of data whose file is no longer what was hashed."""
        now = input_stamps(self.ready.choice)
        return [role for role, stamp in self.stamps.items() if now[role] != stamp]


@dataclass(slots=True)
class Sweep:
    """An experiment that is going on."""

    workspace: Workspace
    records: Records
    experiment: Experiment
    subjects: dict[str, Subject]
    """By the id of the point."""
    instruments: Instruments = field(default_factory=Instruments)
    warnings: dict[str, None] = field(default_factory=dict)
    """What makes figures worth little, each said once."""
    known: Mapping[tuple[str, int], Measurement] = field(default_factory=dict)
    """What is recorded of it already, by the id of the point and the round."""
    reason: str = ""
    """Why there were no more rounds; empty until then."""

    def measure(self, point: Point, number: int, repeats: int) -> Measurement:
        """Run *point* once; nothing is recorded yet.

        What cannot be run, or cannot be read afterwards, is a failure like any other.
        """
        subject = self.subjects[point.id]
        began = time.time_ns()
        try:
            with run_directory(self.workspace) as directory:
                outcome = run_once(
                    subject.ready,
                    directory,
                    repeats=repeats,
                    reference=subject.reference,
                    instruments=self.instruments,
                )
                self._warn(outcome)
                return self._measurement(subject, number, began, **self._found(subject, outcome))
        except ProgramError as error:
            return self._measurement(subject, number, began, verdict=FAILED, why=error.message)

    def _found(self, subject: Subject, outcome: Outcome) -> dict[str, Any]:
        """What a run came to, by the fields of a measurement."""
        judgement = outcome.judgement
        if changed := subject.changed_inputs():
            raise ProgramError(f"it changed what it reads: {', '.join(changed)}")
        is_result = judgement.verdict in RESULTS
        return {
            "verdict": judgement.verdict,
            "why": judgement.why,
            "figures": self._figures(subject, outcome) if is_result else {},
            "outputs": judgement.outputs,
            "empty": judgement.empty,
            "conditions": outcome.conditions.to_json(),
        }

    def _measurement(
        self, subject: Subject, number: int, began_ns: int, **found: Any
    ) -> Measurement:
        return Measurement(
            id=new_id(began_ns),
            experiment=self.experiment.id,
            point=subject.point,
            number=number,
            started=began_ns / 1e9,
            inputs=subject.inputs,
            context=subject.context,
            **found,
        )

    def _warn(self, outcome: Outcome) -> None:
        absent = outcome.ran.absent.items()
        self.warnings |= {f"no {name}: {reason}": None for name, reason in absent}
        if outcome.judgement.verdict in RESULTS:
            self.warnings |= dict.fromkeys(worries(outcome.conditions, outcome.ran.usage))

    def _figures(self, subject: Subject, outcome: Outcome) -> dict[str, float]:
        size = subject.ready.built.code_size
        return figures_of(outcome.ran) | ({"code_size": float(size)} if size else {})

    def run(
        self, plan: Plan, *, seed: int, tell: Callable[[Progress], None] = lambda _: None
    ) -> Iterator[Measurement]:
        """Measure everything as *plan* says; each measurement is recorded before it is given.

        What is recorded already is given as it is, and not measured again.
        """

        def told(far: Progress) -> None:
            self.reason = far.reason
            tell(far)

        points = [subject.point for subject in self.subjects.values()]
        for one in sample(points, self._once, plan, random=Random(seed), tell=told):  # noqa: S311
            if (one.point.id, one.number) not in self.known:
                self.records.add(one)
            yield one

    def _once(self, point: Point, number: int, repeats: int) -> Measurement:
        return self.known.get((point.id, number)) or self.measure(point, number, repeats)


def begin(
    workspace: Workspace,
    records: Records,
    ready: Sequence[Ready],
    *,
    title: str = "",
    argv: Sequence[str] = (),
    instruments: Instruments | None = None,
    experiment: Experiment | None = None,
) -> Sweep:
    """An experiment with a point for each of *ready*, its contexts recorded.

    Without *experiment* it is a new one.
    """
    from envmgr.host.facts import gather
    from envmgr.host.facts.reading import Machine

    standing = conditions.standing(Machine(workspace.environ))
    # Managers of packages are asked by starting them, and no figure depends on them.
    host = {
        **gather(workspace.environ, without=("managers",)).to_json(),
        "conditions": standing,
    }
    if experiment is None:
        experiment = Experiment.new(title, argv, context=records.context({"host": host}))
    records.begin(experiment)
    warnings = dict.fromkeys(conditions.standing_worries(standing))
    subjects = (_subject(workspace, records, one, host, warnings) for one in ready)
    by_id = {one.point.id: one for one in subjects}
    known = known_of(records, experiment.id)
    watch = instruments or Instruments()
    return Sweep(workspace, records, experiment, by_id, watch, warnings, known)


def known_of(records: Records, experiment: str) -> dict[tuple[str, int], Measurement]:
    """What is recorded of the experiment with this id, by the id of the point and the round."""
    found = records.find(Filter(experiment=experiment))
    return {(one.point.id, one.number): one for one in found}


def _subject(
    workspace: Workspace,
    records: Records,
    ready: Ready,
    host: Mapping[str, Any],
    warnings: dict[str, None],
) -> Subject:
    stamps = input_stamps(ready.choice)
    inputs = input_digests(ready.choice)
    context = records.context(context_of(workspace, ready, host))
    reference = reference_of(workspace, ready, lambda text: warnings.setdefault(text))
    return Subject(ready, inputs, context, reference, stamps)


def reference_place(workspace: Workspace) -> str:
    """Where what trusted builds gave is kept."""
    return os.path.join(workspace.layout.root, "references")


def reference_key(choice: Choice, sources: SourceTree, inputs: Mapping[str, str]) -> str:
    """What the reference of a point is kept under."""
    return key_of(choice.program.name, sources.digest, choice.command, choice.params, inputs)


def reference_of(
    workspace: Workspace,
    ready: Ready,
    say: Callable[[str], object] = lambda _: None,
) -> Reference | None:
    """What trusted builds gave for this point, where a check asks for it: inputs are only hashed
    then."""
    choice = ready.choice
    if not choice.run.wants_reference:
        return None
    key = reference_key(choice, ready.tree, input_digests(choice))
    return find(reference_place(workspace), key, say)
