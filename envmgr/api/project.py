"""Projects: the environments of a project file, opened, and the file itself made and edited."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING

from envmgr.api.environment import Environment, resolved
from envmgr.api.lock import around, lock_digest, locked_resolution
from envmgr.api.workspace import Workspace
from envmgr.errors import ProjectError, UsageError
from envmgr.model.delta import Delta
from envmgr.model.filenames import DEFAULT, FILE
from envmgr.model.project import Project, Wish
from envmgr.model.query import Query
from envmgr.project.find import project_file
from envmgr.project.read import parsed, read_project, text_of

if TYPE_CHECKING:
    from envmgr.catalog.index import Catalogue
    from envmgr.project.edit import Edit

__all__ = [
    "add_wishes",
    "check_meant",
    "drop_wishes",
    "find_project",
    "init_project",
    "open_project_environment",
    "project_file",
    "read_project",
    "wish_of",
]


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

    With a lock, what is locked is what is opened, and *more* is resolved around it. Raises
    LockError for a lock that the project has outgrown, OtherMachineError where something that
    is locked is not here.
    """
    wanted = project.wanted(environment_name, workspace.platform)
    queries = tuple(dict.fromkeys((*wanted.queries, *more)))
    locked = locked_resolution(workspace, project, environment_name)
    is_whole = locked is not None and len(queries) == len(wanted.queries)
    if locked is None:
        resolution = resolved(workspace, list(queries))
    else:
        resolution = locked if is_whole else around(workspace, queries, locked)
    added = resolution.answers[len(wanted.queries) :]
    return Environment(
        resolution,
        workspace.layout,
        dict(workspace.environ) if environ is None else environ,
        name=",".join([project.label(environment_name), *(str(each.chosen) for each in added)]),
        extra=Delta(wanted.variables),
        lock=lock_digest(project) if is_whole else None,
    )


# -- the file --------------------------------------------------------------------------------


def init_project(
    directory: str, *, name: str | None = None, queries: Iterable[Query] = ()
) -> Project:
    """The project of a new file in *directory*, which is made where it is not there.

    It is called *name*, by default as the directory. Raises UsageError for a name that is none
    and where a project file is there already.
    """
    from envmgr.project.new import new_text
    from envmgr.project.schema import default_name, is_plain

    file = os.path.join(os.path.abspath(directory), FILE)
    if name is not None and not is_plain(name):
        raise UsageError(f"not a name of a project: {name!r}", hint="letters, digits and ._- only")
    text = new_text(name or default_name(file), dict.fromkeys(queries))
    os.makedirs(os.path.dirname(file), exist_ok=True)
    try:
        with open(file, "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(
            f"{file} is there already", hint="`envmgr add` and `envmgr drop` change what it wants"
        ) from error
    return parsed(file, text)


def add_wishes(path: str, wishes: Iterable[Wish], feature: str = DEFAULT) -> Edit:
    """Write *wishes* into a feature of the project file at *path*; see `project.edit`.

    Raises ProjectError while the file has mistakes, and leaves it as it was.
    """
    from envmgr.project.edit import with_wishes

    file = os.path.abspath(path)
    text = text_of(file)
    return _written(text, with_wishes(parsed(file, text), text, wishes, feature))


def drop_wishes(path: str, queries: Iterable[Query], feature: str = DEFAULT) -> Edit:
    """Take what *queries* name out of a feature of the project file at *path*.

    Raises UsageError for one that names nothing, ProjectError while the file has mistakes.
    """
    from envmgr.project.edit import without_wishes

    file = os.path.abspath(path)
    text = text_of(file)
    return _written(text, without_wishes(parsed(file, text), text, queries, feature))


def _written(before: str, edit: Edit) -> Edit:
    """*edit*, written where it changes something. A link stays one: its target is written."""
    from envmgr.host.files import atomic_write

    file = os.path.realpath(edit.project.file)
    if edit.text == before:
        return edit
    if text_of(file) != before:
        raise ProjectError(f"{file} was changed meanwhile", hint="do it again")
    atomic_write(file, edit.text, os.stat(file).st_mode & 0o777)
    return edit


# -- wishes ----------------------------------------------------------------------------------


def wish_of(query: str, *, prefer: Sequence[str] = (), platforms: Sequence[str] = ()) -> Wish:
    """The wish that a project file would say with these words. Raises UsageError."""
    from envmgr.catalog.problem import Spot
    from envmgr.project.schema import read_wish

    Query.parse(query)  # whose error has the better hint
    spot = Spot()
    document = {"query": query, "prefer": list(prefer), "platforms": list(platforms)}
    wish = read_wish(document, spot)
    for finding in spot.found:
        meant = f"did you mean {finding.suggestion}?" if finding.suggestion else None
        raise UsageError(finding.message, hint=meant)
    return wish


def check_meant(workspace: Workspace, queries: Iterable[Query]) -> None:
    """Raise UsageError for a query that nothing of the catalogue can ever answer: a misspelling.

    Versions are left out of it, as a machine may have others than the catalogue knows of.
    """
    catalogue = workspace.catalogue
    for query in queries:
        bare = Query(query.wanted, query.refused)
        if not catalogue.detectors(bare) and not catalogue.recipes(bare):
            raise UsageError(f"the catalogue has nothing for {query}", hint=_meant(catalogue, bare))


def _meant(catalogue: Catalogue, query: Query) -> str:
    from envmgr.catalog.problem import nearest

    by_name = catalogue.known_tags()
    known = {*by_name, *(tag for tags in by_name.values() for tag in tags)}
    for word in query.wanted:
        near = nearest(word, known) if word not in known else None
        if near:
            return f"did you mean {near}? `envmgr search` looks for words"
    return "`envmgr search` looks for words in names, tags and descriptions"
