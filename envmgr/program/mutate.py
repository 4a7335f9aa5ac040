"""Mistakes made on purpose: a copy of a program's sources that some check must find to be wrong."""

from __future__ import annotations

import os
import shutil

from envmgr.errors import HostError, ProgramError
from envmgr.host.files import atomic_write
from envmgr.model.program import Mutation, Program
from envmgr.program.rundirectory import is_below

_PASSING = shutil.ignore_patterns("__pycache__", ".git")
"""What comes with use and is no source."""


def mutated(program: Program, tree_root: str, mutation: Mutation, directory: str) -> str:
    """Copy the sources below *tree_root* to *directory*, with the mistake of *mutation* in them.

    *directory* is new or empty; returned is where the sources are now. Raises ProgramError when
    the piece to replace does not stand in the file exactly once, for then nobody knows what was
    tried.
    """
    where = f"{program.name}: {mutation.file}"
    try:
        wrong = _changed(_inside(tree_root, mutation.file), mutation, where)
        shutil.copytree(tree_root, directory, symlinks=True, ignore=_PASSING, dirs_exist_ok=True)
        path = _inside(directory, mutation.file)  # a link might lead back to what was copied
        atomic_write(path, wrong, mode=os.stat(path).st_mode & 0o777)
    except (OSError, shutil.Error, HostError) as error:
        raise ProgramError(f"{where}: cannot copy it: {error}") from error
    return directory


def _inside(root: str, file: str) -> str:
    """The real path of *file*, which no link may lead out of *root*."""
    path = os.path.realpath(os.path.join(root, file))
    if not is_below(path, root) or not os.path.isfile(path):
        raise ProgramError(f"{file} is no file below {root}")
    return path


def _changed(path: str, mutation: Mutation, where: str) -> bytes:
    """The file as it becomes; its other bytes and its line ends stay as they are."""
    with open(path, "rb") as file:
        content = file.read()
    piece = mutation.replace.encode()
    count = content.count(piece)
    if count != 1:
        raise ProgramError(
            f"{where}: {mutation.replace!r} stands there {count} times, and must once",
            hint="make the piece longer until it stands there once" if count else None,
        )
    return content.replace(piece, mutation.by.encode())
