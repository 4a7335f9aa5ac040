"""`envmgr program run`."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from envmgr.api.choosing import Choice, choices
from envmgr.api.engine import LOCAL, option
from envmgr.api.experiment import records_of
from envmgr.api.measuring import Order, Swept, resumed, sweep
from envmgr.api.program import Instruments, find_program, with_timeout
from envmgr.cli.choosing import asked_of, choice_options, named_program, program_argument
from envmgr.cli.measured import amount
from envmgr.cli.output import print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.program_build import failure_json, say_unbuilt
from envmgr.cli.progress import counting, watching
from envmgr.cli.running import is_number, rounds, share, status_of
from envmgr.errors import EnvmgrError, UsageError
from envmgr.experiment.records import Records
from envmgr.experiment.samples import labels
from envmgr.experiment.sampling import Plan
from envmgr.experiment.select import Filter
from envmgr.experiment.statistics import interval
from envmgr.experiment.summary import Units
from envmgr.host.counters import EVENTS
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import FAILED, UNCHECKED, Measurement, Point, to_json


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "program run",
        "Build a program, run it, judge its output, and record what was measured. A failed build,"
        " a crash, a time-out or a wrong output is never a result.",
        (
            "envmgr program run matmul-c",
            "envmgr program run matmul-c --param n=384 --flags=-O3 --repeat auto",
            "envmgr program run sort-c:merge --each compiler --each data --repeat 20",
            "envmgr program run matmul-c --each compiler --repeat 20 --on dask://head:8786",
        ),
    )
    choice_options(program_argument(parser))
    parser.add(
        "--repeat",
        default="1",
        metavar="N",
        help="rounds; auto goes on until the figure is known well enough. Default 1",
    )
    parser.add(
        "--figure",
        default="cpu",
        metavar="FIGURE",
        help="the figure that is shown and to be known: cpu, wall, memory, one of its own",
    )
    parser.add(
        "--precision",
        default="2%",
        metavar="PART",
        help="for auto: half the width of the interval of its median. Default 2%%",
    )
    parser.add(
        "--budget",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="for auto: no round is begun that would end later. Default 60",
    )
    parser.add(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="end a run, with its children, after this time",
    )
    parser.add(
        "--counters",
        nargs="?",
        const=",".join(EVENTS),
        metavar="EVENTS",
        help="count what the processor does, by perf, whose own time is then in the figures",
    )
    parser.add("--energy", action="store_true", help="read the energy of the processor, by RAPL")
    parser.add("--cpus", metavar="CORES", help="run on these cores only: 0,2-3")
    parser.add("--seed", type=int, metavar="N", help="what the order of runs is made from")
    parser.add("--title", default="", help="what the experiment is called in listings")
    parser.add(
        "--on",
        default=LOCAL,
        metavar="ENGINE",
        help="who measures: local, dask://HOST:PORT, dask, or slurm. Default local",
    )
    parser.add(
        "--engine-option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the engine, before those of the store's engines.toml: jobs=4",
    )
    parser.add(
        "--resume",
        default="",
        metavar="EXPERIMENT",
        help="go on with an experiment that was interrupted: only what is missing is measured",
    )
    return parser.json()


def run(arguments: Arguments) -> int:
    """Measure everything that was asked for; 9 when a run or a build failed, 10 when an output
    is wrong."""
    plan, watch = _plan(arguments), _instruments(arguments)
    options = dict(map(option, arguments.engine_option))
    workspace = workspace_of(arguments)
    name, command = named_program(arguments.program)
    program = with_timeout(find_program(workspace, name), arguments.timeout)
    wanted = choices(workspace, program, asked_of(arguments, command))
    with records_of(workspace, write=True) as records:
        order = Order(
            choices=wanted,
            plan=plan,
            experiment=_experiment(arguments, records, wanted),
            seed=secrets.randbelow(2**32) if arguments.seed is None else arguments.seed,
            instruments=watch,
            timeout=arguments.timeout,
            on=arguments.on,
            options=options,
        )
        with _resumable(order.experiment, records):
            swept = sweep(workspace, records, order, _showing)
        if arguments.json:
            _print_json(swept, records, plan, order.seed)
        else:
            _print(swept, records, plan)
    return _status(swept)


def _experiment(arguments: Arguments, records: Records, wanted: Sequence[Choice]) -> Experiment:
    if arguments.resume:
        return resumed(records, arguments.resume, wanted)
    return Experiment.new(arguments.title or arguments.program, _argv())


@contextmanager
def _resumable(experiment: Experiment, records: Records) -> Iterator[None]:
    """Say how to go on when it ends before its end and something is measured."""
    try:
        yield
    except (KeyboardInterrupt, EnvmgrError):
        if records.count(Filter(experiment=experiment.id)):
            say(f"what was measured is kept; the same with --resume {experiment.id} goes on")
        raise


def _showing(what: str, unit: str) -> AbstractContextManager[Callable[[str], None]]:
    return counting(what, unit) if unit else watching(what)


def _argv() -> list[str]:
    return ["envmgr", *sys.argv[1:]]


def _plan(arguments: Arguments) -> Plan:
    precision, repeat = share("--precision", arguments.precision), rounds(arguments.repeat)
    if not 0 < precision < 1:
        raise UsageError(
            f"--precision {arguments.precision}: must be more than nothing and less than all"
        )
    for name in ("budget", "timeout"):
        value = getattr(arguments, name)
        if value is not None and not 0 < value < float("inf"):
            raise UsageError(f"--{name} {value}: must be more than nothing, and have an end")
    if repeat is None:
        return Plan(figure=arguments.figure, precision=precision, budget=arguments.budget)
    if repeat == 1:  # one run, as it is
        return Plan(figure=arguments.figure, repeat=1, warmup=0)
    return Plan(figure=arguments.figure, repeat=repeat)


def _instruments(arguments: Arguments) -> Instruments:
    events = tuple(filter(None, (arguments.counters or "").split(",")))
    cpus = None if arguments.cpus is None else _cores(arguments.cpus)
    return Instruments(cpus, events, arguments.energy)


def _cores(text: str) -> tuple[int, ...]:
    """The numbers of `0,2-3`. Raises UsageError."""
    cores: list[int] = []
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        if not is_number(first) or not is_number(last or "0"):
            raise UsageError(f"--cpus {text}: say numbers of cores: 0,2-3")
        cores += range(int(first), int(last or first) + 1)
    return tuple(cores)


def _status(swept: Swept) -> int:
    bad = [one.verdict for one in swept.done if not one.is_result]
    return status_of([*bad, *(FAILED for _ in swept.unbuilt)])


# -- what is shown ---------------------------------------------------------------------------


def _of(point: Point, done: Sequence[Measurement]) -> list[Measurement]:
    return [one for one in done if one.point.id == point.id]


def _values(done: Sequence[Measurement], figure: str) -> list[float]:
    return [one.figures[figure] for one in done if one.is_result and figure in one.figures]


def _print_json(swept: Swept, records: Records, plan: Plan, seed: int) -> None:
    points: list[dict[str, Any]] = []
    for point in swept.points:
        measured = _of(point, swept.done)
        values = _values(measured, plan.figure)
        known = interval(values) if values else None
        points.append(
            {
                "point": to_json(measured[0])["point"] if measured else None,
                "runs": len(measured),
                "verdicts": sorted({one.verdict for one in measured}),
                "why": next((one.why for one in measured if one.why), ""),
                "median": known and known.middle,
                "low": known and _finite(known.low),
                "high": known and _finite(known.high),
                "figures": dict(measured[-1].figures) if measured else {},
                "empty": sorted({name for one in measured for name in one.empty}),
            }
        )
    print_json(
        experiment=swept.experiment.id,
        records=records.place,
        figure=plan.figure,
        seed=seed,
        points=points,
        failures=list(map(failure_json, swept.unbuilt)),
        warnings=list(swept.warnings),
        reason=swept.reason,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) != float("inf") else None


def _print(swept: Swept, records: Records, plan: Plan) -> None:
    names, units, done = labels(swept.points), Units(records), swept.done
    rows = []
    for point in swept.points:
        measured = _of(point, swept.done)
        values = _values(measured, plan.figure)
        wrong = next((one for one in measured if not one.is_result), None)
        shown = wrong or measured[-1]
        rows.append(
            (
                names[point.id],
                str(len(values)),
                _median(values, units.of(plan.figure, shown.context)),
                shown.verdict,
                shown.why,
            )
        )
    if rows:
        print_table(("POINT", "RUNS", plan.figure.upper(), "VERDICT", "WHY"), rows)
    if len(done) == 1 and done[0].is_result:
        _print_figures(done[0], units)
    say_unbuilt(swept.unbuilt)
    _say_empty(done)
    for warning in swept.warnings:
        say(f"warning: {warning}", style="warn")
    if plan.repeat is None:
        say(swept.reason)
    say(f"recorded: envmgr experiment show {swept.experiment.id}")


def _median(values: Sequence[float], unit: str) -> str:
    """The median, with half the width of its interval where it is known."""
    if not values:
        return "-"
    known = interval(values)
    return amount(known.middle, unit) + (f" ± {known.relative:.1%}" if known.is_bounded else "")


def _print_figures(one: Measurement, units: Units) -> None:
    rows = [
        (name, amount(value, units.of(name, one.context))) for name, value in one.figures.items()
    ]
    print_table(("FIGURE", "VALUE"), rows)


def _say_empty(done: Sequence[Measurement]) -> None:
    unproved = [one for one in done if one.verdict == UNCHECKED]
    empty = dict.fromkeys(name for one in unproved for name in one.empty if name != "stderr")
    if empty:
        say(f"nothing in {', '.join(empty)}: an empty output proves nothing", style="warn")
