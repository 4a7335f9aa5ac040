"""What names a person or a place of this machine, taken out of what travels.

In documents such places get plain names: `/HOME/data/x.txt`. In files, which must stay as they
are, they are looked for, and a file with one does not travel.
"""

from __future__ import annotations

import getpass
import mmap
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from envmgr.api.workspace import Workspace
from envmgr.catalog.repositories import Repositories

HOME, STORE, CACHE, DEFINITIONS, USER = "/HOME", "/STORE", "/CACHE", "/DEFINITIONS", "USER"
_NOBODY = frozenset({"", "root"})
"""Names that tell nothing of a person."""
_FREE = frozenset({"title", "argv", "why"})
"""Texts that a person wrote, in which the name may stand as a word."""


@dataclass(frozen=True, slots=True)
class Private:
    """Places with their plain names, and the name of a person."""

    places: Mapping[str, str]
    user: str = ""

    def text(self, text: str) -> str:
        """*text* with the places replaced, and the user where they are a part of a path."""
        if self.places:
            text = self._pattern().sub(lambda found: self.places[found[0]], text)
        if self.user:
            text = re.sub(rf"(?<=/){re.escape(self.user)}(?![\w.-])", USER, text)
        return text

    def document(self, form: Any, *, is_free: bool = False) -> Any:
        """*form*, of which JSON is made, with all texts in it replaced."""
        if isinstance(form, str):
            return self._words(self.text(form)) if is_free else self.text(form)
        if isinstance(form, Mapping):
            return {
                self.text(key): self.document(value, is_free=is_free or key in _FREE)
                for key, value in form.items()
            }
        if isinstance(form, list | tuple):
            return [self.document(value, is_free=is_free) for value in form]
        return form

    def found_in(self, content: str | bytes) -> str | None:
        """A place that stands in the file at that path, or in those bytes; None when none does."""
        if not self.places:
            return None
        pattern = re.compile(rb"(?:(?<![\w.])|(?<=-[A-Z]))" + self._pattern().pattern.encode())
        with _bytes_of(content) as data:
            return _first(pattern, data)

    def _words(self, text: str) -> str:
        return re.sub(rf"\b{re.escape(self.user)}\b", USER, text) if self.user else text

    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.places, key=len, reverse=True)
        return re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})(?![\\w-])")


@contextmanager
def _bytes_of(content: str | bytes) -> Iterator[bytes | mmap.mmap]:
    """The bytes of a file, of which only what is looked at is read."""
    if isinstance(content, bytes):
        yield content
        return
    with open(content, "rb") as file:
        if os.fstat(file.fileno()).st_size == 0:  # which cannot be mapped
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _first(pattern: re.Pattern[bytes], data: bytes | mmap.mmap) -> str | None:
    """The first place in *data*; what finds it must be gone before the file is let go."""
    found = pattern.search(data)
    return os.fsdecode(bytes(found[0])) if found else None


def private_of(workspace: Workspace) -> Private:
    """What is private on this machine: the person, and their places."""
    places = {
        **dict.fromkeys(_ways([workspace.environ.get("HOME", "")]), HOME),
        **dict.fromkeys(_ways([workspace.layout.root]), STORE),
        **dict.fromkeys(_ways([workspace.layout.cache]), CACHE),
        **dict.fromkeys(_ways(_definitions(workspace)), DEFINITIONS),
    }
    return Private(places, _user(workspace.environ))


def _definitions(workspace: Workspace) -> Iterator[str]:
    yield from (repository.root for repository in Repositories(workspace.layout.root).all())


def _ways(paths: Iterable[str]) -> Iterator[str]:
    """Each of *paths* as it is said and as it is; not the root, which everything is below."""
    for path in paths:
        for way in (os.path.normpath(path), os.path.realpath(path)) if path else ():
            if os.path.isabs(way) and way != os.path.dirname(way):
                yield way


def _user(environ: Mapping[str, str]) -> str:
    name = environ.get("USER") or environ.get("LOGNAME") or ""
    if not name:
        with suppress(KeyError, OSError, ImportError):
            name = getpass.getuser()
    return "" if name in _NOBODY else name
