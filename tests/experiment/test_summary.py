"""What the measurements of a point come to."""

from __future__ import annotations

from statistics import median

from envmgr.experiment.records import Records
from envmgr.experiment.select import Filter
from envmgr.experiment.summary import Units, summaries

from .made import CONTEXT, OTHER, SWEEP, begun, failed, measurement, point


def test_failures_are_counted_and_are_no_figures(records: Records) -> None:
    begun(records).add_many((measurement(0), measurement(2), failed(3), failed(4)))
    (one,) = summaries(records)
    assert (one.results, one.failures, one.verdicts) == (2, 2, {"right": 2, "failed": 2})
    assert (one.figure, one.count, one.median, one.minimum, one.maximum) == (
        "cpu",
        2,
        2.0,
        1.0,
        3.0,
    )
    assert (one.experiment, one.point, one.point_id) == (SWEEP.id, point(), point().id)


def test_right_and_unchecked_count_alike(records: Records) -> None:
    begun(records).add_many((measurement(0), measurement(5, verdict="unchecked")))
    (one,) = summaries(records)
    assert (one.count, one.median) == (2, median((1.0, 6.0)))


def test_only_what_is_asked_for_is_counted(records: Records) -> None:
    begun(records).add_many((measurement(0), failed(1)))
    (one,) = summaries(records, Filter(verdicts=("failed",)))
    assert (one.results, one.failures, one.figure, one.median) == (0, 1, "", None)


def test_a_figure_can_be_chosen(records: Records) -> None:
    begun(records).add_many((measurement(0), measurement(1, figures={"cpu": 1.0})))
    (memory,) = summaries(records, figure="memory")
    assert (memory.figure, memory.count, memory.median) == ("memory", 1, 4096.0)
    (none,) = summaries(records, figure="no-such")
    assert (none.figure, none.count, none.median, none.results) == ("", 0, None, 2)


def test_a_point_in_two_contexts_is_one_line(records: Records) -> None:
    contexts = [begun(records).context({"host": number}) for number in range(2)]
    records.add_many(measurement(n, context=context) for n, context in enumerate(contexts))
    (one,) = summaries(records)
    assert one.count == 2


def test_lines_are_in_order_of_experiments(records: Records) -> None:
    sort = point(program="sort")
    begun(records).add_many(
        (
            measurement(0, experiment=OTHER.id),
            measurement(1),
            measurement(2, point=sort),
        )
    )
    found = [(one.experiment, one.point.program) for one in summaries(records)]
    assert found == [(SWEEP.id, "sort"), (SWEEP.id, "susan"), (OTHER.id, "susan")]


def test_units_come_from_us_and_from_contexts(records: Records) -> None:
    digest = records.context(CONTEXT)
    odd = records.context({"units": "MB/s"})
    units = Units(records)
    assert units.of("cpu", "") == "s"
    assert units.of("memory", digest) == "B"
    assert units.of("rate", digest) == "MB/s"
    assert units.of("rate", "") == units.of("rate", odd) == units.of("other", digest) == ""
