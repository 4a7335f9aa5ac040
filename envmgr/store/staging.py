"""Staging: scratch directories that are removed when their owner is done, or dead.

Each directory `<token>` has a lock `<token>.lock` that its owner holds. A token is used
once, so nobody ever waits for such a lock, and whoever gets one knows that the owner is gone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

from envmgr.errors import HostError, StoreError
from envmgr.host.files import remove_tree
from envmgr.store.locks import acquired, locked

if TYPE_CHECKING:
    from filelock import BaseFileLock


class Staging:
    """The scratch directories below *directory*."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A new, empty directory; what is left of it is removed after the block."""
        token = os.path.join(self._directory, os.urandom(8).hex())
        lock = self._make(token)
        try:
            yield token
        finally:
            _clear(token, lock)

    def sweep(self) -> tuple[str, ...]:
        """Remove what dead owners left behind; returns the directories that are gone.

        One that a build still writes to, having outlived its owner, is left for the next sweep.
        """
        abandoned = self._abandoned()
        for token, lock in abandoned.items():
            with suppress(HostError):
                _clear(token, lock)
        return tuple(token for token in abandoned if not os.path.lexists(token))

    def _make(self, token: str) -> BaseFileLock:
        with self._guard():
            lock = acquired(f"{token}.lock")
            if lock is None:
                raise StoreError(
                    f"another process took {token}.lock, a name that nobody uses twice"
                )
            os.mkdir(token)
            return lock

    def _abandoned(self) -> dict[str, BaseFileLock]:
        """Directories whose lock is free, each with that lock, now held here."""
        if not os.path.isdir(self._directory):
            return {}
        with self._guard():
            names = (name.removesuffix(".lock") for name in os.listdir(self._directory))
            tokens = sorted({os.path.join(self._directory, name) for name in names if name})
            locks = {token: acquired(f"{token}.lock") for token in tokens}
        return {token: lock for token, lock in locks.items() if lock is not None}

    def _guard(self) -> AbstractContextManager[None]:
        """Between making a lock's file and holding it, an owner would look dead without this."""
        return locked(os.path.join(self._directory, ".lock"))


def _clear(token: str, lock: BaseFileLock) -> None:
    try:
        remove_tree(token)
    finally:
        with suppress(OSError):
            os.unlink(lock.lock_file)  # while it is held: later it might be a sweeper's
        lock.release()
