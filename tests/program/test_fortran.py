"""The order of Fortran files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import ProgramError
from envmgr.program.fortran import waves


def test_a_module_comes_before_what_uses_it() -> None:
    texts = {
        "a.f90": "PROGRAM a\n  USE b, ONLY: x\nEND PROGRAM",
        "b.f90": "module b\nuse, non_intrinsic :: c ; use d\nend module b",
        "c.f90": "module c\nend module",
        "d.f90": "  module   d ! comment\nend module",
    }
    assert waves(texts) == [("c.f90", "d.f90"), ("b.f90",), ("a.f90",)]


def test_files_that_share_nothing_are_one_group() -> None:
    assert waves({"a.f": "", "b.f90": "use mpi\nuse iso_c_binding"}) == [("a.f", "b.f90")]


def test_a_module_that_is_used_where_it_is_defined_is_no_circle() -> None:
    assert waves({"a.f90": "module a\nend module\nprogram p\nuse a\nend"}) == [("a.f90",)]


def test_submodules_come_after_their_ancestors() -> None:
    texts = {
        "1.f90": "submodule (top:mid) low\nend",
        "2.f90": "submodule(top) mid\nend",
        "3.f90": "module top\nend",
    }
    assert waves(texts) == [("3.f90",), ("2.f90",), ("1.f90",)]


@pytest.mark.parametrize(
    "text",
    [
        "! use b",
        "x = 1 ! ; use b",
        "use, intrinsic :: b",
        "user = b",
        "use_b = 1",
        "module procedure b",
        "print *, 'x'",
    ],
)
def test_what_is_no_use_of_a_module(text: str) -> None:
    assert waves({"a.f90": text, "b.f90": "module b\nend"}) == [("a.f90", "b.f90")]


@pytest.mark.parametrize("text", ["module procedure x", "module function x", "end module x"])
def test_what_defines_no_module(text: str) -> None:
    assert waves({"a.f90": text, "b.f90": "use x"}) == [("a.f90", "b.f90")]


@pytest.mark.parametrize(
    "text", ["use &\n   b", "use & ! first\n  ! second\n  & b", "use b,only:x"]
)
def test_a_statement_may_go_on_in_the_next_line(text: str) -> None:
    assert waves({"a.f90": text, "b.f90": "module b\nend"}) == [("b.f90",), ("a.f90",)]


def test_the_fixed_form() -> None:
    texts = {
        "a.f": "C     use c\n*     use c\n      use\n     & b\n      end",
        "b.F": "      module b\n      end",
        "c.f": "      module c\n      use a\n      end",
    }
    assert waves(texts) == [("b.F", "c.f"), ("a.f",)]


def test_a_circle_is_told() -> None:
    texts = {"a.f90": "module a\nuse b\nend", "b.f90": "module b\nuse a\nend"}
    with pytest.raises(ProgramError, match=r"in a circle: [ab]\.f90 → [ab]\.f90"):
        waves(texts)


@given(st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 9)), min_size=1))
def test_every_file_comes_once_and_after_what_it_uses(uses: dict[int, set[int]]) -> None:
    # Each uses only lower numbers, so there is no circle.
    texts = {
        f"{one}.f90": f"module m{one}\n" + "\n".join(f"use m{low}" for low in used if low < one)
        for one, used in uses.items()
    }
    groups = waves(texts)
    where = {path: i for i, group in enumerate(groups) for path in group}
    assert sorted(path for group in groups for path in group) == sorted(texts)
    for one, used in uses.items():
        for low in (low for low in used if low < one and low in uses):
            assert where[f"{low}.f90"] < where[f"{one}.f90"]
