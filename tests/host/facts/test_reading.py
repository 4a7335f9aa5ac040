"""Reading: values or reasons, never guesses and never a crash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.host.facts import reading
from envmgr.host.facts.reading import Absent, Machine, UnreadableError, known, split

Record = Callable[..., Machine]

_LEAVES = st.none() | st.integers() | st.text("ab.", max_size=3) | st.builds(Absent, st.text("xy"))
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=4)
    ),
    max_leaves=20,
)


def _leaves(tree: Any, name: str) -> dict[str, Any]:
    if not isinstance(tree, (dict, list)):
        return {name: tree}
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return {
        leaf: value
        for key, inner in items
        for leaf, value in _leaves(inner, f"{name}.{key}" if name else str(key)).items()
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=st.dictionaries(st.text("xyz", min_size=1, max_size=2), _TREES, max_size=4))
def test_every_leaf_is_kept_or_has_a_reason(tree: dict[str, Any]) -> None:
    kept, absent = split(tree)
    before = _leaves(tree, "")
    assert absent == {n: leaf.reason for n, leaf in before.items() if isinstance(leaf, Absent)}
    values = [leaf for leaf in before.values() if not isinstance(leaf, Absent)]
    assert list(_leaves(kept, "").values()) == values


def test_items_of_a_list_keep_their_places_in_the_names_of_what_is_absent() -> None:
    tree = {"devices": [{"model": "a"}, {"model": Absent("hidden")}]}
    assert split(tree) == ({"devices": [{"model": "a"}, {}]}, {"devices.1.model": "hidden"})


def _raiser(error: Exception) -> Callable[[], str]:
    def reader() -> str:
        raise error

    return reader


def test_a_reader_that_fails_leaves_the_reason() -> None:
    assert known(_raiser(UnreadableError("no such thing"))) == Absent("no such thing")
    told = known(_raiser(KeyError("odd")))
    assert told == Absent("it could not be read: KeyError: 'odd'")


def test_files_are_read_below_the_root(record: Record) -> None:
    machine = record(
        {"/sys/a": " 0x1f\n", "/sys/b": "text\0", "/sys/driver": Path("../bus/nvidia")}
    )
    assert machine.number("/sys/a") == 31
    assert machine.read("/sys/b") == "text"
    assert machine.link_name("/sys/driver") == "nvidia"
    assert machine.has("/sys/driver")
    assert not machine.has("/sys/c")


def test_what_cannot_be_read_is_named(record: Record) -> None:
    machine = record({"/sys/word": "many"})
    with pytest.raises(UnreadableError, match="/sys/none: No such file or directory"):
        machine.read("/sys/none")
    with pytest.raises(UnreadableError, match="/sys/word holds 'many', not a number"):
        machine.number("/sys/word")
    with pytest.raises(UnreadableError, match="/sys/word: Invalid argument"):
        machine.link_name("/sys/word")
    with pytest.raises(UnreadableError, match="recorded"):
        machine.require_running()


def test_names_come_in_the_order_of_their_numbers(record: Record) -> None:
    machine = record({f"/cpu/cpu{n}/x": "" for n in (10, 2, 0)} | {"/cpu/cpufreq/x": ""})
    assert machine.names("/cpu", r"cpu\d+") == ["cpu0", "cpu2", "cpu10"]
    assert machine.names("/nowhere") == []


def test_programs_are_asked(record: Record) -> None:
    machine = record(
        {},
        {"good": "echo $1", "bad": "echo first; echo last; exit 7", "mute": "exit 1"},
    )
    assert machine.ask("good", "x y") == "x y\n"
    assert machine.ask("mute", codes=(0, 1)) == ""
    for name, reason in (
        ("bad", "bad failed: last"),
        ("mute", "mute failed: exit status 1"),
        ("none", "there is no none on PATH"),
    ):
        with pytest.raises(UnreadableError, match=reason):
            machine.ask(name)


def test_a_program_that_hangs_is_given_up(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_TIMEOUT", 1.0)
    machine = record({}, {"slow": "while :; do :; done"})
    with pytest.raises(UnreadableError, match="slow did not answer within 1 s"):
        machine.ask("slow")


def test_a_file_that_is_no_program_is_not_started(record: Record) -> None:
    machine = record({}, {"odd": ""})
    place = machine.program("odd")
    assert place is not None
    Path(place).write_bytes(b"\x7fELF but not really")
    with pytest.raises(UnreadableError, match="cannot start"):
        machine.ask("odd")
    Path(place).chmod(0o644)
    assert machine.program("odd") is None


def test_a_table_ends_at_an_empty_line_and_first_lines_count() -> None:
    text = "processor\t: 0\nmodel name\t: A: B\nno separator\n\nprocessor\t: 1\n"
    assert reading.table(text) == {"processor": "0", "model name": "A: B"}
    assert reading.table("a 1\na 2\n", " ") == {"a": "1"}
