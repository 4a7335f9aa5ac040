"""`envmgr experiment plot`."""

from __future__ import annotations

import os
import shutil
import sys

from envmgr.api.comparing import selection
from envmgr.api.experiment import records_of
from envmgr.cli.measured import amount
from envmgr.cli.output import say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.selecting import filter_of, selecting
from envmgr.errors import UsageError
from envmgr.experiment.picture import KINDS, STRIPS, Picture, picture, runs_of
from envmgr.experiment.plot import format_of, save
from envmgr.experiment.records import Records
from envmgr.experiment.summary import Units
from envmgr.experiment.terminal_plot import drawn


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "experiment plot",
        "Draw what was measured: every value, the median and its interval. Without a file it is"
        " drawn in the terminal.",
        (
            "envmgr experiment plot 019ab3",
            "envmgr experiment plot 019ab3 --kind series --figure wall",
            "envmgr experiment plot --program matmul-c --kind scaling --over size -o scaling.svg",
        ),
    )
    return (
        selecting(parser)
        .add("selections", nargs="*", metavar="SELECTION",
             help="an experiment or a point by the first digits of its id, a program, conditions")
        .add("--figure", default="cpu", metavar="FIGURE", help="what is drawn. Default cpu")
        .add("--kind", choices=KINDS, default=STRIPS,
             help="strips: where the values lie; series: over the rounds, which shows drift;"
             " scaling: over a parameter. Default strips")
        .add("--over", default="", metavar="KEY", help="the numeric parameter of a scaling: size")
        .add("--by", default="", metavar="KEY",
             help="points that differ in this alone stand together: needs.compiler, flags")
        .add("-o", "--output", metavar="FILE", help="a file to draw into: png, svg or pdf")
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Draw."""
    if arguments.output is not None:
        format_of(arguments.output)
    with records_of(workspace_of(arguments)) as records:
        found = _picture(records, arguments)
    if arguments.output is not None:
        save(found, arguments.output)
        say(f"written: {os.path.abspath(arguments.output)}")
    else:
        tell(_text(found))
    if found.failed:
        say(f"{found.failed} measurements were no results and are not drawn", style="warn")
    return 0


def _picture(records: Records, arguments: Arguments) -> Picture:
    which = selection(records, " ".join(arguments.selections), filter_of(arguments))
    found = runs_of(records.find(which))
    if not found:
        raise UsageError(
            "nothing recorded fits", hint="`envmgr experiment list` shows what there is"
        )
    unit = Units(records).of(arguments.figure, found[0].measurements[0].context)
    return picture(
        found, arguments.kind, arguments.figure, unit, by=arguments.by, over=arguments.over
    )


def _text(found: Picture) -> str:
    encoding = (sys.stdout.encoding or "ascii").lower()
    return drawn(
        found,
        shutil.get_terminal_size((80, 24)).columns,
        lambda value: amount(value, found.unit),
        ascii_only=not encoding.startswith("utf"),
    )
