"""The shape of a program's definition."""

from __future__ import annotations

from typing import Any

from envmgr.catalog.fields import (
    COMMON,
    Key,
    Table,
    any_text,
    boolean,
    count,
    number,
    several,
    table_of,
    text,
    texts,
    word,
    words,
)
from envmgr.catalog.problem import Spot
from envmgr.model.program import (
    Figure,
    Mutation,
    OutputCheck,
    Parameter,
    Program,
    ProgramBuild,
    ProgramSource,
    RunCommand,
)

_ENV = Key(table_of(any_text))
_SOURCE = Table(
    ProgramSource,
    {
        "files": Key(texts),
        "url": Key(text),
        "digest": Key(text),
        "git": Key(text),
        "commit": Key(text),
    },
)
_BUILD = Table(
    ProgramBuild,
    {
        "system": Key(text),
        "target": Key(text),
        "flags": Key(texts),
        "libs": Key(texts),
        "include": Key(texts),
        "options": Key(texts),
        "commands": Key(texts),
        "env": _ENV,
    },
)
_PARAMETER = Table(
    Parameter,
    {"default": Key(word, required=True), "values": Key(words), "description": Key(text)},
)


def _parameter(value: object, spot: Spot) -> Parameter:
    """A default, or a table of one with the values there are."""
    return _PARAMETER(value, spot) if isinstance(value, dict) else Parameter(word(value, spot))


_CHECK = Table(
    OutputCheck,
    {
        "file": Key(text),
        "expect": Key(text),
        "text": Key(any_text),
        "match": Key(text),
        "run": Key(text),
        "recorded": Key(boolean),
        "tolerance": Key(number),
        "absolute": Key(number),
        "ignore": Key(texts),
    },
)
_FIGURE = Table(
    Figure,
    {
        "unit": Key(any_text),
        "better": Key(text),
        "file": Key(text),
        "match": Key(text),
        "key": Key(text),
    },
)
_RUN = Table(
    RunCommand,
    {
        "command": Key(text, required=True),
        "description": Key(text),
        "params": Key(table_of(word)),
        "data": Key(table_of(text)),
        "inputs": Key(texts),
        "copies": Key(texts),
        "stdin": Key(text),
        "outputs": Key(texts),
        "env": _ENV,
        "timeout": Key(number),
        "exit_codes": Key(several(count)),
        "repeat": Key(text),
        "check": Key(several(_CHECK), into="checks"),
        "figures": Key(table_of(_FIGURE)),
    },
)
_MUTATION = Table(
    Mutation,
    {
        "file": Key(text, required=True),
        "replace": Key(text, required=True),
        "with": Key(any_text, required=True, into="by"),
        "command": Key(text),
    },
)
_KEYS: dict[str, Key[Any]] = {
    **COMMON,
    "license": Key(text),
    "source": Key(_SOURCE),
    "needs": Key(table_of(text)),
    "build": Key(_BUILD),
    "params": Key(table_of(_parameter)),
    "run": Key(table_of(_RUN), required=True, into="runs"),
    "mutation": Key(several(_MUTATION), into="mutations"),
}
PROGRAM = Table(Program, _KEYS)
"""Reads the document of a `program.toml`."""
