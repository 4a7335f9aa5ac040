"""Pictures as text: strips whose bars say how many values lie there, and grids of letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

from envmgr.experiment.picture import STRIPS, Curve, Picture

_BARS = "▁▂▃▄▅▆▇█"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SEVERAL = "*"
_HEIGHT = 14
_LEAST_WIDTH = 20
_LEAST_NAME, _MOST_NAME = 8, 32
_ASCII = str.maketrans("▁▂▃▄▅▆▇█├┤─┼│└…±", ".:-=+%#@[]-||`~~")

Said = Callable[[float], str]
"""A value with its unit, for people."""


def drawn(picture: Picture, width: int, said: Said, *, ascii_only: bool = False) -> str:
    """*picture* in lines of at most *width* columns, which are taken to be 60 at least."""
    width = max(width, 60)
    lines = _strips(picture, width, said) if picture.kind == STRIPS else _grid(picture, width, said)
    text = "\n".join(line.rstrip() for line in lines)
    return text.translate(_ASCII) if ascii_only else text


@dataclass(frozen=True, slots=True)
class _Axis:
    """Values to cells."""

    low: float
    high: float
    cells: int
    is_log: bool = False

    def cell(self, value: float) -> int:
        """The cell of *value*, which lies between both ends."""
        low, high, at = self.low, self.high, value
        if self.is_log:
            low, high, at = log10(low), log10(high), log10(value)
        if high <= low:
            return self.cells // 2
        return min(self.cells - 1, int((at - low) / (high - low) * self.cells))


def _axis(values: Sequence[float], cells: int, is_log: bool = False) -> _Axis:
    return _Axis(min(values), max(values), cells, is_log)


def _short(name: str, room: int) -> str:
    return name if len(name) <= room else name[: room - 1] + "…"


# -- strips ----------------------------------------------------------------------------------


def _strips(picture: Picture, width: int, said: Said) -> list[str]:
    curves = picture.curves
    notes = [_note(curve, said) for curve in curves]
    room = width - max(map(len, notes)) - 4
    longest = max(len(curve.name) for curve in curves)
    name = max(_LEAST_NAME, min(_MOST_NAME, longest, room - _LEAST_WIDTH))
    cells = max(_LEAST_WIDTH, room - name)
    axis = _axis([value for curve in curves for value in curve.values], cells)
    most = max(max(_counts(curve, axis)) for curve in curves)
    lines = []
    for curve, note in zip(curves, notes, strict=True):
        lines.append(f"{_short(curve.name, name):<{name}}  {_bars(curve, axis, most)}  {note}")
        lines.append(f"{'':<{name}}  {_whisker(curve, axis)}")
    low, high = said(axis.low), said(axis.high)
    return [*lines, f"{'':<{name}}  {low}{high:>{max(1, cells - len(low))}}"]


def _note(curve: Curve, said: Said) -> str:
    median = curve.median
    width = f" ± {100 * median.relative:.3g} %" if median.is_bounded else ""
    return f"{said(median.middle)}{width}, {_counted(len(curve.values))}"


def _counts(curve: Curve, axis: _Axis) -> list[int]:
    counts = [0] * axis.cells
    for value in curve.values:
        counts[axis.cell(value)] += 1
    return counts


def _bars(curve: Curve, axis: _Axis, most: int) -> str:
    """A bar in each cell, at least the lowest where any value lies."""
    last = len(_BARS) - 1
    return "".join(
        _BARS[round(last * (count - 1) / max(1, most - 1))] if count else " "
        for count in _counts(curve, axis)
    )


def _whisker(curve: Curve, axis: _Axis) -> str:
    """The median, and its interval where it is bounded."""
    cells = [" "] * axis.cells
    median = curve.median
    if median.is_bounded:
        low, high = axis.cell(median.low), axis.cell(median.high)
        cells[low : high + 1] = "─" * (high + 1 - low)
        cells[low], cells[high] = "├", "┤"
    cells[axis.cell(median.middle)] = "┼"
    return "".join(cells)


# -- grids -----------------------------------------------------------------------------------


def _grid(picture: Picture, width: int, said: Said) -> list[str]:
    is_log = picture.is_logarithmic
    places = [place for curve in picture.curves for place in curve.across]
    values = [value for curve in picture.curves for value in curve.values]
    up = _axis(values, _HEIGHT, is_log)
    top, bottom = said(up.high), said(up.low)
    margin = max(len(top), len(bottom))
    across = _axis(places, max(_LEAST_WIDTH, width - margin - 3), is_log)
    rows = ["".join(row) for row in reversed(_marks(picture.curves, across, up))]
    ends = [top, *[""] * (_HEIGHT - 2), bottom]
    lines = [f"{end:>{margin}} │{row}" for end, row in zip(ends, rows, strict=True)]
    left, right = f"{across.low:g}", f"{across.high:g}"
    room = max(1, across.cells - len(left))
    lines.append(f"{'':>{margin}} └{'─' * across.cells}")
    lines.append(f"{'':>{margin}}  {left}{right:>{room}}")
    scale = ", both logarithmic" if is_log else ""
    lines.append(f"{'':>{margin}}  {picture.figure} over {picture.across}{scale}")
    return lines + [
        f"{'':>{margin}}  {_letter(at)}  {_short(curve.name, width - margin - 5)}"
        for at, curve in enumerate(picture.curves)
    ]


def _marks(curves: Sequence[Curve], across: _Axis, up: _Axis) -> list[list[str]]:
    """Rows of cells, the lowest first: the letter of the curve that has values there."""
    cells = [[" "] * across.cells for _ in range(up.cells)]
    for at, curve in enumerate(curves):
        for place, value in zip(curve.across, curve.values, strict=True):
            row, column = up.cell(value), across.cell(place)
            is_free = cells[row][column] in (" ", _letter(at))
            cells[row][column] = _letter(at) if is_free else _SEVERAL
    return cells


def _letter(at: int) -> str:
    return _LETTERS[at % len(_LETTERS)]


def _counted(values: int) -> str:
    return "1 value" if values == 1 else f"{values} values"
