"""What dpkg's database says, asked through dpkg-query: who owns which path, what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from envmgr.errors import HostError
from envmgr.host import process

ADMINDIR = "/var/lib/dpkg"

_PATHS_A_CALL = 1000
_CAP = 64 * 1024 * 1024
"""Bytes of output that are read: far more than the largest machine's database gives."""
_TIMEOUT = 60.0
"""Seconds that one call may take; on a cold disk a search reads thousands of small files."""
_DIVERSION = re.compile(
    r"(?:local diversion|diversion by (?P<by>\S+)) (?P<end>from|to): (?P<path>.+)"
)
_GLOB = re.compile(r"[*?\[\\]")
_FIELDS = ("binary:Package", "Package", "Version", "Architecture", "db:Status-Abbrev")
_RELATIONS = ("Provides", "Recommends")
_IN_PLACE = frozenset("iWt")
"""Second letters of the states in which files are there: installed, or only triggers due."""
_NAME = re.compile(r"\s*([a-z0-9][a-z0-9+.-]*)")


@dataclass(frozen=True, slots=True)
class Record:
    """One installed package."""

    qualified: str
    """How dpkg names it in listings: `gcc`, or `libc6:amd64` where architectures may differ."""
    name: str
    version: str
    architecture: str
    provides: tuple[str, ...] = ()
    recommends: tuple[tuple[str, ...], ...] = ()
    """What it recommends; each item names alternatives, the preferred one first."""


@dataclass(frozen=True, slots=True)
class Diversion:
    """A path whose files land elsewhere, except those of the package that asked for it."""

    by: str | None
    """The package that diverts; None when the administrator does."""
    origin: str
    to: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Which packages list which paths, and the diversions that touch them."""

    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Path to qualified names of packages."""
    diversions: tuple[Diversion, ...] = ()

    def __add__(self, other: Claims) -> Claims:
        return Claims(
            {**self.listed, **other.listed},
            tuple(dict.fromkeys(self.diversions + other.diversions)),
        )

    def packages_at(self, path: str) -> tuple[str, ...]:
        """Qualified names of the packages whose file really lies at *path*."""
        for diversion in self.diversions:
            if path == diversion.to:
                return self._of(diversion.origin, diversion, diverter=False)
            if path == diversion.origin:
                return self._of(path, diversion, diverter=True)
        return self.listed.get(path, ())

    def _of(self, path: str, diversion: Diversion, *, diverter: bool) -> tuple[str, ...]:
        return tuple(
            package
            for package in self.listed.get(path, ())
            if (package.partition(":")[0] == diversion.by) is diverter
        )


def search(paths: Iterable[str], environ: Mapping[str, str], admindir: str = ADMINDIR) -> Claims:
    """The claims on *paths* (absolute). Raises HostError when dpkg-query fails."""
    wanted = [path for path in paths if "\0" not in path and "\n" not in path]
    claims = _search(wanted, environ, admindir)
    # A diverted file is listed under the path it was packaged with.
    origins = {diversion.origin for diversion in claims.diversions} - set(wanted)
    return claims + _search(sorted(origins), environ, admindir) if origins else claims


def installed(environ: Mapping[str, str], admindir: str = ADMINDIR) -> dict[str, Record]:
    """Every installed package by its qualified name. Raises HostError when dpkg-query fails."""
    form = "\\t".join(f"${{{name}}}" for name in (*_FIELDS, *_RELATIONS)) + "\\n"
    output = _query(["--show", f"--showformat={form}"], environ, admindir)
    records = (_record(line.split("\t")) for line in output.splitlines())
    return {record.qualified: record for record in records if record}


def _search(paths: list[str], environ: Mapping[str, str], admindir: str) -> Claims:
    claims = Claims()
    for start in range(0, len(paths), _PATHS_A_CALL):
        patterns = [_GLOB.sub(r"\\\g<0>", path) for path in paths[start : start + _PATHS_A_CALL]]
        claims += _claims(_query(["--search", "--", *patterns], environ, admindir))
    return claims


def _query(arguments: list[str], environ: Mapping[str, str], admindir: str) -> str:
    argv = ["dpkg-query", f"--admindir={admindir}", *arguments]
    env = process.clean_environ(environ)
    ended = process.run(argv, env=env, timeout=_TIMEOUT, cap=_CAP)
    if ended.timed_out:
        raise HostError(f"dpkg-query did not answer within {_TIMEOUT:.0f} s")
    if ended.code not in (0, 1):  # 1 says that something was not found
        raise HostError(f"dpkg-query failed: {ended.output.strip()[-500:]}")
    return ended.output


def _claims(output: str) -> Claims:
    listed: dict[str, tuple[str, ...]] = {}
    diversions: list[Diversion] = []
    origin = ""
    for line in output.splitlines():
        if found := _DIVERSION.fullmatch(line):
            if found["end"] == "from":
                origin = found["path"]
            else:
                diversions.append(Diversion(found["by"], origin, found["path"]))
        elif not line.startswith("dpkg-query: "):
            packages, _, path = line.partition(": ")
            listed[path] = tuple(packages.split(", "))
    return Claims(listed, tuple(diversions))


def _record(fields: list[str]) -> Record | None:
    if len(fields) != len(_FIELDS) + len(_RELATIONS):
        return None
    qualified, name, version, architecture, state, provides, recommends = fields
    if state[1:2] not in _IN_PLACE:
        return None
    provided = tuple(name for item in _relations(provides) for name in item)
    return Record(qualified, name, version, architecture, provided, _relations(recommends))


def _relations(text: str) -> tuple[tuple[str, ...], ...]:
    """`a (>= 1) | b, c:any` as `((a, b), (c,))`."""
    items = (map(_NAME.match, item.split("|")) for item in text.split(","))
    named = (tuple(found[1] for found in item if found) for item in items)
    return tuple(item for item in named if item)
