"""pip's `requirements.txt`, with the files that it includes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.importers.files import read_text, within
from envmgr.importers.pypi import holds, parse_requirement, read_requirement
from envmgr.importers.reading import (
    Lookup,
    Note,
    Reading,
    UntranslatableError,
    total,
)

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTIONS = re.compile(r"\s--?[A-Za-z]")
_INCLUDE = re.compile(
    r"(?:-(?P<flag>[rc])\s*|--(?P<word>[rc])(?:equirement|onstraint)[\s=])(?P<file>.*)"
)
_EDITABLE = re.compile(r"(-e|--editable\b).*")
_MOST_FILES = 100


def read_requirements(path: str, lookup: Lookup) -> Reading:
    """What the file at *path* and those that it includes ask for. Raises UsageError."""
    found = _Found(os.path.dirname(os.path.abspath(path)))
    found.file(os.path.abspath(path), constraint=False)
    return found.reading(lookup)


def read_lines(lines: Iterable[tuple[str, str]], directory: str, lookup: Lookup) -> Reading:
    """What *lines* ask for, each with where it stands; they may include files of *directory*."""
    found = _Found(directory)
    for where, text in lines:
        found.line(text, where, directory, constraint=False)
    return found.reading(lookup)


@dataclass
class _Found:
    """What the lines said so far."""

    top: str
    """Nothing outside this directory is read."""
    asked: list[tuple[str, Requirement]] = field(default_factory=list)
    constraints: list[tuple[str, Requirement]] = field(default_factory=list)
    left: list[Note] = field(default_factory=list)
    lost: list[Note] = field(default_factory=list)
    seen: set[tuple[str, bool]] = field(default_factory=set)

    def file(self, path: str, *, constraint: bool) -> None:
        """Read the lines of a file that was not read before."""
        key = (os.path.realpath(path), constraint)
        if key in self.seen:
            return
        self.seen.add(key)
        name = os.path.relpath(path, self.top)
        for number, line in _lines(read_text(path)):
            self.line(line, f"{name}:{number}", os.path.dirname(path), constraint=constraint)

    def line(self, text: str, where: str, directory: str, *, constraint: bool) -> None:
        """Read one line; files that it names are below *directory*."""
        included, editable = _INCLUDE.fullmatch(text), _EDITABLE.fullmatch(text)
        if included:
            constraint = constraint or "c" in (included["flag"], included["word"])
            path = os.path.join(directory, included["file"].strip())
            self._include(text, where, path, constraint)
        elif editable:
            why = "what is edited in place has no version that others could have"
            self.left.append(Note(where, text, why))
        elif text.startswith("-"):
            self.lost.append(Note(where, text, "recipes say where a thing comes from"))
        else:
            self._requirement(text, where, constraint)

    def _include(self, text: str, where: str, path: str, constraint: bool) -> None:
        try:
            _check(path, self.top, len(self.seen))
            self.file(path, constraint=constraint)
        except UsageError as error:
            self.left.append(Note(where, text, error.message))

    def _requirement(self, text: str, where: str, constraint: bool) -> None:
        options = _OPTIONS.search(text)
        bare = text[: options.start()].strip() if options else text
        try:
            requirement = parse_requirement(bare)
            if constraint and requirement.marker and not holds(requirement.marker):
                return
        except UntranslatableError as error:
            self.left.append(Note(where, bare, str(error)))
            return
        (self.constraints if constraint else self.asked).append((where, requirement))
        if options:
            what = text[options.start() :].split("=")[0].strip()
            why = f"{what} is not kept: envmgr.lock pins what is taken, by its checksum"
            self.lost.append(Note(where, str(requirement), why))

    def reading(self, lookup: Lookup) -> Reading:
        """The wishes, under their constraints."""
        from packaging.utils import canonicalize_name

        bounds: dict[str, list[SpecifierSet]] = {}
        for _, one in self.constraints:
            bounds.setdefault(canonicalize_name(one.name), []).append(one.specifier)
        readings = (
            read_requirement(one, where, lookup, bounds.get(canonicalize_name(one.name), ()))
            for where, one in self.asked
        )
        return total([*readings, Reading(left=tuple(self.left), lost=tuple(self.lost))])


def _check(path: str, top: str, count: int) -> None:
    """Raise UsageError for the address of a file that is not read."""
    if "://" in path:
        raise UsageError("files at other addresses are not read")
    if not within(path, top):
        raise UsageError(f"it is not below {top}")
    if count >= _MOST_FILES:
        raise UsageError(f"more than {_MOST_FILES} files")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each logical line with the number that it begins at, without comments and empty ones."""
    first, parts = 0, list[str]()
    for number, raw in enumerate([*text.split("\n"), ""], 1):
        first = first or number
        parts.append(_COMMENT.sub("", raw.removesuffix("\\")))
        if raw.endswith("\\") and not _COMMENT.search(raw):
            continue
        line = "".join(parts).strip()
        if line:
            yield first, line
        first, parts = 0, []
