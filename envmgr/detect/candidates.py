"""Candidates: places that may be the thing, by each way a detector can name.

A way reads directories and file names only; nothing is run and nothing is judged here.
"""

from __future__ import annotations

import glob
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from envmgr.detect.links import follow, stand_in
from envmgr.detect.places import INSTALL, Directory, Places, prefix_of
from envmgr.model.definition import Detector
from envmgr.model.entry import Entry


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be the thing; not judged yet."""

    path: str
    real: str
    """*path* with links and plain wrappers resolved."""
    directory: Directory
    rank: int
    """Position of its directory in the order of search."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Named groups of the pattern and whatever else the way of finding knows."""
    needs: tuple[str, ...] = ()
    """Ids of entries it belongs to: a package's interpreter."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A candidate that is not the thing, with the reason."""

    detector: str
    path: str
    why: str
    source: str


Found = Candidate | Refusal
_Suits = Callable[[str], bool]


def candidates(
    detector: Detector, places: Places, interpreters: Iterable[Entry] = ()
) -> Iterator[Found]:
    """Everything in *places* that may be what *detector* describes."""
    find = detector.find
    yield from _matching(detector, find.program, places, places.bins, _is_program)
    yield from _matching(detector, find.library, places, places.libs, os.path.isfile)
    yield from _below(find.header, places.includes)
    yield from _pkgconfig(find.pkgconfig, places)
    yield from _cmake(find.cmake, places)
    yield from _markers(find.marker, places.roots)
    yield from _distributions(find.python, places, tuple(interpreters))


# -- by file name ----------------------------------------------------------------------------


def _is_program(path: str) -> bool:
    return os.access(path, os.X_OK) and os.path.isfile(path)


def _matching(
    detector: Detector,
    patterns: Iterable[str],
    places: Places,
    directories: tuple[Directory, ...],
    suits: _Suits,
) -> Iterator[Found]:
    for pattern in patterns:
        regex, literal = _compiled(pattern)
        for rank, directory in enumerate(directories):
            for name in _starting_with(_names(directory.path), literal):
                if found := regex.fullmatch(name):
                    path = os.path.join(directory.path, name)
                    if suits(path):
                        yield _by_name(detector, path, directory, rank, found, places)
                    elif os.path.isfile(path):
                        yield Refusal(detector.name, path, "not executable", directory.source)
        for path in places.files:
            if (found := regex.fullmatch(os.path.basename(path))) and suits(path):
                folder = os.path.dirname(path)
                directory = Directory(folder, prefix_of(folder), "--path")
                yield _by_name(detector, path, directory, 0, found, places)


def _by_name(
    detector: Detector,
    path: str,
    directory: Directory,
    rank: int,
    found: re.Match[str],
    places: Places,
) -> Found:
    if manager := places.shims.get(directory.path):
        why = f"a shim of {manager}; the versions it stands for are looked for themselves"
        return Refusal(detector.name, path, why, directory.source)
    real = follow(path)
    if proxy := stand_in(path, real):
        why = f"a link to {proxy}, which stands in for other programs"
        return Refusal(detector.name, path, why, directory.source)
    at_home = _at_home(real, directory, found.re)
    if at_home is not None:
        path, directory, found = at_home
    return Candidate(path, real, directory, rank, _groups(found))


def _at_home(
    real: str, directory: Directory, regex: re.Pattern[str]
) -> tuple[str, Directory, re.Match[str]] | None:
    """The real file's own place, when a link led there from another directory.

    `/usr/bin/clang-14` is found as `/usr/lib/llvm-14/bin/clang`, whose prefix says more. A
    virtual environment links to the interpreter it was made from and still is a place of its own,
    and in an installed prefix the links are where its recipe wants things to be found.
    """
    own = os.path.exists(os.path.join(directory.prefix, "pyvenv.cfg"))
    if own or directory.source == INSTALL:
        return None
    folder = os.path.dirname(real)
    found = regex.fullmatch(os.path.basename(real))
    if folder == directory.path or found is None:
        return None
    if os.path.basename(folder) != os.path.basename(directory.path):
        return None
    return real, Directory(folder, os.path.dirname(folder), directory.source), found


def _groups(found: re.Match[str]) -> dict[str, str]:
    return {name: value or "" for name, value in found.groupdict().items()}


@cache
def _compiled(pattern: str) -> tuple[re.Pattern[str], str]:
    """The pattern, and the literal text that every match starts with."""
    literal = re.match(r"[A-Za-z0-9_]*", pattern)
    assert literal is not None  # it may match nothing
    text, rest = literal[0], pattern[literal.end() :]
    if rest[:1] in ("?", "*", "{"):
        text = text[:-1]
    return re.compile(pattern), "" if _has_top_level_choice(pattern) else text


def _has_top_level_choice(pattern: str) -> bool:
    inner = re.sub(r"\\.|\[[^]]*\]", "", pattern)
    while (shorter := re.sub(r"\([^()]*\)", "", inner)) != inner:
        inner = shorter
    return "|" in inner


def _starting_with(names: list[str], literal: str) -> Iterator[str]:
    for index in range(bisect_left(names, literal), len(names)):
        if not names[index].startswith(literal):
            return
        yield names[index]


@cache
def _names(directory: str) -> list[str]:
    """Sorted names in a directory; read once in a sweep, see `forget`."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def forget() -> None:
    """Drop what was read of directories: every sweep sees the disk as it is.

    Two sweeps in threads of one process may share what either read after both began, which is
    as true for the other; a sweep that is under way only reads again.
    """
    for read in (_names, _site_directories, _own_sites, _installed):
        read.cache_clear()


# -- by relative file ------------------------------------------------------------------------


def _plain(path: str, directory: Directory, rank: int, **values: str) -> Candidate:
    return Candidate(path, os.path.realpath(path), directory, rank, values)


def _below(names: Iterable[str], directories: Iterable[Directory]) -> Iterator[Found]:
    for name in names:
        for rank, directory in enumerate(directories):
            path = os.path.join(directory.path, name)
            if os.path.isfile(path):
                yield _plain(path, directory, rank)


def _pkgconfig(names: Iterable[str], places: Places) -> Iterator[Found]:
    wanted = [f"{name}.pc" for name in names]
    for rank, directory in enumerate(places.libs if wanted else ()):
        shared = os.path.join(directory.prefix, "share", "pkgconfig")
        for folder in (os.path.join(directory.path, "pkgconfig"), shared):
            listed = _names(folder)
            for name in wanted:
                if name in listed:
                    yield _plain(os.path.join(folder, name), directory, rank)


def _cmake(names: Iterable[str], places: Places) -> Iterator[Found]:
    wanted = {f"{name}Config.cmake" for name in names}
    wanted |= {f"{name.lower()}-config.cmake" for name in names}
    for rank, directory in enumerate(places.libs if wanted else ()):
        for folder in _cmake_folders(directory):
            for name in sorted(wanted.intersection(_names(folder))):
                yield _plain(os.path.join(folder, name), directory, rank)


def _cmake_folders(directory: Directory) -> Iterator[str]:
    shared = os.path.join(directory.prefix, "share")
    tops = [os.path.join(shared, name) for name in _starting_with(_names(shared), "cmake")]
    for top in (os.path.join(directory.path, "cmake"), *tops):
        yield from (os.path.join(top, name) for name in _names(top))


def _markers(patterns: Iterable[str], roots: Iterable[Directory]) -> Iterator[Found]:
    for pattern in patterns:
        for rank, root in enumerate(roots):
            path = os.path.join(glob.escape(root.path), pattern)
            for found in sorted(glob.glob(path))[:1]:
                yield _plain(found, root, rank)


# -- Python distributions --------------------------------------------------------------------

_DIST = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")


def _distributions(
    names: Iterable[str], places: Places, interpreters: tuple[Entry, ...]
) -> Iterator[Found]:
    names = tuple(names)
    if not names:
        return
    for rank, interpreter in enumerate(interpreters):
        version = ".".join(interpreter.version.split(".")[:2])
        for site in _site_directories(interpreter.prefix, version):
            place = Directory(site, interpreter.prefix, str(interpreter))
            values = {"python": interpreter.path, "python_version": version}
            for name in names:
                yield from _distribution(name, place, rank, values, (interpreter.id,))
    for rank, root in enumerate(places.roots):
        for site in _own_sites(root.path):
            place = Directory(site, root.prefix, root.source)
            for name in names:
                yield from _distribution(name, place, rank, {}, ())


def _distribution(
    name: str, place: Directory, rank: int, values: Mapping[str, str], needs: tuple[str, ...]
) -> Iterator[Found]:
    found = _installed(place.path).get(_normalised(name))
    if found:
        version, folder = found
        path = os.path.join(place.path, folder)
        more = {**values, "dist_version": version, "site": place.path}
        yield Candidate(path, os.path.realpath(path), place, rank, more, needs)


@cache
def _site_directories(prefix: str, version: str) -> tuple[str, ...]:
    """Where an interpreter of *prefix* looks for packages, told without starting it."""
    major = version.partition(".")[0]
    guesses = (
        f"{prefix}/lib/python{version}/site-packages",
        f"{prefix}/local/lib/python{version}/dist-packages",
        f"{prefix}/lib/python{major}/dist-packages",
        f"{prefix}/lib/pypy{version}/site-packages",
        f"{prefix}/Lib/site-packages",
        *([] if os.path.exists(f"{prefix}/pyvenv.cfg") else [_user_site(version)]),
    )
    return tuple(path for path in guesses if os.path.isdir(path))


def _user_site(version: str) -> str:
    return os.path.expanduser(f"~/.local/lib/python{version}/site-packages")


@cache
def _own_sites(prefix: str) -> tuple[str, ...]:
    found = glob.glob(f"{glob.escape(prefix)}/lib/python*/site-packages")
    return tuple(path for path in (f"{prefix}/site", *sorted(found)) if os.path.isdir(path))


@cache
def _installed(site: str) -> dict[str, tuple[str, str]]:
    """Normalised name to version and metadata directory of everything installed in *site*."""
    found = (_DIST.fullmatch(name) for name in _names(site))
    return {_normalised(m["name"]): (m["version"], m[0]) for m in found if m is not None}


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
