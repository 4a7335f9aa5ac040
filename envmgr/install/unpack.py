"""Unpacking: an archive appears whole where it belongs, or nothing of it does."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from envmgr.errors import InstallError
from envmgr.install.archive import members, reading
from envmgr.install.place import merge, staging_for
from envmgr.install.tree import Tree


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may become before it is taken for a bomb."""

    total: int | None = None
    """Bytes; None allows `ratio` times the archive's size, and 2 GiB in any case."""
    ratio: int = 200
    count: int = 2_000_000
    """Members."""


_ALWAYS_ALLOWED = 2 << 30


def unpack(
    archive: str, into: str, *, strip: int | None = None, limits: Limits | None = None
) -> None:
    """Put the content of *archive* into the directory *into*, beside what is there.

    *strip* outer directories are dropped; None drops one when it holds everything. Files that
    are there are replaced by files, nothing else is. Raises UnsafeArchiveError, or InstallError
    for damage and conflicts; *into* then is as it was.
    """
    with staging_for(into) as staging:
        tree = _read(archive, staging, limits or Limits())
        strip = tree.usual_strip() if strip is None else strip
        tree.make_links(strip)
        whole = os.path.join(staging, "whole")
        os.mkdir(whole)
        for top in tree.tops(strip):
            merge(top, whole)
        merge(whole, into)


def unpack_wheel(
    archive: str, into: str, *, base: str | None = None, limits: Limits | None = None
) -> None:
    """Put the packages of a wheel into *into* and its other files where they belong.

    Programs go to `bin`, data and headers to their places below *base*, by default the parent
    of *into*. The wheel's own list of checksums must agree. Raises as `unpack` does.
    """
    from envmgr.install.wheelfile import arrange, verify

    into = os.path.abspath(into)
    base = os.path.dirname(into) if base is None else os.path.abspath(base)
    inside = os.path.relpath(into, base)
    if inside.split(os.sep)[0] == os.pardir:
        raise InstallError(f"cannot unpack a wheel into {into}: it is not below {base}")
    with staging_for(into) as staging:
        tree = _read(archive, staging, limits or Limits())
        verify(tree)
        whole = os.path.join(staging, "whole")
        for source, place in arrange(tree):
            merge(source, os.path.normpath(os.path.join(whole, inside if place is None else place)))
        merge(whole, base)


def _read(archive: str, staging: str, limits: Limits) -> Tree:
    """The tree of *archive*, its files written below *staging*."""
    with reading(archive):
        room, allowed = _room(os.path.getsize(archive), staging, limits)
        root = os.path.join(staging, "tree")
        os.mkdir(root)
        tree = Tree(root, os.path.basename(archive), room, allowed, limits.count)
        for member in members(archive, room):
            tree.add(member)
        return tree


def _room(size: int, staging: str, limits: Limits) -> tuple[int, str]:
    """How many bytes may be written, and that in words."""
    free = shutil.disk_usage(staging).free
    cap = limits.total
    if cap is None:
        cap = max(_ALWAYS_ALLOWED, limits.ratio * size)
    if free < cap:
        return free, f"the {free} bytes that are free on the disk"
    return cap, f"the {cap} bytes that an archive of {size} bytes may"
