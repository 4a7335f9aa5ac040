"""Units: one measurement of one point, as a value that any machine with envmgr can carry out.

A unit holds what was chosen in the words of any machine. Who carries it out finds the same things
in its own store, builds, runs and judges there, and gives back the measurement with its context.
"""

from __future__ import annotations

import os
import platform
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from envmgr._version import __version__
from envmgr.api.choosing import Asked, Choice, choices
from envmgr.api.context import input_digests, wanted
from envmgr.api.kept import is_fetched
from envmgr.api.parcel import Parcel, files_below, packed, put_down
from envmgr.api.program import Instruments, find_program, prepare, with_timeout
from envmgr.api.sweep import Sweep, begin, reference_key, reference_place
from envmgr.api.workspace import Workspace
from envmgr.catalog.scan import PROGRAM_FILE
from envmgr.errors import EnvmgrError, ProgramError, UsageError
from envmgr.experiment.records import open_records
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point
from envmgr.program.source import SourceTree, tree_of

_KEPT = 256
"""Points of which a process that carries out units remembers all that stays the same."""


@dataclass(frozen=True, slots=True)
class Job:
    """What all units of one point have in common."""

    experiment: Experiment
    point: Point
    exact: Mapping[str, str]
    """Role to a query for exactly what fills it."""
    program: Parcel
    """The directory of its definition, by its name."""
    sources: Parcel | None = None
    """What was fetched, where the sources are not beside the definition."""
    reference: Parcel | None = None
    """What trusted builds gave, where a check asks for it."""
    instruments: Instruments = field(default_factory=Instruments)
    timeout: float | None = None
    """Seconds after which a run is ended; None leaves it to the definition."""
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Unit:
    """One measurement that is to be made."""

    job: Job
    number: int
    """The round."""
    repeats: int = 1
    warmup: int = 0
    """Runs that come first where this point was not measured before, and do not count."""

    @property
    def id(self) -> str:
        """The id of its measurement, which is the same whoever makes it and however often.

        As all such ids it sorts by time as far as is known beforehand: by experiment and round.
        """
        key = f"{self.job.experiment.id} {self.job.point.id} {self.number}"
        chance = int(sha256(key.encode()).hexdigest()[:16], 16)
        moment = int(self.job.experiment.created * 1000) + 1000 * self.number
        return f"{moment + chance % 1000:012x}{chance // 1000 % (1 << 32):08x}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What carrying out a unit gave."""

    measurement: Measurement
    context: Mapping[str, Any]
    """Its context, which has the digest that it names."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no measurement: the run was not even begun."""

    message: str


# -- who asks --------------------------------------------------------------------------------


def job_of(
    workspace: Workspace,
    experiment: Experiment,
    choice: Choice,
    tree: SourceTree,
    *,
    instruments: Instruments,
    timeout: float | None = None,
) -> Job:
    """What is to be measured, with everything that another machine cannot find by itself."""
    program = choice.program
    above, name = os.path.split(os.path.dirname(program.file))
    beside = [PROGRAM_FILE, *tree_of(program).files]
    return Job(
        experiment=experiment,
        point=choice.point,
        exact=wanted(choice),
        program=packed(above, [f"{name}/{path}" for path in beside]),
        sources=packed(tree.root, tree.files) if is_fetched(program) else None,
        reference=_reference(workspace, choice, tree),
        instruments=instruments,
        timeout=timeout,
    )


def _reference(workspace: Workspace, choice: Choice, tree: SourceTree) -> Parcel | None:
    if not choice.run.wants_reference:
        return None
    key = reference_key(choice, tree, input_digests(choice))
    directory = os.path.join(reference_place(workspace), key)
    found = files_below(directory)
    return packed(directory, found, name=key) if found else None


# -- who carries it out ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bench:
    """A point that is built here, ready to be measured."""

    sweep: Sweep
    context: Mapping[str, Any]

    def measure(self, number: int, repeats: int) -> Measurement:
        (subject,) = self.sweep.subjects.values()
        return self.sweep.measure(subject.point, number, repeats)


_one_at_a_time = threading.Lock()
"""What runs beside a measurement spoils it."""
_benches: dict[tuple[str, str], _Bench] = {}


def deliver(unit: Unit) -> Delivered | Refused:
    """Carry out *unit* with the store of this process."""
    try:
        with _one_at_a_time:
            return _delivered(unit)
    except EnvmgrError as error:
        log = error.log if isinstance(error, ProgramError) else None
        where = f" (its log there: {log})" if log else ""
        return Refused(f"on {platform.node()}: {error.message}{where}")


def _delivered(unit: Unit) -> Delivered:
    key = (unit.job.experiment.id, unit.job.point.id)
    bench, warmup = _benches.get(key), 0
    if bench is None:
        bench, warmup = _set_up(unit.job), unit.warmup
        if len(_benches) >= _KEPT:
            _benches.clear()
        _benches[key] = bench
    for _ in range(warmup):
        bench.measure(0, 1)
    one = bench.measure(unit.number, unit.repeats)
    conditions = {**one.conditions, "worker": _this_worker()}
    named = replace(one, id=unit.id, experiment=unit.job.experiment.id, conditions=conditions)
    return Delivered(named, bench.context, tuple(bench.sweep.warnings))


def _this_worker() -> str:
    """What tells this machine from others that are like it, without its name: 8 digits."""
    return sha256(platform.node().encode()).hexdigest()[:8]


def _set_up(job: Job) -> _Bench:
    if job.version != __version__:
        raise UsageError(f"the worker has envmgr {__version__}, and {job.version} asks it")
    workspace = Workspace()
    parcels = os.path.join(workspace.layout.cache, "parcels")
    home = os.path.join(put_down(job.program, parcels), job.point.program)
    program = with_timeout(find_program(workspace, home), job.timeout)
    choice = _same(choices(workspace, program, _asked(job)), job.point)
    fetched = put_down(job.sources, parcels) if job.sources else None
    if job.reference:
        put_down(job.reference, reference_place(workspace))
    ready = prepare(workspace, choice, tree_of(program, fetched))
    with (
        tempfile.TemporaryDirectory() as scratch,  # who asks records it; here it is only made
        open_records(os.path.join(scratch, "records")) as records,
    ):
        sweep = begin(workspace, records, [ready], instruments=job.instruments)
        (subject,) = sweep.subjects.values()
        return _Bench(sweep, records.document(subject.context))


def _asked(job: Job) -> Asked:
    def exactly(roles: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(f"{role}={job.exact[role]}" for role in roles)

    return Asked(
        command=job.point.command,
        with_=exactly(job.point.needs),
        data=exactly(job.point.data),
        params=tuple(job.point.params.items()),
        flags=(job.point.flags,),
        target=job.point.target,
    )


def _same(found: tuple[Choice, ...], point: Point) -> Choice:
    """The one choice, which must be what was asked for. Raises UsageError."""
    if len(found) != 1 or found[0].point.id != point.id:
        raise UsageError(f"the worker does not have what {point.name} is to be measured with")
    return found[0]
