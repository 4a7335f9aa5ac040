"""Entries: judged things with a name, a version, tags, a place and a delta."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from envmgr.model.delta import Delta
from envmgr.model.stamp import Stamp
from envmgr.model.version import Version

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """How an entry came to be: found by a detector, or installed by a recipe and then found."""

    kind: str
    """`detected` or `installed`."""
    detector: str
    recipe: str | None = None
    sources: tuple[str, ...] = ()
    """Checksums of what an installed entry was made from, `sha256:…`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A judged thing. Built with `make_entry`, which gives it the id of its content."""

    id: str
    name: str
    version: str
    tags: tuple[str, ...]
    prefix: str
    """The directory that holds the thing."""
    path: str
    """The file (or directory) that is the thing."""
    delta: Delta
    origin: Origin
    needs: tuple[str, ...] = ()
    """Ids of the entries without which this one does not work."""
    fingerprint: tuple[Stamp, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    """More that its detector read: named groups of its patterns."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Plain names that must mean its programs inside an environment: `gcc` to `…/gcc-12`."""
    provides: tuple[str, ...] = ()
    """Capabilities that one thing of an environment can have: `mpi` of Open MPI and of MPICH."""
    conflicts: tuple[str, ...] = ()
    """Queries for what must not be in the same environment."""

    @property
    def order(self) -> Version:
        """The version as a value that compares."""
        return Version(self.version)

    @property
    def all_tags(self) -> tuple[str, ...]:
        """The tags with the name and the capabilities among them, as queries see them."""
        return (self.name, *self.tags, *self.provides)

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


def make_entry(
    name: str,
    version: str,
    *,
    tags: tuple[str, ...],
    prefix: str,
    path: str,
    delta: Delta,
    origin: Origin,
    needs: tuple[str, ...] = (),
    fingerprint: tuple[Stamp, ...] = (),
    facts: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    provides: tuple[str, ...] = (),
    conflicts: tuple[str, ...] = (),
) -> Entry:
    """An entry with its id."""
    unnamed = Entry(
        id="",
        name=name,
        version=version,
        tags=tuple(sorted(set(tags))),
        prefix=prefix,
        path=path,
        delta=delta,
        origin=origin,
        needs=needs,
        fingerprint=fingerprint,
        facts=facts or {},
        links=links or {},
        provides=tuple(sorted(set(provides))),
        conflicts=tuple(sorted(set(conflicts))),
    )
    return replace(unnamed, id=content_id(unnamed))


def with_needs(entry: Entry, needs: tuple[str, ...]) -> Entry:
    """The same thing with other needs, so with another id."""
    changed = replace(entry, needs=needs)
    return replace(changed, id=content_id(changed))


def content_id(entry: Entry) -> str:
    """A hash of what the entry is, not of when it was seen: the fingerprint stays out.

    An installed entry is the same wherever its prefix lies, so that a lock made on one
    machine names it on another; a detected entry is tied to its place.
    """
    from hashlib import sha256  # only making an entry needs it, reading one does not

    form = to_json(entry)
    for key in ("id", "fingerprint", "facts"):
        del form[key]
    for key in ("provides", "conflicts"):  # what has none keeps the id that it always had
        if not form[key]:
            del form[key]
    text = json.dumps(form, sort_keys=True, separators=(",", ":"))
    if entry.origin.kind == "installed":
        text = text.replace(json.dumps(entry.prefix)[1:-1], "{prefix}")
    return sha256(text.encode()).hexdigest()[:16]


def to_json(entry: Entry) -> dict[str, Any]:
    """The documented JSON form."""
    return {
        "id": entry.id,
        "name": entry.name,
        "version": entry.version,
        "tags": list(entry.tags),
        "prefix": entry.prefix,
        "path": entry.path,
        "env": dict(entry.delta.put),
        "prepend": {name: list(paths) for name, paths in entry.delta.prepend.items()},
        "origin": {
            "kind": entry.origin.kind,
            "detector": entry.origin.detector,
            "recipe": entry.origin.recipe,
            "sources": list(entry.origin.sources),
        },
        "needs": list(entry.needs),
        "fingerprint": [
            {"path": s.path, "size": s.size, "mtime_ns": s.mtime_ns, "inode": s.inode}
            for s in entry.fingerprint
        ],
        "facts": dict(entry.facts),
        "links": dict(entry.links),
        "provides": list(entry.provides),
        "conflicts": list(entry.conflicts),
    }


def from_json(form: Mapping[str, Any]) -> Entry:
    """The entry that `to_json` wrote. Raises KeyError or TypeError on any other form."""
    origin = form["origin"]
    return Entry(
        id=form["id"],
        name=form["name"],
        version=form["version"],
        tags=tuple(form["tags"]),
        prefix=form["prefix"],
        path=form["path"],
        delta=Delta(form["env"], {name: tuple(paths) for name, paths in form["prepend"].items()}),
        origin=Origin(
            origin["kind"], origin["detector"], origin["recipe"], tuple(origin["sources"])
        ),
        needs=tuple(form["needs"]),
        fingerprint=tuple(
            Stamp(s["path"], s["size"], s["mtime_ns"], s["inode"]) for s in form["fingerprint"]
        ),
        facts=form["facts"],
        links=form["links"],
        provides=tuple(form.get("provides", ())),  # a store may be older than these two
        conflicts=tuple(form.get("conflicts", ())),
    )
