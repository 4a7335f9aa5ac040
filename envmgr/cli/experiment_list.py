"""`envmgr experiment list`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from envmgr.api.experiment import records_of
from envmgr.cli.measured import (
    ID_DIGITS,
    amount,
    experiment_json,
    failures_text,
    names_of,
    summary_json,
    when,
)
from envmgr.cli.output import print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.selecting import filter_of, selecting
from envmgr.experiment.records import Records
from envmgr.experiment.select import Filter
from envmgr.experiment.summary import Summary, Units, summaries
from envmgr.model.experiment import Experiment


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "experiment list",
        "List what was measured: a line for each point of each experiment, with the median of one"
        " figure over its results. Failures are counted and never figures.",
        (
            "envmgr experiment list",
            "envmgr experiment list --program matmul-c --compiler 'compiler.gcc@>=12'",
            "envmgr experiment list --experiments --since 7d",
            "envmgr experiment list --where size=256 --figure memory --json",
        ),
    )
    return (
        selecting(parser)
        .add("--experiments", action="store_true", help="a line for each experiment")
        .add("--figure", metavar="NAME", default="",
             help="the figure that is shown; by default cpu, else wall, else the first by name")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Print what fits; exit status 1 when something was asked for and nothing fits."""
    which = filter_of(arguments)
    with records_of(workspace_of(arguments)) as records:
        experiments = records.experiments(which)
        found = summaries(records, which, arguments.figure)
        if arguments.experiments:
            _print_experiments(experiments, found, as_json=arguments.json)
        else:
            _print_points(records, experiments, found, as_json=arguments.json)
    return 0 if found or which == Filter() else 1


def _print_points(
    records: Records, experiments: Sequence[Experiment], found: Sequence[Summary], *, as_json: bool
) -> None:
    units = Units(records)
    if as_json:
        print_json(summaries=[summary_json(one, units) for one in found])
        return
    if not found:
        say("nothing recorded fits")
        return
    created = {one.id: one.created for one in experiments}
    names = names_of(found)
    rows = [
        (
            one.experiment[:ID_DIGITS], when(created.get(one.experiment, 0)), one.point.name,
            one.point_id[:8], names[one.point_id], str(one.results),
            failures_text(one.verdicts) or "-", one.figure or "-",
            amount(one.median, units.of(one.figure, one.context)),
        )
        for one in found
    ]  # fmt: skip
    print_table(
        ("EXPERIMENT", "WHEN", "PROGRAM", "POINT", "WITH", "RESULTS", "FAILURES", "FIGURE",
         "MEDIAN"),
        rows,
    )  # fmt: skip


@dataclass(slots=True)
class _Sum:
    """What the points of an experiment come to."""

    points: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    results: int = 0
    failures: int = 0

    def take(self, one: Summary) -> None:
        self.points += 1
        self.verdicts.update(one.verdicts)
        self.results += one.results
        self.failures += one.failures


def _print_experiments(
    experiments: Sequence[Experiment], found: Sequence[Summary], *, as_json: bool
) -> None:
    sums = {one.id: _Sum() for one in experiments}
    for summary in found:
        sums.setdefault(summary.experiment, _Sum()).take(summary)
    if as_json:
        print_json(experiments=[
            {**experiment_json(one), "points": sums[one.id].points,
             "results": sums[one.id].results, "failures": sums[one.id].failures}
            for one in experiments
        ])  # fmt: skip
        return
    if not experiments:
        say("no experiment fits")
        return
    rows = [
        (
            one.id, when(one.created), one.title or "-", str(sums[one.id].points),
            str(sums[one.id].results), failures_text(sums[one.id].verdicts) or "-",
        )
        for one in experiments
    ]  # fmt: skip
    print_table(("EXPERIMENT", "WHEN", "WHAT", "POINTS", "RESULTS", "FAILURES"), rows)
