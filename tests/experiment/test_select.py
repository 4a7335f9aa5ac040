"""What people ask for, as conditions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.experiment.select import Condition, Filter, condition, is_meant, parsed

from .made import point

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("size=64", Condition("params", "size", "64")),
        ("params.size = 64", Condition("params", "size", "64")),
        ("a.b=c=d", Condition("params", "a.b", "c=d")),
        ("flags=-O3 -g", Condition("flags", "", "-O3 -g")),
        ("needs.compiler=compiler.gcc@>=12", Condition("needs", "compiler", "compiler.gcc@>=12")),
        ("data.image!=dataset.x", Condition("data", "image", "dataset.x", negated=True)),
        ("target!=local", Condition("target", "", "local", negated=True)),
        ("size=", Condition("params", "size", "")),
    ],
)
def test_conditions_are_read(text: str, made: Condition) -> None:
    assert condition(text) == made


@pytest.mark.parametrize(
    "text", ["", "size", "=64", "!=64", "needs=gcc", "params.=1", "flags.x=1", "target.x=1"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a condition"):
        condition(text)


def test_a_query_in_a_condition_is_checked_when_it_is_read() -> None:
    with pytest.raises(UsageError, match="not a tag"):
        condition("needs.compiler=a b")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("size=64", True),
        ("size=6", False),
        ("size!=6", True),
        ("other=1", False),
        ("other!=1", True),
        ("flags=-O3", True),
        ("flags=-march=native -O3", True),
        ("flags=-O", False),
        ("flags!=-O2", True),
        ("needs.compiler=compiler.gcc", True),
        ("needs.compiler=gcc", True),
        ("needs.compiler=compiler.gcc@>=12,<13", True),
        ("needs.compiler=compiler.gcc@13", False),
        ("needs.compiler=compiler.llvm", False),
        ("needs.compiler!=compiler.llvm", True),
        ("needs.library=gcc", False),
        ("data.image=dataset.image-small@1", True),
        ("target=local", True),
    ],
)
def test_conditions_hold(text: str, holds: bool) -> None:
    assert condition(text).holds(point()) is holds


@given(st.sampled_from(["size=64", "flags=-O3", "needs.compiler=gcc@>=13", "target=x", "data.a=b"]))
def test_a_negated_condition_holds_where_the_other_does_not(text: str) -> None:
    other = text.replace("=", "!=", 1)
    assert condition(other).holds(point()) is not condition(text).holds(point())


@pytest.mark.parametrize(
    ("query", "thing", "is_so"),
    [
        ("compiler.gcc@>=9.5", "compiler.gcc@12.2.0", True),
        ("prgenv-gnu", "PrgEnv-gnu", True),
        ("compiler,-gcc", "compiler.gcc@12", False),
        ("gcc@>=12", "compiler.gcc", False),
    ],
)
def test_a_query_means_a_thing(query: str, thing: str, is_so: bool) -> None:
    assert is_meant(query, thing) is is_so


def test_a_filter_is_read() -> None:
    found = parsed(
        program="susan:edges", experiment="0a", verdicts=["wrong"], since="2d", where=["size=64"],
        compiler="gcc", data="image", target="board", now=NOW,
    )  # fmt: skip
    assert found == Filter(
        program="susan",
        command="edges",
        experiment="0a",
        verdicts=("wrong",),
        since=NOW - 2 * 86400,
        where=(
            Condition("params", "size", "64"),
            Condition("needs", "compiler", "gcc"),
            Condition("data", "", "image"),
            Condition("target", "", "board"),
        ),
    )
    assert parsed(now=NOW) == Filter()


def test_data_of_any_role_is_meant() -> None:
    assert parsed(data="dataset.image-small", now=NOW).fits(point())
    assert not parsed(data="dataset.text", now=NOW).fits(point())


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-11-22T10:30:00Z", "2026-11-22T10:30", "2026-11-22T10:30"),
        ("2026-11-22T10:30:00+02:00", "2026-11-22T08:30", "2026-11-22T08:30"),
    ],
)
def test_times_are_read(text: str, since: str, until: str) -> None:
    found = parsed(since=text, until=text, now=NOW)
    assert found.since == datetime.fromisoformat(since).replace(tzinfo=timezone.utc).timestamp()
    assert found.until == datetime.fromisoformat(until).replace(tzinfo=timezone.utc).timestamp()


def test_a_day_at_the_end_is_all_of_it() -> None:
    found = parsed(since="2026-06-22", until="2026-06-22", now=NOW)
    assert found.since == datetime(2026, 6, 22).timestamp()
    assert found.until == datetime(2026, 6, 23).timestamp()


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("90m", 5400), ("1w", 604800)])
def test_times_ago_are_read(text: str, seconds: int) -> None:
    assert parsed(since=text, now=NOW).since == NOW - seconds


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"since": "yesterday"}, "not a time"),
        ({"until": "2026-13-01"}, "not a time"),
        ({"since": "9999999999d"}, "not a time"),
        ({"experiment": "x' OR 1=1"}, "not an id"),
        ({"point": "ABC"}, "not an id"),
        ({"verdicts": ["good"]}, "not a verdict"),
        ({"compiler": ">=12"}, "wants nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parsed(**wrong, now=NOW)
