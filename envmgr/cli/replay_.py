"""`envmgr replay`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from envmgr.api.replay import How, Replay, Replayed, open_pack, replay, scratch
from envmgr.cli.output import heading, print_json, print_table, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.running import rounds, share
from envmgr.experiment.comparison import Rule
from envmgr.experiment.samples import labels
from envmgr.experiment.verdict import AT_LEAST, CANNOT, DIFFERS, REPRODUCED, Figures, worst

_STATUS = {REPRODUCED: 0, DIFFERS: 11, CANNOT: 12}
"""Verdicts to exit statuses."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "replay",
            "Do again what was measured: restore its environment from the lock, build its program"
            " from the packed sources, run it as often as it was, and say what is reproduced, what"
            " differs, and what cannot be done here and why. A pack is a program of somebody"
            " else's: replay what you would run.",
            (
                "envmgr replay figure-3.envpack",
                "envmgr replay 019ab3 --repeat auto --figures",
                "envmgr replay figure-3.envpack --relax           # another compiler may do",
            ),
        )
        .add("pack", metavar="PACK|ID",
             help="the file of a pack, or an experiment, point or measurement that is recorded")
        .add("--only", metavar="POINT", action="append", default=[],
             help="only this point, by the first digits of its id")
        .add("--repeat", metavar="N", default="",
             help="rounds; auto goes on until the figure is known. By default as many as were"
             " recorded, and two at least")
        .add("--figure", default="cpu", metavar="FIGURE",
             help="the figure that is compared. Default cpu")
        .add("--figures", action="store_true",
             help="fail unless the figure is reproduced too, not the outputs alone")
        .add("--at-least", default=f"{AT_LEAST:.0%}", metavar="SHARE",
             help="the smallest difference of figures that matters. Default 5%%")
        .add("--relax", action="store_true",
             help="take another version where the one that was used is not here, as far as the"
             " program allows it")
        .add("--offline", action="store_true", help="fetch nothing, so install nothing")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Do it and say what came out: 0 when reproduced, 11 when not, 12 when it cannot be done."""
    from envmgr.host.measured import ended_by_signals

    workspace = workspace_of(arguments)
    how = _how(arguments)
    with ended_by_signals(), scratch(workspace) as directory:
        pack = open_pack(workspace, arguments.pack, directory)
        found = replay(workspace, pack, directory, how, lambda text: say(text, style="note"))
    verdict = worst([found.verdict, *([found.figures] if arguments.figures else [])])
    if arguments.json:
        print_json(verdict=verdict, **_json(found))
    else:
        _print(found, verdict, arguments.figures)
    return _STATUS[verdict]


def _how(arguments: Arguments) -> How:
    rule = Rule(figure=arguments.figure, at_least=share("--at-least", arguments.at_least))
    return How(
        only=tuple(arguments.only),
        repeat=rounds(arguments.repeat) if arguments.repeat else 0,
        rule=rule,
        offline=arguments.offline,
        relax=arguments.relax,
        is_own=not os.path.isfile(arguments.pack),
        argv=("envmgr", *sys.argv[1:]),
    )


# -- for scripts -----------------------------------------------------------------------------


def _json(found: Replay) -> dict[str, Any]:
    return {
        "outputs": found.verdict,
        "figures": found.figures,
        "points": list(map(_point_json, found.points)),
        "experiments": list(found.experiments),
        "warnings": list(found.warnings),
    }


def _point_json(one: Replayed) -> dict[str, Any]:
    return {
        "point": {"id": one.point.id, **asdict(one.point)},
        "verdict": one.verdict,
        "outputs": asdict(one.outputs),
        "figures": one.figures and _figures_json(one.figures),
        "environment": {"verdict": one.environment, "changes": list(one.changes)},
        "alterations": list(one.alterations),
        "reasons": list(one.reasons),
        "recorded": one.recorded,
        "replayed": one.replayed,
    }


def _figures_json(figures: Figures) -> dict[str, Any]:
    ratio = figures.ratio
    bounded = ratio if ratio is not None and ratio.is_bounded else None
    return {
        "figure": figures.figure,
        "verdict": figures.verdict,
        "why": figures.why,
        "ratio": ratio and ratio.middle,
        "low": bounded and bounded.low,
        "high": bounded and bounded.high,
    }


# -- for people ------------------------------------------------------------------------------


def _print(found: Replay, verdict: str, with_figures: bool) -> None:
    names = labels([one.point for one in found.points])
    rows = [
        (
            one.point.id[:8],
            one.point.name,
            names[one.point.id] if len(names) > 1 else "-",
            one.verdict,
            _figure_word(one.figures),
            one.environment,
        )
        for one in found.points
    ]
    print_table(("POINT", "PROGRAM", "WITH", "OUTPUTS", "FIGURES", "ENVIRONMENT"), rows)
    _tell_details(found)
    for warning in found.warnings:
        say(f"warning: {warning}", style="warn")
    for id_ in found.experiments:
        say(f"recorded: envmgr experiment show {id_}")
    what = "outputs and figures" if with_figures else "outputs"
    say(f"{what}: {verdict}", style="good" if verdict == REPRODUCED else "bad")


def _tell_details(found: Replay) -> None:
    """What is to be said of each point; once of all of which it is the same."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in found.points:
        alike.setdefault(tuple(_details(one)), []).append(one.point.id[:8])
    for lines, points in alike.items():
        if lines:
            print(heading(" ".join(points)))
        for line in lines:
            tell(f"  {line}")


def _details(one: Replayed) -> Iterator[str]:
    yield from (f"cannot be done here: {reason}" for reason in one.reasons)
    yield from (f"the program is another: {text}" for text in one.alterations)
    if one.outputs.why and one.outputs.why not in one.reasons:
        yield f"outputs: {one.outputs.why}"
    for output in one.outputs.each:
        yield f"{output.name}: {output.verdict}{f', {output.why}' if output.why else ''}"
    if one.figures is not None and one.figures.why:
        yield f"{one.figures.figure}: {one.figures.why}"
    yield from (f"environment: {change}" for change in one.changes)


def _figure_word(figures: Figures | None) -> str:
    if figures is None:
        return "-"
    ratio = figures.ratio
    if ratio is None or not ratio.is_bounded:
        return f"{figures.figure} {figures.verdict}"
    return (
        f"{figures.figure} {figures.verdict}, {ratio.middle:.3f} times"
        f" ({ratio.low:.3f} to {ratio.high:.3f})"
    )
