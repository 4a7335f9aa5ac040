"""Figures of a run: what was measured of it, and what the program itself says."""

from __future__ import annotations

import json
import math
import os
import re
from typing import Any, NoReturn

from envmgr.errors import ProgramError
from envmgr.model.program import MEASURED, Figure
from envmgr.program.run import Ran

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MOST_BYTES = 64 << 20
"""Bytes of an output in which a figure is looked for."""


def figures_of(ran: Ran) -> dict[str, float]:
    """All figures of a run that ended well. Times are in seconds and of one repeat, as counters
    are; `memory` is in bytes.

    Raises ProgramError for a figure of the program's own that is not there or is no number.
    """
    usage, repeats = ran.usage, ran.request.repeats
    figures = {
        "wall": usage.wall / repeats,
        "user": usage.user / repeats,
        "system": usage.system / repeats,
        "cpu": (usage.user + usage.system) / repeats,
        "repeats": float(repeats),
    }
    if usage.memory is not None:
        figures["memory"] = float(usage.memory)
    if usage.left:
        figures["left"] = float(usage.left)
    figures |= {name: value / repeats for name, value in usage.counters.items()}
    return figures | {
        name: _own(name, figure, ran) for name, figure in ran.request.command.figures.items()
    }


def _own(name: str, figure: Figure, ran: Ran) -> float:
    where = f"{ran.request.name}: its figure {name}"
    if name in MEASURED:
        raise ProgramError(f"{where} must be called otherwise: {name} is measured by envmgr")
    text = _text(figure.file, ran, where)
    if figure.key is not None:
        return _number(_by_key(figure.key, text, f"{where}, {figure.file}"), where)
    found = re.search(figure.match or "", text, re.MULTILINE)
    if not found:
        raise ProgramError(f"{where}: nothing in {figure.file} fits {figure.match!r}")
    named = "value" in found.re.groupindex
    return _number(found["value"] if named else found[1], f"{where}, in {figure.file}")


def _text(file: str, ran: Ran, where: str) -> str:
    path = ran.outputs.get(file)
    if path is None:
        raise ProgramError(f"{where}: {file} was not written")
    if os.path.getsize(path) > _MOST_BYTES:
        raise ProgramError(f"{where}: {file} has more than {_MOST_BYTES >> 20} MiB to look through")
    with open(path, encoding="utf-8", errors="replace") as stream:
        return stream.read()


def _by_key(key: str, text: str, where: str) -> Any:
    """What stands in JSON at *key*: names and positions, joined by dots."""
    try:
        value = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise ProgramError(f"{where} is not JSON: {error}") from error
    for step in key.split("."):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (LookupError, TypeError, ValueError):
            raise ProgramError(f"{where} has no {key}: there is no {step}") from None
    return value


def _number(value: Any, where: str) -> float:
    """A finite number, and nothing that Python alone takes for one: `1_000`, `nan`, true."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(value, where)
    try:
        number = float(value)
    except OverflowError:
        _refuse(value, where)
    if not math.isfinite(number):
        _refuse(value, where)
    return number


def _refuse(value: Any, where: str) -> NoReturn:
    raise ProgramError(f"{where}: {str(value)[:60]!r} is no number")
