"""Persons with stores of their own, who share a project, its lock and a shop's definitions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envmgr.api.lock import project_lock, write_lock
from envmgr.api.locking import Locking, Update, make_lock
from envmgr.api.project import open_project_environment, read_project
from envmgr.api.sync import Sync, Synced, carry_out_sync, decide_sync
from envmgr.api.workspace import Workspace
from envmgr.catalog.repositories import Repositories
from envmgr.model.entry import Entry
from envmgr.model.lock import LockedPlatform
from envmgr.model.project import Project
from envmgr.model.query import Query

GCC = """\
Target: x86_64-linux-gnu
Configured with: ../src/configure --host=x86_64-linux-gnu --target=x86_64-linux-gnu
gcc version {}"""


@dataclass
class Person:
    """Somebody with a home, a store, and a checkout of the project."""

    home: Path
    checkout: Path
    definitions: Path
    path: str
    prefix_root: str | None = None

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.checkout.mkdir(parents=True, exist_ok=True)
        Repositories(self.workspace.layout.root).add(str(self.definitions))

    @property
    def workspace(self) -> Workspace:
        """A new one, as every start has."""
        environ = {"HOME": str(self.home), "ENVMGR_HOME": str(self.home / "e"), "PATH": self.path}
        return Workspace(environ=environ, prefix_root=self.prefix_root)

    @property
    def project(self) -> Project:
        return read_project(str(self.checkout / "envmgr.toml"))

    @property
    def text(self) -> str:
        """The lock file."""
        return (self.checkout / "envmgr.lock").read_text()

    @property
    def locked(self) -> LockedPlatform:
        """What is locked for this platform."""
        lock = project_lock(self.project)
        assert lock is not None
        return lock.platforms[self.workspace.platform]

    def wants(self, *queries: str, more: str = "") -> None:
        """Write the project file."""
        needs = ", ".join(f'"{query}"' for query in queries)
        (self.checkout / "envmgr.toml").write_text(f"needs = [{needs}]\n{more}")

    def lock(
        self,
        *,
        environments: Sequence[str] = (),
        platforms: Sequence[str] = (),
        update: Sequence[str] | None = None,
    ) -> Locking:
        """Lock as `envmgr lock` does; *update* is empty for everything."""
        chosen = Update(not update, tuple(map(Query.parse, update))) if update is not None else None
        made = make_lock(
            self.workspace,
            self.project,
            project_lock(self.project),
            environments=environments,
            platforms=platforms,
            update=chosen,
        )
        write_lock(self.project, made.lock)
        return made

    def decide(self, *names: str, frozen: bool = True) -> Sync:
        return decide_sync(self.workspace, self.project, names, frozen=frozen)

    def sync(self, *names: str, frozen: bool = True) -> Synced:
        """Sync as `envmgr sync` does."""
        workspace = self.workspace
        decided = decide_sync(workspace, self.project, names, frozen=frozen)
        return carry_out_sync(workspace, self.project, decided, frozen=frozen)

    def opened(self, name: str = "default", *more: str) -> tuple[Entry, ...]:
        """The entries of an environment, as `envmgr exec` has them."""
        queries = [Query.parse(text) for text in more]
        return open_project_environment(
            self.workspace, self.project, name, more=queries
        ).resolution.entries


def ids(entries: Sequence[Entry]) -> list[str]:
    return [entry.id for entry in entries]


def path_with(directory: Path) -> str:
    return os.pathsep.join([str(directory), "/usr/bin", "/bin"])
