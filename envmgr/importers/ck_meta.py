"""Entries of CK collections: `<kind>/<name>/.cm/meta.json`, read as what anybody may have written.

Whatever has another shape than it should counts as absent; what is missing is told by those who
need it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from envmgr.errors import UsageError
from envmgr.importers.files import read_text
from envmgr.importers.reading import Note
from envmgr.model.query import is_tag

META = ".cm/meta.json"
KINDS = ("program", "dataset", "package")
"""Directories of a collection whose entries are read."""
_PASSED = re.compile(r"\.|tmp")
"""What names of files begin with that CK itself makes."""
_MOST_FILES = 20_000
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Table:
    """A JSON object. Every reading gives an empty value where there is nothing of that shape."""

    content: dict[str, Any] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A text, or a number as it is written."""
        return said(self.content.get(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list that are not empty."""
        value = self.content.get(key)
        return tuple(filter(None, map(said, value))) if isinstance(value, list) else ()

    def table(self, key: str) -> Table:
        """An object."""
        value = self.content.get(key)
        return Table(value if isinstance(value, dict) else {})

    def tables(self, key: str) -> dict[str, Table]:
        """The objects of an object, by their keys."""
        inner = self.table(key)
        return {name: inner.table(name) for name in inner.content}

    def pairs(self, key: str) -> dict[str, str]:
        """The texts and numbers of an object, by their keys."""
        return {name: said(value) for name, value in self.table(key).content.items()}

    def has(self, key: str) -> bool:
        """Whether something stands there that is not empty."""
        return bool(self.content.get(key))


@dataclass(frozen=True, slots=True)
class CkEntry:
    """An entry of a collection, with the files that are its own."""

    kind: str
    """One of `KINDS`."""
    name: str
    directory: str
    meta: Table
    files: tuple[str, ...] = ()
    """Paths below the directory, with slashes, in order; no links, and nothing that CK made."""

    @property
    def where(self) -> str:
        """Its file, as notes name it."""
        return f"{self.kind}/{self.name}/{META}"

    def note(self, what: str, why: str) -> Note:
        """A note on something of it."""
        return Note(self.where, what, why)

    def path(self, name: str) -> str:
        """Where one of its files is."""
        return os.path.join(self.directory, *name.split("/"))


def said(value: object) -> str:
    """A text, or a number as it is written; anything else is empty."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def entries_of(collection: str, notes: list[Note]) -> Iterator[CkEntry]:
    """The entries of the collection in a directory, by kind and name; *notes* get those left out.

    Raises UsageError for a directory that is no collection.
    """
    kinds = [kind for kind in KINDS if os.path.isdir(os.path.join(collection, kind))]
    if not kinds:
        raise UsageError(
            f"{collection} is no CK collection: it has none of {', '.join(KINDS)}",
            hint="name the directory that has .ckr.json, as a checkout of ctuning-programs has it",
        )
    for kind in kinds:
        top = os.path.join(collection, kind)
        for name in _names(top):
            directory = os.path.join(top, name)
            if os.path.islink(directory) or not os.path.isfile(os.path.join(directory, META)):
                continue
            if is_plain(name):
                yield from _entry(kind, name, directory, notes)
            else:
                notes.append(Note(f"{kind}/{name!a}", ascii(name), "its name is not plain"))


def _names(top: str) -> list[str]:
    try:
        return sorted(os.listdir(top))
    except OSError as error:
        raise UsageError(f"cannot read {top}: {error.strerror}", hint="check its owner") from error


def _entry(kind: str, name: str, directory: str, notes: list[Note]) -> Iterator[CkEntry]:
    where = f"{kind}/{name}/{META}"
    try:
        files = tuple(sorted(_files(directory)))
        yield CkEntry(kind, name, directory, _meta(os.path.join(directory, META)), files)
    except UsageError as error:
        notes.append(Note(where, name, error.message))


def _meta(file: str) -> Table:
    try:
        content = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"it is no JSON: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise UsageError("it is no JSON object")
    for text in _strings(content):
        if not re.sub(r"[\n\r\t]", "", text).isprintable():
            raise UsageError(f"it holds what is no text: {ascii(text)[:60]}")
    return Table(content)


def _strings(value: object) -> Iterator[str]:
    """Every text in *value*, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _files(top: str) -> Iterator[str]:
    """Files below *top*: plain ones, with plain names, however many a person would write."""
    count = 0
    for directory, directories, names in os.walk(top):
        directories[:] = sorted(name for name in directories if not _PASSED.match(name))
        for name in names:
            full = os.path.join(directory, name)
            path = os.path.relpath(full, top).replace(os.sep, "/")
            count += 1
            if count > _MOST_FILES:
                raise UsageError(f"it has more than {_MOST_FILES} files")
            if not _PASSED.match(name) and is_plain(path) and not os.path.islink(full):
                yield from (path,) if os.path.isfile(full) else ()


# -- what may be taken over ------------------------------------------------------------------


def is_plain(path: str) -> bool:
    """Whether *path* stays below where it begins, and can stand in globs, templates and commands.

    Blanks are plain; wildcards, braces, quotes, backslashes and control characters are not.
    """
    pieces = path.split("/")
    return (
        path.isprintable()
        and not path.startswith(("-", "~", "@"))
        and not re.search(r"""[*?\[\]{}\\"'$`:]""", path)
        and all(piece not in ("", ".", "..") for piece in pieces)
    )


def valid_name(text: str) -> str:
    """*text* as a tag or a name; empty when nothing is left of it."""
    meant = re.sub(r"[^a-z0-9_.+-]+", "-", text.lower()).strip("-_.")
    return meant if is_tag(meant) and len(meant) <= _LONGEST_NAME else ""


def valid_tags(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The tags that can be taken over, each once."""
    return tuple(dict.fromkeys(filter(None, map(valid_name, texts))))
