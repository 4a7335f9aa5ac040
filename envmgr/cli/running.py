"""What verbs that run programs share: numbers of the command line, and exit statuses."""

from __future__ import annotations

from collections.abc import Collection

from envmgr.errors import ProgramError, UsageError
from envmgr.model.measurement import FAILED, TIMED_OUT

AUTO = "auto"
"""As many rounds as it takes."""
WRONG_OUTPUT = 10
"""Exit status when what a program wrote is wrong, or another with each run."""


def status_of(bad: Collection[str]) -> int:
    """The exit status for what came out with verdicts that it should not have."""
    if any(verdict not in (FAILED, TIMED_OUT) for verdict in bad):
        return WRONG_OUTPUT
    return ProgramError.exit_code if bad else 0


def share(option: str, text: str) -> float:
    """`2%` or `0.02` as a number. Raises UsageError."""
    try:
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        raise UsageError(f"{option} {text}: say a part: 2% or 0.02") from error


def rounds(text: str) -> int | None:
    """The number that `--repeat` says; None for as many as it takes. Raises UsageError."""
    if text == AUTO:
        return None
    if not is_number(text) or int(text) == 0:
        raise UsageError(f"--repeat {text}: say a number, or auto")
    return int(text)


def is_number(text: str) -> bool:
    """Whether *text* is a whole number of a size that anything here can have."""
    return text.isascii() and text.isdecimal() and len(text) <= 6
