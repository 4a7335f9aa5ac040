"""A bill of materials, before it is written in one format or another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from uuid import NAMESPACE_URL, UUID, uuid5

from envmgr.errors import EnvmgrError
from envmgr.export.subject import Fetched, Subject
from envmgr.host.packages import SystemPackage
from envmgr.model.entry import Entry
from envmgr.model.plan import Checkout, Download, NodePackage

_KINDS = {"lib": "library", "python": "library", "dataset": "data", "model": "model"}
_ADDRESS = re.compile(r"https?://[^\s\"<>\\^`{|}]+")
_PURL_TYPES = {"dpkg": "deb", "rpm": "rpm", "apk": "apk", "pacman": "alpm"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the bill. Paths are not told: they may name their owner."""

    ref: str
    """Letters, digits, `.` and `-`: its name among the items."""
    name: str
    version: str
    kind: str
    """`application`, `library`, `data`, `model`, or `package` of the system."""
    purl: str | None = None
    """The package URL, where a registry or an address has it."""
    address: str | None = None
    """Where it can be downloaded."""
    checksums: tuple[tuple[str, str], ...] = ()
    """Algorithm (`sha256`) and hexadecimal digest."""
    homepage: str | None = None
    supplier: str | None = None
    needs: tuple[str, ...] = ()
    """Refs of what it does not work without."""
    made_of: tuple[str, ...] = ()
    """Refs of the packages or the files that it consists of, where they are several."""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bill:
    """What an environment consists of."""

    items: tuple[Item, ...]
    top: tuple[str, ...]
    """Refs of what was asked for."""


def bill_of(subject: Subject) -> Bill:
    """The bill of *subject*: its entries, and what they were made of."""
    items: dict[str, Item] = {}
    for entry in subject.entries:
        for item in _items(subject, entry):
            items.setdefault(item.ref, item)
    top = tuple(entry.id for entry in subject.entries if entry.id in subject.asked)
    return Bill(tuple(items.values()), top)


def _items(subject: Subject, entry: Entry) -> Iterator[Item]:
    """*entry*, after what it is made of. What is made of one thing alone is that thing."""
    pieces = [_package(subject, owner) for owner in subject.packages.get(entry.id, ())]
    pieces += [_source(step) for step in subject.sources.get(entry.id, ())]
    several = pieces if len(pieces) > 1 else []
    yield from several
    only = pieces[0] if len(pieces) == 1 else None
    present = {other.id for other in subject.entries}
    yield Item(
        ref=entry.id,
        name=entry.name,
        version=entry.version,
        kind=_KINDS.get(entry.name.partition(".")[0], "application"),
        purl=only.purl if only else None if pieces else _project(subject, entry),
        address=only.address if only else None,
        checksums=only.checksums if only else (),
        homepage=_told(subject.homepages.get(entry.name)),
        supplier=only.supplier if only else None,
        needs=tuple(need for need in entry.needs if need in present),
        made_of=tuple(dict.fromkeys(piece.ref for piece in several)),
        properties=_properties(entry),
    )


def _properties(entry: Entry) -> dict[str, str]:
    properties = {"envmgr:id": entry.id, "envmgr:origin": entry.origin.kind}
    if entry.origin.recipe:
        properties["envmgr:recipe"] = entry.origin.recipe
    if entry.origin.sources:
        properties["envmgr:sources"] = " ".join(entry.origin.sources)
    return properties


def _package(subject: Subject, owner: SystemPackage) -> Item:
    kind = _PURL_TYPES.get(owner.manager, "generic")
    purl = _purl(kind, subject.distribution, owner.name, owner.version, arch=owner.architecture)
    supplier = subject.distribution.capitalize() or None
    return Item(_ref(owner.name, purl), owner.name, owner.version, "package", purl,
                supplier=supplier)  # fmt: skip


def _source(step: Fetched) -> Item:
    """A file or a checkout that something installed was made from."""
    if isinstance(step, Checkout):
        name = step.url.rstrip("/").rpartition("/")[2].removesuffix(".git")
        address = f"git+{step.url}@{step.commit}" if _told(step.url) else None
        purl = _purl("generic", "", name, step.commit, vcs_url=address)
        return Item(_ref(name, purl), name, step.commit, "application", purl, address)
    checksum = (step.digest.partition(":")[0], step.digest.partition(":")[2])
    if isinstance(step, Download):
        address = next(filter(None, map(_told, step.urls)), None)
        purl = _purl("generic", "", step.name, "", download_url=address, checksum=step.digest)
        return Item(_ref(step.name, purl), step.name, "", "application", purl, address, (checksum,))
    if isinstance(step, NodePackage):
        scope, _, name = step.package.rpartition("/")
        purl = _purl("npm", scope, name, step.version)
        title = step.package
    else:
        title = step.project.replace("_", "-").lower()
        purl = _purl("pypi", "", title, step.version, file_name=step.name)
    return Item(_ref(title, purl), title, step.version, "library", purl, checksums=(checksum,))


def _project(subject: Subject, entry: Entry) -> str | None:
    """The package URL of what was found by its Python distribution."""
    project = subject.names.pypi(entry.name)
    if project is None or not entry.name.startswith("python."):
        return None
    return _purl("pypi", "", project.replace("_", "-").lower(), entry.version)


def _purl(kind: str, namespace: str, name: str, version: str, **qualifiers: str | None) -> str:
    try:
        from packageurl import PackageURL
    except ImportError:
        raise missing("packageurl-python") from None
    given = {key: value for key, value in qualifiers.items() if value}
    return PackageURL(kind, namespace or None, name, version or None, given).to_string()


def _ref(name: str, purl: str) -> str:
    """A name for what has *purl*; the start is for people."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", name)
    return f"{plain}-{uuid5(NAMESPACE_URL, purl).hex[:8]}"


def _told(address: str | None) -> str | None:
    """*address* if it means the same everywhere, unlike a file of this machine."""
    return address if address and _ADDRESS.fullmatch(address) else None


def missing(library: str) -> EnvmgrError:
    """The error of a machine that lacks a *library* for bills of materials."""
    return EnvmgrError(
        f"bills of materials need the library {library}",
        hint="pip install 'envmgr[sbom]'",
    )


def content_uuid(text: str) -> UUID:
    """An identifier of what *text* says: the same bill, the same identifier."""
    return uuid5(NAMESPACE_URL, f"envmgr:{text}")


def moment(epoch: int | None) -> datetime:
    """*epoch* as a time; the beginning of 1970 where there is none."""
    return datetime.fromtimestamp(epoch or 0, timezone.utc)
