"""Records in PostgreSQL, which a group shares, through psycopg.

Everything is in a schema of its own, `envmgr`, which is made when it is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, ClassVar

from envmgr.errors import EnvmgrError, StoreError
from envmgr.experiment.database import Database

try:
    import psycopg
except ImportError as missing:
    raise EnvmgrError(
        "records in PostgreSQL need psycopg, which is not installed",
        hint="pip install 'envmgr[postgres]'",
    ) from missing

_LOCK = 0x656E766D
"""The number of the advisory lock under which tables are made."""


class Postgres(Database):
    """One connection to a server."""

    words: ClassVar = {
        "key": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "id": 'TEXT COLLATE "C"',  # sorted by its bytes, as everywhere else
        "json": "JSON",  # which keeps the text as it is
        "bytes": "BYTEA",
        "real": "DOUBLE PRECISION",
    }
    failure = psycopg.Error

    def __init__(self, connection: Any, place: str) -> None:
        super().__init__(connection, place)
        self._streams = count()

    def spelled(self, sql: str) -> str:
        """With the marks for values that psycopg knows."""
        return sql.replace("?", "%s")

    def streaming_cursor(self) -> Any:
        """A cursor on the server, which outlives the transactions beside it."""
        return self._connection.cursor(f"stream{next(self._streams)}", withhold=True)

    def version(self) -> int:
        """The version of the tables, from one of them."""
        if self.run("SELECT to_regclass('envmgr.about')") == [(None,)]:
            return 0
        rows = self.run("SELECT max(version) FROM envmgr.about")
        return int(rows[0][0] or 0)

    def set_version(self, version: int) -> None:
        """Note the version."""
        self.run("CREATE TABLE IF NOT EXISTS about (version BIGINT NOT NULL)")
        self.run("INSERT INTO about (version) VALUES (?)", (version,))

    def prepare(self) -> None:
        """Nothing: a server serves several."""

    def lock_tables(self) -> None:
        """Wait for whoever makes tables, and have the schema that they are in."""
        self.run("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
        self.run("CREATE SCHEMA IF NOT EXISTS envmgr")

    def one_of(self, column: str, keys: Sequence[int]) -> tuple[str, Any]:
        """A condition whose value is an array."""
        return f"{column} = ANY(?)", list(keys)


def connect(url: str, *, write: bool, durable: bool) -> Database:
    """The database at *url*. No error repeats the password that may be in it."""
    place = shown(url)
    try:
        connection = psycopg.connect(url, autocommit=True, fallback_application_name="envmgr")
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise StoreError(
            f"cannot open {place}: {reason}", hint="check that the server runs and lets you in"
        ) from None
    database = Postgres(connection, place)
    _set_up(database, connection, write=write, durable=durable)
    return database


def _set_up(database: Database, connection: Any, *, write: bool, durable: bool) -> None:
    from psycopg.types.json import set_json_loads

    set_json_loads(_as_text, connection)
    database.run("SET search_path TO envmgr")
    if durable:
        database.run("SET synchronous_commit TO on")
    if not write:
        database.run("SET default_transaction_read_only TO on")


def _as_text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode()


def shown(url: str) -> str:
    """*url* with what is secret left out. Raises StoreError for what is none."""
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:  # its message may repeat pieces of a password
        raise _unreadable() from None
    host, port = str(parts.get("host") or ""), parts.get("port")
    if "@" in host:  # the end of a password
        raise _unreadable()
    return f"postgresql://{host}{f':{port}' if port else ''}/{parts.get('dbname') or ''}"


def _unreadable() -> StoreError:
    return StoreError(
        "the address of the database cannot be read: postgresql://…",
        hint="postgresql://USER:PASSWORD@HOST:PORT/DATABASE; write special characters as %XX",
    )
