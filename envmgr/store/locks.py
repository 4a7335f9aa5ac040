"""Locks between processes. The kernel lets go of them when their holder dies, however it dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from envmgr.errors import StoreError

if TYPE_CHECKING:
    from filelock import BaseFileLock


@contextmanager
def locked(path: str, *, timeout: float = -1) -> Iterator[None]:
    """Hold the lock *path* inside the block; wait for it at most *timeout* seconds, or for ever.

    The file stays behind: removing it would let two processes hold two files of one name.
    Raises StoreError.
    """
    lock = acquired(path, timeout=timeout)
    if lock is None:
        raise StoreError(
            f"another process has held {path} for more than {timeout:g} s",
            hint="wait for the other envmgr to finish, or stop it",
        )
    try:
        yield
    finally:
        lock.release()


def acquired(path: str, *, timeout: float = 0) -> BaseFileLock | None:
    """The lock *path*, held; None when another has it for longer than *timeout* seconds."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, thread_local=False)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lock.acquire(timeout=timeout)
    except Timeout:
        return None
    except (OSError, NotImplementedError) as error:
        raise StoreError(
            f"cannot lock {path}: {error}",
            hint="the store must be writable and on a file system that has locks",
        ) from error
    return lock
