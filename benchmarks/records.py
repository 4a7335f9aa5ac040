"""What recording costs, what a kill takes, and how fast a million records answer.

python benchmarks/records.py                       everything, in a directory that is deleted
python benchmarks/records.py --records 100000      fewer records
python benchmarks/records.py --place postgresql://…    what an add costs there
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.measure import compile_all  # noqa: E402
from envmgr.experiment.records import Records, open_records  # noqa: E402
from envmgr.experiment.select import Filter  # noqa: E402
from envmgr.model.experiment import Experiment  # noqa: E402
from envmgr.model.measurement import Measurement, Point  # noqa: E402

_FIRST_MS = 1_700_000_000_000
_PROGRAMS, _COMPILERS, _SIZES, _EXPERIMENTS, _RANDOM = 50, 6, 5, 7, random.Random(1)
_MOST_ADD_S, _MOST_LIST_S = 0.0007, 1.0
_SMALL = 10_000
_KILLS = 20


def points() -> list[Point]:
    """A point for each program, compiler and size."""
    return [
        Point(
            f"program-{program:02d}",
            "default",
            {"size": str(2**size), "threads": "1"},
            ("-O3", "-march=native"),
            {"compiler": f"compiler.{'gcc' if compiler % 2 else 'llvm'}@{10 + compiler}.2.0"},
            {"input": "dataset.text-small@1"},
        )
        for program in range(_PROGRAMS)
        for compiler in range(_COMPILERS)
        for size in range(_SIZES)
    ]


def measurements(
    experiment: str, chosen: Sequence[Point], first: int, number: int, context: str
) -> Iterator[Measurement]:
    """As many as are wanted of the *chosen* points in turn, like those of real runs."""
    for index in range(first, first + number):
        cpu = _RANDOM.lognormvariate(-3, 0.05)
        is_right = index % 97 != 0
        yield Measurement(
            id=f"{_FIRST_MS + index:012x}{index:08x}",
            experiment=experiment,
            point=chosen[index % len(chosen)],
            number=index // len(chosen),
            started=(_FIRST_MS + index) / 1000,
            verdict="right" if is_right else "failed",
            why="" if is_right else "exit status 1",
            figures={
                "wall": cpu * 1.07, "user": cpu * 0.9, "system": cpu * 0.1, "cpu": cpu,
                "memory": float(_RANDOM.randrange(2**20, 2**24)), "repeats": 12.0,
                "code_size": 16712.0,
            } if is_right else {},
            inputs={"input": f"{index % 3:064x}"},
            outputs={"stdout": f"{index % len(chosen):064x}"},
            conditions={"load": round(_RANDOM.random(), 2), "others": 0.02, "steal": 0.0},
            context=context,
        )  # fmt: skip


def filled(records: Records, number: int) -> None:
    """Record *number* measurements in a few experiments."""
    chosen = points()
    share = -(-number // _EXPERIMENTS)
    for index in range(_EXPERIMENTS):
        context = records.context({"host": {"cpu": f"machine {index}"}, "lock": "x" * 4000})
        one = Experiment(f"{_FIRST_MS + index:012x}{index:08x}", _FIRST_MS / 1000, f"sweep {index}")
        records.begin(one)
        there = index * share
        records.add_many(measurements(one.id, chosen, there, min(share, number - there), context))


# -- what one costs --------------------------------------------------------------------------


def cost_of_add(place: str) -> float:
    """Seconds of processor time of this process for one `add`, the median of ten rounds."""
    with open_records(place) as records:
        context = records.context({"host": "here"})
        one = Experiment.new("what an add costs", ())
        records.begin(one)
        rounds = []
        for index in range(10):
            batch = list(measurements(one.id, points()[:20], index * 1000, 1000, context))
            before = time.process_time()
            for each in batch:
                records.add(each)
            rounds.append((time.process_time() - before) / len(batch))
        records.remove(one.id)
    return statistics.median(rounds)


# -- what a kill takes -----------------------------------------------------------------------


def write(place: str, first: int) -> None:
    """Add one after the other and print the id of each that was acknowledged, until killed."""
    with open_records(place) as records:
        context = records.context({"host": "here"})
        one = Experiment(f"{first:012x}", 0.0, "to be killed")
        records.begin(one)
        for each in measurements(one.id, points()[:20], first, _SMALL, context):
            records.add(each)
            os.write(1, f"{each.id}\n".encode())


def lost_by_kills(place: str, kills: int = _KILLS, number: int = _SMALL) -> tuple[int, int]:
    """How many were acknowledged, and how many of those are not there, after *kills* kills."""
    acknowledged: set[str] = set()
    for index in range(kills):
        acknowledged |= _until_killed(place, index * number, number // kills)
    with open_records(place) as records:
        there = {one.id for one in records.find(Filter())}
    return len(acknowledged), len(acknowledged - there)


def _until_killed(place: str, first: int, most: int) -> set[str]:
    argv = [sys.executable, __file__, "--write", str(first), "--place", place]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        seen = [
            writer.stdout.readline() for _ in range(_RANDOM.randrange(most // 2, most * 3 // 2))
        ]
        time.sleep(_RANDOM.random() / 500)  # anywhere in an add, not only after one
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    lines = b"".join(seen) + rest[: rest.rfind(b"\n") + 1]
    return set(lines.decode().split())


# -- a million -------------------------------------------------------------------------------


def listing_seconds(place: str, *arguments: str, rounds: int = 5) -> float:
    """Seconds of wall time of `envmgr experiment list`, a process of its own: the median."""
    environ = {**os.environ, "ENVMGR_EXPERIMENTS": place, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "envmgr", "experiment", "list", *arguments]
    taken = []
    for _ in range(rounds):
        before = time.monotonic()
        subprocess.run(argv, env=environ, stdout=subprocess.DEVNULL, check=True)
        taken.append(time.monotonic() - before)
    return statistics.median(taken)


def _say(what: str, value: str, target: str = "", met: bool | None = None) -> None:
    verdict = {True: "met", False: "MISSED", None: ""}[met]
    print(f"{what:<52}{value:>14}  {target:<16}{verdict}", flush=True)


def _million(directory: str, number: int) -> None:
    place = os.path.join(directory, "many.sqlite")
    before = time.monotonic()
    with open_records(place) as records:
        filled(records, number)
    _say(f"add_many of {number:,}", f"{time.monotonic() - before:.1f} s")
    _say("  file", f"{os.path.getsize(place) / 2**20:.0f} MiB")
    chosen = ("--program", "program-07", "--compiler", "compiler.gcc@>=12")
    for arguments in (chosen, ("--experiments",), ()):
        taken = listing_seconds(place, *arguments)
        is_target = arguments == chosen
        _say(
            f"  list {' '.join(arguments)}", f"{taken:.2f} s",
            f"at most {_MOST_LIST_S:g} s" if is_target else "",
            taken <= _MOST_LIST_S if is_target else None,
        )  # fmt: skip


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--place", help="where an add is measured: a file or postgresql://…")
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write is not None:
        write(arguments.place, arguments.write)
        return
    compile_all()
    with tempfile.TemporaryDirectory() as directory:
        cost = cost_of_add(arguments.place or os.path.join(directory, "cost.sqlite"))
        target = f"at most {_MOST_ADD_S * 1000:g} ms"
        _say("add, processor time", f"{cost * 1000:.3f} ms", target, cost <= _MOST_ADD_S)
        if arguments.place:
            return
        acknowledged, lost = lost_by_kills(os.path.join(directory, "killed.sqlite"))
        _say(f"lost of {acknowledged:,} acknowledged, {_KILLS} kills", str(lost), "none", lost == 0)
        _million(directory, arguments.records)


if __name__ == "__main__":
    main()
