from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from envmgr.store.layout import Layout
from envmgr.store.snippets import MARGIN_NS, SnippetFile, snippet_directory, times

LONG_NS = 100_000_000_000


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path / "store"), str(tmp_path / "cache"))


@pytest.fixture
def file(layout: Layout) -> SnippetFile:
    return SnippetFile(layout, "bash", "/home/it's me/\nproject")


def made(path: Path, time_ns: int) -> str:
    path.write_text("")
    os.utime(path, ns=(time_ns, time_ns))
    return str(path)


def test_a_snippet_lies_at_the_path_of_its_directory(layout: Layout, file: SnippetFile) -> None:
    began = time.time_ns()
    assert file.save("text \udcff", file.marks((), {}, began), began, "aim", [])
    place = Path(snippet_directory(layout, "bash") + "/home/it's me/\nproject")
    assert os.fsdecode((place / ".hook").read_bytes()) == "text \udcff"
    assert Path(layout.cache, "hooks").stat().st_mode & 0o777 == 0o700


def test_the_mark_is_older_than_every_change_to_come(file: SnippetFile, tmp_path: Path) -> None:
    began = time.time_ns()
    old = made(tmp_path / "old", began - LONG_NS)
    marks = file.marks([old, str(tmp_path / "none")], {}, began)
    assert file.save("", marks, began, "aim", [])
    assert os.stat(marks.mark).st_mtime_ns == began - MARGIN_NS
    assert (marks.watch, marks.absent, marks.copies) == ((old,), (str(tmp_path / "none"),), ())


@pytest.mark.parametrize("ago", [0, MARGIN_NS // 2, -MARGIN_NS // 2])
def test_what_has_just_changed_may_change_again_unseen(
    file: SnippetFile, tmp_path: Path, ago: int
) -> None:
    began = time.time_ns()
    path = made(tmp_path / "new", began - ago)
    for watched, exact in (([path], {}), ([], times([path]))):
        marks = file.marks(watched, exact, began)
        assert not marks.settled
        assert file.save("", marks, began, "aim", [])
        assert not os.path.exists(marks.mark)


def test_what_is_dated_in_the_future_is_compared_exactly(file: SnippetFile, tmp_path: Path) -> None:
    began = time.time_ns()
    path = made(tmp_path / "late", began + 1000 * LONG_NS)
    marks = file.marks([path], {}, began)
    assert file.save("", marks, began, "aim", [])
    ((copied, copy),) = marks.copies
    assert (copied, marks.watch, marks.settled) == (path, (), True)
    assert os.stat(copy).st_mtime_ns == os.stat(path).st_mtime_ns


def test_files_in_busy_directories_are_compared_exactly(file: SnippetFile, tmp_path: Path) -> None:
    began = time.time_ns()
    exact = times([made(tmp_path / "there", began - LONG_NS), str(tmp_path / "lock")])
    marks = file.marks([], exact, began)
    assert [path for path, _ in marks.copies] == [str(tmp_path / "there")]
    assert marks.absent == (str(tmp_path / "lock"),)
    assert marks.settled


def test_a_change_while_it_was_decided_is_no_settled_state(
    file: SnippetFile, tmp_path: Path
) -> None:
    began = time.time_ns()
    exact = times([made(tmp_path / "a", began - LONG_NS)])
    made(tmp_path / "a", began - 2 * LONG_NS)  # replaced by something older
    assert not file.marks([], exact, began).settled


def test_a_new_mark_takes_the_place_of_the_former(file: SnippetFile, tmp_path: Path) -> None:
    began = time.time_ns()
    exact = times([made(tmp_path / "a", began - LONG_NS)])
    first, second = file.marks([], exact, began), file.marks([], exact, began)
    for marks in (first, second):
        assert file.save("", marks, began, "aim", [])
    assert not os.path.exists(first.mark)
    assert not os.path.exists(first.copies[0][1])
    assert os.path.exists(second.mark)
    assert os.path.exists(second.copies[0][1])


def test_ways_are_kept_for_one_aim(file: SnippetFile) -> None:
    began = time.time_ns()
    assert file.ways("aim") == []
    assert file.save("", file.marks((), {}, began), began, "aim", [{"start": {"A": "\udcff"}}])
    assert file.ways("aim") == [{"start": {"A": "\udcff"}}]
    assert file.ways("other") == []


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"aim": "aim", "ways": 3}'])
def test_damaged_ways_are_none(layout: Layout, file: SnippetFile, damage: str) -> None:
    began = time.time_ns()
    file.save("", file.marks((), {}, began), began, "aim", [{"a": 1}])
    place = snippet_directory(layout, "bash") + "/home/it's me/\nproject"
    Path(place, ".hook.json").write_text(damage)
    assert file.ways("aim") == []


def test_a_path_that_is_too_long_is_not_kept(layout: Layout) -> None:
    file = SnippetFile(layout, "bash", "/long" * 2000)
    began = time.time_ns()
    assert not file.save("", file.marks((), {}, began), began, "aim", [])
