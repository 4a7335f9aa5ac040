"""Comparing what is recorded: from what a person names to comparisons that are judged together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from envmgr.errors import EnvmgrError, UsageError
from envmgr.experiment.comparison import Comparison, Rule, compare_all
from envmgr.experiment.pairing import Pair, Side, against, by, differing, samples, sides
from envmgr.experiment.select import EVERYTHING, Filter, condition, is_meant
from envmgr.experiment.summary import Units

if TYPE_CHECKING:
    from envmgr.api.workspace import Workspace
    from envmgr.experiment.records import Records
    from envmgr.model.measurement import Measurement, Point

_ID = re.compile(r"[0-9a-f]{4,20}")
_OWN_FIGURES = frozenset({"wall", "user", "system", "cpu", "memory", "code_size", "energy"})
"""Of which less is better whatever the program."""


_MUCH = 0.5
"""Cores that others used, from which on it matters."""
_SHORT = 0.05
"""Seconds within which the system does not count time finely enough."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked to be compared."""

    selections: tuple[str, ...]
    """None, one or two: each what `selection` reads."""
    by: str = ""
    """What points are to differ in, within the one selection."""
    baseline: str = ""
    """What is chosen for that in the base; a query where it is something needed."""
    within: Filter = EVERYTHING
    """What must hold of all measurements."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Comparisons, judged together, each with its points."""

    rule: Rule
    pairs: tuple[Pair, ...]
    comparisons: tuple[Comparison, ...]
    unit: str
    """Of the figure; empty when it has none."""
    notes: tuple[str, ...]
    """What was taken for granted or left out."""


def compare_recorded(
    workspace: Workspace, records: Records, wanted: Wanted, rule: Rule, better: str = ""
) -> Compared:
    """Compare what is recorded. Without *better*, the definition of the program says which way
    its own figures are better. Raises UsageError when it is not clear what to compare.
    """
    pairs, left_out = _pairs(records, wanted)
    assumed: tuple[str, ...] = ()
    if not better:
        better, assumed = _direction(workspace, pairs[0].base.point, rule.figure)
    rule = replace(rule, better=better)
    found = compare_all(samples(pairs, rule.figure), rule)
    unit = Units(records).of(rule.figure, pairs[0].base.measurements[0].context)
    notes = (*left_out, *assumed, *_disturbances(pairs, rule.figure))
    return Compared(rule, tuple(pairs), tuple(found), unit, notes)


def _pairs(records: Records, wanted: Wanted) -> tuple[list[Pair], tuple[str, ...]]:
    if len(wanted.selections) == 2:
        if wanted.by:
            raise UsageError("--by is for one selection", hint="leave out the second")
        base, other = (_sides(records, text, wanted.within) for text in wanted.selections)
        pairs = against(base, other)
        alone = len(base) + len(other) - 2 * len(pairs)
        return pairs, (f"{alone} points have no counterpart and were left out",) if alone else ()
    text = wanted.selections[0] if wanted.selections else ""
    found = _sides(records, text, wanted.within)
    key = wanted.by or _only_difference(found)
    return by(found, key, _is_base(key, wanted.baseline)), ()


def _only_difference(found: Sequence[Side]) -> str:
    keys = differing(found)
    if len(keys) == 1:
        return keys[0]
    if not keys:
        raise UsageError("there is only one point, and nothing to compare it with")
    raise UsageError(
        f"the points differ in {', '.join(keys)}", hint="say by --by which of these is compared"
    )


def _is_base(key: str, baseline: str) -> Callable[[str], bool] | None:
    if not baseline:
        return None
    if key.startswith(("needs.", "data.")):
        return lambda value: bool(value) and is_meant(baseline, value)
    return lambda value: value == baseline


def _sides(records: Records, text: str, within: Filter) -> list[Side]:
    found = sides(records.find(selection(records, text, within)))
    if not found:
        raise UsageError(
            f"nothing recorded fits {text or 'what was asked for'}",
            hint="`envmgr experiment list` shows what there is",
        )
    return found


def selection(records: Records, text: str, within: Filter) -> Filter:
    """What *text* means among what *within* holds: words, each of them the first digits of the id
    of an experiment or a point, a program (`NAME` or `NAME:COMMAND`), or a condition (`KEY=VALUE`,
    `KEY!=VALUE`). Raises UsageError for an id that is not clear.
    """
    found = within
    for word in text.split():
        if "=" in word:
            found = replace(found, where=(*found.where, condition(word)))
        elif named := _named(records, word):
            found = _narrowed(found, *named)
        else:
            program, _, command = word.partition(":")
            found = replace(found, program=program, command=command)
    return found


def _narrowed(within: Filter, kind: str, id_: str) -> Filter:
    if kind == "experiment":
        return replace(within, experiment=id_)
    return replace(within, point=id_)


def _named(records: Records, word: str) -> tuple[str, str] | None:
    """The experiment or the point whose id begins with *word*."""
    if not _ID.fullmatch(word):
        return None
    found = [one for one in records.named(word) if one[0] != "measurement"]
    exact = [one for one in found if one[1] == word]
    if len(exact or found) > 1:
        some = ", ".join(f"{kind} {id_}" for kind, id_ in found)
        raise UsageError(f"{word!r} begins several ids: {some}", hint="give more digits")
    return next(iter(exact or found), None)


def _disturbances(pairs: Sequence[Pair], figure: str) -> tuple[str, ...]:
    """What makes wall times worth little, where it was recorded."""
    if figure != "wall":
        return ()
    told = {one.id: _others(one) for pair in pairs for side in (pair.base, pair.other)
            for one in side.measurements if one.is_result}  # fmt: skip
    busy = sum(others > _MUCH for others in told.values())
    if not busy:
        return ()
    runs = f"{busy} of {len(told)} runs"
    return (f"others used more than half a core in {runs}: wall time says little, cpu more",)


def _others(one: Measurement) -> float:
    """How many cores other processes used while it ran, as far as that is known."""
    seconds, busy = one.conditions.get("seconds", 0.0), one.conditions.get("busy", 0.0)
    own = one.figures.get("cpu", 0.0) * one.figures.get("repeats", 1.0)
    return float(busy - own) / seconds if seconds > _SHORT else 0.0


def _direction(workspace: Workspace, point: Point, figure: str) -> tuple[str, tuple[str, ...]]:
    """Which way a figure is better, and what was assumed for that."""
    if figure in _OWN_FIGURES:
        return "lower", ()
    try:
        program = workspace.catalogue.program(point.program)
        return program.runs[point.command].figures[figure].better, ()
    except (EnvmgrError, KeyError):
        return "lower", (f"less of {figure} is taken for better; --better higher says otherwise",)
