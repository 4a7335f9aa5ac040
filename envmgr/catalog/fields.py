"""Readers: each takes a TOML value and the spot it stands at, and gives the value of the model.

A reader that meets something else says so to the spot and gives an empty value, so that one
reading of a file finds all its mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from envmgr.catalog.problem import Spot, nearest

T = TypeVar("T")
Reader = Callable[[object, Spot], T]


def any_text(value: object, spot: Spot) -> str:
    """A string, which may be empty."""
    if isinstance(value, str):
        return value
    spot.say(f"must be a string, not {_kind(value)}")
    return ""


def text(value: object, spot: Spot) -> str:
    """A string with something in it."""
    read = any_text(value, spot)
    if isinstance(value, str) and not value.strip():
        spot.say("must not be empty")
    return read


def boolean(value: object, spot: Spot) -> bool:
    """`true` or `false`."""
    if not isinstance(value, bool):
        spot.say(f"must be true or false, not {_kind(value)}")
    return value is True


def count(value: object, spot: Spot) -> int:
    """A whole number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        spot.say(f"must be a whole number, not {_kind(value)}")
        return 0
    if value < 0:
        spot.say("must not be negative")
    return max(value, 0)


def number(value: object, spot: Spot) -> float:
    """A number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        spot.say(f"must be a number, not {_kind(value)}")
        return 0.0
    if not 0 <= value < float("inf"):
        spot.say("must not be negative, endless or no number")
        return 0.0
    return float(value)


def word(value: object, spot: Spot) -> str:
    """A string, or a number as it is written."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return text(value, spot)


def several(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of what *reader* reads."""

    def read(value: object, spot: Spot) -> tuple[T, ...]:
        if not isinstance(value, list):
            meant = f'["{value}"]' if isinstance(value, str) and value else None
            spot.say(f"must be a list, not {_kind(value)}", meant)
            return ()
        return tuple(reader(item, spot.at(i)) for i, item in enumerate(value))

    return read


texts = several(text)
words = several(word)


def one_or_several(value: object, spot: Spot) -> tuple[str, ...]:
    """A string, or a list of strings."""
    if isinstance(value, list):
        return texts(value, spot)
    return (text(value, spot.at(0)),)


def table_of(reader: Reader[T]) -> Reader[dict[str, T]]:
    """A table with keys of its own, all values of which *reader* reads."""

    def read(value: object, spot: Spot) -> dict[str, T]:
        return {key: reader(item, spot.at(key)) for key, item in as_table(value, spot).items()}

    return read


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """What may stand under one key of a table."""

    reader: Reader[T]
    required: bool = False
    into: str | None = None
    """The field of the model, where it has another name."""


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A reader of tables with fixed keys; `build` makes the value from the fields."""

    build: Callable[..., T]
    keys: Mapping[str, Key[Any]]

    def __call__(self, value: object, spot: Spot, **more: object) -> T:
        """The value; *more* are fields that do not come from the table."""
        given = as_table(value, spot)
        if given is not value:
            spot = Spot()  # what is no table misses every key; that need not be said
        for name in given:
            if name not in self.keys:
                spot.at(name).say("unknown key", nearest(name, self.keys))
        return self.build(**more, **self._fields(given, spot))

    def _fields(self, given: Mapping[str, object], spot: Spot) -> dict[str, object]:
        fields = {}
        for name, key in self.keys.items():
            if name in given:
                fields[key.into or name] = key.reader(given[name], spot.at(name))
            elif key.required:
                spot.at(name).say("is missing")
                fields[key.into or name] = key.reader(None, Spot())  # its empty value
        return fields


COMMON: dict[str, Key[Any]] = {
    "name": Key(text, required=True),
    "description": Key(text, required=True),
    "tags": Key(texts, required=True),
    "homepage": Key(text),
}
"""What every definition of a thing has."""


def as_table(value: object, spot: Spot) -> dict[str, object]:
    """*value* when it is a table; else it says so and gives an empty one."""
    if isinstance(value, dict):
        return value
    spot.say(f"must be a table, not {_kind(value)}")
    return {}


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or a time")
