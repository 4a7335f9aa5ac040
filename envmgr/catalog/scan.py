"""Which files a repository of definitions holds; on the path of every start, so only `os`."""

from __future__ import annotations

import os
from collections.abc import Iterator

DIRECTORIES = ("detectors", "recipes", "shells", "programs")
"""What a repository holds, at its top; shells lie flat, the others below a directory: that of
their category or, as a program comes with its sources, their own."""
PROGRAM_FILE = "program.toml"
"""What the definition of a program is called; other TOML files there are sources."""

Stamp = tuple[str, int, int]
"""A file of a repository: its path below the root, size in bytes, and mtime in nanoseconds."""


def shipped_root() -> str:
    """Where the catalogue that ships with envmgr lies: in the package, or beside it."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    data = os.path.join(package, "_data")
    return data if os.path.isdir(data) else os.path.dirname(package)


def holds_definitions(root: str) -> bool:
    """Whether *root* is a repository: it has one of the directories."""
    return any(os.path.isdir(os.path.join(root, name)) for name in DIRECTORIES)


def root_of(file: str) -> str | None:
    """The repository that *file* lies in, by its place alone."""
    head = os.path.dirname(os.path.abspath(file))
    for _ in range(2):
        head, name = os.path.split(head)
        if name in DIRECTORIES:
            return head
    return None


def scan(root: str) -> list[Stamp]:
    """Every definition file of the repository at *root*, sorted by path."""
    return sorted(stamp for name in DIRECTORIES for stamp in _scan(root, name, depth=1))


def _scan(root: str, below: str, depth: int) -> Iterator[Stamp]:
    try:
        entries = os.scandir(os.path.join(root, below))
    except OSError:
        return  # not there, or not ours to read: it holds nothing
    with entries:
        for entry in entries:
            path = f"{below}/{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.name.endswith(".toml") and _defines(path):
                yield from _stamp(entry, path)
            elif depth and entry.is_dir():
                yield from _scan(root, path, depth - 1)


def _defines(path: str) -> bool:
    return not path.startswith("programs/") or path.endswith(f"/{PROGRAM_FILE}")


def _stamp(entry: os.DirEntry[str], path: str) -> Iterator[Stamp]:
    try:
        status = entry.stat()
    except OSError:
        yield path, -1, -1  # a broken link; reading it says so
    else:
        yield path, status.st_size, status.st_mtime_ns
