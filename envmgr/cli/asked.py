"""What a command line asks for: queries, or an environment of the project.

Queries mean the same in every directory, so where some are given no project is looked for. Naming
the project, or one of its environments, adds the queries to it.
"""

from __future__ import annotations

import os

from envmgr.api.environment import Environment, open_environment
from envmgr.api.workspace import Workspace
from envmgr.cli.parser import Arguments, preferring, queries_of
from envmgr.errors import UsageError
from envmgr.model.filenames import DEFAULT, FILE
from envmgr.model.project import Project


def environment_of(arguments: Arguments, workspace: Workspace) -> Environment:
    """The environment that is asked for. Raises UsageError when nothing is."""
    project = project_of(arguments, workspace)
    queries = preferring(arguments)
    if project is None:
        return open_environment(workspace, queries)
    from envmgr.api.project import open_project_environment  # queries alone do without its price

    return open_project_environment(workspace, project, environment_name(arguments), more=queries)


def environment_name(arguments: Arguments) -> str:
    """The name of the project's environment that is meant."""
    return DEFAULT if arguments.environment is None else arguments.environment


def project_of(arguments: Arguments, workspace: Workspace) -> Project | None:
    """The project that is asked for; None where only queries are."""
    is_named = arguments.project is not None or arguments.environment is not None
    if queries_of(arguments) and not is_named:
        return None
    from envmgr.api.project import find_project

    project = find_project(workspace.environ, here(), arguments.project)
    if project is None:
        raise no_project() if is_named else _nothing_asked()
    return project


def here() -> str:
    """The current directory. Raises UsageError when it was deleted."""
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError("the current directory is no longer there") from error


def no_project() -> UsageError:
    """The error for a directory that is in no project."""
    return UsageError(
        f"there is no project here: no {FILE} in {here()} or above",
        hint="`envmgr init` makes one; --project names one",
    )


def _nothing_asked() -> UsageError:
    return UsageError(
        "no query was given, and no project is here",
        hint="say what you want by name or by tags: compiler.gcc, --tags=compiler,lang-c;"
        " or make a project: envmgr init",
    )
