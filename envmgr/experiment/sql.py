"""Statements on the tables of `schema`, with `?` for each value."""
# ruff: noqa: S608  # they are put together from pieces of this code; values go apart from it

from __future__ import annotations

from envmgr.experiment.rows import COLUMNS, POINT_COLUMNS

FIGURES_UNLESS_INDEXED = {"": "CASE WHEN cpu IS NULL THEN figures END", "cpu": "NULL"}
"""The figure `cpu` is in an index; rows of the table are read only where it does not do."""
INSERT_EXPERIMENT = """
INSERT INTO experiments (id, created, title, argv, context) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
"""
FIND_EXPERIMENT = "SELECT id, created, title, argv, context FROM experiments WHERE id = ?"
EXPERIMENTS = """
SELECT e.id, e.created, e.title, e.argv, c.digest FROM experiments e
LEFT JOIN contexts c ON c.key = e.context
"""
INSERT_CONTEXT = """
INSERT INTO contexts (digest, document) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING
"""
INSERT_POINT = f"""
INSERT INTO points (id, {POINT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
"""
INSERT_SERIES = "INSERT INTO series (experiment, point, context, inputs) VALUES (?, ?, ?, ?)"
FIND_SERIES = """
SELECT s.key FROM series s
JOIN experiments e ON e.key = s.experiment
JOIN points p ON p.key = s.point
LEFT JOIN contexts c ON c.key = s.context
WHERE e.id = ? AND p.id = ? AND coalesce(c.digest, '') = ? AND CAST(s.inputs AS TEXT) = ?
"""
SERIES = f"""
SELECT s.key, e.id, c.digest, s.inputs, p.id, {POINT_COLUMNS}
FROM series s
JOIN experiments e ON e.key = s.experiment
JOIN points p ON p.key = s.point
LEFT JOIN contexts c ON c.key = s.context
"""
INSERT = f"""
INSERT INTO measurements (series, id, cpu, {COLUMNS})
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
"""
FIND = f"""
SELECT experiment, point, coalesce(context, ''), inputs, {COLUMNS} FROM runs WHERE id = ?
"""
USED = """
SELECT point, context FROM series WHERE experiment = ?
UNION SELECT NULL, context FROM experiments WHERE key = ?
"""
DELETE_MEASUREMENTS = """
DELETE FROM measurements WHERE series IN (SELECT key FROM series WHERE experiment = ?)
"""
DELETE_POINT = """
DELETE FROM points WHERE key = ?
AND NOT EXISTS (SELECT 1 FROM series WHERE series.point = points.key)
"""
DELETE_CONTEXT = """
DELETE FROM contexts WHERE key = ?
AND NOT EXISTS (SELECT 1 FROM series WHERE series.context = contexts.key)
AND NOT EXISTS (SELECT 1 FROM experiments WHERE experiments.context = contexts.key)
"""
