"""Putting trees in their place: built aside, then moved in whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from envmgr.errors import InstallError
from envmgr.host.files import remove_tree


@contextmanager
def staging_for(into: str) -> Iterator[str]:
    """An empty directory on the file system of *into*, gone in the end."""
    near = os.path.abspath(into)
    while not os.path.isdir(near):
        near = os.path.dirname(near)
    try:
        staging = tempfile.mkdtemp(prefix=".unpack-", dir=near)
    except OSError as error:
        raise InstallError(f"cannot write to {near}: {error.strerror or error}") from error
    try:
        yield staging
    finally:
        remove_tree(staging)


def merge(source: str, target: str) -> None:
    """Move what is in directory *source* into *target*: all of it, or nothing on a conflict.

    Both are on one file system. A directory meets a directory, a file replaces a file; every
    other meeting is an InstallError.
    """
    try:
        os.makedirs(target, exist_ok=True)
        for there, here in list(_moves(source, target)):
            os.replace(there, here)
    except OSError as error:
        raise InstallError(f"cannot unpack into {target}: {error.strerror or error}") from error


def _moves(source: str, target: str) -> Iterator[tuple[str, str]]:
    pending = [(source, target)]
    while pending:
        there, here = pending.pop()
        for item in os.scandir(there):
            place = os.path.join(here, item.name)
            if not os.path.lexists(place):
                yield item.path, place
            elif _kind(item.path) == _kind(place) == "directory":
                pending.append((item.path, place))
            elif _kind(item.path) == _kind(place) == "file":
                yield item.path, place
            else:
                raise InstallError(f"cannot unpack over {place}: it is a {_kind(place)}")


def _kind(path: str) -> str:
    if os.path.islink(path):
        return "link"
    return "directory" if os.path.isdir(path) else "file" if os.path.isfile(path) else "device"
