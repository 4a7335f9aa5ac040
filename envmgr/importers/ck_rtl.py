"""Run-time libraries of CK: few files that programs are compiled with.

CK installs them as packages of a collection. Here their sources go along with each program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.importers.ck_meta import CkEntry, is_plain
from envmgr.importers.ck_xopenme import HEADER, SOURCE
from envmgr.importers.reading import Note

if TYPE_CHECKING:
    from tarfile import TarFile

_SCRIPT = "ck-make.sh"
"""The script of a package that names its sources and its header."""
_SAID = re.compile(
    r"""(?m)^\s*export\s+CK_(SOURCE_FILES|INCLUDE_FILE)=["']?([\w. +-]+?)["']?\s*$"""
)
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_MOST_BYTES = 4 << 20
"""More than any such library has, unpacked."""


@dataclass(frozen=True, slots=True)
class Library:
    """A run-time library."""

    tags: frozenset[str]
    """What it is asked for by."""
    files: Mapping[str, bytes]
    """Name of each file to what it holds."""
    sources: tuple[str, ...]
    """Those of the files that are compiled."""
    used_by: str = ""
    """What a program must call so that the library writes something; empty, it always does."""


def own_libraries() -> tuple[Library, ...]:
    """Libraries that need no package, since envmgr has its own with the same interface."""
    files = {"xopenme.c": SOURCE.encode(), "xopenme.h": HEADER.encode()}
    tags = frozenset({"lib", "rtl", "xopenme"})
    return (Library(tags, files, ("xopenme.c",), used_by="xopenme_dump_state"),)


def libraries_of(packages: Iterable[CkEntry], notes: list[Note]) -> tuple[Library, ...]:
    """The libraries that the packages of collections hold in source; *notes* get the unreadable."""
    libraries: list[Library] = []
    for package in packages:
        try:
            libraries += _library(package)
        except OSError as error:
            notes.append(package.note(package.name, str(error.strerror)))
    return tuple(libraries)


def _library(package: CkEntry) -> Iterator[Library]:
    tags = frozenset(package.meta.texts("tags"))
    if "rtl" not in tags:
        return
    files = _loose(package) if _SCRIPT in package.files else _packed(package)
    said = dict(_SAID.findall(files.get(_SCRIPT, b"").decode("utf-8", "replace")))
    sources = tuple(said.get("SOURCE_FILES", "").split())
    named = (*sources, *said.get("INCLUDE_FILE", "").split())
    if sources and all(name in files for name in named):
        yield Library(tags, {name: files[name] for name in named}, sources)


def _loose(package: CkEntry) -> dict[str, bytes]:
    """The files of a package that lie there as they are."""
    files = {}
    for name in package.files:
        path = package.path(name)
        if "/" not in name and os.path.getsize(path) <= _MOST_BYTES:
            with open(path, "rb") as stream:
                files[name] = stream.read()
    return files


def _packed(package: CkEntry) -> dict[str, bytes]:
    """The files of the one archive of a package, by their last names; none when it is damaged."""
    import tarfile

    archives = [name for name in package.files if name.endswith(_ARCHIVES)]
    if len(archives) != 1 or os.path.getsize(package.path(archives[0])) > _MOST_BYTES:
        return {}
    try:
        with tarfile.open(package.path(archives[0])) as archive:
            return dict(_members(archive))
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return {}


def _members(archive: TarFile) -> Iterator[tuple[str, bytes]]:
    """Plain files of an archive, as long as all of it together stays small."""
    left = _MOST_BYTES
    for member in archive:
        left -= max(0, member.size)
        if left < 0:
            return
        name = member.name.rpartition("/")[2]
        stream = archive.extractfile(member) if member.isreg() and is_plain(name) else None
        if stream:
            yield name, stream.read()
