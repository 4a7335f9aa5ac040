"""Numbers of command lines, and the exit statuses of runs."""

from __future__ import annotations

import pytest

from envmgr.cli.running import rounds, share, status_of
from envmgr.errors import UsageError
from envmgr.model.measurement import FAILED, RIGHT, TIMED_OUT, UNSTEADY, WRONG


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        ([], 0),
        ([FAILED, TIMED_OUT], 9),
        ([FAILED, WRONG], 10),
        ([UNSTEADY], 10),
        ([RIGHT], 10),  # of a mutation, which should have been caught
    ],
)
def test_the_worst_verdict_decides(bad: list[str], status: int) -> None:
    assert status_of(bad) == status


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("20", 20), ("auto", None)])
def test_rounds(text: str, number: int | None) -> None:
    assert rounds(text) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "٣", "9999999", "Auto"])
def test_what_is_no_number_of_rounds(text: str) -> None:
    with pytest.raises(UsageError, match="say a number, or auto"):
        rounds(text)


def test_shares() -> None:
    assert share("--precision", "2%") == share("--precision", "0.02") == 0.02
    with pytest.raises(UsageError, match="--precision x: say a part"):
        share("--precision", "x")
