"""Which package of the system a file belongs to, as the system's package manager tells it.

Only dpkg is asked so far. For every other manager the answer is a value that says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from envmgr.host import dpkg

_DATABASES = {
    "dpkg": ("var/lib/dpkg/status",),
    "rpm": ("usr/lib/sysimage/rpm", "var/lib/rpm"),
    "apk": ("lib/apk/db/installed", "usr/lib/apk/db/installed"),
    "pacman": ("var/lib/pacman/local",),
}
"""Where managers keep what is installed. A tool alone (rpm on Debian) manages nothing."""
_MERGED = frozenset(("bin", "sbin", "lib", "lib32", "lib64", "libx32"))
"""Directories of `/` that may be links to their namesakes in `/usr`."""
_MOST_HOPS = 40


@dataclass(frozen=True, slots=True, order=True)
class SystemPackage:
    """An installed package of the system: enough to ask its manager for exactly this one."""

    manager: str
    name: str
    version: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.name}={self.version}"


@dataclass(frozen=True, slots=True)
class Unowned:
    """Why no package is named for a path."""

    reason: str


def manager(root: str = "/") -> str | None:
    """The package manager that this system is made of: `dpkg`, `rpm`, `apk`, `pacman` or None."""
    for name, databases in _DATABASES.items():
        if any(os.path.exists(os.path.join(root, database)) for database in databases):
            return name
    return None


def owners(
    paths: Iterable[str],
    *,
    root: str = "/",
    admindir: str = dpkg.ADMINDIR,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, SystemPackage | Unowned]:
    """The installed package that each of *paths* belongs to, or why none is named.

    A link that no package owns (`/usr/bin/cc`, made by the alternatives system) belongs to the
    package of what it leads to. *root* is the system that is asked for its manager, *admindir*
    the database of dpkg. Raises HostError when dpkg-query fails.
    """
    asked = tuple(dict.fromkeys(paths))
    found = manager(root)
    if found != "dpkg":
        return dict.fromkeys(asked, _unsupported(found))
    names = {path: tuple(dict.fromkeys(_names(path))) for path in asked}
    wanted = dict.fromkeys(name for some in names.values() for name in some)
    claims = dpkg.search(wanted, environ, admindir)
    installed = dpkg.installed(environ, admindir)
    return {path: _owner(names[path], claims, installed) for path in asked}


def recommended(
    packages: Iterable[SystemPackage],
    *,
    admindir: str = dpkg.ADMINDIR,
    environ: Mapping[str, str] = os.environ,
) -> tuple[SystemPackage, ...]:
    """Installed packages that *packages* recommend and that are not among them, sorted.

    Of alternatives (`a | b`) the first that is installed counts; versions are not compared.
    Packages of managers other than dpkg recommend nothing that is known here.
    """
    given = {package for package in packages if package.manager == "dpkg"}
    if not given:
        return ()
    records = dpkg.installed(environ, admindir).values()
    providers = _providers(records)
    wishes = {wish for record in records if _package(record) in given for wish in record.recommends}
    met = {provider for wish in wishes for provider in _first_provided(wish, providers)}
    return tuple(sorted(met - given))


def _unsupported(found: str | None) -> Unowned:
    if found is None:
        return Unowned("this system has no package manager that envmgr knows")
    return Unowned(f"the owner cannot be named: {found} is not supported yet")


def _owner(
    names: tuple[str, ...], claims: dpkg.Claims, installed: Mapping[str, dpkg.Record]
) -> SystemPackage | Unowned:
    """The owner under the first of *names* that anybody owns."""
    for name in names:
        here = [installed[p] for p in claims.packages_at(name) if p in installed]
        sharing = {record.name for record in here}
        if len(sharing) > 1:
            return Unowned(f"{len(sharing)} packages share {name}")
        if here:
            return _package(here[0])
    return Unowned("no installed package owns it")


def _package(record: dpkg.Record) -> SystemPackage:
    return SystemPackage("dpkg", record.name, record.version, record.architecture)


def _names(path: str) -> Iterator[str]:
    """Everything *path* may be listed as: its own names first, then those of what it leads to."""
    if "\0" in path:
        return
    hop = os.path.abspath(path)
    yield from _aliases(hop)
    for _ in range(_MOST_HOPS):
        hop = os.path.join(os.path.realpath(os.path.dirname(hop)), os.path.basename(hop))
        yield from _aliases(hop)
        if not os.path.islink(hop):
            return
        hop = os.path.join(os.path.dirname(hop), os.readlink(hop))


def _aliases(path: str) -> tuple[str, ...]:
    """The names of *path* on a system whose `/bin` may be `/usr/bin`: packages use either."""
    short = path.removeprefix("/usr")
    top = short.split("/", 2)[1] if short.startswith("/") else ""
    if top in _MERGED and os.path.realpath(f"/{top}") == f"/usr/{top}":
        return (path, short if path != short else f"/usr{short}")
    return (path,)


def _providers(records: Iterable[dpkg.Record]) -> dict[str, tuple[SystemPackage, ...]]:
    """Packages by every name that stands for them; those of that very name come first."""
    providers: dict[str, tuple[SystemPackage, ...]] = {}
    ordered = sorted(records, key=lambda record: record.qualified)
    for record in ordered:
        providers[record.name] = (*providers.get(record.name, ()), _package(record))
    for record in ordered:
        for name in record.provides:
            providers.setdefault(name, (_package(record),))
    return providers


def _first_provided(
    wish: tuple[str, ...], providers: Mapping[str, tuple[SystemPackage, ...]]
) -> tuple[SystemPackage, ...]:
    return next((providers[name] for name in wish if name in providers), ())
