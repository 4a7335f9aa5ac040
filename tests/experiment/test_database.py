"""Opening databases: absent, damaged, foreign, older, newer, not to be written."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import envmgr.experiment
from envmgr.errors import EnvmgrError, StoreError
from envmgr.experiment import schema
from envmgr.experiment.places import open_database
from envmgr.experiment.records import Records, open_records

from .conftest import NEEDS_SERVER, emptied_database
from .made import begun, measurement

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a file of records may be."""
    return tmp_path / "records" / "experiments.sqlite"


def filled(place: str, number: int = 3) -> None:
    with open_records(place) as records:
        begun(records).add_many(measurement(one) for one in range(number))


# -- reading makes nothing -------------------------------------------------------------------


def test_reading_makes_no_file(file: Path) -> None:
    with open_records(str(file), write=False) as records:
        assert list(records.find()) == []
    assert not file.parent.exists()


@NEEDS_SERVER
def test_reading_makes_no_tables(server: Path) -> None:
    url = emptied_database(server)
    with open_records(url, write=False) as records:
        assert list(records.find()) == []
    database = open_database(url)  # which makes them
    database.run("DROP SCHEMA envmgr CASCADE")
    assert database.version() == 0
    database.close()


def test_reading_changes_nothing(place: str) -> None:
    filled(place)
    with open_records(place, write=False) as records:
        assert records.count() == 3
        with pytest.raises(StoreError, match=r"read-?only"):
            records.remove("0a00")


@pytest.mark.needs("setpriv", "root")
@pytest.mark.parametrize("has_log", [False, True], ids=["at rest", "written to"])
def test_a_directory_that_cannot_be_written_is_read(tmp_path: Path, has_log: bool) -> None:
    place = Path("/tmp") / f"envmgr-{os.getpid()}-{random.randrange(10**9)}"  # others may enter
    file = place / "x.sqlite"
    try:
        filled(str(file))
        writer = open_records(str(file))
        if has_log:
            writer.add(measurement(3))
        else:
            writer.close()
        done = _as_nobody(
            "import sys; from envmgr.experiment.records import open_records\n"
            "with open_records(sys.argv[1], write=False) as r: print(r.count())",
            str(file),
        )
        assert (done.stderr, done.stdout) == ("", "4\n" if has_log else "3\n")
    finally:
        subprocess.run(["rm", "-rf", str(place)], check=True)


def _as_nobody(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python as a user that may write nothing here; with what may be read by all of it."""
    argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    return subprocess.run(
        [*argv, sys.executable, "-c", code, *arguments],
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )


# -- what is something else ------------------------------------------------------------------


@pytest.mark.parametrize("write", [True, False])
def test_a_file_that_is_no_database_is_left_alone(file: Path, write: bool) -> None:
    file.parent.mkdir()
    file.write_text("dear diary " * 1000)
    with pytest.raises(StoreError, match="not a database") as error:
        open_records(str(file), write=write)
    assert str(file) in error.value.message
    assert error.value.hint is not None and "move it away" in error.value.hint
    assert file.read_text() == "dear diary " * 1000


@pytest.mark.parametrize("write", [True, False])
def test_the_database_of_something_else_is_left_alone(file: Path, write: bool) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE diary (line TEXT)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="is the database of something else"):
        open_records(str(file), write=write)
    assert file.read_bytes() == before


def test_a_damaged_file_is_said_to_be(file: Path) -> None:
    filled(str(file), 500)
    data = bytearray(file.read_bytes())
    data[8192:] = os.urandom(len(data) - 8192)
    file.write_bytes(data)
    with pytest.raises(StoreError, match="malformed") as error, open_records(str(file)) as records:
        list(records.find())
    assert error.value.hint is not None and "damaged" in error.value.hint
    assert file.read_bytes()[8192:] == data[8192:]


def test_a_file_that_somebody_keeps_is_said_to_be(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(str(file))
    monkeypatch.setattr("envmgr.experiment.sqlite._PATIENCE_S", 0.05)
    with sqlite3.connect(file, isolation_level=None) as other, open_records(str(file)) as records:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked") as error:
            records.add(measurement(9))
        assert records.count() == 3  # readers do not wait
        other.execute("COMMIT")
        records.add(measurement(9))
    other.close()
    assert error.value.hint is not None and "another process" in error.value.hint


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open"):
        open_records(str(tmp_path))


def test_a_file_below_a_file_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(StoreError, match="cannot open"):
        open_records(str(tmp_path / "x" / "y.sqlite"))


@pytest.mark.parametrize("name", ["a?mode=memory", "a#b", "a%20b", "ü b", ":memory:"])
def test_any_name_is_a_file(tmp_path: Path, name: str) -> None:
    filled(str(tmp_path / name))
    with open_records(str(tmp_path / name), write=False) as records:
        assert records.count() == 3
    assert (tmp_path / name).is_file()


def test_an_empty_file_becomes_one(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    filled(str(file))
    assert file.stat().st_size > 0


# -- versions --------------------------------------------------------------------------------

STEP = ("ALTER TABLE experiments ADD COLUMN place TEXT NOT NULL DEFAULT 'here'",)


def newer(patch: pytest.MonkeyPatch) -> None:
    """Be an envmgr whose tables are of the next version."""
    patch.setattr(schema, "STEPS", (*schema.STEPS, STEP))
    patch.setattr(schema, "NEWEST", schema.NEWEST + 1)


@pytest.mark.parametrize("write", [True, False])
def test_older_tables_are_brought_up_to_date(place: str, write: bool) -> None:
    filled(place)
    with pytest.MonkeyPatch.context() as patch:
        newer(patch)
        database = open_database(place, write=write)
        assert database.run("SELECT place FROM experiments") == [("here",), ("here",)]
        assert database.version() == schema.NEWEST
        assert Records(database).count() == 3
        database.close()


@pytest.mark.parametrize("write", [True, False])
def test_newer_tables_are_refused(place: str, write: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        newer(patch)
        filled(place)
    with pytest.raises(StoreError, match="written by a newer envmgr") as error:
        open_records(place, write=write)
    assert error.value.hint is not None and "update envmgr" in error.value.hint


def test_a_failing_step_changes_nothing(place: str) -> None:
    filled(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            schema, "STEPS", (*schema.STEPS, (*STEP, "ALTER TABLE nothing DROP COLUMN x"))
        )
        patch.setattr(schema, "NEWEST", schema.NEWEST + 1)
        with pytest.raises(StoreError):
            open_records(place)
    with open_records(place) as records:
        assert records.count() == 3


# -- a kill ----------------------------------------------------------------------------------

KILLED = """
import os, sys
from envmgr.experiment.records import open_records
from tests.experiment.made import begun, measurement
records = begun(open_records(sys.argv[1]))
for number in range(int(sys.argv[2]), 10**6):
    one = measurement(number)
    records.add(one)
    os.write(1, f"{one.id}\\n".encode())
"""


def test_no_kill_takes_what_was_acknowledged(file: Path) -> None:
    chance = random.Random(7)
    acknowledged: set[str] = set()
    for kill in range(4):
        argv = [sys.executable, "-c", KILLED, str(file), str(kill * 10_000)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(chance.randrange(1, 400))]
            writer.send_signal(signal.SIGKILL)
            lines += [line for line in writer.stdout.read().splitlines(True) if line[-1] == "\n"]
        acknowledged |= {line.strip() for line in lines}
    with open_records(str(file)) as records:
        there = {one.id for one in records.find()}
    assert acknowledged and acknowledged <= there
    assert len(there - acknowledged) <= 4  # those that were recorded and not printed any more


def test_what_is_durable_waits_for_the_disk(file: Path) -> None:
    levels = []
    for durable in (False, True):
        database = open_database(str(file), durable=durable)
        levels += database.run("PRAGMA synchronous")
        assert database.run("PRAGMA journal_mode") == [("wal",)]
        database.close()
    assert levels == [(1,), (2,)]  # NORMAL, FULL


# -- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@/db?host=/nowhere/at/all",
        "postgresql:///db?host=/nowhere/at/all&password=hunter2",
        "postgresql://me:pass:hunter2@localhost:port/db",
        "postgresql://me:a@hunter2@/db",
        "postgresql://me:hunter2@localhost/db?no_such_option=1",
        "mysql://me:hunter2@localhost/db",
    ],
)
def test_no_error_repeats_a_password(url: str) -> None:
    with pytest.raises(StoreError) as error:
        open_records(url)
    said = f"{error.value.message} {error.value.hint}"
    assert "hunter2" not in said
    assert "postgresql://" in said


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "envmgr.experiment.postgres", raising=False)
    monkeypatch.delattr(envmgr.experiment, "postgres", raising=False)
    with pytest.raises(EnvmgrError, match="need psycopg") as error:
        open_records("postgresql://localhost/x")
    assert error.value.hint == "pip install 'envmgr[postgres]'"


@NEEDS_SERVER
def test_everything_is_in_a_schema_of_its_own(server: Path) -> None:
    url = emptied_database(server)
    filled(url)
    database = open_database(url, write=False)
    rows = database.run(
        "SELECT DISTINCT table_schema FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    database.close()
    assert rows == [("envmgr",)]


def test_people_can_query_the_view(place: str) -> None:
    filled(place)
    database = open_database(place, write=False)
    rows = database.run(
        "SELECT experiment, program, command, number, verdict FROM runs ORDER BY id"
    )
    database.close()
    assert rows == [("0a00", "susan", "edges", number, "right") for number in range(3)]
