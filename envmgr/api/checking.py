"""Checking programs: right with every compiler, at every level, on every data set, and with
checks that a wrong program does not get past."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from envmgr.api.choosing import COMPILER, DATA, Asked, Choice, choices
from envmgr.api.context import input_digests
from envmgr.api.program import Outcome, Ready, prepare, run_directory, run_once, sources_of
from envmgr.api.sweep import build_all, reference_key, reference_of, reference_place
from envmgr.api.workspace import Workspace
from envmgr.errors import ProgramError, ResolutionError
from envmgr.model.measurement import FAILED, RESULTS, Point
from envmgr.model.program import Mutation, Program, RunCommand
from envmgr.model.query import Query
from envmgr.program.mutate import mutated
from envmgr.program.reference import Reference, record
from envmgr.program.source import tree_of

LEVELS = (("-O0",), ("-O2",), ("-O3",))
"""Options that each compiler is tried with, where no others are asked for."""
_LEVELLED = frozenset({"lang-c", "lang-cpp", "lang-fortran", "lang-cuda"})
_MUTANT_TIMEOUT = 20.0
"""Seconds that a program with a mistake may take: it may never end."""
_TRUSTED_RUNS = 2

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    point: Point
    verdict: str
    """One of `envmgr.model.measurement.VERDICTS`."""
    why: str = ""
    empty: tuple[str, ...] = ()
    """Outputs with nothing in them."""
    mutation: Mutation | None = None
    """The mistake that was made first, if one was."""
    log: str | None = None
    is_tried: bool = True
    """Whether it came to a run: what cannot be built proves nothing of the checks."""

    @property
    def is_good(self) -> bool:
        """Whether it came out as it should: right, or wrong when a mistake was made."""
        if self.mutation is None:
            return self.verdict in RESULTS
        return self.is_tried and self.verdict not in RESULTS


def check(
    workspace: Workspace,
    program: Program,
    asked: Asked,
    *,
    anew: bool = False,
    mutations: bool = True,
    tell: Tell = lambda _: None,
) -> list[Finding]:
    """Build and run *program* in every way that *asked* leaves open, and judge each output.

    Left open means: all its commands, all compilers, `LEVELS`, all data sets. Where a check
    compares with what trusted builds gave and nothing is recorded yet, or *anew*, that is
    recorded first, by the first compiler without optimisation. *mutations* are tried last.
    What cannot be had, built or started is a finding as well, and keeps nothing else from being
    tried. Raises UsageError for a name that the program does not have.
    """
    found = []
    for command in [asked.command] if asked.command else list(program.runs):
        widened = _widened(program, command, asked)
        found += _of_command(workspace, program, widened, anew, tell)
    if mutations:
        found += [_of_mutation(workspace, program, asked, one, tell) for one in program.mutations]
    return found


def _of_command(
    workspace: Workspace, program: Program, asked: Asked, anew: bool, tell: Tell
) -> list[Finding]:
    try:
        prepared = build_all(workspace, choices(workspace, program, asked), tell=tell)
        _record_missing(workspace, prepared.ready, anew)
    except (ProgramError, ResolutionError) as error:
        return [_untried(Point(program.name, asked.command), error)]
    unbuilt = [_untried(one.choice.point, one.error) for one in prepared.unbuilt]
    return unbuilt + _all_judged(workspace, prepared.ready, tell)


def _untried(
    point: Point, error: ProgramError | ResolutionError, mutation: Mutation | None = None
) -> Finding:
    """What could not be run, and why."""
    lines = error.lines if isinstance(error, ResolutionError) else ()
    log = error.log if isinstance(error, ProgramError) else None
    why = "\n".join((error.message, *lines))
    return Finding(point, FAILED, why, mutation=mutation, log=log, is_tried=False)


def _widened(program: Program, command: str, asked: Asked) -> Asked:
    """*asked* with everything that it leaves open."""
    flags = LEVELS if _has_levels(program) and asked.flags == ((),) else asked.flags
    compilers = (COMPILER,) if COMPILER in program.needs else ()
    return replace(asked, command=command, flags=flags, each=(*asked.each, *compilers, DATA))


def _has_levels(program: Program) -> bool:
    """Whether its compiler knows `LEVELS`: that of Go or Java does not."""
    wanted = Query.parse(program.needs.get(COMPILER, COMPILER)).wanted
    return program.build.system != "none" and not _LEVELLED.isdisjoint(wanted)


# -- runs ------------------------------------------------------------------------------------


def _all_judged(workspace: Workspace, ready: Sequence[Ready], tell: Tell) -> list[Finding]:
    """Every one run once, several at once: nothing is measured here."""

    def judged(one: Ready) -> Finding:
        try:
            reference = reference_of(workspace, one)
            return _finding(one.choice, _outcome(workspace, one, reference))
        except ProgramError as error:
            return _untried(one.choice.point, error)
        finally:
            tell(one.choice.point.name)

    with ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        return list(pool.map(judged, ready))


def _outcome(workspace: Workspace, ready: Ready, reference: Reference | None) -> Outcome:
    with run_directory(workspace) as directory:
        return run_once(ready, directory, reference=reference)


def _finding(choice: Choice, outcome: Outcome, mutation: Mutation | None = None) -> Finding:
    judgement = outcome.judgement
    return Finding(choice.point, judgement.verdict, judgement.why, judgement.empty, mutation)


# -- references ------------------------------------------------------------------------------


def _record_missing(workspace: Workspace, ready: Iterable[Ready], anew: bool) -> None:
    """Record what the least optimised build gives, once for each way to run it."""
    seen: set[str] = set()
    for one in ready:
        if not one.choice.run.wants_reference:
            return
        key = reference_key(one.choice, one.tree, input_digests(one.choice))
        if key in seen or (not anew and reference_of(workspace, one)):
            continue
        seen.add(key)
        _record(workspace, one, key)


def _record(workspace: Workspace, trusted: Ready, key: str) -> None:
    with run_directory(workspace) as directory:
        places = [os.path.join(directory, str(i)) for i in range(_TRUSTED_RUNS)]
        for place in places:
            os.mkdir(place)
        rans = [run_once(trusted, place).ran for place in places]
        point = trusted.choice.point
        made_by = {"needs": dict(point.needs), "flags": list(point.flags)}
        record(reference_place(workspace), key, rans, made_by)


# -- mutations -------------------------------------------------------------------------------


def _of_mutation(
    workspace: Workspace, program: Program, asked: Asked, mutation: Mutation, tell: Tell
) -> Finding:
    """What is said of *program* with one mistake in it."""
    command = mutation.command or next(iter(program.runs))
    flags = asked.flags if asked.flags != ((),) else LEVELS[:1]
    narrow = replace(asked, command=command, flags=flags if _has_levels(program) else ((),))
    try:
        choice = _impatient(choices(workspace, program, narrow)[0])
        return _mutant(workspace, program, choice, mutation)
    except (ProgramError, ResolutionError) as error:
        return _untried(Point(program.name, command), error, mutation)
    finally:
        tell(program.name)


def _mutant(workspace: Workspace, program: Program, choice: Choice, mutation: Mutation) -> Finding:
    with tempfile.TemporaryDirectory(prefix="envmgr-mutant-") as scratch:
        root = mutated(program, sources_of(workspace, program).root, mutation, scratch)
        try:
            ready = prepare(workspace, choice, tree_of(program, root))
        except ProgramError as error:
            why = f"with the mutation it cannot be built: {error.message}"
            raise ProgramError(why, log=error.log) from error
        reference = None
        if choice.run.wants_reference:  # which is kept under what the sound sources are
            reference = reference_of(workspace, prepare(workspace, choice))
        return _finding(choice, _outcome(workspace, ready, reference), mutation)


def _impatient(choice: Choice) -> Choice:
    """*choice* with less patience."""
    run = replace(choice.run, timeout=min(choice.run.timeout, _MUTANT_TIMEOUT))
    runs: Mapping[str, RunCommand] = {**choice.program.runs, choice.command: run}
    return replace(choice, program=replace(choice.program, runs=runs))
