"""From what is recorded and what a person says to comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envmgr.api.comparing import Wanted, compare_recorded, selection
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.experiment.comparison import FASTER, SLOWER, UNCLEAR, Rule
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.select import EVERYTHING, Filter, condition
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point

ONE, TWO = "0a1b00000000000000aa", "0a1c00000000000000bb"
GCC, CLANG = {"compiler": "compiler.gcc@12.2.0"}, {"compiler": "compiler.llvm@14.0.6"}
ROUNDS = 8


def point(size: str, needs: dict[str, str] = GCC, program: str = "susan") -> Point:
    return Point(program, "edges", {"size": size}, (), needs)


SECONDS = [
    (ONE, point("64"), 1.0),
    (ONE, point("64", CLANG), 0.5),
    (ONE, point("256"), 4.0),
    (ONE, point("256", CLANG), 4.0),
    (TWO, point("64"), 1.5),
    (TWO, point("9", program="facade"), 1.0),
]


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with open_records(str(tmp_path / "records.sqlite")) as found:
        for experiment in (ONE, TWO):
            found.begin(Experiment(experiment, 1.0))
        for at, (experiment, one, seconds) in enumerate(SECONDS):
            found.add_many(
                Measurement(
                    f"{at:04x}{number:08x}", experiment, one, number,
                    100.0 * number + (at * 7 + number * 3) % 11, "right",
                    figures={
                        "cpu": seconds * (1 + 0.002 * (number % 3)),
                        "wall": 2 * seconds,
                        "rate": 1 / seconds,
                    },
                    conditions={"seconds": 2 * seconds, "busy": (3 - at % 2 * 2) * seconds},
                )
                for number in range(ROUNDS)
            )  # fmt: skip
        yield found


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(str(tmp_path / "store"), environ={})


def verdicts(
    workspace: Workspace, records: Records, *selections: str, by: str = "", baseline: str = ""
) -> dict[tuple[str, str], str]:
    wanted = Wanted(selections, by, baseline)
    found = compare_recorded(workspace, records, wanted, Rule()).comparisons
    return {(one.base.name, one.other.name): one.verdict for one in found}


def test_one_experiment_by_what_differs(workspace: Workspace, records: Records) -> None:
    found = verdicts(workspace, records, ONE[:6], by="needs.compiler")
    assert found == {
        ("size=64 compiler.gcc@12.2.0", "size=64 compiler.llvm@14.0.6"): FASTER,
        ("size=256 compiler.gcc@12.2.0", "size=256 compiler.llvm@14.0.6"): "same",
    }
    found = verdicts(
        workspace, records, f"{ONE} size=64", by="needs.compiler", baseline="compiler.llvm@>=14"
    )
    assert found == {("compiler.llvm@14.0.6", "compiler.gcc@12.2.0"): SLOWER}


def test_what_differs_is_found_where_it_is_one_thing(
    workspace: Workspace, records: Records
) -> None:
    assert list(verdicts(workspace, records, f"{ONE} size=64").values()) == [FASTER]
    with pytest.raises(UsageError, match=r"differ in needs\.compiler, params\.size"):
        verdicts(workspace, records, ONE)
    with pytest.raises(UsageError, match="only one point"):
        verdicts(workspace, records, "facade")


def test_two_selections(workspace: Workspace, records: Records) -> None:
    two = f"{ONE} needs.compiler=compiler.gcc", f"{ONE} needs.compiler=compiler.llvm"
    assert list(verdicts(workspace, records, *two).values()) == [FASTER, "same"]
    points = point("256").id[:8], point("64", CLANG).id
    assert list(verdicts(workspace, records, *points).values()) == [FASTER]


def test_two_experiments_share_what_they_share(workspace: Workspace, records: Records) -> None:
    found = compare_recorded(workspace, records, Wanted((ONE, TWO)), Rule())
    (one,) = found.comparisons
    assert one.verdict == SLOWER
    assert one.design == "apart"
    assert one.other.name == f"susan:edges in {TWO}"
    assert found.notes == ("4 points have no counterpart and were left out",)
    assert found.unit == "s"


def test_a_filter_holds_for_all(workspace: Workspace, records: Records) -> None:
    wanted = Wanted((), "", "", Filter(experiment=ONE, where=(condition("size=256"),)))
    found = compare_recorded(workspace, records, wanted, Rule())
    assert [one.verdict for one in found.comparisons] == ["same"]


def test_which_way_is_better_is_assumed_only_aloud(workspace: Workspace, records: Records) -> None:
    wanted = Wanted((f"{ONE} size=64",))
    found = compare_recorded(workspace, records, wanted, Rule(figure="rate"))
    assert found.comparisons[0].verdict == SLOWER
    assert "less of rate is taken for better" in found.notes[0]
    found = compare_recorded(workspace, records, wanted, Rule(figure="rate"), better="higher")
    assert found.comparisons[0].verdict == FASTER
    assert found.notes == ()


def test_what_disturbs_wall_times_is_told(workspace: Workspace, records: Records) -> None:
    wanted = Wanted((f"{ONE} size=64",))
    assert compare_recorded(workspace, records, wanted, Rule()).notes == ()
    found = compare_recorded(workspace, records, wanted, Rule(figure="wall"))
    assert found.notes == (
        "others used more than half a core in 8 of 16 runs: wall time says little, cpu more",
    )


def test_a_shipped_program_says_which_way_is_better(workspace: Workspace, records: Records) -> None:
    stream = [Point("stream-c", "default", {}, (flag,)) for flag in ("-O1", "-O2")]
    program = workspace.catalogue.program("stream-c")
    run = next(iter(program.runs))
    figure = next(name for name, one in program.runs[run].figures.items() if one.better == "higher")
    records.add_many(
        Measurement(
            f"ff{place}{number:08x}", TWO, Point("stream-c", run, {}, one.flags), number,
            10.0 * number + place, "right", figures={figure: 1.0 + place},
        )
        for number in range(ROUNDS)
        for place, one in enumerate(stream)
    )  # fmt: skip
    found = compare_recorded(workspace, records, Wanted(("stream-c",)), Rule(figure=figure))
    assert (found.rule.better, found.comparisons[0].verdict) == ("higher", FASTER)


def test_without_enough_it_says_so(workspace: Workspace, records: Records) -> None:
    wanted = Wanted((f"{ONE} size=64",), within=Filter(until=400.0))
    (found,) = compare_recorded(workspace, records, wanted, Rule()).comparisons
    assert (found.verdict, found.rounds) == (UNCLEAR, 4)


# -- what words mean -------------------------------------------------------------------------


def test_words_are_ids_programs_or_conditions(records: Records) -> None:
    assert selection(records, ONE[:4], EVERYTHING) == Filter(experiment=ONE)
    one = point("64")
    assert selection(records, one.id[:7], EVERYTHING) == Filter(point=one.id)
    assert selection(records, "susan:edges", EVERYTHING) == Filter("susan", "edges")
    assert selection(records, "facade", EVERYTHING) == Filter("facade")  # six digits of an id too
    assert selection(records, f"{ONE} size=64", EVERYTHING) == Filter(
        experiment=ONE, where=(condition("size=64"),)
    )


def test_ids_that_are_not_clear_are_refused(records: Records) -> None:
    found = selection(records, "0a1b", EVERYTHING)
    assert found.experiment == ONE
    records.begin(Experiment("0a1b11111111111111cc", 2.0))
    with pytest.raises(UsageError, match="begins several ids"):
        selection(records, "0a1b", EVERYTHING)


@pytest.mark.parametrize("selections", [("nothing",), ("size=7",), (ONE, "nothing")])
def test_what_is_not_there_is_named(
    selections: tuple[str, ...], workspace: Workspace, records: Records
) -> None:
    with pytest.raises(UsageError, match="nothing recorded fits"):
        verdicts(workspace, records, *selections)


def test_by_is_for_one_selection(workspace: Workspace, records: Records) -> None:
    with pytest.raises(UsageError, match="for one selection"):
        verdicts(workspace, records, ONE, TWO, by="size")
