from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import StoreError, UsageError
from envmgr.host.files import stamp
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.stamp import Stamp
from envmgr.store.entries import EntryStore, stale
from envmgr.store.layout import Layout

PROJECT = Path(__file__).parents[2]
OLD_NS = 1_600_000_000_123_456_789


def entry(name: str = "tool.cmake", version: str = "3.25", **more: object) -> Entry:
    path = str(more.pop("path", f"/opt/{name}/{version}/bin/x"))
    return make_entry(
        name,
        version,
        tags=("tool",),
        prefix="/opt/x",
        path=path,
        delta=Delta({"X": path}, {"PATH": ("/opt/x/bin",)}),
        origin=Origin("detected", name),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path / "store"), str(tmp_path / "cache"))


def settle(layout: Layout, mtime_ns: int = OLD_NS) -> None:
    """Make the directory's last change one of long ago."""
    os.utime(layout.entries, ns=(mtime_ns, mtime_ns))


def files(layout: Layout) -> list[Path]:
    return sorted(Path(layout.entries).iterdir())


texts = st.text(max_size=12)
names = st.from_regex(r"[a-z]{1,5}\.[a-z0-9]{1,8}", fullmatch=True)
tables = st.dictionaries(texts, texts, max_size=3)
numbers = st.integers(0, 2**63)
arbitrary_entries = st.builds(
    make_entry,
    names,
    texts,
    tags=st.lists(texts, max_size=4).map(tuple),
    prefix=texts,
    path=texts,
    delta=st.builds(Delta, tables, st.dictionaries(texts, st.lists(texts).map(tuple), max_size=3)),
    origin=st.builds(Origin, texts, names, st.none() | names, st.lists(texts).map(tuple)),
    needs=st.lists(texts, max_size=3).map(tuple),
    fingerprint=st.lists(st.builds(Stamp, texts, numbers, numbers, numbers), max_size=2).map(tuple),
    facts=tables,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(arbitrary_entries, max_size=6))
def test_entries_come_back_as_they_went(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    root = tmp_path_factory.mktemp("store")
    layout = Layout(str(root), str(root / "cache"))
    EntryStore(layout).add(entries)
    expected = {each.id: each for each in entries}
    listing = EntryStore(layout).listing()
    assert {each.id: each for each in listing.entries} == expected
    assert not listing.damaged
    if entries:
        settle(layout)
        EntryStore(layout).all()
        assert os.path.exists(layout.snapshot)
        assert EntryStore(layout).all() == listing.entries


def test_a_store_that_was_never_written_is_empty(layout: Layout) -> None:
    assert EntryStore(layout).all() == ()
    assert not os.path.exists(layout.root)


def test_a_path_that_is_not_unicode_survives(layout: Layout) -> None:
    odd = entry(path=os.fsdecode(b"/opt/\xff\xfe/bin"))
    EntryStore(layout).add([odd])
    assert EntryStore(layout).all() == (odd,)


def test_files_are_readable_json_with_a_schema(layout: Layout) -> None:
    one = entry(version="1.0/../../x")
    EntryStore(layout).add([one])
    (file,) = files(layout)
    assert file.name == f"tool.cmake-1.0_.._.._x-{one.id}.json"
    form = json.loads(file.read_text())
    assert form["schema"] == 1 and form["version"] == "1.0/../../x"


@pytest.mark.parametrize(
    "change",
    [
        {"links": {"../../sh": "/bin/sh"}},
        {"links": {"sh": 3}},
        {"prefix": "/"},
        {"name": "../x"},
        {"env": {"LD_PRELOAD": "/tmp/x.so"}},
        {"tags": [1]},
        {"facts": 3},
        {"facts": {"a": 3}},
    ],
    ids=str,
)
def test_an_entry_that_was_changed_by_hand_is_damage(
    layout: Layout, change: dict[str, object]
) -> None:
    EntryStore(layout).add([entry()])
    (file,) = files(layout)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    listing = EntryStore(layout).listing()
    assert listing.entries == ()
    assert [damage.path for damage in listing.damaged] == [str(file)]


def test_all_is_sorted_by_name_and_version(layout: Layout) -> None:
    entries = [entry("tool.b", "1"), entry("tool.a", "10"), entry("tool.a", "9")]
    for order in (entries, entries[::-1]):
        EntryStore(layout).add(order)
        assert [str(each) for each in EntryStore(layout).all()] == [
            "tool.a@9",
            "tool.a@10",
            "tool.b@1",
        ]


def test_get_takes_an_id_or_the_start_of_one(layout: Layout) -> None:
    store = EntryStore(layout)
    entries = [entry(version=str(n)) for n in range(20)]  # more than there are hex digits
    store.add(entries)
    assert store.get(entries[3].id) == entries[3]
    assert store.get(entries[3].id[:12]) == entries[3]
    shared = next(each.id[0] for each in entries if sum(o.id[0] == each.id[0] for o in entries) > 1)
    with pytest.raises(UsageError, match=f"start.* with {shared}"):
        store.get(shared)
    for unknown in ("", "zz", entries[3].id + "0"):
        with pytest.raises(UsageError, match="no entry"):
            store.get(unknown)


def test_remove_takes_exact_ids_only(layout: Layout) -> None:
    store = EntryStore(layout)
    one, two = entry(version="1"), entry(version="2")
    store.add([one, two])
    store.remove([one.id[:8], "../x", "0" * 16])
    assert store.all() == (one, two)
    store.remove([one.id])
    assert store.all() == (two,)


def test_replace_keeps_what_is_on_both_sides(layout: Layout) -> None:
    store = EntryStore(layout)
    one, two, three = (entry(version=text) for text in "123")
    store.add([one, two])
    store.replace([two, three], [one.id, two.id])
    assert store.all() == (two, three)


def test_the_same_entry_again_is_not_written_again(layout: Layout) -> None:
    store = EntryStore(layout)
    store.add([entry()])
    settle(layout)
    store.add([entry()])
    assert os.stat(layout.entries).st_mtime_ns == OLD_NS


def test_a_new_fingerprint_replaces_the_old_one(layout: Layout) -> None:
    store = EntryStore(layout)
    old = entry(fingerprint=(Stamp("/x", 1, 2, 3),))
    new = entry(fingerprint=(Stamp("/x", 1, 9, 3),))
    assert old.id == new.id
    store.add([old])
    store.add([new])
    assert store.all() == (new,)


DAMAGE: dict[str, Callable[[str], str]] = {
    "cut": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "list": lambda text: "[]",
    "number": lambda text: "5",
    "null": lambda text: "null",
    "deep": lambda text: "[" * 100_000,
    "key": lambda text: text.replace('"prefix"', '"prefixx"'),
    "schema": lambda text: text.replace('"schema": 1', '"schema": 2'),
    "type": lambda text: text.replace('"version": "3.25"', '"version": 325'),
    "tags": lambda text: text.replace('"tags": [\n  "tool"\n ]', '"tags": [7]'),
    "id": lambda text: text.replace('"id": "', '"id": "0'),
    "table": lambda text: text.replace('"prepend": {', '"prepend": 7, "other": {'),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_reported_and_the_rest_read(layout: Layout, kind: str) -> None:
    store = EntryStore(layout)
    good, bad = entry("tool.good"), entry("tool.bad")
    store.add([good, bad])
    (file,) = (path for path in files(layout) if "bad" in path.name)
    text = file.read_text()
    assert DAMAGE[kind](text) != text
    file.write_text(DAMAGE[kind](text))
    settle(layout)
    for _ in range(2):  # the second time it must not hide behind a snapshot
        listing = store.listing()
        assert listing.entries == (good,)
        assert [each.path for each in listing.damaged] == [str(file)]
        assert listing.damaged[0].why
    store.add([bad])
    assert store.listing().entries == (bad, good) and not store.listing().damaged


def test_bytes_that_are_not_text_are_damage(layout: Layout) -> None:
    EntryStore(layout).add([entry()])
    files(layout)[0].write_bytes(b"\x80\xff\x00")
    assert len(EntryStore(layout).listing().damaged) == 1


def test_other_files_are_ignored(layout: Layout) -> None:
    store = EntryStore(layout)
    store.add([entry()])
    for name in (".tool.x-0123456789abcdef.json", "notes.txt", ".a.0.tmp", "x-0123.json"):
        (Path(layout.entries) / name).write_text("{")
    assert store.listing().damaged == () and len(store.all()) == 1


def test_only_old_temporary_files_are_swept(layout: Layout) -> None:
    store = EntryStore(layout)
    store.add([entry()])
    old, new = Path(layout.entries, ".x.1.tmp"), Path(layout.entries, ".x.2.tmp")
    old.touch()
    new.touch()
    os.utime(old, (1, 1))
    store.replace([], [])
    assert not old.exists() and new.exists() and len(store.all()) == 1


def test_a_settled_snapshot_is_used(layout: Layout) -> None:
    EntryStore(layout).add([entry()])
    settle(layout)
    assert EntryStore(layout).all() == (entry(),)
    files(layout)[0].write_text("{")  # in place: the directory does not change
    settle(layout)
    assert EntryStore(layout).listing().damaged == ()


def test_a_change_in_the_tick_of_the_last_one_is_seen(layout: Layout) -> None:
    store = EntryStore(layout)
    store.add([entry(version="1")])
    tick = time.time_ns()
    settle(layout, tick)
    assert len(store.all()) == 1
    store.add([entry(version="2")])
    settle(layout, tick)  # the clock did not move in between
    assert len(store.all()) == 2
    assert not os.path.exists(layout.snapshot)


def test_a_change_in_a_coarse_tick_is_seen(layout: Layout) -> None:
    store = EntryStore(layout)
    store.add([entry(version="1")])
    whole_second = (time.time_ns() // 1_000_000_000 - 1) * 1_000_000_000
    settle(layout, whole_second)
    store.all()
    assert not os.path.exists(layout.snapshot)


def test_a_time_of_change_in_the_future_is_never_trusted(layout: Layout) -> None:
    store = EntryStore(layout)
    store.add([entry()])
    settle(layout, time.time_ns() + 10**12)
    store.all()
    assert not os.path.exists(layout.snapshot)


@pytest.mark.parametrize("change", ["add", "remove", "rewrite", "by hand"])
def test_every_change_outdates_the_snapshot(layout: Layout, change: str) -> None:
    store = EntryStore(layout)
    one, two = entry(version="1"), entry(version="2")
    store.add([one])
    settle(layout)
    store.all()
    assert os.path.exists(layout.snapshot)
    if change == "add":
        EntryStore(layout).add([two])
        assert store.all() == (one, two)
    elif change == "remove":
        EntryStore(layout).remove([one.id])
        assert store.all() == ()
    elif change == "rewrite":
        newer = entry(version="1", facts={"seen": "again"})
        EntryStore(layout).add([newer])
        assert store.all() == (newer,)
    else:
        files(layout)[0].unlink()
        assert store.all() == ()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"for": 1}', '{"for": [], "content": []}', "[" * 100_000]
)
def test_a_damaged_snapshot_is_rebuilt(layout: Layout, content: str) -> None:
    store = EntryStore(layout)
    store.add([entry()])
    settle(layout)
    store.all()
    good = Path(layout.snapshot).read_text()
    Path(layout.snapshot).write_text(content)
    assert store.all() == (entry(),)
    assert Path(layout.snapshot).read_text() == good


@pytest.mark.parametrize("content", [[5], [{}], [{"id": 1}], [None]])
def test_a_snapshot_of_something_else_is_rebuilt(layout: Layout, content: object) -> None:
    store = EntryStore(layout)
    store.add([entry()])
    settle(layout)
    store.all()
    form = json.loads(Path(layout.snapshot).read_text())
    Path(layout.snapshot).write_text(json.dumps({**form, "content": content}))
    assert store.all() == (entry(),)


def test_a_snapshot_of_another_store_is_not_used(layout: Layout, tmp_path: Path) -> None:
    other = Layout(str(tmp_path / "other"), layout.cache)
    EntryStore(layout).add([entry(version="1")])
    EntryStore(other).add([entry(version="2")])
    settle(layout)
    settle(other)
    assert [each.version for each in EntryStore(layout).all()] == ["1"]
    assert [each.version for each in EntryStore(other).all()] == ["2"]


def test_a_store_that_cannot_be_written_can_be_read(layout: Layout) -> None:
    EntryStore(layout).add([entry()])
    settle(layout)
    Path(layout.cache).write_text("a file where the cache should be")
    Path(layout.entries).chmod(0o555)
    assert EntryStore(layout).all() == (entry(),)
    Path(layout.entries).chmod(0o755)


def test_a_place_that_cannot_hold_a_store_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = EntryStore(Layout(str(tmp_path / "file"), str(tmp_path / "cache")))
    with pytest.raises(StoreError, match="file/entries"):
        store.add([entry()])
    with pytest.raises(StoreError, match="file/entries"):
        store.all()


def test_stale_entries_are_those_whose_files_changed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    a = entry("tool.a", fingerprint=stamp(str(tmp_path / "a")))
    b = entry("tool.b", fingerprint=stamp(str(tmp_path / "b")))
    bare = entry("tool.c")
    assert stale([a, b, bare]) == ()
    (tmp_path / "b").write_text("22")
    assert stale([a, b, bare]) == (b,)


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from envmgr.model.delta import Delta
from envmgr.model.entry import Origin, make_entry
from envmgr.store.entries import EntryStore
from envmgr.store.layout import Layout

def entry(name, number):
    return make_entry(name, str(number), tags=("x" * 3000,), prefix="/p", path="/p/x",
                      delta=Delta(), origin=Origin("detected", name))

root, mine, rounds = sys.argv[2], sys.argv[3], int(sys.argv[4])
store = EntryStore(Layout(root, root + "/cache"))
print("ready", flush=True)
for number in range(rounds):
    store.add([entry(mine, number), entry("tool.shared", number)])
    store.all()
    if rounds > 1000 and number:
        store.replace([entry("tool.shared", number + 1)], [entry(mine, number - 1).id])
"""


def writer(root: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-S", "-c", WRITER, str(PROJECT), str(root), name, str(rounds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_parallel_writers_lose_nothing(tmp_path: Path) -> None:
    writers = [writer(tmp_path, f"tool.w{number}", 15) for number in range(4)]
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    layout = Layout(str(tmp_path), str(tmp_path / "cache"))
    for _ in range(2):
        listing = EntryStore(layout).listing()
        assert not listing.damaged
        seen = [str(each) for each in listing.entries]
        expected = [f"tool.{n}@{v}" for n in ("shared", "w0", "w1", "w2", "w3") for v in range(15)]
        assert seen == expected
        settle(layout)


def test_a_writer_killed_at_any_moment_leaves_no_half_entry(tmp_path: Path) -> None:
    layout = Layout(str(tmp_path), str(tmp_path / "cache"))
    store = EntryStore(layout)
    kept = entry("tool.kept")
    store.add([kept])
    for number in range(55):
        process = writer(tmp_path, f"tool.w{number}", 1_000_000)
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.communicate()
        listing = store.listing()
        assert not listing.damaged
        assert kept in listing.entries
        assert all(each.tags == ("x" * 3000,) for each in listing.entries if each != kept)
        by_hand = {path.name.rpartition("-")[2] for path in files(layout) if path.suffix == ".json"}
        assert {f"{each.id}.json" for each in listing.entries} == by_hand
    for path in files(layout):
        os.utime(path, (1, 1))
    store.sweep()
    assert all(path.suffix == ".json" for path in files(layout))
