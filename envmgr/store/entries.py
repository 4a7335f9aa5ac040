"""Entries on disk: one JSON file an entry, and one snapshot of all of them for speed.

Writers take no lock. A file appears whole by renaming and its name holds the id of its
content, so writers that meet write the same thing, and a kill at any moment leaves entries
that are whole or absent, with at most a hidden temporary file beside them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from envmgr._version import SCHEMA
from envmgr.errors import StoreError, UsageError
from envmgr.host.files import atomic_write, unchanged
from envmgr.model.entry import Entry, content_id, from_json, to_json
from envmgr.store.layout import Layout, safe_name
from envmgr.store.snapshot import Snapshot

_FILE = re.compile(r"[^.].*-(?P<id>[0-9a-f]{16})\.json")
_MANY = 8
"""From this many files on it pays to wait for the disk in several threads."""
_ABANDONED_S = 3600
"""A temporary file older than this belongs to a writer that was killed."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A file among the entries that cannot be read as one."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything in the store: the entries by name and version, and what cannot be read."""

    entries: tuple[Entry, ...]
    damaged: tuple[Damage, ...] = ()


class EntryStore:
    """The entries of one store."""

    def __init__(self, layout: Layout) -> None:
        self._directory = layout.entries
        self._snapshot = Snapshot(layout.snapshot, layout.entries)

    def all(self) -> tuple[Entry, ...]:
        """Every readable entry, by name, version, path and id."""
        return self.listing().entries

    def listing(self) -> Listing:
        """Every entry, and every file that should be one and is not. Raises StoreError."""
        kept = self._snapshot.load()
        if kept is not None:
            with suppress(KeyError, TypeError, AttributeError):
                return Listing(tuple(from_json(form) for form in kept))
        before = self._snapshot.moment()
        listing = self._read()
        if not listing.damaged:  # a file may become readable without its directory changing
            self._snapshot.save([to_json(entry) for entry in listing.entries], before)
        return listing

    def get(self, id: str) -> Entry:
        """The entry with this id, or the only one whose id starts so. Raises UsageError."""
        found = [entry for entry in self.all() if id and entry.id.startswith(id)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(f"{entry.id} ({entry})" for entry in found[:5])
            raise UsageError(
                f"{len(found)} entries have an id that starts with {id}: {ids}",
                hint="give more of the id",
            )
        raise UsageError(f"no entry has the id {id!r}", hint="envmgr show lists the ids")

    def add(self, entries: Iterable[Entry]) -> None:
        """Write *entries*; what is there in the same words stays untouched. Raises HostError."""
        files = {_file_name(entry): _text(entry) for entry in entries}
        changed = [
            (os.path.join(self._directory, name), text)
            for name, text in files.items()
            if not _holds(os.path.join(self._directory, name), text)
        ]
        if changed:
            self._make_directory()
            _for_each(lambda file: atomic_write(*file), changed)

    def remove(self, ids: Iterable[str]) -> None:
        """Remove the entries with exactly these ids; one that is not there is fine."""
        unwanted = frozenset(ids)
        for name in self._names():
            found = _FILE.fullmatch(name)
            if found and found["id"] in unwanted:
                self._unlink(name)

    def replace(self, add: Iterable[Entry], remove: Iterable[str]) -> None:
        """Add, then remove: a kill in between leaves too much, never too little.

        An id on both sides stays. Temporary files of killed writers are swept on the way.
        """
        added = tuple(add)
        self.add(added)
        self.remove(frozenset(remove) - {entry.id for entry in added})
        self.sweep()

    def sweep(self) -> None:
        """Remove the temporary files that killed writers left an hour ago or earlier."""
        import time

        oldest = time.time() - _ABANDONED_S
        for name in self._names():
            path = os.path.join(self._directory, name)
            if name.startswith(".") and name.endswith(".tmp"):
                with suppress(FileNotFoundError):
                    if os.lstat(path).st_mtime < oldest:
                        os.unlink(path)

    def _read(self) -> Listing:
        entries: list[Entry] = []
        damaged: list[Damage] = []
        for name in self._names():
            found = _FILE.fullmatch(name)
            if not found:
                continue
            path = os.path.join(self._directory, name)
            try:
                entries.append(_read_entry(path, found["id"]))
            except FileNotFoundError:
                continue  # removed since it was listed
            except (OSError, ValueError) as error:
                damaged.append(Damage(path, str(error)))
        # The same id under two names: the names differ only if one was renamed by hand.
        unique = {entry.id: entry for entry in entries}
        return Listing(tuple(sorted(unique.values(), key=_place)), tuple(damaged))

    def _names(self) -> list[str]:
        try:
            return sorted(os.listdir(self._directory))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(
                f"cannot read the entries in {self._directory}: {error.strerror}",
                hint="give another store with --store DIR or ENVMGR_HOME",
            ) from error

    def _unlink(self, name: str) -> None:
        path = os.path.join(self._directory, name)
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StoreError(f"cannot remove {path}: {error.strerror}") from error

    def _make_directory(self) -> None:
        try:
            os.makedirs(self._directory, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot make the store's directory {self._directory}: {error.strerror}",
                hint="give another store with --store DIR or ENVMGR_HOME",
            ) from error


def stale(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those of *entries* whose fingerprint no longer holds."""
    return tuple(entry for entry in entries if not unchanged(entry.fingerprint))


def _place(entry: Entry) -> tuple[Any, ...]:
    return entry.name, entry.order, entry.version, entry.path, entry.id


def _file_name(entry: Entry) -> str:
    return f"{safe_name(entry.name)}-{safe_name(entry.version)}-{entry.id}.json"


def _text(entry: Entry) -> str:
    return json.dumps({"schema": SCHEMA, **to_json(entry)}, indent=1) + "\n"


def _holds(path: str, text: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == text.encode()
    except OSError:
        return False


def _read_entry(path: str, id: str) -> Entry:
    """The entry in a file. Raises OSError, and ValueError that says what is wrong with it."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        form = json.loads(content)
        schema = form["schema"]
        if schema != SCHEMA:
            raise ValueError(f"has schema {schema!r}; this envmgr reads {SCHEMA}")
        entry = from_json(form)
        whole = all(isinstance(text, str) for text in _beside_the_id(entry))
        true_id = content_id(entry)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not an entry: {type(error).__name__}: {error}") from error
    if not whole:
        raise ValueError("not an entry: something else stands where a text belongs")
    if entry.id != id:
        raise ValueError(f"its name says {id}, its content {entry.id!r}")
    if true_id != id:  # whoever wrote it could have named any path and any variable
        raise ValueError("its content is not what its id was made from: somebody changed it")
    return entry


def _beside_the_id(entry: Entry) -> Iterator[object]:
    """What must be text although the id does not depend on it."""
    yield from entry.facts.values()
    yield from (stamp.path for stamp in entry.fingerprint)


def _for_each(act: Callable[[Any], None], items: list[Any]) -> None:
    if len(items) < _MANY:
        for item in items:
            act(item)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_MANY) as pool:
        for _ in pool.map(act, items):
            pass
