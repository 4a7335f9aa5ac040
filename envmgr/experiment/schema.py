"""The tables of records, and bringing older ones up to date. `docs/experiment.md` explains them."""

from __future__ import annotations

from envmgr.errors import StoreError
from envmgr.experiment.database import Database

_FIRST = (
    """
    CREATE TABLE contexts (
        key {key},
        digest {id} NOT NULL UNIQUE,
        document {bytes} NOT NULL
    )
    """,
    """
    CREATE TABLE experiments (
        key {key},
        id {id} NOT NULL UNIQUE,
        created {real} NOT NULL,
        title TEXT NOT NULL,
        argv {json} NOT NULL,
        context BIGINT REFERENCES contexts (key)
    )
    """,
    """
    CREATE TABLE points (
        key {key},
        id {id} NOT NULL UNIQUE,
        program TEXT NOT NULL,
        command TEXT NOT NULL,
        params {json} NOT NULL,
        flags {json} NOT NULL,
        needs {json} NOT NULL,
        data {json} NOT NULL,
        target TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE series (
        key {key},
        experiment BIGINT NOT NULL REFERENCES experiments (key),
        point BIGINT NOT NULL REFERENCES points (key),
        context BIGINT REFERENCES contexts (key),
        inputs {json} NOT NULL
    )
    """,
    """
    CREATE TABLE measurements (
        key {key},
        id {id} NOT NULL UNIQUE,
        series BIGINT NOT NULL REFERENCES series (key),
        number BIGINT NOT NULL,
        started {real} NOT NULL,
        verdict TEXT NOT NULL,
        why TEXT NOT NULL,
        cpu {real},
        figures {json} NOT NULL,
        outputs {json} NOT NULL,
        empty {json} NOT NULL,
        conditions {json} NOT NULL
    )
    """,
    "CREATE INDEX points_program ON points (program, command)",
    "CREATE INDEX series_point ON series (point, experiment)",
    "CREATE INDEX series_experiment ON series (experiment)",
    "CREATE INDEX series_context ON series (context)",
    "CREATE INDEX experiments_context ON experiments (context)",
    # Medians of a million measurements, of any time, are read from this index alone.
    "CREATE INDEX measurements_series ON measurements (series, verdict, cpu, started)",
    "CREATE INDEX measurements_started ON measurements (started)",
    """
    CREATE VIEW runs AS
    SELECT m.id, e.id AS experiment, p.id AS point, p.program, p.command, p.params, p.flags,
           p.needs, p.data, p.target, m.number, m.started, m.verdict, m.why, m.figures,
           s.inputs, m.outputs, m.empty, m.conditions, c.digest AS context
    FROM measurements m
    JOIN series s ON s.key = m.series
    JOIN experiments e ON e.key = s.experiment
    JOIN points p ON p.key = s.point
    LEFT JOIN contexts c ON c.key = s.context
    """,
)
STEPS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""What makes each version of the tables from the one before; the first makes them from nothing."""
NEWEST = len(STEPS)
"""The version of the tables that this code reads and writes."""


def checked_version(database: Database) -> int:
    """The version of the tables that are there. Raises StoreError when this code is too old."""
    version = database.version()
    if version > NEWEST:
        raise StoreError(
            f"{database.place} was written by a newer envmgr: its tables are of version {version},"
            f" and this one knows {NEWEST}",
            hint="update envmgr, or name another place by $ENVMGR_EXPERIMENTS",
        )
    return version


def upgrade(database: Database) -> None:
    """Bring the tables up to date: all steps or none, whoever else tries the same."""
    database.prepare()
    if checked_version(database) == NEWEST:
        return
    with database.transaction():
        database.lock_tables()
        for statements in STEPS[checked_version(database) :]:
            for statement in statements:
                database.run(statement.format_map(database.words))
        database.set_version(NEWEST)
