"""Definitions that are made of what others have said: documents of TOML, and files beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_WIDTH = 100
_INLINE = ("data", "env", "expect", "files", "tree")
"""Tables that are short enough to stand on the line of their key."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A definition to be written, with all that belongs to it."""

    name: str
    """What it defines: `susan`, `dataset.ck-image-pgm-0001`."""
    where: str
    """What it was made of."""
    file: str
    """Where its definition goes in a repository, with slashes."""
    document: Document
    directory: str
    """Where its files go in a repository."""
    source: str
    """The directory that they are copied from."""
    files: tuple[str, ...] = ()
    """Paths below that directory."""
    more: Mapping[str, bytes] = field(default_factory=dict)
    """Path below its directory to what it holds, for files that come from elsewhere."""

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands of a program."""
        return tuple(self.document.get("run", ()))

    @property
    def text(self) -> str:
        """The definition."""
        return text_of(self.document, f"{self.where} of a CK collection")


def text_of(document: Document, origin: str) -> str:
    """*document* as TOML a person can read; *origin* is named in its first line."""
    import tomlkit

    top = tomlkit.document()
    top.add(tomlkit.comment(f"Made by `envmgr import ck` from {origin}."))
    for key, value in document.items():
        top.add(key, _item(value, key))
    return top.as_string()


def _item(value: Any, key: str, *, inner: bool = False) -> Any:
    """*value* as TOML; *inner* ones of a table may share the line of their key."""
    import tomlkit

    if isinstance(value, dict):
        is_inline = inner and key in _INLINE
        table: Any = tomlkit.inline_table() if is_inline else tomlkit.table(_has_tables(value))
        for name, one in value.items():
            table.append(name, _item(one, name, inner=True))
        return table
    if isinstance(value, list) and value and isinstance(value[0], dict):
        tables = tomlkit.aot()
        for one in value:
            tables.append(_item(one, ""))
        return tables
    item = tomlkit.item(value)
    if isinstance(value, list) and len(item.as_string()) > _WIDTH - len(key) - 3:
        item.multiline(True)
    return item


def _has_tables(value: dict[str, Any]) -> bool:
    """Whether a table is nothing but the way to others, so that it needs no line of its own."""
    return bool(value) and all(isinstance(one, dict) for one in value.values())
