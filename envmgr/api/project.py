"""Projects: the environments of a project file, opened, and the file itself made and edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping

from envmgr.api.environment import Environment, resolved
from envmgr.api.workspace import Workspace
from envmgr.model.delta import Delta
from envmgr.model.project import DEFAULT, Project
from envmgr.model.query import Query
from envmgr.project.find import project_file
from envmgr.project.read import read_project

__all__ = ["find_project", "open_project_environment", "project_file", "read_project"]


def find_project(environ: Mapping[str, str], cwd: str, named: str | None = None) -> Project | None:
    """The project that holds in *cwd*, or None.

    *named* is its file or its directory; it goes before `$ENVMGR_PROJECT`, which goes before
    the search from *cwd* upwards. Raises UsageError for a name that leads to no file, and
    ProjectError with every mistake of the file.
    """
    file = project_file(environ, cwd, named)
    return read_project(file) if file else None


def open_project_environment(
    workspace: Workspace,
    project: Project,
    environment_name: str = DEFAULT,
    *,
    more: Iterable[Query] = (),
    environ: MutableMapping[str, str] | None = None,
) -> Environment:
    """The environment of *project* called *environment_name*, and what *more* asks for with it.

    The project's variables are set after those of the entries. Raises UsageError for an
    environment that is not there, ResolutionError when nothing answers.
    """
    wanted = project.wanted(environment_name, workspace.platform)
    queries = tuple(dict.fromkeys((*wanted.queries, *more)))
    resolution = resolved(workspace, list(queries))
    added = resolution.answers[len(wanted.queries) :]
    return Environment(
        resolution,
        workspace.layout,
        dict(workspace.environ) if environ is None else environ,
        extra=Delta(wanted.variables),
        name=",".join([project.label(environment_name), *(str(each.chosen) for each in added)]),
    )
