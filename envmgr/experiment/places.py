"""Places of records: which database a person means, opened and brought up to date."""

from __future__ import annotations

from envmgr.errors import StoreError
from envmgr.experiment import schema
from envmgr.experiment.database import Database


def open_database(place: str, *, write: bool = True, durable: bool = False) -> Database:
    """The database at *place*: the path of a file, or `postgresql://…`.

    Tables are made where there are none, and older ones brought up to date. Without *write*
    nothing is made: what is not there is empty. With *durable* even a loss of power takes nothing
    that was acknowledged. Raises StoreError for what cannot be opened or is something else, which
    is left as it is.
    """
    database = _connect(place, write=write, durable=durable)
    try:
        version = schema.checked_version(database)
        if write:
            schema.upgrade(database)
        if write or version == schema.NEWEST:
            return database
    except BaseException:
        database.close()
        raise
    database.close()
    return open_database(place, durable=durable) if version else _empty()


def _connect(place: str, *, write: bool, durable: bool) -> Database:
    from envmgr.experiment import sqlite

    if place.startswith(("postgresql://", "postgres://")):
        from envmgr.experiment import postgres

        return postgres.connect(place, write=write, durable=durable)
    if "://" in place:
        raise StoreError(
            f"no database of this kind is known: {place.partition('://')[0]}://…",
            hint="name a file, or postgresql://USER@HOST/DATABASE",
        )
    return sqlite.connect(place, write=write, durable=durable)


def _empty() -> Database:
    from envmgr.experiment import sqlite

    database = sqlite.in_memory()
    schema.upgrade(database)
    return database
