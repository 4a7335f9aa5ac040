"""How much of a public collection of CK builds and runs here, and whether levels agree.

    python -m benchmarks.ck_collection PROGRAMS DATASETS AUTOTUNING [--compiler QUERY] [--limit N]

The directories are checkouts of ctuning-programs, ctuning-datasets-min and ck-autotuning. They
are imported into a new store as `envmgr import ck` does it. Every command of a program that needs a
compiler of C, C++ or Fortran and nothing else is built at -O0 and -O3 and run on one data set,
twice at -O0; each output that CK checks is compared. What differs between two runs of one build
holds times or chance, and is named so. The exit status is 1 when less works than was aimed at.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from envmgr.api.choosing import Asked, Choice, choices
from envmgr.api.importing_ck import import_ck
from envmgr.api.program import prepare, run_once
from envmgr.api.workspace import Workspace
from envmgr.cli.output import print_table
from envmgr.errors import EnvmgrError
from envmgr.model.measurement import FAILED, TIMED_OUT
from envmgr.model.program import OutputCheck, Program
from envmgr.program.compare import compare
from envmgr.program.rundirectory import is_below

LEVELS = (("-O0",), ("-O3",))
LANGUAGES = ("compiler,lang-c", "compiler,lang-cpp", "compiler,lang-fortran")
"""What alone a program may need to be counted."""
AIMS = {"compiler.gcc": 107, "compiler.llvm": 100}
"""How many commands are to build and run, by the compiler."""
EQUAL, DIFFERS, UNSTEADY = "equal", "differs", "not deterministic"


@dataclass(slots=True)
class Result:
    """What became of one command."""

    name: str
    data: str = ""
    built: bool = False
    ran: bool = False
    outputs: str = ""
    """`EQUAL`, `DIFFERS` or `UNSTEADY`."""
    cpu: float = 0.0
    """Seconds of processor time of the run at -O3."""
    empty: tuple[str, ...] = ()
    """Outputs that are compared and hold nothing."""
    proves: bool = False
    """Whether something that is compared holds something."""
    why: list[str] = field(default_factory=list)

    @property
    def row(self) -> tuple[str, ...]:
        """As a row of the table."""
        cpu = f"{self.cpu * 1e3:.0f} ms" if self.ran else ""
        said = [_yes(self.built), _yes(self.ran), self.outputs, ", ".join(self.empty)]
        return (self.name, self.data, *said, cpu, "; ".join(self.why))


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def counted(program: Program) -> bool:
    """Whether a program needs one compiler and nothing else."""
    return len(program.needs) == 1 and set(program.needs.values()) <= {*LANGUAGES}


def results(workspace: Workspace, names: Sequence[str], compiler: str) -> Iterator[Result]:
    """What becomes of each command of the programs called *names*."""
    programs = (workspace.catalogue.program(name) for name in names)
    for program in filter(counted, programs):
        for command in program.runs:
            yield tried(workspace, program, command, compiler)


def tried(workspace: Workspace, program: Program, command: str, compiler: str) -> Result:
    """Build, run and compare one command."""
    result = Result(f"{program.name}:{command}")
    asked = Asked(command, with_=(f"compiler={compiler}",), flags=LEVELS)
    try:
        plain, optimised = choices(workspace, program, asked)
        result.data = ", ".join(entry.name for entry in plain.data.values())
        with tempfile.TemporaryDirectory() as place:
            _run_all(workspace, plain, optimised, place, result)
    except EnvmgrError as error:
        result.why.append(error.message.splitlines()[0][:120])
    return result


def _run_all(
    workspace: Workspace, plain: Choice, optimised: Choice, place: str, result: Result
) -> None:
    runs = {"first": plain, "again": plain, "optimised": optimised}
    ready = {name: prepare(workspace, choice) for name, choice in runs.items()}
    result.built = True
    outputs = {}
    well = True
    for name, one in ready.items():
        outcome = run_once(one, os.path.join(place, name))
        outputs[name] = outcome.ran.outputs
        usage, verdict = outcome.ran.usage, outcome.judgement.verdict
        result.cpu = usage.user + usage.system
        if verdict in (FAILED, TIMED_OUT) or outcome.ran.missing:
            well = False
            said = outcome.judgement.why or f"did not write {', '.join(outcome.ran.missing)}"
            result.why.append(f"{' '.join(one.choice.flags)}: {said}")
    result.ran = well
    if well:
        _compare(plain.run.checks, outputs, result)


def _compare(
    checks: Sequence[OutputCheck], outputs: Mapping[str, Mapping[str, str]], result: Result
) -> None:
    verdicts = set()
    for check in checks:
        verdict, difference = _verdict(check, *(outputs[name][check.file] for name in outputs))
        verdicts.add(verdict)
        if difference:
            result.why.append(f"{check.file} {verdict}: {difference[:100]}")
    result.empty = tuple(c.file for c in checks if not _size(outputs["first"][c.file]))
    result.proves = len(result.empty) < len(checks)
    result.outputs = next((one for one in (DIFFERS, UNSTEADY) if one in verdicts), EQUAL)


def _verdict(check: OutputCheck, first: str, again: str, optimised: str) -> tuple[str, str]:
    """How an output of two runs and of another level compare, and the first difference."""
    if difference := _difference(check, first, again):
        return UNSTEADY, difference
    difference = _difference(check, first, optimised)
    return (DIFFERS if difference else EQUAL), difference


def _difference(check: OutputCheck, one: str, other: str) -> str:
    with open(one, "rb") as ours, open(other, "rb") as theirs:
        return compare(ours, theirs, check, of="the other").difference


def _size(path: str) -> int:
    return os.path.getsize(path)


def report(found: Sequence[Result]) -> int:
    """Print what was found; the number of commands that build and run."""
    header = ("COMMAND", "DATA", "BUILDS", "RUNS", "OUTPUTS", "EMPTY", "CPU", "WHY")
    print_table(header, [result.row for result in found])
    works = [result for result in found if result.ran]
    print(f"\n{len(found)} commands; {sum(r.built for r in found)} build, {len(works)} run")
    for verdict in (EQUAL, UNSTEADY, DIFFERS):
        names = [result.name for result in works if result.outputs == verdict]
        said = f": {', '.join(names)}" if verdict != EQUAL and names else ""
        print(f"{len(names)} {verdict}{said}")
    hollow = [result.name for result in works if not result.proves]
    print(f"{len(hollow)} write nothing into what is compared, which proves nothing")
    return len(works)


def main() -> int:
    """Import, try, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directories", nargs=3, type=Path, metavar="DIR")
    parser.add_argument("--compiler", default="compiler.gcc", metavar="QUERY")
    parser.add_argument("--limit", type=int, metavar="N", help="no more than so many programs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace(home)
        done = import_ck(workspace, [str(one) for one in arguments.directories], name="ck")
        own = str(arguments.directories[0].resolve())
        drafts = (one for one in done.collection.programs if is_below(one.source, own))
        names = [draft.name for draft in drafts][: arguments.limit]
        count = report(list(results(workspace, names, arguments.compiler)))
    name = arguments.compiler.partition("@")[0]
    aim = 0 if arguments.limit else AIMS.get(name, 0)
    return 0 if count >= aim else 1


if __name__ == "__main__":
    sys.exit(main())
