"""Which project files the prompt hook may use: what a person allowed, as it was then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from envmgr.api.workspace import Workspace
from envmgr.errors import ProjectError, UsageError
from envmgr.model.filenames import FILE
from envmgr.project.find import project_file
from envmgr.project.read import text_of
from envmgr.store.allowed import Allowed, Permission


class NotAllowedError(ProjectError):
    """The project file is not one that was allowed."""


def allow(workspace: Workspace, file: str) -> Permission:
    """Let the project *file* be used as it is now. Raises ProjectError when it cannot be read."""
    return Allowed(workspace.layout).put(os.path.dirname(file), _digest(text_of(file)))


def revoke(workspace: Workspace, directory: str) -> bool:
    """Take the permission of the project in *directory* back; whether there was one."""
    return Allowed(workspace.layout).remove(directory)


def permissions(workspace: Workspace) -> tuple[tuple[Permission, bool], ...]:
    """Every permission by directory, and whether the project file is still what was allowed."""
    found = Allowed(workspace.layout).all()
    return tuple((each, is_allowed(workspace, _file_in(each.directory))) for each in found)


def is_allowed(workspace: Workspace, file: str) -> bool:
    """Whether the project *file* may be used as it is now."""
    try:
        allowed_text(workspace, file)
    except ProjectError:
        return False
    return True


def allowed_text(workspace: Workspace, file: str) -> str:
    """The text of the project *file*, if it is what was allowed.

    What is returned is what was checked, so that nobody can change it in between. Raises
    NotAllowedError, and ProjectError when the file cannot be read.
    """
    text = text_of(file)
    permission = Allowed(workspace.layout).get(os.path.dirname(file))
    if permission is None:
        raise NotAllowedError(
            f"{file} was not allowed yet", hint="look at it, then `envmgr allow` opens it here"
        )
    if permission.sha256 != _digest(text):
        raise NotAllowedError(
            f"{file} is another one since it was allowed", hint="look at it, then `envmgr allow`"
        )
    return text


@contextmanager
def renewing(workspace: Workspace, file: str) -> Iterator[None]:
    """Around a change that a person makes with envmgr itself: what was allowed stays allowed."""
    was_allowed = is_allowed(workspace, file)
    yield
    if was_allowed:
        allow(workspace, file)


def file_for(workspace: Workspace, directory: str | None) -> str:
    """The project file in *directory*, or the one that holds in the current directory.

    Raises UsageError when there is none.
    """
    cwd = os.getcwd()
    if directory is not None:
        return _file_in(os.path.normpath(os.path.join(cwd, directory)))
    found = project_file(workspace.environ, cwd)
    if found is None:
        raise UsageError(
            f"no {FILE} in {cwd} or above it", hint="`envmgr init` makes one; or name its directory"
        )
    return found


def _file_in(directory: str) -> str:
    is_file = os.path.basename(directory) == FILE and not os.path.isdir(directory)
    return directory if is_file else os.path.join(directory, FILE)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
