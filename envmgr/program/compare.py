"""Whether two outputs say the same: byte by byte, without some lines, or number by number.

Both sides are read line by line, so that large outputs need little memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from envmgr.model.program import OutputCheck

_NUMBER = re.compile(
    r"""(
      (?: [-+] | (?<![\w.]) )              # not the 2 of `x2`, nor the third part of `1.2.3`
      (?: (?:\d+\.?\d*|\.\d+) (?:[eEdD][-+]?\d+)?
        | (?i:nan|inf(?:inity)?) (?!\w) )
    )""",
    re.VERBOSE | re.ASCII,
)
_MOST_DIGITS = 300
"""Digits up to which a whole number is compared exactly; longer ones are larger than any float."""
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two outputs compare."""

    lines: int
    """Lines that were compared and say the same; none of them, nothing was proved."""
    difference: str = ""
    """The first difference, from the line on: `line 3: 1.5 is not 1.6 of expect/a.txt`."""


def compare(
    mine: Iterable[bytes], theirs: Iterable[bytes], check: OutputCheck, *, of: str
) -> Comparison:
    """Compare lines as *check* says: its `ignore`, `tolerance` and `absolute`; *of* names *theirs*.

    Without a tolerance lines are the same when their bytes are, line ends among them. With one,
    numbers agree when they differ by no more than `absolute`, or than `tolerance` times the larger
    of the two; not a number agrees with itself, as infinity does; what stands between numbers must
    be the same but for blanks, and lines of blanks alone do not count. Lines with a zero byte are
    no text and hold no numbers.
    """
    count = 0
    for ours, other in zip_longest(_kept(mine, check), _kept(theirs, check)):
        if ours is None:
            return Comparison(count, f"ends before line {other[0]} of {of}: {_quoted(other[1])}")
        if other is None:
            return Comparison(
                count, f"line {ours[0]}: {_quoted(ours[1])} is beyond the end of {of}"
            )
        if ours[1] != other[1] and (found := _unlike(ours[1], other[1], check, of)):
            return Comparison(count, f"line {ours[0]}{found}")
        count += 1
    return Comparison(count)


def _kept(lines: Iterable[bytes], check: OutputCheck) -> Iterator[tuple[int, bytes]]:
    """The lines that count, each with its number."""
    patterns = [re.compile(pattern) for pattern in check.ignore]
    for number, line in enumerate(lines, 1):
        if check.tolerance is not None and not line.strip():
            continue
        if not any(pattern.search(_text(line)) for pattern in patterns):
            yield number, line


def _unlike(mine: bytes, theirs: bytes, check: OutputCheck, of: str) -> str:
    """How two lines of unequal bytes differ; empty when they agree as numbers."""
    if check.tolerance is not None and b"\0" not in mine + theirs:
        return _unlike_numbers(_text(mine), _text(theirs), check.tolerance, check.absolute, of)
    shorter = min(len(mine), len(theirs))
    at = next((i for i in range(shorter) if mine[i] != theirs[i]), shorter)
    if at < shorter and (_is_binary(mine) or _is_binary(theirs)):
        return f", byte {at + 1}: {mine[at]:#04x} is not {theirs[at]:#04x} of {of}"
    return f": {_quoted(mine, at)} is not {_quoted(theirs, at)} of {of}"


# -- numbers ---------------------------------------------------------------------------------


def _unlike_numbers(mine: str, theirs: str, tolerance: float, absolute: float, of: str) -> str:
    ours, other = _NUMBER.split(mine), _NUMBER.split(theirs)
    if len(ours) != len(other):
        return f" has {_numbers(len(ours) // 2)}, and {len(other) // 2} in {of}: {_shown(mine)}"
    for i, (a, b) in enumerate(zip(ours, other, strict=True)):
        if a == b:
            continue
        if i % 2 == 0:
            if a.split() != b.split():
                return f": {_shown(a.strip())} is not {_shown(b.strip())} of {of}"
        elif not agree(a, b, tolerance, absolute):
            return f": {a} is not {b} of {of}{_off(a, b, tolerance, absolute)}"
    return ""


def agree(mine: str, theirs: str, tolerance: float, absolute: float = 0.0) -> bool:
    """Whether two numbers, as they are written, are the same or close enough."""
    a, b = _value(mine), _value(theirs)
    if a is None or b is None:
        return mine == theirs
    if math.isfinite(a) and math.isfinite(b):
        return a == b or abs(a - b) <= max(absolute, tolerance * max(abs(a), abs(b)))
    return a == b or (math.isnan(a) and math.isnan(b))


def _value(text: str) -> float | int | None:
    """The number that is written; None when it has digits and is too large for any float."""
    if len(text) <= _MOST_DIGITS and text.lstrip("+-").isdigit():
        return int(text)  # a float would take large neighbours for equal
    value = float(text.replace("d", "e").replace("D", "e"))
    return None if math.isinf(value) and text[-1] not in "fFyY" else value


def _off(mine: str, theirs: str, tolerance: float, absolute: float) -> str:
    """By how much they differ and might, both absolute or both relative, whichever lets more."""
    a, b = _value(mine), _value(theirs)
    if a is None or b is None or not (math.isfinite(a) and math.isfinite(b)):
        return ""
    apart, larger = abs(a - b), max(abs(a), abs(b))
    if absolute >= tolerance * larger:
        return f" (off by {apart:.3g}, {absolute:g} allowed)"
    return f" (off by {apart / larger:.3g}, {tolerance:g} allowed)"


def _numbers(count: int) -> str:
    return f"{count} number" + ("" if count == 1 else "s")


# -- what is shown ---------------------------------------------------------------------------


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def _is_binary(line: bytes) -> bool:
    try:
        return "\0" in line.decode()
    except UnicodeDecodeError:
        return True


def _quoted(line: bytes, at: int = 0) -> str:
    """A line as it is shown, around the byte *at*."""
    start = max(0, at - _MOST_SHOWN // 2) if len(line) > _MOST_SHOWN else 0
    shown = _shown(_text(line[start : start + _MOST_SHOWN + 1]))
    return f"…{shown}" if start else shown


def _shown(text: str) -> str:
    cut = len(text) > _MOST_SHOWN
    return repr(text[:_MOST_SHOWN]) + ("…" if cut else "")
