"""Reading a project file: its project, or every mistake in it at once."""

from __future__ import annotations

import os
import sys
from typing import Any

from envmgr.catalog.problem import Problem, Spot
from envmgr.errors import ProjectError
from envmgr.model.project import Project
from envmgr.project.schema import decode

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SIZE_LIMIT = 1024 * 1024
"""Bytes of a project file; one is far smaller, so more is something else."""


def read_project(path: str) -> Project:
    """The project in the file at *path*. Raises ProjectError with every mistake in it."""
    file = os.path.abspath(path)
    return parsed(file, text_of(file))


def text_of(file: str) -> str:
    """The text of the project file, its line ends as they are. Raises ProjectError."""
    try:
        if not os.path.isfile(file):  # a pipe would be waited for
            raise ProjectError(f"{file} is not a file", hint="`envmgr init` makes a project file")
        with open(file, "rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProjectError(f"{file} cannot be read: {reason}") from error
    if len(data) > SIZE_LIMIT:
        raise ProjectError(f"{file} is larger than any project file")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ProjectError(f"{file}:{line}: is not UTF-8: {error.reason}") from error


def parsed(file: str, text: str) -> Project:
    """The project in *text*, the content of *file*. Raises ProjectError with every mistake."""
    spot = Spot()
    project = decode(_document(file, text), spot, file)
    if spot.found:
        from envmgr.catalog.load import located

        raise _wrong(file, located(file, text, spot.found))
    return project


def _document(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ProjectError(f"{file} is nested too deeply") from error
    except ValueError as error:
        raise ProjectError(f"{file} is not TOML: {error}") from error


def _wrong(file: str, problems: tuple[Problem, ...]) -> ProjectError:
    count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
    return ProjectError(
        f"{file} has {count}",
        lines=tuple(map(str, problems)),
        hint="correct what is named above; `envmgr init` elsewhere shows what each key holds",
    )
