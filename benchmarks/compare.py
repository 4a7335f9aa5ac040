"""How often comparisons on a busy machine are wrong, and how often they find 5 %.

    python benchmarks/compare.py [--itself 200] [--slower 50] [--budget 3] [--to FILE] [--json]

A C program of about 20 ms is compared with itself, and with one that does 5 % more work, again
and again, each time in rounds as `envmgr program run` does it, while two other processes keep
every core busy. Printed is how often a difference was claimed, with the interval of that rate,
against the rate that is stated. The exit status is 1 when a target is missed.

It takes about 6 minutes in all. With `--to`, what was found is added to a file, and the rates are
of everything in it: so it can be done in pieces, each with a `--seed` of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from envmgr.experiment.comparison import Rule, compare
from envmgr.experiment.extra import library
from envmgr.experiment.samples import sample_of
from envmgr.experiment.sampling import Plan, sample
from envmgr.host.measured import Usage, measured
from envmgr.model.measurement import FAILED, RIGHT, Measurement, Point, new_id

FIGURES = ("cpu", "wall")
DEFAULT = "more than 1 %"
"""What `envmgr experiment compare` claims unless another rule is given."""
RULES = {"any difference": Rule(at_least=0.0), DEFAULT: Rule()}
LEAST_FOUND = 0.9
"""How often 5 % must be found in processor time."""
_WORK_S = 0.02
_BUSY = "while True: pass"
_SOURCE = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t table[1 << 14];

int main(int count, char **words)
{
    uint32_t state = 1, sum = 0;
    long steps = count > 1 ? atol(words[1]) : 0;
    for (int at = 0; at < 1 << 14; at++)
        table[at] = state = state * 1664525u + 1013904223u;
    for (long step = 0; step < steps; step++) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5;
        sum += table[state & 0x3fff] ^ (sum >> 3);
    }
    printf("%u\n", sum);
    return 0;
}
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """One comparison: of what, by which figure and rule, and what came out."""

    of: str
    """`itself`, or `5 % slower`."""
    figure: str
    rule: str
    verdict: str
    ratio: float
    rounds: int


def main(arguments: Sequence[str]) -> int:
    """Compare as often as asked, and print the rates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--itself", type=int, default=200, help="comparisons with itself")
    parser.add_argument("--slower", type=int, default=50, help="comparisons with 5 %% more work")
    parser.add_argument("--budget", type=float, default=3.0, help="seconds for each of them")
    parser.add_argument("--busy", type=int, default=2, help="processes that disturb")
    parser.add_argument("--seed", type=int, default=1, help="of the order within rounds")
    parser.add_argument("--to", type=Path, metavar="FILE", help="add what was found to a file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="envmgr-benchmark-") as scratch:
        found = list(_trials(chosen, Path(scratch)))
    if chosen.to:
        found = _added(chosen.to, found)
    return _print(found, as_json=chosen.json)


def _trials(chosen: argparse.Namespace, place: Path) -> Iterator[Trial]:
    """Comparisons of both kinds in turn, while the machine is busy."""
    contest = Contest(place, Plan(budget=chosen.budget))
    random = Random(chosen.seed)
    kinds = [("itself", 1.0)] * chosen.itself + [("5 % slower", 1.05)] * chosen.slower
    random.shuffle(kinds)
    with busy(chosen.busy):
        for number, (of, work) in enumerate(kinds, 1):
            if sys.stderr.isatty():
                print(f"\r{number} of {len(kinds)}", end="", file=sys.stderr, flush=True)
            yield from contest.trials(of, work, random)
    print(file=sys.stderr)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing but take processor time, ended afterwards."""
    others = [subprocess.Popen([sys.executable, "-S", "-c", _BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


class Contest:
    """A real program, built in *place*, and one like it that has more to do."""

    def __init__(self, place: Path, plan: Plan) -> None:
        self._place, self._plan = place, plan
        self._exe = str(place / "work")
        (place / "work.c").write_text(_SOURCE, "utf-8")
        subprocess.run(["gcc", "-O2", "-o", self._exe, str(place / "work.c")], check=True)
        self._alone = self._calibrated()
        self._steps: dict[str, int] = {}

    def trials(self, of: str, work: float, random: Random) -> Iterator[Trial]:
        """Measure the program and one with *work* times as much in rounds, and compare them."""
        base, other = _point("base"), _point("other")
        self._steps = {base.id: self._alone, other.id: round(self._alone * work)}
        found = list(sample([base, other], self._measure, self._plan, random=random))
        for figure in FIGURES:
            one = sample_of("base", [run for run in found if run.point == base], figure)
            two = sample_of("other", [run for run in found if run.point == other], figure)
            for name, rule in RULES.items():
                result = compare(one, two, rule)
                yield Trial(of, figure, name, result.verdict, result.ratio.middle, result.rounds)

    def _calibrated(self) -> int:
        """Steps that take so long as is wanted."""
        steps = 100_000
        while self._run(steps).user < _WORK_S:
            steps = round(steps * 1.2)
        return steps

    def _run(self, steps: int) -> Usage:
        return measured(
            [self._exe, str(steps)],
            env={"PATH": os.environ["PATH"]},
            cwd=str(self._place),
            stdin=None,
            stdout=str(self._place / "stdout"),
            stderr=str(self._place / "stderr"),
            timeout=60.0,
        )

    def _measure(self, point: Point, number: int, repeats: int) -> Measurement:
        started = time.time_ns()
        runs = [self._run(self._steps[point.id]) for _ in range(repeats)]
        is_right = all(run.code == 0 for run in runs)
        figures = {
            "cpu": sum(run.user + run.system for run in runs) / repeats,
            "wall": sum(run.wall for run in runs) / repeats,
        }
        return Measurement(
            new_id(started), "", point, number, started / 1e9, RIGHT if is_right else FAILED,
            figures=figures if is_right else {},
        )  # fmt: skip


def _point(name: str) -> Point:
    """Both do the same work for all that is known of them, as two builds of a program do."""
    return Point("work", "run", flags=(name,))


# -- what came out ---------------------------------------------------------------------------


def _added(path: Path, found: Sequence[Trial]) -> list[Trial]:
    """Everything in the file at *path*, after what was *found* is added to it."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(trial)) + "\n" for trial in found)
    return [Trial(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a difference was claimed."""

    of: str
    figure: str
    rule: str
    count: int
    claims: int
    wrong_way: int
    """Claims that the one that does more is faster."""
    low: float
    high: float
    """The interval of the rate (Clopper and Pearson, 95 %)."""
    stated: float
    bare_ratios: float
    """How often the ratio alone, without its interval, was more than 1 % off."""
    rounds: float
    """Of one comparison, on average."""

    @property
    def rate(self) -> float:
        """Claims of all."""
        return self.claims / self.count

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none, as for what is no rule of envmgr's
        own: a test that is exact comes out above its rate every other time."""
        if self.of == "itself":
            return self.rate <= self.stated if self.rule == DEFAULT else None
        return self.rate >= LEAST_FOUND if self.figure == "cpu" and self.rule == DEFAULT else None


def _rates(found: Sequence[Trial]) -> Iterator[Rate]:
    for of, figure, rule in dict.fromkeys((one.of, one.figure, one.rule) for one in found):
        group = [one for one in found if (one.of, one.figure, one.rule) == (of, figure, rule)]
        verdicts = [one.verdict for one in group]
        claims = verdicts.count("faster") + verdicts.count("slower")
        ends = library("scipy.stats").binomtest(claims, len(group)).proportion_ci()
        yield Rate(
            of, figure, rule, len(group), claims,
            wrong_way=verdicts.count("faster") if of != "itself" else 0,
            low=float(ends.low), high=float(ends.high), stated=RULES[rule].alpha,
            bare_ratios=sum(abs(one.ratio - 1) > 0.01 for one in group) / len(group),
            rounds=sum(one.rounds for one in group) / len(group),
        )  # fmt: skip


def _print(found: Sequence[Trial], *, as_json: bool) -> int:
    rates = sorted(_rates(found), key=lambda one: (one.of != "itself", one.figure, one.rule))
    if as_json:
        forms = [{**asdict(one), "rate": one.rate, "is_met": one.is_met} for one in rates]
        json.dump({"rates": forms}, sys.stdout, indent=1)
        print()
    else:
        _print_table(rates)
    return 1 if any(one.is_met is False for one in rates) else 0


def _print_table(rates: Sequence[Rate]) -> None:
    print(
        f"{'WITH':<12}{'FIGURE':<8}{'CLAIMED IS':<16}{'TIMES':>6}{'CLAIMS':>8}{'RATE':>8}"
        f"  {'INTERVAL':<16}{'STATED':>7}{'ROUNDS':>8}  {'RATIO 1 % OFF':<15}VERDICT"
    )
    for one in rates:
        interval = f"{one.low:.1%} to {one.high:.1%}"
        stated = f"{one.stated:.0%}" if one.of == "itself" else ""
        verdict = {True: "met", False: "MISSED", None: ""}[one.is_met]
        print(
            f"{one.of:<12}{one.figure:<8}{one.rule:<16}{one.count:>6}{one.claims:>8}{one.rate:>8.1%}"
            f"  {interval:<16}{stated:>7}{one.rounds:>8.1f}  {one.bare_ratios:<15.1%}{verdict}"
        )
        if one.wrong_way:
            print(f"    {one.wrong_way} of these the wrong way round")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
