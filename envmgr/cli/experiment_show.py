"""`envmgr experiment show`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from envmgr.api.experiment import Shown, records_of, show
from envmgr.cli.measured import (
    amount,
    experiment_json,
    failures_text,
    names_of,
    summary_json,
    when,
)
from envmgr.cli.output import heading, print_json, print_table, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.experiment.summary import Summary, Units
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point, to_json

_FEW = 5
"""Measurements that are printed whole; of more, a table."""
_DIGITS = 16
"""Of the digest of a context."""
_WIDTH = 20
"""Columns that names have."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "experiment show",
            "Print everything that is recorded of an experiment, a point or a measurement. The"
            " first digits of its id are enough. The whole context is printed with --json.",
            ("envmgr experiment show 019ab3d2", "envmgr experiment show 3f2a91c0 --json"),
        )
        .add("id", metavar="ID", help="the id of an experiment, a point or a measurement")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Print it."""
    with records_of(workspace_of(arguments)) as records:
        shown = show(records, arguments.id)
        units = Units(records)
        if arguments.json:
            _print_json(shown, units)
        else:
            _print_text(shown, units)
    return 0


def _print_json(shown: Shown, units: Units) -> None:
    print_json(
        kind=shown.kind,
        id=shown.id,
        experiments=[experiment_json(one) for one in shown.experiments],
        summaries=[summary_json(one, units) for one in shown.summaries],
        measurements=[to_json(one) for one in shown.measurements],
        contexts=dict(shown.contexts),
    )


def _print_text(shown: Shown, units: Units) -> None:
    for experiment in shown.experiments:
        _print_experiment(experiment)
    points = {one.point_id: one.point for one in shown.summaries}
    if len(points) == 1:
        for id_, point in points.items():
            _print_point(id_, point)
    if shown.kind != "measurement":
        _print_summaries(shown, units)
    if len(shown.measurements) <= _FEW:
        for one in shown.measurements:
            _print_measurement(one, units)
    for digest, context in shown.contexts.items():
        _print_context(digest, context)


def _row(name: str, value: str) -> None:
    if value:
        tell(f"  {name:<{_WIDTH}} {value}")


def _print_experiment(one: Experiment) -> None:
    print(heading(f"experiment {one.id}"))
    _row("what", one.title)
    _row("when", when(one.created))
    _row("command line", " ".join(one.argv))
    _row("context", one.context)


def _print_point(id_: str, point: Point) -> None:
    print(heading(f"point {id_}"))
    _row("program", point.name)
    _row("target", point.target)
    _row("flags", " ".join(point.flags))
    for kind, table in (("param", point.params), ("need", point.needs), ("data", point.data)):
        for name, value in table.items():
            _row(f"{kind} {name}", value)


def _print_summaries(shown: Shown, units: Units) -> None:
    names = names_of(shown.summaries)
    print(heading("points"))
    print_table(
        (
            "POINT",
            "PROGRAM",
            "WITH",
            "RESULTS",
            "FAILURES",
            "FIGURE",
            "MEDIAN",
            "MINIMUM",
            "MAXIMUM",
        ),
        (_summary_row(one, names[one.point_id], units) for one in shown.summaries),
    )


def _summary_row(one: Summary, name: str, units: Units) -> tuple[str, ...]:
    unit = units.of(one.figure, one.context)
    return (
        one.point_id, one.point.name, name, str(one.results), failures_text(one.verdicts) or "-",
        one.figure or "-", amount(one.median, unit), amount(one.minimum, unit),
        amount(one.maximum, unit),
    )  # fmt: skip


def _print_measurement(one: Measurement, units: Units) -> None:
    print(heading(f"measurement {one.id}"))
    _row("when", when(one.started))
    _row("round", str(one.number))
    _row("verdict", one.verdict)
    _row("why", one.why)
    for name, value in one.figures.items():
        _row(name, amount(value, units.of(name, one.context)))
    for kind, files in (("input", one.inputs), ("output", one.outputs)):
        for name, digest in files.items():
            _row(f"{kind} {name}", f"sha256:{digest}{' (empty)' if name in one.empty else ''}")
    for name, value in one.conditions.items():
        _row(f"while {name}", json.dumps(value))
    _row("context", one.context)


def _print_context(digest: str, context: Mapping[str, Any]) -> None:
    print(heading(f"context {digest[:_DIGITS]}"))
    for name, value in context.items():
        _row(name, _short(value))


def _short(value: Any) -> str:
    """A value where it is one, else how much there is of it."""
    if isinstance(value, dict | list) and len(json.dumps(value)) > 80:
        return f"{len(value)} {'keys' if isinstance(value, dict) else 'items'}, see --json"
    if isinstance(value, str) and len(value) > 80:
        return f"{len(value)} characters, see --json"
    return value if isinstance(value, str) else json.dumps(value)
