"""What is inside a wheel: its list of checksums, and directories with places of their own."""

from __future__ import annotations

import csv
import hashlib
import os
import stat
from base64 import urlsafe_b64encode
from collections.abc import Iterator

from envmgr.errors import InstallError
from envmgr.install.tree import Tree

_UNLISTED = (("RECORD",), ("RECORD.jws",), ("RECORD.p7s",))
_EXECUTABLE = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
_ALGORITHMS = ("sha256", "sha384", "sha512")


def verify(tree: Tree) -> None:
    """Check that the wheel holds the files that its RECORD lists, and no others."""
    info = _info_directory(tree)
    listed = dict(_records(tree, info))
    for parts, kind in tree.kinds.items():
        name = "/".join(parts)
        if kind == "symlink":
            raise _wrong(tree, f"{name} is a link")
        if kind == "file" and (parts[0] != info or parts[1:] not in _UNLISTED):
            _verify_file(tree, name, listed.pop(name, ""))
    if missing := next((name for name, value in listed.items() if value), None):
        raise _wrong(tree, f"{missing} is listed but not there")


def _info_directory(tree: Tree) -> str:
    found = [p[0] for p in tree.kinds if len(p) == 1 and p[0].endswith(".dist-info")]
    if len(found) != 1 or tree.kinds.get((found[0], "RECORD")) != "file":
        raise _wrong(tree, "it has no .dist-info directory with a RECORD")
    return found[0]


def _records(tree: Tree, info: str) -> Iterator[tuple[str, str]]:
    with open(tree.path((info, "RECORD")), encoding="utf-8", newline="") as file:
        try:
            for row in csv.reader(file):
                if row:
                    yield row[0], row[1] if len(row) > 1 else ""
        except (csv.Error, UnicodeDecodeError) as error:
            raise _wrong(tree, f"its RECORD cannot be read: {error}") from error


def _verify_file(tree: Tree, name: str, record: str) -> None:
    algorithm, _, value = record.partition("=")
    if algorithm not in _ALGORITHMS:
        raise _wrong(tree, f"{name} is not listed with a checksum")
    state = hashlib.new(algorithm)
    with open(tree.path(tuple(name.split("/"))), "rb") as file:
        while chunk := file.read(1 << 20):
            state.update(chunk)
    if urlsafe_b64encode(state.digest()).decode().rstrip("=") != value.rstrip("="):
        raise _wrong(tree, f"{name} is not what is listed")


def arrange(tree: Tree) -> Iterator[tuple[str, str | None]]:
    """The wheel's pieces in order: a directory, and its place below the base.

    None is the place of the packages. Scripts are made executable on the way.
    """
    data = next((p for p in tree.kinds if len(p) == 1 and p[0].endswith(".data")), None)
    pieces = [p for p in tree.kinds if data is not None and len(p) == 2 and p[0] == data[0]]
    aside = tree.path(("..", "data"))
    if data is not None:
        os.rename(tree.path(data), aside)
    yield tree.root, None
    for _, scheme in pieces:
        source = os.path.join(aside, scheme)
        if not os.path.isdir(source):
            raise _wrong(tree, f"its {scheme} is a file")
        if scheme == "scripts":
            _make_executable(source)
        yield source, _place(tree, scheme)


def _place(tree: Tree, scheme: str) -> str | None:
    project = _info_directory(tree).split("-")[0]
    places = {
        "purelib": None,
        "platlib": None,
        "scripts": "bin",
        "data": ".",
        "headers": f"include/{project}",
    }
    if scheme not in places:
        raise _wrong(tree, f"nobody knows where its {scheme} belong")
    return places[scheme]


def _make_executable(directory: str) -> None:
    for item in os.scandir(directory):
        os.chmod(item.path, item.stat().st_mode | _EXECUTABLE)


def _wrong(tree: Tree, reason: str) -> InstallError:
    return InstallError(f"{tree.archive} is not a sound wheel: {reason}")
