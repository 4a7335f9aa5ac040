"""What a program is made from: the files below its directory, and one digest over all of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256

from envmgr.errors import ProgramError
from envmgr.model.program import Program
from envmgr.program.language import is_source

_DEFINITION = "program.toml"
_PASSING = "__pycache__"
"""Directories that come and go with use."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceTree:
    """The files of a program."""

    root: str
    """The directory that they are below; absolute."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Path below the root, with slashes, to the file's sha256; in the order of paths."""
    digest: str = ""
    """sha256 over all paths and contents."""

    def place(self, path: str) -> str:
        """Where the file of that *path* is."""
        return os.path.join(self.root, *path.split("/"))


def tree_of(program: Program, root: str | None = None) -> SourceTree:
    """The sources of *program*: what is beside its definition, or in *root* where it was fetched.

    Hidden files and the definition itself are no sources. A link counts as the file that it leads
    to if that is in the tree as well; links to directories are not followed. Raises ProgramError.
    """
    top = os.path.abspath(root or os.path.dirname(program.file))
    try:
        files = {path: file_digest(full) for path, full in sorted(_files(top))}
    except OSError as error:
        raise ProgramError(f"cannot read the sources of {program.name}: {error}") from error
    return SourceTree(top, files, _digest(files))


def compiled(program: Program, tree: SourceTree) -> tuple[str, ...]:
    """The files of *tree* that the system `sources` compiles, in the order of their paths.

    Those that the program's globs name, or else every file whose suffix is that of a language.
    Raises ProgramError when there are none.
    """
    globs = program.source.files
    found = matching(tree.files, globs) if globs else tuple(filter(is_source, tree.files))
    if not found:
        what = f"no file that is {' or '.join(globs)}" if globs else "no file of a known language"
        raise ProgramError(
            f"{program.name} has nothing to compile: there is {what} in {tree.root}",
            hint="name the files in [source] files, or another [build] system",
        )
    return found


def matching(paths: Iterable[str], globs: Iterable[str]) -> tuple[str, ...]:
    """Those of *paths* that one of *globs* names; `**` is any number of directories."""
    patterns = [tuple(glob.split("/")) for glob in globs]
    return tuple(path for path in paths if any(_fits(path.split("/"), p) for p in patterns))


def file_digest(path: str, each: Callable[[bytes], object] | None = None) -> str:
    """The sha256 of a file, whose pieces are given to *each* on the way. Raises OSError."""
    total = sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            total.update(chunk)
            if each:
                each(chunk)
    return total.hexdigest()


def _files(top: str) -> Iterator[tuple[str, str]]:
    """Every file of the tree: its path below *top*, and where it is."""
    real = os.path.realpath(top)
    for directory, directories, names in os.walk(top, onerror=_fail):
        directories[:] = [name for name in directories if not _is_passed(name)]
        for name in names:
            full = os.path.join(directory, name)
            path = os.path.relpath(full, top).replace(os.sep, "/")
            if not _is_passed(name) and path != _DEFINITION and _is_below(full, real):
                _check_name(path, top)
                yield path, full


def _fail(error: OSError) -> None:
    raise error


def _is_passed(name: str) -> bool:
    return name.startswith(".") or name == _PASSING


def _is_below(path: str, real: str) -> bool:
    """Whether *path* is a file in the tree *real*, wherever its links lead."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        goal = os.path.realpath(path)
        return goal.startswith(real + os.sep) and os.path.isfile(goal)
    return stat.S_ISREG(mode)


def _check_name(path: str, top: str) -> None:
    """Paths end up in commands, logs and records, so they must be plain text."""
    if not path.isprintable() or "\\" in path:
        raise ProgramError(f"{top} has a file whose name is no plain text: {path!r}")


def _digest(files: Mapping[str, str]) -> str:
    lines = (f"{digest} {path}\n" for path, digest in files.items())
    return sha256("".join(lines).encode()).hexdigest()


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the pieces of a path fit those of a glob."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _fits(parts, pattern[1:]) or (bool(parts) and _fits(parts[1:], pattern))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])
