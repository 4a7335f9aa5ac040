"""Getting what was written onto the disk, so that not even a power cut shows half of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

_THREADS = 16


def sync_tree(top: str) -> None:
    """Have every file and directory of the tree *top* on the disk. Links are not followed.

    Several threads wait at once, which lets the file system write in batches. What cannot be
    opened for lack of a permission is passed over.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(_sync, _contents(top)):
            pass


def sync_directory(path: str) -> None:
    """Have the names in a directory on the disk."""
    if os.name != "nt":  # Windows has no handle of a directory to sync
        _sync(path)


def _contents(top: str) -> Iterator[str]:
    for directory, _, files in os.walk(top):
        if os.name != "nt":
            yield directory
        for name in files:
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def _sync(path: str) -> None:
    with suppress(PermissionError):
        handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
