"""Pictures as files, by matplotlib: PNG, SVG or PDF. The same picture gives the same bytes."""

from __future__ import annotations

import io
import os
from typing import Any

from envmgr.errors import UsageError
from envmgr.experiment.extra import library
from envmgr.experiment.picture import STRIPS, Curve, Picture
from envmgr.experiment.statistics import Interval
from envmgr.host.files import atomic_write

FORMATS = ("png", "svg", "pdf")
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Told apart by people who do not see all colours (Okabe and Ito)."""
_MARKERS = "os^Dvp*"
_SETTINGS = {
    "svg.hashsalt": "envmgr",  # else ids are of chance
    "svg.fonttype": "none",  # text that can be searched
    "text.parse_math": False,  # names are no formulas
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_NO_TRACES: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
_GOLDEN = 0.6180339887498949
_WIDTH = 8.0


def format_of(path: str) -> str:
    """The format that the name of a file asks for. Raises UsageError."""
    ending = os.path.splitext(path)[1].lstrip(".").lower()
    if ending not in FORMATS:
        raise UsageError(
            f"{path}: what kind of file?", hint=f"its name ends in {', '.join(FORMATS)}"
        )
    return ending


def save(picture: Picture, path: str) -> None:
    """Write *picture* into the file at *path*, whole or not at all.

    Raises UsageError for a kind of file that is not known, and EnvmgrError where matplotlib is
    not installed.
    """
    atomic_write(path, rendered(picture, format_of(path)))


def rendered(picture: Picture, kind: str) -> bytes:
    """*picture* as a file of a *kind*."""
    matplotlib = library("matplotlib")
    with matplotlib.rc_context(_SETTINGS):
        figure = library("matplotlib.figure").Figure(
            figsize=(_WIDTH, _height(picture)), layout="constrained"
        )
        axes = figure.add_subplot()
        (_strips if picture.kind == STRIPS else _over)(axes, picture)
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=150, metadata=_NO_TRACES[kind])
    return stream.getvalue()


def _height(picture: Picture) -> float:
    """Inches."""
    return 1.2 + 0.5 * len(picture.curves) if picture.kind == STRIPS else 5.0


def _scaled(axis: Any, picture: Picture, name: str) -> None:
    """Name an *axis* of the figure and its ticks: `5 ms`, for these are what people say."""
    ticker = library("matplotlib.ticker")
    if picture.is_logarithmic:
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_minor_locator(ticker.NullLocator())
    if picture.unit in ("s", "B"):
        axis.set_major_formatter(ticker.EngFormatter(picture.unit))
        axis.set_label_text(name)
    else:
        axis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        axis.set_label_text(f"{name} ({picture.unit})" if picture.unit else name)


def _strips(axes: Any, picture: Picture) -> None:
    """A row a curve, the first one on top: all its values, and the median with its interval."""
    for row, curve in enumerate(picture.curves):
        colour = _COLOURS[row % len(_COLOURS)]
        heights = [row + 0.5 * ((at * _GOLDEN) % 1 - 0.5) for at in range(len(curve.values))]
        axes.scatter(curve.values, heights, s=14, color=colour, linewidths=0, zorder=3)
        _circled(axes, curve, curve.values, heights)
        _crossed(axes, curve.median, row)
    axes.set_yticks(range(len(picture.curves)), [curve.name for curve in picture.curves])
    axes.set_ylim(len(picture.curves) - 0.5, -0.5)
    _scaled(axes.xaxis, picture, picture.figure)
    axes.grid(axis="x", alpha=0.3)


def _circled(axes: Any, curve: Curve, across: Any, up: Any) -> None:
    """Rings around values that lie far off."""
    axes.scatter(
        [across[at] for at in curve.outliers], [up[at] for at in curve.outliers],
        s=60, facecolors="none", edgecolors="#777777", linewidths=0.8, zorder=4,
    )  # fmt: skip


def _crossed(axes: Any, median: Interval, row: int) -> None:
    if median.is_bounded:
        axes.plot([median.low, median.high], [row, row], color="black", linewidth=2)
    axes.plot([median.middle] * 2, [row - 0.28, row + 0.28], color="black", linewidth=2)


def _over(axes: Any, picture: Picture) -> None:
    """Values over rounds or over a parameter; a line joins the medians."""
    for at, curve in enumerate(picture.curves):
        colour, marker = _COLOURS[at % len(_COLOURS)], _MARKERS[at % len(_MARKERS)]
        axes.scatter(
            curve.across, curve.values, s=16, color=colour, marker=marker,
            linewidths=0, zorder=3, label=curve.name,
        )  # fmt: skip
        _circled(axes, curve, curve.across, curve.values)
        medians = curve.medians
        axes.plot(list(medians), [one.middle for one in medians.values()], color=colour)
    if picture.is_logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
        places = sorted({place for curve in picture.curves for place in curve.across})
        axes.set_xticks(places, [f"{place:g}" for place in places])
        axes.minorticks_off()
    _scaled(axes.yaxis, picture, picture.figure)
    axes.set_xlabel(picture.across)
    axes.grid(alpha=0.3)
    axes.figure.legend(loc="outside upper left", ncols=4, frameon=False)
