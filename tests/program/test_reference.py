"""References: kept whole or not at all, steady or known not to be, and never believed blindly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import ProgramError, StoreError
from envmgr.model.program import OutputCheck
from envmgr.program.reference import Reference, find, key_of, record

from .ran import ran_of

KEY = key_of("susan", "d1", "edges", {"n": "1"}, {"image": "d2"})
RECORDED = OutputCheck(recorded=True)


def runs(tmp_path: Path, *stdouts: str, checks: tuple[OutputCheck, ...] = (RECORDED,)) -> list[Any]:
    return [
        ran_of(tmp_path / f"run{i}", *checks, outputs={"stdout": text})
        for i, text in enumerate(stdouts)
    ]


def test_a_key_depends_on_all_that_outputs_depend_on() -> None:
    others = {
        key_of("other", "d1", "edges", {"n": "1"}, {"image": "d2"}),
        key_of("susan", "d0", "edges", {"n": "1"}, {"image": "d2"}),
        key_of("susan", "d1", "corners", {"n": "1"}, {"image": "d2"}),
        key_of("susan", "d1", "edges", {"n": "2"}, {"image": "d2"}),
        key_of("susan", "d1", "edges", {"n": "1"}, {"image": "d3"}),
    }
    assert len({*others, KEY}) == 6
    assert key_of("a", "b", "c", {"x": "1", "y": "2"}, {}) == key_of(
        "a", "b", "c", {"y": "2", "x": "1"}, {}
    )


def test_what_is_recorded_is_found(tmp_path: Path) -> None:
    place = str(tmp_path / "references")
    assert find(place, KEY) is None
    made = record(place, KEY, runs(tmp_path, "42\n", "42\n"), {"compiler": "compiler.gcc@12"})
    found = find(place, KEY)
    assert found == made
    assert Path(made.outputs["stdout"]).read_text() == "42\n"
    assert (made.unsteady, made.runs) == ((), 2)
    assert made.made_by == {"compiler": "compiler.gcc@12"}
    assert made.digests.keys() == {"stdout", "stderr"}
    assert find(place, "0" * 64) is None


def test_a_new_reference_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    place = tmp_path / "references"
    record(str(place), KEY, runs(tmp_path, "1\n", "1\n"))
    record(str(place), KEY, runs(tmp_path, "2\n", "2\n"))
    found = find(str(place), KEY)
    assert found and Path(found.outputs["stdout"]).read_text() == "2\n"
    assert [path.name for path in place.iterdir() if not path.name.startswith(".")] == [KEY]


# -- what is not steady ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checks", "outputs", "unsteady"),
    [
        ((RECORDED,), ("1\n", "1\n", "2\n"), ("stdout",)),
        ((), ("1\n", "2\n"), ("stdout",)),
        ((OutputCheck(recorded=True, tolerance=0.1),), ("1\n", "1.01\n"), ()),
        ((OutputCheck(recorded=True, tolerance=0.1),), ("1\n", "1.5\n"), ("stdout",)),
        ((OutputCheck(recorded=True, ignore=("^t ",)),), ("x\nt 1\n", "x\nt 2\n"), ()),
    ],
)
def test_outputs_that_differ_between_runs_are_unsteady(
    tmp_path: Path,
    checks: tuple[OutputCheck, ...],
    outputs: tuple[str, ...],
    unsteady: tuple[str, ...],
) -> None:
    made = record(str(tmp_path / "references"), KEY, runs(tmp_path, *outputs, checks=checks))
    assert made.unsteady == unsteady


def test_what_one_run_wrote_otherwise_when_repeated_is_unsteady(tmp_path: Path) -> None:
    rans = [replace(ran, unsteady=("stdout",)) for ran in runs(tmp_path, "1\n", "1\n")]
    assert record(str(tmp_path / "references"), KEY, rans).unsteady == ("stdout",)


def test_one_run_cannot_tell_what_is_steady(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="two runs"):
        record(str(tmp_path / "references"), KEY, runs(tmp_path, "1\n"))


@pytest.mark.parametrize("how", [{"code": 1}, {"timed_out": True}, {"missing": ("out.pgm",)}])
def test_runs_that_failed_give_no_reference(tmp_path: Path, how: dict[str, Any]) -> None:
    bad = ran_of(tmp_path / "bad", RECORDED, outputs={"stdout": "1\n"}, **how)
    with pytest.raises(ProgramError, match="gives no reference"):
        record(str(tmp_path / "references"), KEY, [*runs(tmp_path, "1\n"), bad])
    assert find(str(tmp_path / "references"), KEY) is None


# -- what cannot be believed -----------------------------------------------------------------


def edited(**changes: object) -> Any:
    def edit(directory: Path) -> None:
        file = directory / "reference.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

    return edit


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (lambda directory: (directory / "0").write_text("43\n"), "stdout is not what was recorded"),
        (lambda directory: (directory / "0").unlink(), "not whole and not used"),
        (lambda directory: (directory / "reference.json").unlink(), "not whole"),
        (lambda directory: (directory / "reference.json").write_text('{"sch'), "damaged"),
        (lambda directory: (directory / "reference.json").write_text("[" * 99999), "damaged"),
        (edited(schema=2), "another version"),
        (edited(key="1" * 64), "another point's"),
        (edited(outputs=[]), "damaged"),
        (edited(outputs={"stdout": "../../secret"}), "names files elsewhere"),
        (edited(digests={}), "damaged"),
        (edited(more=1), "damaged"),
    ],
)
def test_a_damaged_reference_is_none_and_that_is_said(tmp_path: Path, harm: Any, word: str) -> None:
    place = tmp_path / "references"
    record(str(place), KEY, runs(tmp_path, "42\n", "42\n"))
    harm(place / KEY)
    said: list[str] = []
    assert find(str(place), KEY, said.append) is None
    assert len(said) == 1 and word in said[0] and KEY in said[0]


@pytest.mark.parametrize("key", ["", "../x", "A" * 64, "0" * 63])
def test_only_a_hash_is_a_key(tmp_path: Path, key: str) -> None:
    with pytest.raises(StoreError, match="not a key"):
        find(str(tmp_path), key)


def test_a_reference_stays_when_another_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "references")
    first = record(place, KEY, runs(tmp_path, "1\n", "1\n"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("envmgr.program.reference.sync_tree", full)
    with pytest.raises(StoreError, match="No space left"):
        record(place, KEY, runs(tmp_path, "2\n", "2\n"))
    assert find(place, KEY) == first


def test_a_reference_knows_its_files(tmp_path: Path) -> None:
    made = record(str(tmp_path / "r"), KEY, runs(tmp_path, "1\n", "1\n"))
    assert isinstance(made, Reference)
    assert list(made.outputs) == ["stdout"]
