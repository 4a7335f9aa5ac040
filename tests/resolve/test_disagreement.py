"""What contradicts each other is said in full and no further, with the nearest that works."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from envmgr.errors import ResolutionError
from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.resolve.resolve import resolve
from tests.resolve.things import PLATFORM, asked, entry, recipe

CMAKE = entry("tool.cmake", "3.25", "tool cmake")


def failed(
    *texts: str, entries: Sequence[Entry], recipes: Sequence[Recipe] = ()
) -> ResolutionError:
    with pytest.raises(ResolutionError) as caught:
        resolve(asked(*texts), entries, recipes, platform=PLATFORM)
    return caught.value


def test_needs_that_disagree_are_told_with_what_they_disagree_over() -> None:
    old, new = entry("compiler.python", "3.8"), entry("compiler.python", "3.12")
    one, two = entry("python.a", needs=[old]), entry("python.b", needs=[new])
    error = failed("python.a", "tool.cmake", "python.b", entries=[old, new, one, two, CMAKE])
    assert error.message == "no environment has all of these: python.a, python.b"
    assert error.lines == (
        f"python.a is asked for: only python.a@1 ({one.path}) fits",
        f"python.b is asked for: only python.b@1 ({two.path}) fits",
        f"python.a@1 ({one.path}) needs compiler.python@3.8 ({old.path})",
        f"python.b@1 ({two.path}) needs compiler.python@3.12 ({new.path})",
        (
            "compiler.python@3.8 and compiler.python@3.12 are both compiler.python, "
            "and an environment has one"
        ),
    )
    assert error.hint == (
        "leave out --tags=python.b: the rest works, with python.a@1, tool.cmake@3.25"
    )


def test_a_range_is_widened_before_a_query_is_left_out() -> None:
    gcc = [entry("compiler.gcc", version) for version in ("9.4", "12.2")]
    error = failed("compiler.gcc@9", "compiler.gcc@>=10,<13", entries=gcc)
    assert error.hint == (
        "ask for --tags='compiler.gcc,<13' in place of --tags='compiler.gcc,>=10,<13': "
        "it works, with compiler.gcc@9.4"
    )


def test_two_of_one_role_disagree() -> None:
    mpich = entry("lib.mpich", "4", provides=["mpi"])
    openmpi = entry("lib.openmpi", "4", provides=["mpi"])
    solver = entry("tool.solver", needs=[openmpi])
    error = failed("tool.solver", "lib.mpich", entries=[mpich, openmpi, solver])
    assert (
        error.lines[-1] == "lib.openmpi@4 and lib.mpich@4 are both mpi, and an environment has one"
    )


def test_a_need_of_a_recipe_is_told_with_what_fits_it() -> None:
    mpis = [entry("lib.mpich", version, provides=["mpi"]) for version in ("1", "3")]
    tool = recipe("tool.b", needs={"mpi": "mpi,<2"}, system="none")
    error = failed("tool.b", "mpi@>=2", entries=mpis, recipes=[tool])
    assert error.lines == (
        "tool.b is asked for: only tool.b@1 (to be installed) fits",
        f"mpi,>=2 is asked for: only lib.mpich@3 ({mpis[1].path}) fits",
        f"tool.b@1 needs mpi,<2: only lib.mpich@1 ({mpis[0].path}) fits",
        "lib.mpich@1 and lib.mpich@3 are both lib.mpich, and an environment has one",
    )
    assert (
        error.hint == "ask for --tags=mpi in place of --tags='mpi,>=2': it works, with lib.mpich@1"
    )


def test_a_conflict_is_told() -> None:
    one = entry("lib.x", conflicts=["mpi,<5"])
    other = entry("lib.openmpi", "4", provides=["mpi"])
    error = failed("lib.x", "mpi", entries=[one, other])
    assert error.lines[-1] == f"lib.x@1 conflicts with mpi,<5: lib.openmpi@4 ({other.path})"


def test_three_that_agree_only_in_pairs_need_all_that_is_said() -> None:
    pairs = {name: [entry(name, "1"), entry(name, "2")] for name in ("tool.p", "tool.q", "tool.r")}
    (p1, p2), (q1, q2), (r1, r2) = pairs.values()
    ways = {
        "lib.a": [(p1, q1), (p2, q2)],
        "lib.b": [(q1, r1), (q2, r2)],
        "lib.c": [(r1, p2), (r2, p1)],
    }
    entries = [each for pair in pairs.values() for each in pair]
    entries += [
        entry(name, str(n), needs=needs)
        for name, both in ways.items()
        for n, needs in enumerate(both)
    ]
    error = failed(*ways, entries=entries)
    assert error.message == "no environment has all of these: lib.a, lib.b, lib.c"
    assert len(error.lines) == 8
    assert error.lines[0] == "lib.a is asked for: lib.a@1, lib.a@0 fit"
    assert error.lines[-1] == "and 5 more"
    assert error.hint is not None and error.hint.startswith("leave out --tags=lib.c: the rest")


def test_several_are_left_out_where_one_is_not_enough() -> None:
    entries = [entry(f"lib.{letter}", provides=["mpi"]) for letter in "abc"]
    error = failed("lib.a", "lib.b", "lib.c", entries=entries)
    assert error.hint == "leave out --tags=lib.b and --tags=lib.c: the rest works, with lib.a@1"


def test_a_release_that_contradicts_itself_is_told_alone() -> None:
    old = entry("lib.z", "1")
    made = recipe("lib.z", "2", needs={"old": "lib.z@<2"}, system="none")
    error = failed("lib.z@2", entries=[old], recipes=[made])
    assert error.message == "no environment has all of these: lib.z,=2"
    assert error.hint == "ask for --tags=lib.z in place of --tags=lib.z,=2: it works, with lib.z@1"


def test_many_versions_make_few_lines() -> None:
    pythons = [entry("compiler.python", f"3.{minor}") for minor in range(30)]
    packages = [
        entry("python.numpy", f"1.{n}", needs=[python]) for n, python in enumerate(pythons[:-1])
    ]
    error = failed("compiler.python@3.29", "python.numpy", entries=[*pythons, *packages])
    assert error.lines[1] == (
        "python.numpy is asked for: python.numpy@1.28, python.numpy@1.27, python.numpy@1.26 "
        "and 26 more fit"
    )
    assert error.lines[2].endswith("and 26 more")
    assert len(error.lines) == 4
