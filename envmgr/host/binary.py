"""What a file is, byte for byte: its digest, and the libraries that a program loads.

Libraries are found by reading, never by running: `ldd` lets the loader that a file names have its
way. What an environment variable would change (`LD_LIBRARY_PATH`) is not looked at, since it is
no property of the file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from envmgr.errors import HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import _Hash
    from typing import IO, Any

WHOLE_FILE = 1 << 30
"""Bytes of a file up to which all of them count; of a larger one, its ends and its size."""
WHOLE_TREE = 64 << 20
"""Bytes of a directory's files up to which all of them count; else their names and sizes."""
WHOLE_TREE_FILES = 1000
MOST_FILES = 100_000
"""Files of a directory, in the order of their names, that count at all."""
_END = 16 << 20
_CHUNK = 1 << 20
_MOST_LIBRARIES = 500
_DIRECTORIES = ("/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")
"""Where loaders look last; those of musl also in `/usr/local/lib`."""
_CACHED = re.compile(r"^\s+(\S+) \(.*\) => (/.*)$", re.MULTILINE)
_CONFUSED = (
    *(OSError, ArithmeticError, AssertionError, AttributeError),
    *(LookupError, TypeError, ValueError),
)
"""What a reader may come upon in a file that was made to break readers."""
_PASSING = "__pycache__"
"""Directories that come and go with use."""


# -- digests ---------------------------------------------------------------------------------


def digest(path: str) -> str:
    """What is at *path*, in a bounded time: `sha256:…` of a file's bytes.

    `ends-sha256:` of a file above `WHOLE_FILE`: its size and 16 MiB at either end. Of a
    directory: `tree-sha256:` over the names and bytes of its files, or where that would be too
    much `listing-sha256:` over their names and sizes. Raises HostError.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            return _tree(path)
        if stat.S_ISREG(mode):
            return _file(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HostError(f"cannot read {path}: {reason}") from error
    raise HostError(f"{path} is neither a file nor a directory")


def _file(path: str) -> str:
    total = sha256()
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= WHOLE_FILE:
            while chunk := file.read(_CHUNK):
                total.update(chunk)
            return f"sha256:{total.hexdigest()}"
        total.update(b"%d\0" % size)
        total.update(file.read(_END))
        file.seek(size - _END)
        total.update(file.read(_END))
    return f"ends-sha256:{total.hexdigest()}"


def _tree(top: str) -> str:
    files = []
    for path in _files(top):
        files.append((path, os.lstat(path)))
        if len(files) == MOST_FILES:
            break
    small = len(files) <= WHOLE_TREE_FILES
    small = small and sum(seen.st_size for _, seen in files) <= WHOLE_TREE
    total = sha256()
    for path, seen in files:
        total.update(os.fsencode(os.path.relpath(path, top)) + b"\0")
        _count_in(total, path, seen, small)
    return f"{'tree' if small else 'listing'}-sha256:{total.hexdigest()}"


def _count_in(total: _Hash, path: str, seen: os.stat_result, whole: bool) -> None:
    if stat.S_ISLNK(seen.st_mode):
        total.update(b"-> " + os.fsencode(os.readlink(path)))
    elif whole and stat.S_ISREG(seen.st_mode):
        total.update(_file(path).encode())
    else:
        total.update(b"%d" % seen.st_size)
    total.update(b"\0")


def _files(directory: str) -> Iterator[str]:
    """Everything below *directory* that is no directory, in the order of names; no link is left."""
    with os.scandir(directory) as items:
        ordered = sorted(items, key=lambda item: os.fsencode(item.name))
    for item in ordered:
        if not item.is_dir(follow_symlinks=False):
            yield item.path
        elif item.name != _PASSING:
            yield from _files(item.path)


# -- libraries -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Object:
    """What an ELF file says of what it loads."""

    kind: tuple[int, str]
    """Its width in bits and its machine: a library of another kind is passed over."""
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    loader: str = ""


class Libraries:
    """The libraries of programs on this machine, as its loader would choose them."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._by_name: dict[str, list[str]] | None = None

    def of(self, path: str) -> tuple[str, ...]:
        """Real paths of the libraries that *path* loads, their own included, sorted.

        Empty for what is no ELF file. A library that is nowhere is not among them.
        """
        top = _read(path)
        if top is None:
            return ()
        found = {os.path.realpath(top.loader)} if os.path.isfile(top.loader) else set()
        names: set[str] = set()
        waiting = [(name, top, top.rpath) for name in top.needed]
        while waiting and len(found) < _MOST_LIBRARIES:
            name, by, rpath = waiting.pop(0)
            if name in names:
                continue
            names.add(name)  # the first one with a name is the one that is loaded
            place, library = self._search(name, by, rpath)
            if library is not None:
                found.add(os.path.realpath(place))
                waiting += [(n, library, (*library.rpath, *rpath)) for n in library.needed]
        return tuple(sorted(found))

    def _search(self, name: str, by: _Object, rpath: tuple[str, ...]) -> tuple[str, _Object | None]:
        for place in self._places(name, by, rpath):
            library = _read(place)
            if library is not None and library.kind == by.kind:
                return place, library
        return "", None

    def _places(self, name: str, by: _Object, rpath: tuple[str, ...]) -> Iterator[str]:
        if "/" in name:
            yield name
            return
        own = by.runpath or rpath  # a RUNPATH makes every RPATH void
        yield from (os.path.join(directory, name) for directory in own)
        yield from self._cached.get(name, ())
        yield from (os.path.join(directory, name) for directory in _DIRECTORIES)

    @property
    def _cached(self) -> dict[str, list[str]]:
        """The loader's cache, as the system's own program prints it: name to places."""
        if self._by_name is None:
            self._by_name = {}
            for name, place in _CACHED.findall(_printed_cache(self._environ)):
                self._by_name.setdefault(name, []).append(place)
        return self._by_name


def _printed_cache(environ: Mapping[str, str]) -> str:
    from envmgr.host import process

    try:
        command = ["/sbin/ldconfig", "-p"]
        cap = 8 * process.OUTPUT_CAP
        return process.run(command, env=process.clean_environ(environ), cap=cap).output
    except HostError:  # musl and other systems have no cache
        return ""


def _read(path: str) -> _Object | None:
    """What *path* says; None for what is no ELF file, or a broken one."""
    from elftools.common.exceptions import ELFError

    try:
        if not os.path.isfile(path):  # a pipe would be waited for
            return None
        with open(path, "rb") as file:
            if file.read(4) != b"\x7fELF":
                return None
            return _decoded(path, file)
    except (ELFError, *_CONFUSED):
        return None


def _decoded(path: str, file: IO[bytes]) -> _Object:
    from elftools.elf.dynamic import DynamicSegment
    from elftools.elf.elffile import ELFFile
    from elftools.elf.segments import InterpSegment

    elf = ELFFile(file)
    kind = (elf.elfclass, str(elf["e_machine"]))
    texts: dict[str, list[str]] = {"DT_NEEDED": [], "DT_RPATH": [], "DT_RUNPATH": []}
    loader = ""
    for segment in elf.iter_segments():
        if isinstance(segment, InterpSegment):
            loader = str(segment.get_interp_name())
        elif isinstance(segment, DynamicSegment):
            for tag in segment.iter_tags():
                if tag.entry.d_tag in texts:
                    texts[tag.entry.d_tag].append(_text(tag))
    origin = os.path.dirname(os.path.realpath(path))
    return _Object(
        kind,
        tuple(_at_origin(name, origin) for name in texts["DT_NEEDED"]),
        _search_path(texts["DT_RPATH"], origin),
        _search_path(texts["DT_RUNPATH"], origin),
        loader,
    )


def _text(tag: Any) -> str:
    """The text that a tag of the dynamic section stands for."""
    name = str(tag.entry.d_tag).removeprefix("DT_").lower()
    return str(getattr(tag, name))


def _at_origin(text: str, origin: str) -> str:
    return text.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)


def _search_path(lists: list[str], origin: str) -> tuple[str, ...]:
    """The absolute directories among *lists*: a relative one would depend on where it is run."""
    directories = (_at_origin(part, origin) for text in lists for part in text.split(":"))
    return tuple(directory for directory in directories if os.path.isabs(directory))
