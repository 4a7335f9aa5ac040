"""Lines of keys, whatever form TOML gives them."""

from __future__ import annotations

import pytest

from envmgr.catalog.locate import lines_of, nearest_line
from envmgr.catalog.problem import Path

TEXT = '''\
# [no.table]
top = 1  # key = 2

[a]
x = "[not.a.table]" # ]
'y z' = """
[inside]
k = 1 \\""" still
"""
list = [ # the first
    "one",
    ["two", "three"],

    { p = 1, q.r = 2 },
]
b.c.d = 1

[a.sub."q.u"]
e = {f = {g = "}"}, "h\\u0041" = '\\'}
when = 1979-05-27 07:32:00
[[rows]]
m = 1
[rows.deep]
n = 1
[[rows]]

[[rows.inner]]
o = \'\'\'
[[rows]]\'\'\'
[[rows.inner]]
3.14 = "pi"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 4),
        (("a", "x"), 5),
        (("a", "y z"), 6),
        (("a", "list"), 10),
        (("a", "list", 0), 11),
        (("a", "list", 1), 12),
        (("a", "list", 1, 1), 12),
        (("a", "list", 2, "p"), 14),
        (("a", "list", 2, "q", "r"), 14),
        (("a", "b"), 16),
        (("a", "b", "c", "d"), 16),
        (("a", "sub", "q.u"), 18),
        (("a", "sub", "q.u", "e", "f", "g"), 19),
        (("a", "sub", "q.u", "e", "hA"), 19),
        (("a", "sub", "q.u", "when"), 20),
        (("rows",), 21),
        (("rows", 0), 21),
        (("rows", 0, "m"), 22),
        (("rows", 0, "deep", "n"), 24),
        (("rows", 1), 25),
        (("rows", 1, "inner", 0), 27),
        (("rows", 1, "inner", 0, "o"), 28),
        (("rows", 1, "inner", 1), 30),
        (("rows", 1, "inner", 1, "3", "14"), 31),
    ],
)
def test_the_line_of_a_key(path: Path, line: int) -> None:
    assert lines_of(TEXT)[path] == line


def test_what_only_looks_like_a_key_has_no_line() -> None:
    lines = lines_of(TEXT)
    assert {path[0] for path in lines} == {"top", "a", "rows"}
    assert ("a", "k") not in lines
    assert ("a", "inside") not in lines


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a", "missing"), 4),
        (("rows", 1, "missing", "too"), 25),
        (("missing",), 1),
        ((), 1),
    ],
)
def test_a_missing_key_is_where_its_table_is(path: Path, line: int) -> None:
    assert nearest_line(lines_of(TEXT), path) == line


def test_windows_line_ends() -> None:
    assert lines_of("a = 1\r\n[b]\r\nc = 'x'\r\n") == {("a",): 1, ("b",): 2, ("b", "c"): 3}
