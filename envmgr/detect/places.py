"""Where to look, apart from what to look for.

A survey expands PATH, the system's directories, the known places of version managers and
vendors, and module trees into plain lists of directories. Every directory is named by its
real path, so `/bin` and `/usr/bin` are one, whatever the order of PATH.
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from envmgr.detect.modules import module_directories
from envmgr.detect.walk import walk
from envmgr.model.definition import KnownPlace

INSTALL = "install"
"""The source of places in a prefix that an install has made."""
_PROGRAM_DIRS = ("bin", "sbin", "Scripts")
_LIBRARY_DIRS = ("lib", "lib64")
_SEARCH_DEPTH = 4
_SEARCH_LIMIT = 20_000
"""Directories that one `--search-dir` may look at: a home directory, not a whole file server."""
_MAGIC = re.compile(r"[*?\[]")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory to look into, the prefix it belongs to, and who made it a known place."""

    path: str
    prefix: str
    source: str


@dataclass(frozen=True, slots=True)
class Places:
    """Directories in the order they are looked into."""

    bins: tuple[Directory, ...] = ()
    libs: tuple[Directory, ...] = ()
    includes: tuple[Directory, ...] = ()
    roots: tuple[Directory, ...] = ()
    """Prefixes named on purpose: data sets, models and packages are looked for in these."""
    shims: Mapping[str, str] = field(default_factory=dict)
    """Directories of stand-ins, to the manager that made them."""
    files: tuple[str, ...] = ()
    """Single files that were named as the thing itself."""


def merged(parts: Iterable[Places]) -> Places:
    """All of *parts*; a directory that comes up twice stays where it came up first."""
    parts = tuple(parts)
    return Places(
        _unique(chain.from_iterable(part.bins for part in parts)),
        _unique(chain.from_iterable(part.libs for part in parts)),
        _unique(chain.from_iterable(part.includes for part in parts)),
        _unique(chain.from_iterable(part.roots for part in parts)),
        {path: manager for part in parts for path, manager in part.shims.items()},
        tuple(dict.fromkeys(chain.from_iterable(part.files for part in parts))),
    )


def survey(known: Iterable[KnownPlace], environ: Mapping[str, str]) -> Places:
    """Every place that this machine is known to keep things in."""
    known = tuple(known)
    shims = {
        os.path.realpath(path): place.manager
        for place in known
        for pattern in place.shims
        for path in expand(pattern, environ)
    }
    managed = [
        _of_prefix(prefix, place.manager, place)
        for place in known
        for pattern in place.prefixes
        for prefix in expand(pattern, environ)
    ]
    own = (Places(shims=shims), _of_variables(environ), _of_system())
    return merged((*own, *managed, *_of_modules(environ)))


def at(paths: Iterable[str], source: str = "--path") -> Places:
    """Exactly these: a file as the thing itself, a directory as a prefix."""
    absolute = map(os.path.abspath, paths)
    return merged(
        of_root(path, source) if os.path.isdir(path) else Places(files=(path,)) for path in absolute
    )


def of_root(path: str, source: str) -> Places:
    """A prefix named on purpose: its usual directories, and itself."""
    root = Directory(os.path.realpath(path), os.path.realpath(path), source)
    own = Places((root,), (root,), (root,), (root,))
    return merged((_of_prefix(path, source), own))


def below(tops: Iterable[str], source: str = "--search-dir") -> Places:
    """Every prefix a few levels below *tops*; links are not followed."""
    parts: list[Places] = []
    for top in tops:
        for path in islice(walk(os.path.realpath(top), _SEARCH_DEPTH), _SEARCH_LIMIT):
            roots = (Directory(path, path, source),)
            parts += [_of_prefix(path, source), Places(roots=roots)]
        parts.append(of_root(top, source))
    return merged(parts)


def of_patterns(patterns: Iterable[str], environ: Mapping[str, str]) -> Places:
    """A detector's own places: globs of prefixes."""
    return merged(
        of_root(path, pattern) for pattern in patterns for path in expand(pattern, environ)
    )


def of_data(environ: Mapping[str, str]) -> Places:
    """Prefixes of data sets and models: what ENVMGR_DATA lists, and one level below."""
    tops = filter(None, environ.get("ENVMGR_DATA", "").split(os.pathsep))
    paths = [
        os.path.realpath(path)
        for top in tops
        for path in (top, *sorted(glob.glob(os.path.join(glob.escape(top), "*", ""))))
    ]
    return Places(roots=_unique(Directory(path, path, "ENVMGR_DATA") for path in paths))


def outside(places: Places, top: str) -> Places:
    """*places* without the directories below *top*."""
    inside = os.path.realpath(top) + os.sep

    def kept(directories: tuple[Directory, ...]) -> tuple[Directory, ...]:
        return tuple(d for d in directories if not d.path.startswith(inside))

    return replace(
        places,
        bins=kept(places.bins),
        libs=kept(places.libs),
        includes=kept(places.includes),
        roots=kept(places.roots),
    )


def variables_of(pattern: str) -> list[str]:
    """The names of the variables in a pattern."""
    return [found[1] or found[2] for found in _VARIABLE.finditer(pattern)]


def expand(pattern: str, environ: Mapping[str, str]) -> list[str]:
    """The existing directories a pattern names.

    None when it uses a variable that is not set, or when it comes to a relative path.
    """
    if any(not environ.get(name) for name in variables_of(pattern)):
        return []
    path = _VARIABLE.sub(lambda found: glob.escape(environ[found[1] or found[2]]), pattern)
    if path.startswith("~"):
        home = environ.get("HOME") or os.path.expanduser("~")
        path = glob.escape(home) + path[1:]
    if not os.path.isabs(path):
        return []  # it would mean another place in every directory
    fixed = _MAGIC.split(path, maxsplit=1)[0]
    if fixed == path:
        return [path] if os.path.isdir(path) else []
    if not os.path.isdir(os.path.dirname(fixed)):
        return []  # most places are of managers that are not here
    return sorted(filter(os.path.isdir, glob.glob(path)))


def system_directories() -> frozenset[str]:
    """Directories that every process searches anyway; they are never prepended."""
    base = ["/usr", "/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/include"]
    base.append("/usr/share/pkgconfig")
    libs = [path for path in _system_libraries() if not path.startswith("/usr/local")]
    return frozenset([*base, *libs, *(f"{path}/pkgconfig" for path in libs), *_triplet_includes()])


def _of_prefix(prefix: str, source: str, place: KnownPlace | None = None) -> Places:
    place = place or KnownPlace(source, (), bin=_PROGRAM_DIRS)
    libs = [f"{lib}{tail}" for lib in place.lib for tail in ("", f"/{_triplet()}")]
    return Places(
        _existing(prefix, place.bin, source),
        _existing(prefix, libs, source),
        _existing(prefix, place.include, source),
    )


def _existing(prefix: str, names: Iterable[str], source: str) -> tuple[Directory, ...]:
    paths = (os.path.realpath(os.path.join(prefix, name)) for name in names)
    return tuple(
        Directory(path, os.path.realpath(prefix), source) for path in paths if os.path.isdir(path)
    )


def _of_variables(environ: Mapping[str, str]) -> Places:
    def listed(name: str) -> tuple[Directory, ...]:
        paths = [path for path in environ.get(name, "").split(os.pathsep) if os.path.isabs(path)]
        reals = dict.fromkeys(map(os.path.realpath, paths))
        return tuple(Directory(p, prefix_of(p), name) for p in reals if os.path.isdir(p))

    return Places(
        bins=listed("PATH"),
        libs=listed("LD_LIBRARY_PATH") + listed("LIBRARY_PATH"),
        includes=listed("CPATH"),
    )


def _of_system() -> Places:
    bins = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
    includes = ("/usr/local/include", "/usr/include", *_triplet_includes())

    def existing(paths: Sequence[str]) -> tuple[Directory, ...]:
        reals = dict.fromkeys(os.path.realpath(path) for path in paths)
        return tuple(Directory(p, prefix_of(p), "system") for p in reals if os.path.isdir(p))

    return Places(existing(bins), existing(_system_libraries()), existing(includes))


def _system_libraries() -> list[str]:
    triplet = _triplet()
    fixed = [
        f"{top}/{lib}"
        for top in ("/usr/local", "/usr", "")
        for lib in (f"lib/{triplet}", "lib", "lib64")
    ]
    return fixed + _loader_directories()


def _loader_directories() -> list[str]:
    """What the dynamic loader's configuration adds."""
    found = []
    for file in sorted(glob.glob("/etc/ld.so.conf.d/*.conf")):
        try:
            with open(file, encoding="utf-8", errors="replace") as stream:
                found += [line.strip() for line in stream if line.startswith("/")]
        except OSError:
            continue
    return found


def _triplet() -> str:
    """The multiarch directory's name: libraries of Debian's family live below it."""
    known: str = getattr(sys.implementation, "_multiarch", "")
    if known:
        return known
    import platform

    return f"{platform.machine()}-linux-gnu"


def _triplet_includes() -> tuple[str, ...]:
    return (f"/usr/include/{_triplet()}",)


def prefix_of(directory: str) -> str:
    """The prefix a directory of programs, libraries or headers belongs to."""
    parts = directory.split(os.sep)
    for name in (*_PROGRAM_DIRS, *_LIBRARY_DIRS, "include"):
        if name in parts[1:]:
            return os.sep.join(parts[: len(parts) - parts[::-1].index(name) - 1]) or os.sep
    return directory


def _of_modules(environ: Mapping[str, str]) -> Iterator[Places]:
    for file, path in module_directories(environ.get("MODULEPATH", "")):
        real = os.path.realpath(path)
        source = f"module {file}"
        yield Places(bins=(Directory(real, prefix_of(real), source),))
        yield _of_prefix(prefix_of(real), source)


def _unique(directories: Iterable[Directory]) -> tuple[Directory, ...]:
    """The first of every path wins."""
    first: dict[str, Directory] = {}
    for directory in directories:
        first.setdefault(directory.path, directory)
    return tuple(first.values())
