"""Measuring what was asked for: here, or by an engine; from the start, or what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from random import Random

from envmgr.api.choosing import Choice
from envmgr.api.engine import LOCAL, open_engine
from envmgr.api.program import Instruments, sources_of
from envmgr.api.spread import Spread
from envmgr.api.sweep import Unbuilt, begin, build_all, known_of
from envmgr.api.unit import job_of
from envmgr.api.workspace import Workspace
from envmgr.errors import ProgramError, UsageError
from envmgr.experiment.records import Records
from envmgr.experiment.sampling import Plan, Progress
from envmgr.experiment.select import Filter
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point

Shows = Callable[[str, str], AbstractContextManager[Callable[[str], None]]]
"""Shows how far something is that is called so, counted in such units; one call for each."""


@contextmanager
def unseen(_what: str, _unit: str) -> Iterator[Callable[[str], None]]:
    """Show nothing."""
    yield lambda _: None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be measured, and how."""

    choices: tuple[Choice, ...]
    plan: Plan
    experiment: Experiment
    seed: int = 0
    instruments: Instruments = Instruments()  # noqa: RUF009  # it is frozen
    timeout: float | None = None
    """Seconds after which a run is ended; None leaves it to the program."""
    on: str = LOCAL
    """The engine, as a person calls it."""
    options: Mapping[str, object] | None = None
    """Of the engine."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of it."""

    experiment: Experiment
    points: tuple[Point, ...]
    """Those that could be measured."""
    done: tuple[Measurement, ...]
    """Of those points; what was recorded earlier too."""
    unbuilt: tuple[Unbuilt, ...]
    """Choices of which all runs, or some, could not even be begun."""
    warnings: tuple[str, ...]
    reason: str
    """Why there were no more rounds."""


def resumed(records: Records, id_: str, choices: Sequence[Choice]) -> Experiment:
    """The experiment whose id begins with *id_*, to go on with the points of *choices*.

    Raises UsageError when there is not exactly one, or when all that it measured is something else.
    """
    found = records.experiments(Filter(experiment=id_))
    if len(found) != 1:
        what = f"{id_!r} begins several ids" if found else f"no experiment has the id {id_!r}"
        raise UsageError(what, hint="`envmgr experiment list` shows them")
    there = {one.id for one in records.points(Filter(experiment=found[0].id))}
    if there and there.isdisjoint(one.point.id for one in choices):
        raise UsageError(
            f"experiment {found[0].id} measured nothing of what was asked for now",
            hint=f"it was begun by: {' '.join(found[0].argv) or 'nobody knows what'}",
        )
    return found[0]


def sweep(workspace: Workspace, records: Records, order: Order, show: Shows = unseen) -> Swept:
    """Measure what *order* says; what is recorded of its experiment already is left as it is."""
    return (_here if order.on == LOCAL else _elsewhere)(workspace, records, order, show)


def _here(workspace: Workspace, records: Records, order: Order, show: Shows) -> Swept:
    with show("building", "builds") as tell:
        prepared = build_all(workspace, order.choices, tell=tell)
    going = begin(
        workspace,
        records,
        prepared.ready,
        instruments=order.instruments,
        experiment=order.experiment,
    )
    with show("measuring", "") as tell:
        done = tuple(going.run(order.plan, seed=order.seed, tell=lambda far: tell(_far(far))))
    points = tuple(one.point for one in going.subjects.values())
    return Swept(
        order.experiment, points, done, prepared.unbuilt, tuple(going.warnings), going.reason
    )


def _far(progress: Progress) -> str:
    known = f", medians known to {progress.precision:.1%}" if progress.precision < 1 else ""
    return f"round {progress.rounds + 1}, {progress.left} points{known}"


def _elsewhere(workspace: Workspace, records: Records, order: Order, show: Shows) -> Swept:
    rounds = order.plan.repeat
    if rounds is None:
        raise UsageError(
            f"--repeat auto cannot be told to {order.on}: machines differ in how sure they are",
            hint="say how many rounds: --repeat 20",
        )
    by_id = {one.point.id: one for one in order.choices}
    tree = sources_of(workspace, order.choices[0].program)
    jobs = {
        id_: job_of(
            workspace,
            order.experiment,
            choice,
            tree,
            instruments=order.instruments,
            timeout=order.timeout,
        )
        for id_, choice in by_id.items()
    }
    with (
        open_engine(order.on, workspace.layout, order.options) as engine,
        show("measuring", "runs") as tell,
    ):
        records.begin(order.experiment)
        spread = Spread(records, engine, jobs, known_of(records, order.experiment.id), tell)
        done = tuple(spread.run(order.plan, rounds, Random(order.seed)))  # noqa: S311
    refused = tuple(
        Unbuilt(by_id[id_], ProgramError(f"{by_id[id_].point.name} {why.message}"))
        for id_, why in spread.refused.items()
    )
    measured = {one.point.id for one in done}
    points = tuple(one.point for id_, one in by_id.items() if id_ in measured)
    reason = f"{rounds} rounds, as asked for"
    return Swept(order.experiment, points, done, refused, tuple(spread.warnings), reason)
