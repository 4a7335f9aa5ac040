"""Arguments that say which measurements are meant, as all actions of `experiment` have them."""

from __future__ import annotations

import time

from envmgr.cli.parser import Arguments, Parser
from envmgr.experiment.select import Filter, parsed
from envmgr.model.measurement import VERDICTS


def selecting(parser: Parser) -> Parser:
    """*parser* with those arguments."""
    return (
        parser.add("--program", metavar="NAME[:COMMAND]", default="", help="of this program")
        .add("--experiment", metavar="ID", default="", help="of this experiment")
        .add("--point", metavar="ID", default="", help="of this point")
        .add("--compiler", metavar="QUERY", default="",
             help="with a compiler that is meant: compiler.gcc@>=12")
        .add("--data", metavar="QUERY", default="", help="on data that is meant")
        .add("--target", metavar="NAME", default="", help="that ran there")
        .add("--where", metavar="KEY=VALUE", action="append", default=[],
             help="with this choice: size=64, flags=-O3, needs.ROLE=QUERY, data.ROLE=QUERY;"
             " != for any other; as often as wanted")
        .add("--verdict", metavar="VERDICT", action="append", default=[], choices=VERDICTS,
             help=f"that came to this: {', '.join(VERDICTS)}")
        .add("--since", metavar="TIME", default="",
             help="not started before: 2026-11-22, 2026-11-22T10:30, or 7d (w, d, h, m, s) ago")
        .add("--until", metavar="TIME", default="", help="started before; a day is all of it")
    )  # fmt: skip


def filter_of(arguments: Arguments) -> Filter:
    """What the arguments say. Raises UsageError."""
    return parsed(
        program=arguments.program,
        experiment=arguments.experiment,
        point=arguments.point,
        verdicts=arguments.verdict,
        since=arguments.since,
        until=arguments.until,
        where=arguments.where,
        compiler=arguments.compiler,
        data=arguments.data,
        target=arguments.target,
        now=time.time(),
    )
