"""What deciding costs: `resolve` over ten thousand entries and two thousand recipes.

    python -m benchmarks.resolve [easy | deep | impossible]

Every measurement is a process of its own, so nothing is known from an earlier one. Counted is the
call alone, with all that it imports: entries and recipes are values that are there already.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from benchmarks.measure import ROOT, Figure, bare_python, clean_environ, medians
from envmgr.errors import ResolutionError
from envmgr.model.definition import Build, Need, Recipe, RecipeVersion
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.query import Query
from envmgr.resolve.resolve import resolve

PLATFORM = "linux-x86_64-debian12"
ROUNDS = 7
PYTHONS = 300
PACKAGES = 12
LIBRARIES = 600
CAPABILITIES = ("mpi", "blas", "opencl", "openmp")
TOPICS = ("compression", "image", "linear-algebra", "network", "parser", "storage", "text", "time")
_PACKAGES = tuple(f"python.p{number}" for number in range(PACKAGES))
REQUESTS = {
    "easy": (
        *("compiler,lang-c", "mpi", "blas", "lib.l7@>=4", "lib,compression,-image,<9"),
        *("tool.t5", "made.m40@<6", "python.p3"),
    ),
    "deep": (*_PACKAGES, "python.last@<3.2"),
    "impossible": (
        *("lib.l9", "mpi", "tool.t3"),
        *_PACKAGES,
        *("python.last@<3.2", "blas", "compiler.python@>=3.7"),
    ),
}
"""What is asked. Every package is there for every Python, and in one environment they have one: the
oldest, because of the last package."""
TARGET = 0.2
"""Seconds of processor time."""


def figures(place: Path) -> list[Figure]:
    """Measure in *place*, an empty directory."""
    python = bare_python(clean_environ(place))
    bare = medians([python])[python.name]
    return [
        Figure(f"resolve, {name}", measured(name, place), python.name, bare, most_cpu=TARGET)
        for name in REQUESTS
    ]


def measured(name: str, home: Path) -> float:
    """The median time of the request *name*, in seconds."""
    command = [sys.executable, "-m", "benchmarks.resolve", name]
    times = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            command, cwd=ROOT, env=clean_environ(home), capture_output=True, text=True, check=True
        )
        times.append(float(done.stdout.split()[0]))
    return statistics.median(times)


def once(name: str) -> tuple[float, str]:
    """How long one request takes, in seconds of processor time, and what comes of it."""
    queries = [Query.parse(text) for text in REQUESTS[name]]
    entries, recipes = tuple(all_entries()), tuple(all_recipes())
    began = time.process_time()
    try:
        answers = resolve(queries, entries, recipes, platform=PLATFORM).answers
        outcome = ", ".join(str(answer.chosen) for answer in answers)
    except ResolutionError as error:
        outcome = "\n  ".join((error.message, *error.lines, str(error.hint)))
    return time.process_time() - began, outcome


# -- ten thousand entries ----------------------------------------------------------------------


def all_entries() -> Iterator[Entry]:
    """10,000 entries: compilers, Pythons with packages, libraries with capabilities, tools."""
    chance = Random(0)
    yield from (_entry(f"compiler.c{n % 9}", f"{n}", "compiler lang-c") for n in range(90))
    pythons = [_entry("compiler.python", f"3.{minor}", "compiler") for minor in range(PYTHONS)]
    yield from pythons
    for number in range(PACKAGES):
        for python in pythons:
            yield _entry(f"python.p{number}", python.version, "python", needs=[python.id])
    yield _entry("python.last", "3.1", "python", needs=[pythons[0].id])
    yield from (
        _entry("python.last", each.version, "python", needs=[each.id]) for each in pythons[2:]
    )
    yield from _libraries(chance)
    yield from (_entry(f"tool.t{n % 150}", f"{n // 150}.1", "tool") for n in range(511))


def _libraries(chance: Random) -> Iterator[Entry]:
    made: list[Entry] = []
    for number in range(5200):
        name = f"lib.l{number % LIBRARIES}"
        capability = (
            CAPABILITIES[number % LIBRARIES] if number % LIBRARIES < len(CAPABILITIES) else ""
        )
        entry = _entry(
            name,
            f"{number // LIBRARIES + 1}.{chance.randint(0, 20)}",
            f"lib {chance.choice(TOPICS)} {chance.choice(TOPICS)}",
            needs=[each.id for each in chance.sample(made, min(len(made), chance.randint(0, 2)))],
            provides=(capability,) if capability else (),
            conflicts=(f"lib.l{chance.randrange(LIBRARIES)},<2",) if chance.random() < 0.05 else (),
        )
        made.append(entry)
        yield entry


def _entry(
    name: str,
    version: str,
    tags: str,
    *,
    needs: Sequence[str] = (),
    provides: tuple[str, ...] = (),
    conflicts: tuple[str, ...] = (),
) -> Entry:
    prefix = f"/opt/{name}/{version}"
    return make_entry(
        name,
        version,
        tags=tuple(tags.split()),
        prefix=prefix,
        path=f"{prefix}/bin/x",
        delta=Delta(prepend={"PATH": (f"{prefix}/bin",)}),
        origin=Origin("detected", name),
        needs=tuple(needs),
        provides=provides,
        conflicts=conflicts,
    )


# -- two thousand recipes ----------------------------------------------------------------------


def all_recipes() -> Iterator[Recipe]:
    """2,000 recipes of eight versions each, which need compilers, libraries and each other."""
    chance = Random(1)
    for number in range(2000):
        needs = {"cc": Need("compiler,lang-c")}
        if number > 10:
            needs["other"] = Need(f"made.m{chance.randrange(number)}", chance.choice(("", ">=4")))
        if chance.random() < 0.3:
            needs["lib"] = Need(f"lib.l{chance.randrange(LIBRARIES)},>=2")
        if chance.random() < 0.2:
            needs["mpi"] = Need("mpi", platforms=("linux-*",))
        yield Recipe(
            name=f"made.m{number}",
            description="",
            tags=("made", chance.choice(TOPICS)),
            file="",
            digest="",
            detector=f"made.m{number}",
            versions=tuple(RecipeVersion(f"{major}.{number % 7}") for major in range(1, 9)),
            needs=needs,
            build=Build(system="none" if chance.random() < 0.3 else "cmake"),
            conflicts=(f"made.m{chance.randrange(2000)}",) if chance.random() < 0.05 else (),
        )


if __name__ == "__main__":
    for request in sys.argv[1:] or REQUESTS:
        seconds, result = once(request)
        print(f"{seconds:.4f} s {request}\n  {result}")
