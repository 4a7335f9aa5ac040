"""Records in a file, by the SQLite of the standard library.

The file is in write-ahead mode, so that readers and one writer do not wait for each other, and
what was committed outlives the end of the process, however it comes. A loss of power may take the
last commits unless `durable` was asked for; the file itself stays whole in any case.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from envmgr.errors import StoreError
from envmgr.experiment.database import Database

_OURS = 0x656E766D
"""The application id in the file's header: `envm`."""
_PATIENCE_S = 60.0
"""How long a writer waits for the others."""
_OTHER_PLACE = "move it away, or name another place by $ENVMGR_EXPERIMENTS"


class Sqlite(Database):
    """A file, or memory."""

    words: ClassVar = {
        "key": "INTEGER PRIMARY KEY AUTOINCREMENT",  # no key ever means another row
        "id": "TEXT",
        "json": "TEXT",
        "bytes": "BLOB",
        "real": "REAL",
    }
    begin = "BEGIN IMMEDIATE"  # to read first and write then would fail beside another writer
    failure = sqlite3.Error

    def version(self) -> int:
        """The version of the tables, from the file's header."""
        ((application,),) = self.run("PRAGMA application_id")
        ((version,),) = self.run("PRAGMA user_version")
        if application == _OURS:
            return int(version)
        if self.run("SELECT 1 FROM sqlite_master LIMIT 1"):
            raise StoreError(f"{self.place} is the database of something else", hint=_OTHER_PLACE)
        return 0

    def set_version(self, version: int) -> None:
        """Note the version, and that the file is ours."""
        self.run(f"PRAGMA application_id = {_OURS}")
        self.run(f"PRAGMA user_version = {version}")

    def prepare(self) -> None:
        """Turn to write-ahead mode, which stays; where the file system cannot, all else holds."""
        deadline = time.monotonic() + _PATIENCE_S
        while self.run("PRAGMA journal_mode") not in ([("wal",)], [("memory",)]):
            try:
                self.run("PRAGMA journal_mode = WAL")
                return
            except StoreError:  # SQLite does not wait for this lock by itself
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def lock_tables(self) -> None:
        """Nothing: a transaction has the whole file."""

    def one_of(self, column: str, keys: Sequence[int]) -> tuple[str, Any]:
        """A condition whose value is a list in JSON."""
        return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(keys)  # noqa: S608

    def hint(self, error: Exception) -> str | None:
        """What to do about a file that is no database, or cannot be written, or somebody holds."""
        if "not a database" in str(error) or "malformed" in str(error):
            return f"it is damaged or something else; {_OTHER_PLACE}"
        if "readonly" in str(error) or "full" in str(error):
            return "make room, or name another place by $ENVMGR_EXPERIMENTS"
        if "locked" in str(error):
            return f"another process has been writing for {_PATIENCE_S:g} s; see which has it open"
        return None


def connect(path: str, *, write: bool, durable: bool) -> Database:
    """The file at *path*, made when it is not there and *write* is asked for."""
    path = os.path.abspath(path)
    if not write and not os.path.lexists(path):
        return in_memory()
    if write or _is_writable(path):
        return _opened(path, path, write=write, durable=durable)
    return _read_only(path)


def in_memory() -> Database:
    """An empty one that vanishes."""
    return _opened(":memory:", "the records in memory", write=True, durable=False)


def _is_writable(path: str) -> bool:
    return os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK)


def _opened(name: str, place: str, *, write: bool, durable: bool) -> Sqlite:
    try:
        if write and name != ":memory:":
            os.makedirs(os.path.dirname(name), exist_ok=True)
        return _connected(name, place, write=write, durable=durable)
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(f"cannot open {place}: {reason}", hint=_OTHER_PLACE) from error


def _connected(name: str, place: str, *, write: bool, durable: bool) -> Sqlite:
    connection = sqlite3.connect(
        name,
        timeout=_PATIENCE_S,
        isolation_level=None,  # transactions are begun and ended where it is said
        check_same_thread=False,  # threads take turns, see Database
        uri=name.startswith("file:"),
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA query_only = {'OFF' if write else 'ON'}")
    return Sqlite(connection, place)


def _read_only(path: str) -> Sqlite:
    """A file in a directory where nothing may be written, not even the notes of a reader.

    Without those SQLite believes that nobody writes. That is so unless a log of somebody's writes
    lies beside the file, which it must then be able to read as well.
    """
    from urllib.parse import quote

    logs = (f"{path}-wal", f"{path}-journal")
    has_log = any(os.path.exists(log) and os.path.getsize(log) for log in logs)
    how = "mode=ro" if has_log else "immutable=1"
    return _opened(f"file:{quote(path)}?{how}", path, write=False, durable=False)
