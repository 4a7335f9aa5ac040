"""Figures for people: with the unit that fits their size."""

from __future__ import annotations

from collections.abc import Sequence

from envmgr.cli.host_ import size
from envmgr.experiment.statistics import interval

TIMES = frozenset({"wall", "user", "system", "cpu", "seconds"})
"""Figures in seconds."""
SIZES = frozenset({"memory", "code_size"})
"""Figures in bytes."""
_TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def said(figure: str, value: float) -> str:
    """One value of *figure*: `12.3 ms`, `1.5 MiB`, `1.234e+09`."""
    if figure in SIZES:
        return size(int(value))
    if figure not in TIMES:
        return f"{value:.6g}"
    for scale, unit in _TIME_UNITS:
        if abs(value) >= scale:
            return f"{value / scale:.4g} {unit}"
    return f"{value:.4g} s"


def said_figure(figure: str, values: Sequence[float]) -> str:
    """The median of *values*, with half the width of its interval where it is known."""
    if not values:
        return "-"
    known = interval(values)
    width = f" ± {known.relative:.1%}" if known.is_bounded else ""
    return said(figure, known.middle) + width
