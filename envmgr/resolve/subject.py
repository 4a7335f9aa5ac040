"""What may be taken for a query: something that is there, or something to install."""

from __future__ import annotations

from functools import lru_cache

from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.model.version import Version, VersionRange

Subject = Entry | Release


def key_of(subject: Subject) -> str:
    """What tells *subject* from every other: an entry's id, a release's recipe and version."""
    return subject.id if isinstance(subject, Entry) else str(subject)


def tags_of(subject: Subject) -> tuple[str, ...]:
    """The tags of *subject*, with its name and its capabilities."""
    return subject.all_tags


def slots_of(subject: Subject) -> tuple[str, ...]:
    """The name and the capabilities of *subject*: an environment has one thing for each."""
    return (subject.name, *subject.provides)


def fits(query: Query, subject: Subject) -> bool:
    """Whether *subject* answers *query*, its needs aside."""
    # Tags are compared first: to read a version costs more.
    return query.misfit_tags(subject.all_tags) is None and in_range(query, subject.version)


def in_range(query: Query, version: str) -> bool:
    """Whether the version is one that *query* asks for."""
    return not query.versions or _contains(query.versions, version)


@lru_cache(maxsize=1 << 16)
def version_of(text: str) -> Version:
    """*text* as a value that compares: the same few versions are read over and over."""
    return Version(text)


@lru_cache(maxsize=1 << 10)
def query_of(text: str) -> Query:
    """The query that *text* says. Raises UsageError."""
    return Query.parse(text)


@lru_cache(maxsize=1 << 16)
def _contains(versions: VersionRange, version: str) -> bool:
    return version_of(version) in versions
