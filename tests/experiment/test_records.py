"""Recording and asking, in a file and in a server alike."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import StoreError, UsageError
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.select import Filter, condition
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import RESULTS, VERDICTS, Measurement, Point

from .made import CONTEXT, OTHER, SWEEP, begun, failed, measurement, point

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_recorded_is_found_as_it_was(records: Records, place: str) -> None:
    digest = begun(records).context(CONTEXT)
    one = measurement(0, context=digest)
    records.add(one)
    records.close()
    with open_records(place, write=False) as again:
        assert list(again.find()) == [one]
        assert again.document(digest) == CONTEXT
        assert again.experiments() == [SWEEP, OTHER]


def test_nothing_is_recorded_yet(records: Records) -> None:
    assert not list(records.find())
    assert not records.experiments() and not records.points() and not records.count()


def test_the_same_again_changes_nothing(records: Records) -> None:
    begun(records)
    for _ in range(2):
        records.begin(SWEEP)
        records.add_many([measurement(0), measurement(1), measurement(0)])
    assert records.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"number": 7},
        {"started": 3.0},
        {"verdict": "wrong"},
        {"why": "because"},
        {"figures": {"cpu": 9.0}},
        {"inputs": {}},
        {"outputs": {}},
        {"empty": ()},
        {"conditions": {}},
        {"experiment": OTHER.id},
        {"point": point(params={"size": "256"})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_id_means_one_measurement(records: Records, change: dict[str, Any]) -> None:
    begun(records).add(measurement(0))
    with pytest.raises(StoreError, match="recorded already, with other content"):
        records.add(replace(measurement(0), **change))
    assert list(records.find()) == [measurement(0)]


def test_an_id_means_one_experiment(records: Records) -> None:
    records.begin(SWEEP)
    with pytest.raises(StoreError, match="experiment 0a00 is recorded already"):
        records.begin(replace(SWEEP, title="another"))


def test_what_a_measurement_names_must_be_there(records: Records) -> None:
    with pytest.raises(StoreError, match="experiment 0a00 is not recorded"):
        records.add(measurement(0))
    begun(records)
    with pytest.raises(StoreError, match="context abc is not recorded"):
        records.add(measurement(0, context="abc"))
    with pytest.raises(StoreError, match="context abc is not recorded"):
        records.document("abc")
    with pytest.raises(StoreError, match="context abc is not recorded"):
        records.begin(Experiment("0c00", 0.0, context="abc"))
    assert records.count() == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes"])
def test_what_json_cannot_say_is_refused(records: Records, value: Any) -> None:
    begun(records)
    with pytest.raises(UsageError, match="cannot be recorded"):
        records.add(measurement(0, figures={"cpu": value}))
    assert records.count() == 0


@pytest.mark.parametrize("name", ["a\0b", "\udcff"])
def test_what_is_no_text_is_no_program(records: Records, name: str) -> None:
    begun(records)
    with pytest.raises(UsageError, match="is no text"):
        records.add(measurement(0, point=point(program=name)))


def test_a_reason_that_is_no_text_is_escaped(records: Records) -> None:
    begun(records)
    for _ in range(2):
        records.add(measurement(0, verdict="wrong", why="a\0b \udcff"))
    (one,) = records.find()
    assert one.why == r"a\x00b \udcff"


def test_a_batch_is_recorded_as_a_whole(records: Records) -> None:
    begun(records)
    batch = [measurement(0), measurement(1), measurement(2, experiment="0c00")]
    with pytest.raises(StoreError):
        records.add_many(batch)
    assert records.count() == 0


def test_together_is_all_or_nothing(records: Records) -> None:
    with pytest.raises(KeyboardInterrupt), records.together():
        begun(records).add(measurement(0))
        raise KeyboardInterrupt
    assert records.experiments() == []
    with records.together():
        begun(records).add(measurement(0))
    assert records.count() == 1


def test_a_context_is_kept_once(records: Records) -> None:
    begun(records)
    assert records.context(CONTEXT) == records.context(dict(reversed(CONTEXT.items())))
    assert records.context({}) != records.context(CONTEXT)


def test_an_experiment_is_found_by_its_context(records: Records) -> None:
    digest = records.context(CONTEXT)
    one = replace(SWEEP, context=digest)
    records.begin(one)
    records.begin(OTHER)
    assert records.experiment_with(digest) == one
    assert records.experiment_with("abc") is None


def test_measurements_come_in_order_of_time(records: Records) -> None:
    begun(records).add_many(measurement(number) for number in (3, 1, 2))
    assert [one.number for one in records.find()] == [1, 2, 3]


def test_what_is_added_while_one_reads_does_no_harm(records: Records) -> None:
    begun(records).add_many(measurement(number) for number in range(1500))
    found = []
    for one in records.find():
        found.append(one.number)
        if one.number == 10:
            records.add(measurement(5000, point=point(command="new")))
    assert found[:1500] == list(range(1500))


# -- filters ---------------------------------------------------------------------------------


def several(records: Records) -> dict[str, Measurement]:
    """One measurement for each thing that a filter can tell apart."""
    made = {
        "usual": measurement(0),
        "smooth": measurement(1, point=point(command="smooth")),
        "sort": measurement(2, point=point(program="sort")),
        "large": measurement(3, point=point(params={"size": "256"})),
        "llvm": measurement(4, point=point(needs={"compiler": "compiler.llvm@14.0.6"})),
        "gcc-11": measurement(5, point=point(needs={"compiler": "compiler.gcc@11.3.0"})),
        "remote": measurement(6, point=point(target="board")),
        "other": measurement(7, experiment=OTHER.id),
        "failed": failed(8),
    }
    begun(records).add_many(made.values())
    return made


@pytest.mark.parametrize(
    ("which", "names"),
    [
        (Filter(program="sort"), ["sort"]),
        (Filter(program="susan", command="smooth"), ["smooth"]),
        (Filter(experiment=OTHER.id), ["other"]),
        (Filter(experiment="0b"), ["other"]),
        (Filter(point=point(command="smooth").id[:6]), ["smooth"]),
        (Filter(measurement=measurement(3).id), ["large"]),
        (Filter(verdicts=("failed", "wrong")), ["failed"]),
        (Filter(since=1_006.0), ["remote", "other", "failed"]),
        (Filter(until=1_002.0), ["usual", "smooth"]),
        (Filter(where=(condition("size=256"),)), ["large"]),
        (Filter(where=(condition("needs.compiler=compiler.gcc@<12"),)), ["gcc-11"]),
        (Filter(where=(condition("target=board"), condition("size=64"))), ["remote"]),
        (Filter(where=(condition("size=1"),)), []),
        (Filter(program="none"), []),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_filter_means(records: Records, which: Filter, names: list[str]) -> None:
    made = several(records)
    expected = [made[name] for name in names]
    assert list(records.find(which)) == expected
    assert records.count(which) == len(expected)
    assert {one.id for one in records.points(which)} == {one.point.id for one in expected}
    experiments = {one.id for one in records.experiments(which)}
    assert experiments == {one.experiment for one in expected}


def test_ids_are_found_by_their_beginnings(records: Records) -> None:
    begun(records).add(measurement(0))
    id_ = point().id
    assert records.named("0a") == [("experiment", "0a00")]
    assert records.named("0") == [
        ("experiment", "0a00"), ("experiment", "0b00"), ("measurement", measurement(0).id),
    ]  # fmt: skip
    assert records.named(id_[:7]) == [("point", id_)]
    assert records.named("ffffff") == []


@pytest.mark.parametrize(("figure", "name"), [("", "cpu"), ("cpu", "cpu"), ("memory", "memory")])
def test_the_values_of_a_figure(records: Records, figure: str, name: str) -> None:
    several(records)
    found = {
        (one.verdict, one.count, *one.figures)
        for one in records.values(Filter(program="susan", command="edges"), figure)
    }
    assert found == {("right", 1, name), ("failed", 1)}


def test_a_figure_is_chosen_where_none_is_named(records: Records) -> None:
    begun(records).add_many(
        (
            measurement(0, figures={"rate": 1.0, "wall": 2.0}),
            measurement(1, figures={"rate": 1.0, "area": 3.0}),
            measurement(2, figures={"rate": 1.0, "cpu": 4.0}),
            measurement(3, figures={}),
        )
    )
    (values,) = records.values()
    assert values.figures == {"wall": [2.0], "area": [3.0], "cpu": [4.0]}
    assert values.count == 4
    assert records.figures() == ["area", "cpu", "rate", "wall"]


# -- removing --------------------------------------------------------------------------------


def test_an_experiment_takes_along_what_only_it_needs(records: Records) -> None:
    begun(records)
    shared, own = records.context({"host": 1}), records.context({"host": 2})
    records.add(measurement(0, context=shared))
    records.add(measurement(1, context=own, point=point(command="smooth")))
    records.add(measurement(2, context=shared, experiment=OTHER.id))
    assert records.remove(SWEEP.id) == 2
    assert records.experiments() == [OTHER]
    assert [one.number for one in records.find()] == [2]
    assert records.points() == [point()]
    assert records.named(point(command="smooth").id) == []
    assert records.document(shared) == {"host": 1}
    with pytest.raises(StoreError):
        records.document(own)
    with pytest.raises(StoreError, match="0a00 is not recorded"):
        records.remove(SWEEP.id)


def test_what_was_removed_can_be_recorded_again(records: Records) -> None:
    begun(records).add(measurement(0))
    records.remove(SWEEP.id)
    records.begin(SWEEP)
    records.add(replace(measurement(0), number=9))
    assert [one.number for one in records.find()] == [9]


# -- several at once -------------------------------------------------------------------------


def test_threads_share_records(records: Records) -> None:
    begun(records)

    def write(first: int) -> None:
        for number in range(first, first + 25):
            records.add(measurement(number))
            records.count()

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert records.count() == 100


WRITER = """
import sys
from envmgr.experiment.records import open_records
from tests.experiment.made import begun, measurement, point
place, first = sys.argv[1], int(sys.argv[2])
with open_records(place) as records:
    begun(records)
    for number in range(first, first + 20):
        records.context({"host": number % 7})
        records.add(measurement(number, point=point(params={"size": str(number % 5)})))
"""


def test_processes_share_records_that_none_of_them_found(place: str) -> None:
    """Each makes the tables, the experiments and the points where no other did."""
    command = [sys.executable, "-c", WRITER, place]
    environ = {"PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen([*command, str(100 * n)], env=environ, stderr=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    ends = [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers]
    assert ends == [("", 0)] * 3
    with open_records(place, write=False) as records:
        assert records.count() == 60
        assert len(records.points()) == 5


# -- laws ------------------------------------------------------------------------------------

NAMES = st.text(max_size=12)
TABLES = st.dictionaries(NAMES, NAMES, max_size=3)
CLEAN = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
POINTS = st.builds(
    Point, CLEAN, CLEAN, TABLES, st.lists(NAMES, max_size=3).map(tuple), TABLES, TABLES, CLEAN
)
JSON = st.recursive(st.none() | st.booleans() | NUMBERS | NAMES, st.lists, max_leaves=5)


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    verdict = draw(st.sampled_from(VERDICTS))
    figures = draw(st.dictionaries(NAMES, NUMBERS, max_size=4)) if verdict in RESULTS else {}
    return Measurement(
        f"{draw(st.integers(0, 2**60)):x}",
        draw(st.sampled_from((SWEEP.id, OTHER.id))),
        draw(POINTS),
        draw(st.integers(0, 2**40)),
        draw(st.floats(0, 2**40)),
        verdict,
        draw(CLEAN),
        figures,
        draw(TABLES),
        draw(TABLES),
        tuple(draw(st.lists(NAMES, max_size=3))),
        draw(st.dictionaries(NAMES, JSON, max_size=3)),
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(made=st.lists(measurements(), max_size=6, unique_by=lambda one: one.id))
def test_whatever_was_recorded_is_found(tmp_path: Path, made: list[Measurement]) -> None:
    with open_records(str(tmp_path / "x.sqlite")) as records:
        for experiment in records.experiments():
            records.remove(experiment.id)
        begun(records).add_many(made)
        records.add_many(made)
        found = list(records.find())
        assert found == sorted(made, key=lambda one: one.id)
