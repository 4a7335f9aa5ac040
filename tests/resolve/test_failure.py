from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.errors import ResolutionError
from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.resolve.resolve import resolve
from tests.resolve.things import PLATFORM, asked, entry, entry_lists, queries, recipe

GCC = [entry("compiler.gcc", v, "compiler gcc lang-c") for v in ("9.4.0", "11.3.0", "12.2.0")]
LLVM = entry("compiler.llvm", "14.0.6", "compiler llvm lang-c lang-cpp")
CMAKE = entry("tool.cmake", "3.25", "tool cmake")
ENTRIES = [*GCC, LLVM, CMAKE]


def failed(
    *texts: str,
    entries: Sequence[Entry] = ENTRIES,
    recipes: Sequence[Recipe] = (),
    known: Mapping[str, Sequence[str]] | None = None,
    available: Sequence[Recipe] = (),
) -> ResolutionError:
    with pytest.raises(ResolutionError) as caught:
        resolve(
            asked(*texts), entries, recipes, platform=PLATFORM, known=known, available=available
        )
    return caught.value


def test_a_version_that_is_not_there_shows_those_that_are() -> None:
    error = failed("compiler.gcc@>=13")
    assert error.message == "nothing fits compiler.gcc,>=13"
    assert error.lines == ("compiler.gcc 12.2.0, 11.3.0, 9.4.0: not >=13",)
    assert error.exit_code == 3


def test_the_closest_miss_comes_first() -> None:
    error = failed("compiler,lang-c,lang-cpp,-llvm,>=12")
    assert error.lines == (
        "compiler.gcc 12.2.0, 11.3.0, 9.4.0: has no tag lang-cpp",
        "compiler.llvm 14.0.6: has the refused tag llvm",
    )


def test_a_misspelt_tag_gets_the_nearest_known_one() -> None:
    error = failed("compiler,lang-fotran", known={"compiler.flang": ["compiler", "lang-fortran"]})
    assert "nothing has the tag lang-fotran; did you mean lang-fortran?" in error.lines
    assert error.hint == "ask for --tags=compiler,lang-fortran"


def test_a_tag_like_no_other_is_said_to_be_unknown() -> None:
    error = failed("zzzzzz")
    assert error.lines == ("nothing has the tag zzzzzz",)


def test_what_can_be_installed_is_named_with_the_command() -> None:
    recipes = [
        recipe("tool.cmake", "3.31 4.0 4.1 4.2 5rc1", "tool cmake"),
        recipe("tool.cmake-mac", "9", "tool cmake", platforms=("macos-*",)),
    ]
    error = failed("tool,cmake,>=4", available=recipes)
    assert error.lines == (
        "tool.cmake 3.25: not >=4",
        "tool.cmake can be installed: 4.2, 4.1, 4.0 and 1 more",
    )
    assert error.hint == "envmgr install --tags='tool,cmake,>=4'"


def test_the_query_in_the_hint_means_the_same_when_pasted() -> None:
    error = failed("tool.cmake@4,-x,<5", available=[recipe("tool.cmake", "4.1")])
    assert error.hint is not None
    command = shlex.split(error.hint)
    assert command[:2] == ["envmgr", "install"]
    assert Query.parse(command[2].removeprefix("--tags=")) == asked("tool.cmake@4,-x,<5")[0]


def test_a_detector_that_found_nothing_yet_is_named() -> None:
    known = {
        "compiler.flang": ["compiler", "lang-fortran"],
        "compiler.gcc": ["compiler", "lang-fortran"],
        "tool.ninja": ["tool"],
    }
    error = failed("compiler,lang-fortran", known=known)
    assert error.lines[-1] == "nothing is recorded yet of compiler.flang, which would fit"
    assert error.hint == "envmgr detect --tags=compiler,lang-fortran"


def test_an_empty_store_leads_to_detect() -> None:
    error = failed("compiler", entries=[], known={"compiler.gcc": ["compiler"]})
    assert error.hint == "envmgr detect --tags=compiler"
    assert failed("compiler", entries=[]).hint == "envmgr detect --all"


def test_a_recipe_whose_need_nothing_fits_says_so() -> None:
    recipes = [
        recipe("lib.hdf5", needs={"z": "lib.zlib"}),
        recipe("lib.zlib", needs={"cc": "compiler,lang-d"}),
    ]
    assert failed("lib.hdf5", recipes=recipes).lines == (
        "lib.hdf5 cannot be installed: nothing fits its need compiler,lang-d, by way of lib.zlib",
    )


def test_needs_of_a_recipe_that_disagree_are_said_to() -> None:
    old, new = entry("compiler.python", "3.8"), entry("compiler.python", "3.12")
    one, two = entry("python.a", needs=[old]), entry("python.b", needs=[new])
    app = recipe("tool.app", needs={"a": "python.a", "b": "python.b"})
    error = failed("tool.app", entries=[old, new, one, two], recipes=[app])
    assert error.lines == ("tool.app cannot be installed: its needs disagree",)


def test_three_hundred_entries_make_eight_lines() -> None:
    entries = [
        entry(f"compiler.c{n}", str(v), "compiler lang-c") for n in range(60) for v in range(5)
    ]
    error = failed("compiler,lang-d", entries=entries)
    assert len(error.lines) == 8
    assert error.lines[-2:] == (
        "and 54 more that are further off",
        "nothing has the tag lang-d; did you mean lang-c?",
    )
    assert "4, 3, 2 and 2 more" in error.lines[0]


def test_several_unanswered_queries_are_all_named() -> None:
    error = failed("compiler.gcc@>=13", "tool.cmake@>=4")
    assert error.message == "nothing fits compiler.gcc,>=13 and nothing fits tool.cmake,>=4"
    assert [line.split(" ")[0] for line in error.lines] == ["compiler.gcc", "tool.cmake"]


@settings(max_examples=150, deadline=None)
@given(st.lists(queries, min_size=1, max_size=4), entry_lists(), st.booleans())
def test_every_failure_is_explained_in_few_lines(
    wanted: list[Query], entries: list[Entry], more: bool
) -> None:
    known = {"tool.a": ["tool", "x"], "lib.z": ["lib", "y"]} if more else None
    try:
        resolve(wanted, entries, platform=PLATFORM, known=known)
    except ResolutionError as error:
        assert 1 <= len(error.lines) <= 8 and error.hint
        assert all(line and "\n" not in line for line in error.lines)
