"""Databases: one small face over SQLite and PostgreSQL.

SQL is written once, with `?` for each value. Where the two differ, a word of the database stands
in braces (`schema`), or it is a method here. Nothing else knows which of them it is.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any, ClassVar

from envmgr.errors import StoreError

Row = tuple[Any, ...]
_AT_ONCE = 1000
"""Rows that a stream fetches at once."""


class Database(ABC):
    """One connection, which threads use in turn. Every method raises StoreError."""

    words: ClassVar[Mapping[str, str]]
    """What the types of columns are called."""
    begin: ClassVar[str] = "BEGIN"
    failure: ClassVar[type[Exception]]
    """What the library behind it raises."""

    def __init__(self, connection: Any, place: str) -> None:
        self.place = place
        """Where it is, without passwords."""
        self._connection = connection
        self._lock = threading.RLock()
        self._depth = 0

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Execute one statement; the rows that it gives, if it is of that kind."""
        with self._alone(), closing(self._connection.cursor()) as cursor:
            cursor.execute(self.spelled(sql), tuple(values))
            return cursor.fetchall() if cursor.description else []

    def change(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Execute one statement for each of *rows*; how many rows of a table were changed."""
        with self._alone(), closing(self._connection.cursor()) as cursor:
            cursor.executemany(self.spelled(sql), rows)
            return int(cursor.rowcount)

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query, of which there may be more than fit into memory."""
        with closing(self.streaming_cursor()) as cursor:
            with self._alone():
                cursor.execute(self.spelled(sql), tuple(values))
            while rows := self._fetch(cursor):
                yield from rows

    def _fetch(self, cursor: Any) -> list[Row]:
        with self._alone():
            rows: list[Row] = cursor.fetchmany(_AT_ONCE)
        return rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside is there afterwards, or nothing of it. One in another is part of
        that one.
        """
        with self._lock:
            if self._depth == 0:
                self.run(self.begin)
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self.run("COMMIT")
            except BaseException:
                self._undo()
                raise
            finally:
                self._depth -= 1

    def _undo(self) -> None:
        if self._depth == 1:
            with suppress(StoreError):  # some failures have undone everything by themselves
                self.run("ROLLBACK")

    def close(self) -> None:
        """Give the connection back."""
        with self._alone():
            self._connection.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except self.failure as error:
                reason = " ".join(str(error).split())
                raise StoreError(f"{self.place}: {reason}", hint=self.hint(error)) from error

    def hint(self, error: Exception) -> str | None:  # noqa: ARG002  # for those that know one
        """The next step after *error*."""
        return None

    def spelled(self, sql: str) -> str:
        """*sql* as this database wants it."""
        return sql

    def streaming_cursor(self) -> Any:
        """A cursor that does not hold everything."""
        return self._connection.cursor()

    @abstractmethod
    def version(self) -> int:
        """The version of the tables that are there, 0 when there are none yet.

        Raises StoreError when what is there is something else.
        """

    @abstractmethod
    def set_version(self, version: int) -> None:
        """Note the version of the tables."""

    @abstractmethod
    def prepare(self) -> None:
        """Make it ready for tables and for several writers; it is known to be ours."""

    @abstractmethod
    def lock_tables(self) -> None:
        """Have nobody else make tables until the transaction ends."""

    @abstractmethod
    def one_of(self, column: str, keys: Sequence[int]) -> tuple[str, Any]:
        """The condition that *column* is one of *keys*, however many, with its one value."""
