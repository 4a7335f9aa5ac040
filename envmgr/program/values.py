"""What the placeholders of a program's templates stand for, and commands filled with it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from functools import lru_cache

from envmgr.errors import ProgramError
from envmgr.model.entry import Entry
from envmgr.model.template import MissingValueError, fill

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_ALONE = re.compile(r"\{[A-Z][A-Z0-9_]*\}")
"""A word that is nothing but a variable."""


def values_of(
    entries: Mapping[str, Entry], params: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """The values of templates, by name: roles with what is said of them, parameters, variables.

    *entries* are what fills the roles, data among them; *environ* is the whole environment.
    """
    values = {name: value for name, value in environ.items() if _VARIABLE.fullmatch(name)}
    values.update(params)
    for role, entry in entries.items():
        values[role] = entry.path
        values.update({f"{role}.{name}": value for name, value in _said_of(entry).items()})
    return values


def _said_of(entry: Entry) -> dict[str, str]:
    own = {"id": entry.id, "name": entry.name, "version": entry.version, "prefix": entry.prefix}
    return {**entry.facts, **entry.delta.put, **own}


def filled(template: str, values: Mapping[str, str], program: str) -> str:
    """*template* with its values. Raises ProgramError, which names the *program*."""
    try:
        return fill(template, values)
    except MissingValueError as missing:
        name = missing.args[0]
        raise ProgramError(
            f"{program}: {template!r} uses {{{name}}}, which nothing here sets",
            hint=f"envmgr program info {program} shows its needs and parameters",
        ) from missing


def words_of(command: str, values: Mapping[str, str], program: str) -> tuple[str, ...]:
    """The words of *command*, each filled after the split, so that a value stays one word.

    Only a word that is nothing but a variable may become several: `{CC}` can be `zig cc`.
    """
    words: list[str] = []
    for word in _words(command):
        value = filled(word, values, program)
        words += split(value, word[1:-1], program) if _ALONE.fullmatch(word) else [value]
    return tuple(words)


@lru_cache
def _words(command: str) -> tuple[str, ...]:
    """The words of a command, of which a sweep runs few, each a thousand times."""
    return tuple(shlex.split(command))


def split(value: str, name: str, program: str) -> tuple[str, ...]:
    """The words of the variable *name*; one when it is a path, blanks and all.

    Raises ProgramError when its quotes are not closed.
    """
    if os.path.exists(value):
        return (value,)
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ProgramError(f"{program}: {name} is not words: {value!r}") from error
