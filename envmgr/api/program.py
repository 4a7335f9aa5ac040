"""Programs: found, fetched, built, run once, and judged."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

from envmgr.api.choosing import Choice
from envmgr.api.workspace import Workspace
from envmgr.errors import HostError, UsageError
from envmgr.host.conditions import Conditions, during
from envmgr.host.files import remove_tree
from envmgr.model.program import Program
from envmgr.program.build import BuildRequest, Built, build
from envmgr.program.check import Judgement, judge
from envmgr.program.reference import Reference
from envmgr.program.run import Ran, RunRequest, run
from envmgr.program.source import SourceTree, tree_of
from envmgr.program.values import values_of
from envmgr.store.staging import Staging

_numbers = count()
"""Names for directories of runs."""


def find_program(workspace: Workspace, name: str) -> Program:
    """The program called *name*, or the one whose directory or definition has the path *name*.

    What has no slash in it is no path, but for `.` and `..`. Raises UsageError.
    """
    from envmgr.catalog.scan import PROGRAM_FILE

    if os.sep not in name and name not in (".", ".."):
        return _called(workspace, name, PROGRAM_FILE)
    from envmgr.catalog.load import load

    file = os.path.abspath(name)
    if os.path.basename(file) != PROGRAM_FILE:
        file = os.path.join(file, PROGRAM_FILE)
    if not os.path.isfile(file):
        raise UsageError(f"there is no {file}", hint="docs/program.md says what stands in it")
    loaded = load(file)
    if loaded.problems:
        raise UsageError(
            f"{file} has mistakes: {loaded.problems[0]}", hint=f"envmgr lint {file} names them all"
        )
    assert isinstance(loaded.value, Program)
    return loaded.value


def _called(workspace: Workspace, name: str, file: str) -> Program:
    try:
        return workspace.catalogue.program(name)
    except UsageError as error:
        if os.path.isfile(os.path.join(name, file)):
            error.hint = f"the program in that directory is .{os.sep}{name}"
        raise


def with_timeout(program: Program, timeout: float | None) -> Program:
    """*program*, each run of which is ended after *timeout* seconds; None leaves it as it is."""
    if timeout is None:
        return program
    runs = {name: replace(run, timeout=timeout) for name, run in program.runs.items()}
    return replace(program, runs=runs)


@dataclass(frozen=True, slots=True)
class Ready:
    """A choice whose program is built."""

    choice: Choice
    tree: SourceTree
    built: Built

    @property
    def values(self) -> dict[str, str]:
        """What its templates hold."""
        own = values_of(self.choice.entries, self.choice.params, self.choice.environ)
        places = {"source": self.tree.root, "build": self.built.directory}
        return {**own, **places, "exe": self.built.executable or self.tree.root}


def sources_of(workspace: Workspace, program: Program) -> SourceTree:
    """The files that *program* is made from, fetched first where it says so."""
    if program.source.url or program.source.git:
        from envmgr.api.program_sources import fetched

        return tree_of(program, fetched(workspace, program))
    return tree_of(program)


def prepare(
    workspace: Workspace,
    choice: Choice,
    tree: SourceTree | None = None,
    builds: str | None = None,
) -> Ready:
    """Build what *choice* says, unless that was done before and is in the directory *builds*, by
    default the cache. Raises ProgramError.
    """
    tree = tree or sources_of(workspace, choice.program)
    request = BuildRequest(
        program=choice.program,
        tree=tree,
        entries=choice.needs,
        params=choice.params,
        flags=choice.flags,
        environ=choice.environ,
        cross=choice.target.cross,
    )
    builds = builds or os.path.join(workspace.layout.cache, "builds")
    return Ready(choice, tree, build(request, builds))


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is done to a run so as to know more about it; elsewhere than here, nothing."""

    cpus: tuple[int, ...] | None = None
    """The cores it may run on; None is as this process may."""
    events: tuple[str, ...] = ()
    """What perf counts. Times and memory then include perf's own."""
    energy: bool = False
    """Whether the energy of the whole processor is read before and after."""


_NONE = Instruments()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run, judged."""

    ran: Ran
    judgement: Judgement
    conditions: Conditions


@contextmanager
def run_directory(workspace: Workspace) -> Iterator[str]:
    """An empty directory to run in, gone afterwards."""
    scratch = _scratch(os.path.join(workspace.layout.cache, "runs"), os.getpid())
    directory = os.path.join(scratch, str(next(_numbers)))
    os.makedirs(directory)
    try:
        yield directory
    finally:
        with suppress(HostError):  # something there belongs to another: the next sweep tries again
            remove_tree(directory)


@cache
def _scratch(place: str, pid: int) -> str:
    """A directory for all runs of this process, without what dead ones left beside it.

    One for each run would cost more than everything else that is done for a run.
    """
    staging, own = Staging(place), ExitStack()
    staging.sweep()
    directory = own.enter_context(staging.fresh())
    atexit.register(lambda: own.close() if os.getpid() == pid else None)  # not in a fork
    return directory


def run_once(
    ready: Ready,
    directory: str,
    *,
    repeats: int = 1,
    reference: Reference | None = None,
    instruments: Instruments = _NONE,
) -> Outcome:
    """Run it in *directory*, which is empty, and judge what it wrote."""
    choice = ready.choice
    instruments = instruments if choice.target.is_here else _NONE
    request = RunRequest(
        command=choice.run,
        values=ready.values,
        environ=choice.environ,
        source=ready.tree.root,
        directory=directory,
        repeats=repeats,
        program=choice.program.name,
        cpus=instruments.cpus,
        events=instruments.events,
        energy=instruments.energy,
    )
    with during() as conditions:
        ran = run(request, start=choice.target.start)
    judgement = judge(ran, source=ready.tree.root, reference=reference)
    return Outcome(ran, judgement, conditions)
