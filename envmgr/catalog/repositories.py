"""Repositories: where definitions come from, the user's first and the shipped one last.

A directory is used in place; an address is cloned below the store. What was added is recorded
in `repositories.json`, which is replaced whole, under a lock, and read without one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from envmgr.catalog.scan import DIRECTORIES, holds_definitions, shipped_root
from envmgr.errors import StoreError, UsageError
from envmgr.host.files import atomic_write, remove_tree

SHIPPED = "envmgr"
"""The name of the repository that ships with envmgr."""

_SCHEMA = 1
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Repository:
    """A directory of definitions with a name; `url` is where it was cloned from."""

    name: str
    root: str
    url: str | None = None

    @property
    def source(self) -> str:
        """What it was added as: the address or the directory."""
        return self.url or self.root


@dataclass(frozen=True, slots=True)
class Update:
    """A clone that was brought up to date, from one commit to another; they may be the same."""

    repository: Repository
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Repositories:
    """The repositories of the store at *home*."""

    home: str

    def all(self) -> tuple[Repository, ...]:
        """Every repository in the order of precedence. Raises StoreError for a damaged record."""
        return (*self._recorded(), Repository(SHIPPED, shipped_root()))

    def add(self, source: str, name: str | None = None) -> Repository:
        """Record a directory, or clone an address and record the clone; twice is harmless.

        Raises UsageError for a name that is taken or a source that holds no definitions, and
        HostError when git fails.
        """
        from envmgr.catalog.clone import is_address

        url = source if is_address(source) else None
        place = source if url else os.path.abspath(os.path.expanduser(source))
        name = _checked(name or _default_name(place))
        with self._locked():
            recorded = self._recorded()
            for repository in recorded:
                if repository.source == place:
                    return repository
            _refuse_taken(name, recorded)
            added = self._clone(name, url) if url else _directory(name, place)
            self._record((*recorded, added))
        return added

    def update(self, name: str | None = None) -> tuple[Update, ...]:
        """Fast-forward the clone called *name*, or every clone.

        Raises UsageError for a name that is none or no clone's, HostError when git fails.
        """
        from envmgr.catalog.clone import fast_forward

        chosen = self._recorded() if name is None else (self._named(name),)
        if name is not None and chosen[0].url is None:
            raise UsageError(
                f"repository {name} is used in place at {chosen[0].root}: nothing to update",
                hint="change the directory itself",
            )
        with self._locked():
            return tuple(Update(one, *fast_forward(one.root)) for one in chosen if one.url)

    def remove(self, name: str) -> Repository:
        """Forget a repository and delete its clone; a directory in place is left alone."""
        with self._locked():
            removed = self._named(name)
            self._record(tuple(one for one in self._recorded() if one != removed))
            if removed.url:
                remove_tree(removed.root)
        return removed

    # -- the record --------------------------------------------------------------------------

    @property
    def _file(self) -> str:
        return os.path.join(self.home, "repositories.json")

    def _root(self, name: str) -> str:
        return os.path.join(self.home, "repositories", name)

    def _recorded(self) -> tuple[Repository, ...]:
        try:
            with open(self._file, encoding="utf-8") as stream:
                form = json.load(stream)
            if form["schema"] != _SCHEMA:
                raise ValueError(f"schema {form['schema']} is not {_SCHEMA}")
            return tuple(self._from_json(item) for item in form["repositories"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"cannot read the repositories in {self._file}: {error}",
                hint="correct the file, or remove it and add the repositories again",
            ) from error

    def _from_json(self, item: dict[str, Any]) -> Repository:
        name = item["name"]
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name")
        url = item.get("url")
        return Repository(name, self._root(name) if url else item["root"], url)

    def _record(self, repositories: tuple[Repository, ...]) -> None:
        items = [
            {"name": one.name, **({"url": one.url} if one.url else {"root": one.root})}
            for one in repositories
        ]
        form = {"schema": _SCHEMA, "repositories": items}
        atomic_write(self._file, json.dumps(form, indent=2) + "\n")

    def _named(self, name: str) -> Repository:
        recorded = self._recorded()
        for repository in recorded:
            if repository.name == name:
                return repository
        known = ", ".join(one.name for one in recorded) or "none"
        raise UsageError(f"there is no repository {name!r}", hint=f"added are: {known}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock

        locks = os.path.join(self.home, "locks")
        try:
            os.makedirs(locks, exist_ok=True)
            lock = FileLock(os.path.join(locks, "repositories.lock"))
            lock.acquire()
        except OSError as error:
            raise StoreError(f"cannot lock the repositories in {self.home}: {error}") from error
        try:
            yield
        finally:
            lock.release()

    def _clone(self, name: str, url: str) -> Repository:
        """A clone that stands in its place only when it is whole and holds definitions."""
        from envmgr.catalog.clone import clone

        root = self._root(name)
        staging = os.path.join(self.home, "repositories", f".{name}.new")
        remove_tree(staging)  # what a killed attempt left; the lock says it is not another's
        try:
            clone(url, staging)
            _refuse_empty(staging, url)
            remove_tree(root)  # recorded nowhere, so left over too
            os.replace(staging, root)
        except OSError as error:
            raise StoreError(f"cannot put the clone of {url} at {root}: {error}") from error
        finally:
            remove_tree(staging)
        return Repository(name, root, url)


def _directory(name: str, root: str) -> Repository:
    if not os.path.isdir(root):
        raise UsageError(
            f"there is no directory {root}",
            hint="give a directory, or an address: https://…, ssh://…, file://… or git@host:path",
        )
    _refuse_empty(root, root)
    return Repository(name, root)


def _refuse_empty(root: str, source: str) -> None:
    if not holds_definitions(root):
        raise UsageError(
            f"{source} holds no definitions",
            hint=f"a repository has one of the directories {', '.join(DIRECTORIES)} at its top",
        )


def _refuse_taken(name: str, recorded: tuple[Repository, ...]) -> None:
    for repository in (*recorded, Repository(SHIPPED, shipped_root())):
        if repository.name == name:
            raise UsageError(
                f"the name {name!r} is taken by the repository at {repository.source}",
                hint="give another with --name",
            )


def _default_name(place: str) -> str:
    """The last piece of a directory or an address, without `.git`."""
    last = re.split(r"[/\\:]", place.rstrip("/\\"))[-1]
    return re.sub(r"[^a-z0-9._-]+", "-", last.lower()).removesuffix(".git").strip("._-")


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a name of a repository",
            hint="give one with --name: lower case letters, digits and ._-",
        )
    return name
