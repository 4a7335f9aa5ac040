"""What a run of a program costs above starting the process by hand, and what its record does.

    python benchmarks/program.py [--json] [--rounds N] [--records N]

Everything is processor time, user and system, of this process, of its keepers and of all that they
started. The contenders take turns in small blocks, so a busy machine is busy for all of them, and
medians of the blocks count. Then `records.py` is run, unless `--records 0` says otherwise. The exit
status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Figure, print_json, print_table
from envmgr.api.choosing import Asked, choices
from envmgr.api.program import find_program
from envmgr.api.sweep import Sweep, begin, build_all
from envmgr.api.workspace import Workspace
from envmgr.experiment.records import open_records
from envmgr.host.conditions import during, worries
from envmgr.host.measured import keepers, measured
from envmgr.model.program import OutputCheck, RunCommand
from envmgr.program.check import judge
from envmgr.program.figures import figures_of
from envmgr.program.run import RunRequest, failure, run

ROUNDS = 15
_BLOCK = 40
"""Runs in a block: the kernel tells what a living process used in hundredths of a second."""
_TICKS = os.sysconf("SC_CLK_TCK")
_MOST = 0.003
"""Seconds that a run may cost above starting it by hand."""
_BY_HAND = "by hand"
_PROGRAM = """
name = "true"
description = "Does nothing"
tags = ["probe"]
build.system = "none"
run.default.command = "{true}"
run.default.check = [{{ text = "" }}]
"""

Contender = Callable[[], object]


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="blocks of each contender")
    parser.add_argument("--records", type=int, default=1_000_000, help="records to list some of")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="envmgr-benchmark-") as scratch:
        figures = overhead(medians(contenders(Path(scratch).resolve()), chosen.rounds))
    (print_json if chosen.json else print_table)(figures, {})
    missed = any(figure.is_met is False for figure in figures)
    if chosen.records and not chosen.json:
        script = Path(__file__).with_name("records.py")
        command = [sys.executable, str(script), "--records", str(chosen.records)]
        missed |= subprocess.run(command).returncode != 0
    return 1 if missed else 0


def contenders(place: Path) -> Mapping[str, Contender]:
    """Ways to run `true`, by name; each does what the one before it does, and more."""
    environ = {"PATH": os.environ["PATH"]}
    true = next(
        path for path in ("/usr/bin/true", "/bin/true", "/usr/local/bin/true") if os.access(path, 1)
    )

    def by_hand() -> None:
        with (place / "out").open("wb") as out, (place / "err").open("wb") as err:
            process = subprocess.Popen(
                [true],
                env=environ,
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            _, process.returncode, _ = os.wait4(process.pid, 0)

    def by_measured() -> None:
        measured(
            [true],
            env=environ,
            cwd=str(place),
            stdin=None,
            stdout=str(place / "out"),
            stderr=str(place / "err"),
            timeout=60,
        )

    request = RunRequest(
        command=RunCommand("{exe}", checks=(OutputCheck(text=""),)),
        values={"exe": true},
        environ=environ,
        source=str(place),
        directory=str(place / "run"),
    )

    def by_run() -> None:
        with during() as conditions:
            ran = run(request)
        failure(ran)
        judge(ran, source=request.source)
        figures_of(ran)
        worries(conditions, ran.usage)

    sweep = sweep_of(place, true)
    (point,) = (subject.point for subject in sweep.subjects.values())

    def by_sweep() -> None:
        sweep.records.add(sweep.measure(point, 1, 1))

    return {
        _BY_HAND: by_hand,
        "measured": by_measured,
        "run, judged": by_run,
        "run, judged, recorded": by_sweep,
    }


def sweep_of(place: Path, true: str) -> Sweep:
    """An experiment with the program *true* alone, in a store below *place*."""
    directory = place / "true"
    directory.mkdir()
    (directory / "program.toml").write_text(_PROGRAM.format(true=true), encoding="utf-8")
    workspace = Workspace(environ={**os.environ, "ENVMGR_HOME": str(place / "store")})
    program = find_program(workspace, str(directory))
    prepared = build_all(workspace, choices(workspace, program, Asked()))
    records = open_records(str(place / "records.sqlite"))
    return begin(workspace, records, prepared.ready, title="benchmark", argv=())


def medians(ways: Mapping[str, Contender], rounds: int) -> dict[str, float]:
    """Processor time of one run of each in seconds, by name. The first block of each is lost."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            before = _cpu()
            for _ in range(_BLOCK):
                way()
            if number:
                taken[name].append((_cpu() - before) / _BLOCK)
    return {name: statistics.median(times) for name, times in taken.items()}


def overhead(costs: Mapping[str, float]) -> list[Figure]:
    """What each way costs, and its target: so much above starting the program by hand."""
    by_hand = costs[_BY_HAND]
    return [
        Figure(name, cost, _BY_HAND, by_hand, most_cpu=round(by_hand + _MOST, 4))
        for name, cost in costs.items()
        if name != _BY_HAND
    ]


def _cpu() -> float:
    """Processor time of everything here, in seconds."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own = sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))
    return own + sum(_used_by(pid) for pid in keepers())


def _used_by(pid: int) -> float:
    """Of a keeper and of the runs that it has waited for."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, told[11:15])) / _TICKS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
