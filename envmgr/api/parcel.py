"""Parcels: files that travel to another machine as a value, and are put down there once."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from envmgr.errors import StoreError, UsageError
from envmgr.store.locks import locked
from envmgr.store.staging import Staging

_MOST = 64 << 20
"""Bytes that a parcel may hold: it goes along with every run."""
_DIGITS = 32
_BARE = frozenset(("", ".", ".."))


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file."""

    path: str
    """Below the root, with slashes."""
    content: bytes
    is_executable: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """Files below one root."""

    name: str
    """What their directory is called: a digest, of them or of what they are for."""
    files: tuple[PackedFile, ...]


def packed(root: str, paths: Iterable[str], name: str = "") -> Parcel:
    """The files of these *paths* below *root*, called *name* or else by their content.

    Raises UsageError when they are too much to send, StoreError when one cannot be read.
    """
    files, size = [], 0
    for path in sorted(paths):
        place = os.path.join(root, *path.split("/"))
        try:
            size += os.path.getsize(place)
            _require_little(root, size)
            with open(place, "rb") as file:
                files.append(PackedFile(path, file.read(), os.access(place, os.X_OK)))
        except OSError as error:
            raise StoreError(f"cannot read {place}: {error.strerror}") from error
    return Parcel(name or _digest(files), tuple(files))


def _digest(files: Iterable[PackedFile]) -> str:
    total = sha256()
    for one in files:
        inner = sha256(one.content).hexdigest()
        total.update(f"{one.path}\0{one.is_executable:d}\0{inner}\n".encode())
    return total.hexdigest()[:_DIGITS]


def files_below(root: str) -> list[str]:
    """The path of every file below *root*, with slashes."""
    return [
        os.path.relpath(os.path.join(directory, name), root).replace(os.sep, "/")
        for directory, _, names in os.walk(root)
        for name in names
    ]


def _require_little(root: str, size: int) -> None:
    if size > _MOST:
        raise UsageError(
            f"{root} holds more than the {_MOST >> 20} MiB that can be sent with every run",
            hint="make large inputs a data set, which each machine gets by itself",
        )


def put_down(parcel: Parcel, place: str) -> str:
    """The directory with the files of *parcel*, below the directory *place*.

    It appears whole or not at all, however many processes of the machine do this at once.
    """
    final = os.path.join(place, parcel.name)
    os.makedirs(place, exist_ok=True)
    with locked(os.path.join(place, f".{parcel.name}.lock")):
        if not os.path.isdir(final):
            staging = Staging(os.path.join(place, ".staging"))
            staging.sweep()
            with staging.fresh() as scratch:
                tree = os.path.join(scratch, "tree")
                _write(parcel, tree)
                os.rename(tree, final)
    return final


def _write(parcel: Parcel, root: str) -> None:
    os.makedirs(root)
    for one in parcel.files:
        parts = one.path.split("/")
        if not _BARE.isdisjoint(parts) or os.sep in "".join(parts):
            raise StoreError(f"a parcel holds a file outside of it: {one.path!r}")
        place = os.path.join(root, *parts)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(one.content)
        os.chmod(place, 0o755 if one.is_executable else 0o644)
