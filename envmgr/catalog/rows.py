"""The definitions of one repository, parsed once and kept in a cache file.

The file holds a checksum, then JSON lines: a header that says what every definition is, and the
documents, one a line, each decoded only when it is asked for. It is derived data: what is missing,
damaged or older than a definition is read again, file by file.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envmgr.catalog.problem import Problem
from envmgr.catalog.scan import Stamp, scan
from envmgr.errors import HostError
from envmgr.host.files import atomic_write
from envmgr.host.watch import tick

if TYPE_CHECKING:
    from envmgr.catalog.load import Loaded

_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A definition that has no mistakes, not yet decoded."""

    kind: str
    """`detector`, `recipe`, `program`, `shell`, `places` or `names`."""
    name: str
    file: str
    digest: str
    """sha256 of the file."""
    tags: tuple[str, ...]
    """Tags that it always has, its name first."""
    more_tags: tuple[str, ...]
    """Tags that its parts may add."""
    detector: str
    """The detector that a recipe names; else empty."""
    provides: tuple[str, ...]
    """Capabilities of a detector; a recipe has those of its detector."""
    conflicts: tuple[str, ...]
    """Queries for what a detector's entries cannot be beside; a recipe has its detector's."""
    document: str
    """The TOML document as JSON."""


@dataclass(frozen=True, slots=True)
class _Cached:
    """One file as it was read: a row, or the problems for which there is none."""

    stamp: Stamp
    row: Row | None
    problems: tuple[Problem, ...]


def open_rows(root: str, cache_dir: str) -> tuple[list[Row], list[Problem]]:
    """Every good definition of the repository at *root*, and what is wrong with the others.

    Never raises for the state of the cache: where it cannot be written, nothing is kept.
    """
    path = os.path.join(cache_dir, f"catalogue-{zlib.crc32(os.fsencode(root)):08x}.jsonl")
    began = time.time_ns()
    stamps = scan(root)
    kept = {cached.stamp: cached for cached in _read(path, root)}
    files = [kept.get(stamp) or _load(root, stamp) for stamp in stamps]
    if len(kept) != len(stamps) or any(file.stamp not in kept for file in files):
        _write(path, root, [_distrusted(file, began) for file in files])
    rows = [file.row for file in files if file.row]
    return rows, [problem for file in files for problem in file.problems]


def _distrusted(file: _Cached, began: int) -> _Cached:
    """*file* without its stamp when it is so young that the stamp proves nothing."""
    path, size, mtime_ns = file.stamp
    if mtime_ns + tick(mtime_ns) < began:
        return file
    return _Cached((path, size, -1), file.row, file.problems)


def _load(root: str, stamp: Stamp) -> _Cached:
    from envmgr.catalog.load import load  # brings the parser and every rule

    loaded = load(root + os.sep + stamp[0].replace("/", os.sep))
    if loaded.problems:
        return _Cached(stamp, None, loaded.problems)
    return _Cached(stamp, _row(loaded), ())


def _row(loaded: Loaded) -> Row:
    value = loaded.value
    tags, more = _tags(value)
    return Row(
        kind=loaded.kind,
        name=loaded.name,
        file=loaded.file,
        digest=loaded.digest,
        tags=tags,
        more_tags=more,
        detector=getattr(value, "detector", ""),
        provides=getattr(value, "provides", ()),
        conflicts=getattr(value, "conflicts", ()),
        document=json.dumps(loaded.raw, ensure_ascii=False),
    )


def _tags(value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    always = tuple(getattr(value, "all_tags", ()))
    possible = getattr(value, "possible_tags", always)
    return always, tuple(tag for tag in possible if tag not in always)


# -- the cache file --------------------------------------------------------------------------


def _read(path: str, root: str) -> list[_Cached]:
    """What the cache file at *path* holds of *root*; nothing when it is not to be trusted."""
    try:
        with open(path, "rb") as stream:
            checksum, _, body = stream.read().partition(b"\n")
        if checksum != _checksum(body):
            return []
        header, *documents = body.decode().split("\n")
        form = json.loads(header)
        if [form["format"], form["root"], form["reader"]] != [_FORMAT, root, _reader()]:
            return []
        return [_cached(root, *item) for item in zip(form["files"], documents, strict=True)]
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return []  # derived data: it is made anew


def _cached(root: str, item: list[Any], document: str) -> _Cached:
    path, size, mtime_ns, kind, name, digest, tags, more, detector, *related, problems = item
    file = root + os.sep + path.replace("/", os.sep)
    stamp = (path, size, mtime_ns)
    if problems:
        return _Cached(stamp, None, tuple(Problem(file, *problem) for problem in problems))
    provides, conflicts = map(tuple, related)
    row = Row(
        kind, name, file, digest, tuple(tags), tuple(more), detector, provides, conflicts, document
    )
    return _Cached(stamp, row, ())


def _write(path: str, root: str, files: Iterable[_Cached]) -> None:
    files = tuple(files)
    header = {
        "format": _FORMAT,
        "root": root,
        "reader": _reader(),
        "files": [_item(file) for file in files],
    }
    lines = [json.dumps(header), *(file.row.document if file.row else "" for file in files)]
    body = "\n".join(lines).encode()
    with suppress(OSError, HostError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        atomic_write(path, _checksum(body) + b"\n" + body)


def _checksum(body: bytes) -> bytes:
    return f"{zlib.crc32(body):08x}".encode()


def _item(file: _Cached) -> list[Any]:
    row = file.row or Row("", "", "", "", (), (), "", (), (), "")
    about = (row.kind, row.name, row.digest, row.tags, row.more_tags, row.detector)
    problems = [[p.line, p.key, p.message, p.suggestion] for p in file.problems]
    return [*file.stamp, *about, row.provides, row.conflicts, problems]


def _reader() -> list[list[Any]]:
    """What the code looks like that reads definitions: another reader may judge otherwise."""
    directory = os.path.dirname(os.path.abspath(__file__))
    try:
        with os.scandir(directory) as entries:
            return sorted(
                [entry.name, entry.stat().st_size, entry.stat().st_mtime_ns]
                for entry in entries
                if entry.name.endswith(".py")
            )
    except OSError:
        return []
