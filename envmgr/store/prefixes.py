"""Prefixes: the directory that one installed version owns, there whole or not at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

from envmgr.errors import StoreError
from envmgr.host.files import atomic_write
from envmgr.store.durable import sync_directory, sync_tree
from envmgr.store.layout import Layout
from envmgr.store.locks import locked
from envmgr.store.staging import Staging

PROVENANCE = os.path.join(".envmgr", "provenance.json")
"""Where a prefix says what it was made from; a directory without it is not a prefix."""

_PIECE = r"[A-Za-z0-9_][A-Za-z0-9._+-]*"
_SLUG = re.compile(f"{_PIECE}/{_PIECE}")


class PrefixStore:
    """The prefixes of one store, or those below a *prefix_root* that several stores share.

    Locks and staging lie beside a shared root's prefixes, so that all who share it meet, and
    so that staging is on the same file system.
    """

    def __init__(self, layout: Layout, prefix_root: str | None = None) -> None:
        self.root = os.path.abspath(prefix_root) if prefix_root else layout.prefixes
        own = os.path.join(self.root, ".envmgr") if prefix_root else layout.root
        self._locks = os.path.join(own, "locks")
        self._staging = Staging(os.path.join(own, "staging"))

    def path(self, slug: str) -> str:
        """The prefix that *slug*, such as `tool.cmake/4.1.2-0a1b2c3d`, names. Raises StoreError."""
        if not _SLUG.fullmatch(slug):
            raise StoreError(f"not a name for a prefix: {slug!r}")
        return os.path.join(self.root, *slug.split("/"))

    def slug_of(self, path: str) -> str | None:
        """The slug of the prefix that *path* is in; None when it is in none of this store's."""
        # Entries name places by their real paths, and the way to the root may be a link.
        roots = (self.root, os.path.realpath(self.root))
        slugs = ("/".join(os.path.relpath(path, root).split(os.sep)[:2]) for root in roots)
        return next(filter(_SLUG.fullmatch, slugs), None)

    def around(self, path: str) -> str:
        """The prefix that *path* is in, or *path* itself when it is in none of this store's."""
        slug = self.slug_of(path)
        return self.path(slug) if slug else path

    def lock(self, slug: str, *, timeout: float = -1) -> AbstractContextManager[None]:
        """Hold *slug*: whoever installs or removes it waits, *timeout* seconds or for ever."""
        self.path(slug)
        return locked(
            os.path.join(self._locks, f"prefix-{slug.replace('/', '%')}.lock"), timeout=timeout
        )

    def staging(self) -> AbstractContextManager[str]:
        """A new directory to make a prefix in, removed after the block (or by `sweep`)."""
        return self._staging.fresh()

    def sweep(self) -> tuple[str, ...]:
        """Remove staging directories whose owners are dead; returns them."""
        return self._staging.sweep()

    def is_whole(self, slug: str) -> bool:
        """Whether the prefix is there with all that belongs to it."""
        return provenance(self.path(slug)) is not None

    def publish(self, tree: str, slug: str, *, force: bool = False) -> str:
        """Move the finished *tree*, made in staging, to its place, and return that place.

        Everything is on the disk before it is visible. What is there already is an error, or
        with *force* moved aside and removed. Hold `lock(slug)` meanwhile. Raises StoreError.
        """
        final = self.path(slug)
        if os.path.islink(tree) or provenance(tree) is None:
            raise StoreError(f"{tree} cannot become a prefix: it has no {PROVENANCE}")
        sync_tree(tree)
        if os.path.lexists(final) and not force:
            raise StoreError(
                f"there is something at {final} already",
                hint="envmgr install --force replaces it",
            )
        with self.staging() as aside, self._names():
            _exchange(tree, final, os.path.join(aside, "replaced"))
        return final

    def remove(self, slug: str) -> bool:
        """Remove a prefix; false when it was not there. It vanishes at once, then is deleted."""
        final = self.path(slug)
        if not os.path.lexists(final):
            return False
        with self.staging() as aside, self._names():
            _move(final, os.path.join(aside, "removed"))
            parent = os.path.dirname(final)
            with suppress(OSError):  # other versions may be there
                if parent != self.root:
                    os.rmdir(parent)
        return True

    def _names(self) -> AbstractContextManager[None]:
        """Directories that hold prefixes come and go under this lock."""
        return locked(os.path.join(self._locks, "names.lock"))


def provenance(prefix: str) -> dict[str, Any] | None:
    """What the prefix was made from; None when it does not say, so is not a whole prefix."""
    try:
        with open(os.path.join(prefix, PROVENANCE), "rb") as file:
            form = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return None
    return form if isinstance(form, dict) else None


def root_above(path: str) -> str | None:
    """The prefix root of the whole prefix that *path* is in; None when it is in none."""
    here = os.path.abspath(path)
    while here != os.path.dirname(here):
        if provenance(here) is not None:
            return os.path.dirname(os.path.dirname(here))
        here = os.path.dirname(here)
    return None


def write_provenance(tree: str, form: Mapping[str, Any]) -> None:
    """Let the *tree* say what it was made from, before it is published. Raises StoreError."""
    directory = os.path.join(tree, os.path.dirname(PROVENANCE))
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make {directory}: {error.strerror}") from error
    if os.path.islink(directory):  # what was unpacked or built could have made it
        raise StoreError(f"{directory} is a link; envmgr does not write through it")
    text = json.dumps(form, indent=1, sort_keys=True) + "\n"
    atomic_write(os.path.join(tree, PROVENANCE), text)


def _exchange(tree: str, final: str, aside: str) -> None:
    replaced = os.path.lexists(final)
    if replaced:
        _move(final, aside)
    try:
        _move(tree, final)
    except StoreError:
        if replaced:
            _move(aside, final)
        raise


def _move(source: str, target: str) -> None:
    """Rename a directory, and have the renaming on the disk."""
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.islink(source):
            # A directory that changes its parent must be writable.
            os.chmod(source, os.stat(source).st_mode | 0o700)
        os.rename(source, target)
        for directory in {os.path.dirname(source), os.path.dirname(target)}:
            sync_directory(directory)
    except OSError as error:
        raise StoreError(f"cannot move {source} to {target}: {error.strerror}") from error
