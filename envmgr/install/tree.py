"""The tree that an archive describes, built apart from everything and judged before it is seen.

Files and directories are written to a directory of our own in which there are no links, so
that nothing can be written through one. Links are made last, when the whole tree is known
and each was followed, in thought, to see that it stays inside.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import FileIO
from typing import NoReturn

from envmgr.errors import InstallError, UnsafeArchiveError
from envmgr.install.archive import CHUNK, Member

_MOST_HOPS = 64
"""Links followed one after another; no system follows as many, so such a chain leads nowhere."""
_LONGEST_PART = 255
_LONGEST_PATH = 2048
_DRIVE = re.compile(r"[A-Za-z]:")

Parts = tuple[str, ...]


def safe_parts(name: str) -> Parts:
    """The directories and the file of a member's *name*. Raises ValueError with what is wrong."""
    _check_text(name)
    if name.startswith("/") or _DRIVE.match(name):
        raise ValueError("its path is absolute")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts:
        raise ValueError("its path leads out of the archive")
    if any(len(os.fsencode(part)) > _LONGEST_PART for part in parts):
        raise ValueError("its name is too long")
    return parts


def _check_text(text: str) -> None:
    if len(text) > _LONGEST_PATH:
        raise ValueError("its path is too long")
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("its path holds control characters")
    if "\\" in text:
        raise ValueError("its path holds a backslash")
    try:
        os.fsencode(text)
    except UnicodeEncodeError as error:
        raise ValueError("its path is not text") from error


@dataclass(slots=True)
class Tree:
    """A tree in the making below *root*, an empty directory of our own.

    *room* is how many bytes may still be written, *allowed* that limit in words; *count* is
    how many members may still come.
    """

    root: str
    archive: str
    room: int
    allowed: str
    count: int
    kinds: dict[Parts, str] = field(default_factory=dict)
    """What there is: `file`, `directory` or `symlink`."""
    links: dict[Parts, str] = field(default_factory=dict)
    """Links to be made, and where they point."""

    def add(self, member: Member) -> None:
        """Judge *member* and put it in. Raises UnsafeArchiveError."""
        self.count -= 1
        if self.count < 0:
            raise UnsafeArchiveError(f"{self.archive} has too many members")
        try:
            parts = safe_parts(member.name)
        except ValueError as error:
            self._refuse(member.name, str(error))
        if member.kind == "directory":
            self._claim_directory(parts)
        elif not parts:
            self._refuse(member.name, "it replaces the directory that holds all others")
        else:
            self._add_leaf(parts, member)

    def _add_leaf(self, parts: Parts, member: Member) -> None:
        self._claim_directory(parts[:-1])
        if member.kind == "file":
            self._write(parts, member)
        elif member.kind == "hardlink":
            self._add_hardlink(parts, member.target)
        elif member.kind == "symlink":
            self._add_symlink(parts, member.target)
        else:
            self._refuse(member.name, f"it is {member.kind}")

    def path(self, parts: Parts) -> str:
        """Where the member of that path is on the disk."""
        return os.path.join(self.root, *parts)

    def _claim_directory(self, parts: Parts) -> None:
        if self.kinds.get(parts) == "directory":
            return
        for depth in range(1, len(parts) + 1):
            outer = parts[:depth]
            if outer in self.kinds:
                self._require(outer, "directory")
                continue
            self.kinds[outer] = "directory"
            with self._writing(outer):
                os.mkdir(self.path(outer))

    def _require(self, parts: Parts, kind: str) -> None:
        if (there := self.kinds[parts]) != kind:
            self._refuse("/".join(parts), f"another member replaces this {there} or is below it")

    def _write(self, parts: Parts, member: Member) -> None:
        if member.size < 0:
            self._refuse(member.name, "its size is negative")
        self._reserve(member.name, member.size)
        self._make_way(parts)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with self._writing(parts):
            handle = os.open(self.path(parts), flags, 0o755 if member.executable else 0o644)
        with open(handle, "wb", buffering=0) as file:
            while chunk := member.read(CHUNK):
                self._reserve(member.name, len(chunk))
                self.room -= len(chunk)
                with self._writing(parts):
                    _write_all(file, chunk)
        if member.mtime is not None:
            with suppress(OSError, OverflowError, ValueError):  # a time that no disk can hold
                os.utime(self.path(parts), (member.mtime, member.mtime))

    def _make_way(self, parts: Parts) -> None:
        """Claim the path of a file; one that came earlier goes."""
        if parts in self.kinds:
            self._require(parts, "file")
            with self._writing(parts):
                os.unlink(self.path(parts))
        self.kinds[parts] = "file"

    def _reserve(self, name: str, size: int) -> None:
        if size > self.room:
            self._refuse(name, f"with it the archive takes more than {self.allowed}")

    def _add_hardlink(self, parts: Parts, target: str) -> None:
        name = "/".join(parts)
        try:
            source = safe_parts(target)
        except ValueError as error:
            self._refuse(name, f"its target {target!r} is refused: {error}")
        if self.kinds.get(source) == "symlink":  # both names are of the link itself
            self._add_symlink(parts, self.links[source])
        elif self.kinds.get(source) != "file":
            self._refuse(name, f"its target {target!r} is not a file that came before")
        elif source != parts:
            self._make_way(parts)
            with self._writing(parts):
                os.link(self.path(source), self.path(parts))

    def _add_symlink(self, parts: Parts, target: str) -> None:
        name = "/".join(parts)
        try:
            _check_text(target)
        except ValueError as error:
            self._refuse(name, f"its target {target!r} is refused: {error}")
        if parts in self.kinds:
            self._refuse(name, f"it replaces a {self.kinds[parts]}")
        self.kinds[parts] = "symlink"
        self.links[parts] = target

    def make_links(self, strip: int) -> None:
        """Judge all links in the tree less its *strip* outer directories, then make them."""
        judge = Judge(self._stripped(strip), {p[strip:]: to for p, to in self.links.items()})
        for parts, target in self.links.items():
            if len(parts) > strip and (reason := judge.mistake(parts[strip:], target)):
                self._refuse("/".join(parts), f"its target {target!r} {reason}")
        for parts, target in self.links.items():
            with self._writing(parts):
                os.symlink(target, self.path(parts))

    def _stripped(self, strip: int) -> dict[Parts, str]:
        kinds: dict[Parts, str] = {}
        for parts, kind in self.kinds.items():
            if len(parts) > strip and kinds.setdefault(parts[strip:], kind) != kind:
                self._refuse("/".join(parts), "without its outer directories it replaces another")
        return kinds

    def tops(self, strip: int) -> list[str]:
        """The directories whose content is the tree less its *strip* outer directories."""
        if strip == 0:
            return [self.root]
        kinds = self.kinds.items()
        return [self.path(p) for p, kind in kinds if len(p) == strip and kind == "directory"]

    def usual_strip(self) -> int:
        """1 when everything is in one directory, 0 otherwise."""
        tops = [parts for parts in self.kinds if len(parts) == 1]
        return int(len(tops) == 1 and self.kinds[tops[0]] == "directory")

    @contextmanager
    def _writing(self, parts: Parts) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise InstallError(
                f"cannot write {'/'.join(parts)!r} of {self.archive}: {reason}"
            ) from error

    def _refuse(self, name: str, reason: str) -> NoReturn:
        raise UnsafeArchiveError(
            f"{self.archive} is refused for its member {name!r}: {reason}",
            hint="nothing of it was unpacked; look at the archive before you trust its source",
        )


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:  # an unbuffered write may take a part of it
        view = view[file.write(view) :]


@dataclass(frozen=True, slots=True)
class Judge:
    """Follows links in thought, through a tree of which all members are known."""

    kinds: dict[Parts, str]
    links: dict[Parts, str]

    def mistake(self, link: Parts, target: str) -> str | None:
        """Why *link* must not point to *target*, or None when it stays inside."""
        if not target or target.startswith("/") or _DRIVE.match(target):
            return "is not a relative path"
        here = list(link[:-1])
        ahead = target.split("/")[::-1]
        hops = 0
        while ahead and hops <= _MOST_HOPS:
            part = ahead.pop()
            if part == "..":
                if not here:
                    return "leaves the archive"
                if self.kinds.get(tuple(here)) != "directory":
                    return "goes through what is not a directory"
                here.pop()
            elif (next_link := self.links.get((*here, part))) is not None:
                hops += 1
                ahead.extend(next_link.split("/")[::-1])
            elif part not in ("", "."):
                here.append(part)
        return None
