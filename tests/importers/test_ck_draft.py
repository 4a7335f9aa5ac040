"""Definitions written as people write them."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.importers.ck_draft import text_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCALARS = st.integers(-(2**40), 2**40) | st.booleans() | st.text(max_size=8)
KEYS = st.sampled_from(["a", "b", "data", "env", "run", "x y"]) | st.text(min_size=1, max_size=4)
TABLES = st.recursive(
    st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=3), max_size=3),
    lambda inner: st.dictionaries(KEYS, SCALARS | inner | st.lists(inner, min_size=1, max_size=2)),
    max_leaves=6,
)


def scalars_first(table: dict[str, Any]) -> dict[str, Any]:
    """The order in which definitions have their keys."""
    ordered = sorted(table.items(), key=lambda item: isinstance(item[1], dict | list))
    return {
        key: scalars_first(value)
        if isinstance(value, dict)
        else [scalars_first(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for key, value in ordered
    }


@given(TABLES)
def test_what_is_written_is_what_is_read(document: dict[str, Any]) -> None:
    ordered = scalars_first(document)
    assert tomllib.loads(text_of(ordered, "somewhere")) == ordered


@pytest.mark.parametrize("count", [3, 40])
def test_long_lists_have_lines_of_their_own(count: int) -> None:
    names = [f"name{number}.c" for number in range(count)]
    text = text_of({"source": {"files": names}}, "somewhere")
    assert max(map(len, text.splitlines())) <= 100
    assert len(text.splitlines()) == (4 if count == 3 else count + 5)


def test_short_tables_share_the_line_of_their_key() -> None:
    run = {"default": {"command": "{exe}", "data": {"dataset": "x"}, "check": [{"file": "stdout"}]}}
    assert text_of({"name": "x", "run": run}, "y") == (
        "# Made by `envmgr import ck` from y.\n"
        'name = "x"\n\n'
        '[run.default]\ncommand = "{exe}"\ndata = {dataset = "x"}\n\n'
        '[[run.default.check]]\nfile = "stdout"\n'
    )
