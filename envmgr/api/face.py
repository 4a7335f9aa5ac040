"""The verbs as plain functions on the user's own store, for scripts and notebooks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache

from envmgr.api import recorded
from envmgr.api.environment import Environment, open_environment, resolved
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.model.entry import Entry
from envmgr.model.filenames import DEFAULT
from envmgr.model.query import Query
from envmgr.model.resolution import Resolution


@cache
def _default() -> Workspace:
    return Workspace()


def detect(
    *queries: str | Query,
    paths: Sequence[str] = (),
    search_dirs: Sequence[str] = (),
    workspace: Workspace | None = None,
) -> tuple[Entry, ...]:
    """Look for what *queries* may mean (without any: for everything), record it, return it."""
    from envmgr.api.detect import detect

    place = workspace or _default()
    return detect(place, queries, paths=paths, search_dirs=search_dirs).entries


def find(query: str | Query, *, workspace: Workspace | None = None) -> tuple[Entry, ...]:
    """Recorded entries that fit *query*, in order of name and version."""
    return recorded.find(workspace or _default(), query)


def resolve(*queries: str | Query, workspace: Workspace | None = None) -> Resolution:
    """The entries that together answer *queries*, needs first. Raises ResolutionError."""
    wanted = [Query.parse(query) if isinstance(query, str) else query for query in queries]
    return resolved(workspace or _default(), wanted)


def install(
    *queries: str | Query, force: bool = False, workspace: Workspace | None = None
) -> tuple[Entry, ...]:
    """Install what answers *queries*, with its needs; an entry for each. Raises InstallError."""
    from envmgr.api.install import carry_out, intend

    place = workspace or _default()
    return carry_out(place, intend(place, queries, force=force), force=force).entries


def environment(*queries: str | Query, workspace: Workspace | None = None) -> Environment:
    """The environment that answers *queries*; inside its `with` block `os.environ` is changed."""
    return open_environment(workspace or _default(), queries, environ=os.environ)


def project_environment(
    name: str = DEFAULT, *, project: str | None = None, workspace: Workspace | None = None
) -> Environment:
    """The environment *name* of a project, as it is locked when it is; a `with` block as above.

    *project* is its file or directory, by default the one that holds here. Raises UsageError
    when there is none, ProjectError, LockError or OtherMachineError when it cannot be opened.
    """
    from envmgr.api.project import find_project, open_project_environment

    found = find_project(os.environ, os.getcwd(), project)
    if found is None:
        raise UsageError(f"there is no project in {os.getcwd()} or above", hint="envmgr init")
    return open_project_environment(workspace or _default(), found, name, environ=os.environ)
