"""`envmgr experiment compare`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envmgr.api.comparing import Compared, Wanted, compare_recorded
from envmgr.api.experiment import records_of
from envmgr.cli.measured import amount
from envmgr.cli.output import print_json, print_table, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.running import share
from envmgr.cli.selecting import filter_of, selecting
from envmgr.errors import UsageError
from envmgr.experiment.comparison import FASTER, SAME, SLOWER, Comparison, Rule
from envmgr.experiment.pairing import Pair, Side
from envmgr.experiment.samples import Sample
from envmgr.experiment.statistics import Interval, interval

_FAILED = 1
_FAILURES = {"slower": (SLOWER,), "different": (SLOWER, FASTER)}
"""What `--fail-if` may say, with the verdicts that it means."""


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "experiment compare",
        "Say whether one thing is faster than another, by how much, and how sure that is. What"
        " is named is an experiment or a point by the first digits of its id, a program, or"
        " conditions such as 'matmul-c needs.compiler=compiler.gcc'. The second is compared"
        " with the first; of one alone, points that differ in one thing.",
        (
            "envmgr experiment compare 019ab3 019ab7",
            "envmgr experiment compare 019ab3 --by needs.compiler --baseline compiler.gcc",
            "envmgr experiment compare 'matmul-c flags=-O2' 'matmul-c flags=-O3' --at-least 2%",
            "envmgr experiment compare 019ab3 019ab7 --fail-if slower",
        ),
    )
    return (
        selecting(parser)
        .add("selections", nargs="*", metavar="SELECTION", help="what is compared, or with what")
        .add("--figure", default="cpu", metavar="FIGURE", help="what is compared. Default cpu")
        .add("--better", choices=("lower", "higher"), help="which way the figure is better")
        .add("--by", default="", metavar="KEY",
             help="compare points that differ in this alone: needs.compiler, flags, size")
        .add("--baseline", default="", metavar="VALUE",
             help="with --by: what the others are compared with; by default the least")
        .add("--at-least", default="1%", metavar="SHARE",
             help="the smallest difference that matters; 0 for any. Default 1%%")
        .add("--alpha", default="5%", metavar="RATE",
             help="how often a difference may be claimed where there is none. Default 5%%")
        .add("--fail-if", choices=tuple(_FAILURES), help="exit with 1 when this is claimed")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Compare and print; 0 whatever comes out, unless `--fail-if` says otherwise."""
    rule = Rule(
        figure=arguments.figure,
        alpha=share("--alpha", arguments.alpha),
        at_least=share("--at-least", arguments.at_least),
    )
    workspace = workspace_of(arguments)
    with records_of(workspace) as records:
        found = compare_recorded(
            workspace, records, _wanted(arguments), rule, arguments.better or ""
        )
    if arguments.json:
        _print_json(found)
    else:
        _print(found)
    bad = _FAILURES.get(arguments.fail_if, ())
    return _FAILED if any(one.verdict in bad for one in found.comparisons) else 0


def _wanted(arguments: Arguments) -> Wanted:
    if len(arguments.selections) > 2:
        raise UsageError(
            "more than two selections", hint="put the words of one in quotes, or use --by"
        )
    return Wanted(
        tuple(arguments.selections), arguments.by, arguments.baseline, filter_of(arguments)
    )


# -- for people ------------------------------------------------------------------------------


def in_words(one: Comparison, unit: str) -> str:
    """What came out: only what is measured in seconds is faster."""
    if one.verdict == SAME:
        return f"same within {_percent(one.rule.at_least)}"
    if one.claims and unit != "s":
        return {FASTER: "better", SLOWER: "worse"}[one.verdict]
    return one.verdict


def _print(found: Compared) -> None:
    rule = found.rule
    print_table(
        ("BASE", rule.figure.upper(), "OTHER", rule.figure.upper(), "RATIO", "INTERVAL", "EFFECT",
         "P", "VERDICT"),
        [_row(one, found.unit) for one in found.comparisons],
    )  # fmt: skip
    tell(_terms(rule, found.comparisons))
    for one in found.comparisons:
        if one.why:
            tell(f"{one.other.name}: {one.verdict}: {one.why}")
    for note in found.notes:
        say(note)
    for warning in dict.fromkeys(w for one in found.comparisons for w in one.warnings):
        say(warning, style="warn")


def _row(one: Comparison, unit: str) -> tuple[str, ...]:
    ratio = one.ratio
    return (
        one.base.name,
        _median(one.base, unit),
        one.other.name,
        _median(one.other, unit),
        f"{ratio.middle:.4f}" if one.confidence else "-",
        f"{ratio.low:.4f} to {ratio.high:.4f}" if _is_known(ratio) else "-",
        f"{one.effect:+.2f}" if one.confidence else "-",
        f"{one.adjusted:.2g}" if one.confidence else "-",
        in_words(one, unit),
    )


def _median(sample: Sample, unit: str) -> str:
    if not sample.runs:
        return "-"
    known = interval(sample.values)
    width = f" ± {_percent(known.relative)}" if known.is_bounded else ""
    return amount(known.middle, unit) + width


def _is_known(ratio: Interval) -> bool:
    return ratio.is_bounded and ratio.low > 0


def _terms(rule: Rule, comparisons: Sequence[Comparison]) -> str:
    """What the claims rest on."""
    rounds = {one.rounds for one in comparisons if one.rounds}
    design = f"{min(rounds)} rounds; " if len(rounds) == 1 else ""
    matters = f"by more than {_percent(rule.at_least)}" if rule.at_least else "at all"
    together = " of all together" if len(comparisons) > 1 else ""
    return (
        f"{design}{rule.better} is better; claimed is what differs {matters},"
        f" wrongly at most {_percent(rule.alpha)} of the time{together}"
    )


def _percent(value: float) -> str:
    return f"{100 * value:.3g} %"


# -- for programs ----------------------------------------------------------------------------


def _print_json(found: Compared) -> None:
    rule = found.rule
    print_json(
        rule={
            "figure": rule.figure,
            "unit": found.unit,
            "better": rule.better,
            "alpha": rule.alpha,
            "at_least": rule.at_least,
        },
        comparisons=[
            _form(pair, one) for pair, one in zip(found.pairs, found.comparisons, strict=True)
        ],
        notes=list(found.notes),
    )


def _form(pair: Pair, one: Comparison) -> dict[str, Any]:
    judged = one.confidence > 0
    known = judged and _is_known(one.ratio)
    return {
        "base": _side(pair.base, one.base),
        "other": _side(pair.other, one.other),
        "design": one.design,
        "rounds": one.rounds,
        "ratio": one.ratio.middle if judged else None,
        "low": one.ratio.low if known else None,
        "high": one.ratio.high if known else None,
        "confidence": one.confidence,
        "effect": one.effect if judged else None,
        "p": one.p if judged else None,
        "adjusted": one.adjusted if judged else None,
        "verdict": one.verdict,
        "why": one.why,
        "warnings": list(one.warnings),
    }


def _side(side: Side, sample: Sample) -> dict[str, Any]:
    known = interval(sample.values) if sample.runs else None
    bounded = known is not None and known.is_bounded
    return {
        "name": sample.name,
        "point": side.point.id,
        "experiments": side.experiments.split(),
        "results": len(sample.runs),
        "failed": sample.failed,
        "median": known.middle if known else None,
        "low": known.low if known and bounded else None,
        "high": known.high if known and bounded else None,
    }
