"""Queries: the one way a person says what they want.

compiler,lang-c,-mingw,>=12,<15     tags wanted, tags refused, a version range
compiler.gcc@>=12                   a name and a range; a name is one of a thing's tags
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from envmgr.errors import UsageError
from envmgr.model.version import Version, VersionRange

_TAG = re.compile(r"[a-z0-9](?:[a-z0-9_.+-]*[a-z0-9+])?")
_HINT = "a query is tags and version clauses with commas: compiler,lang-c,-mingw,>=12"


def is_tag(text: str) -> bool:
    """Whether *text* may be a tag or a name: lower case letters, digits and `._+-`."""
    return _TAG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Query:
    """Tags wanted, tags refused and a version range; all three must fit."""

    wanted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    versions: VersionRange = field(default_factory=VersionRange)
    prefer: tuple[str, ...] = ()
    """Preferences of this query alone, before those of its environment; see `model.preference`."""

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read the comma-separated form. Raises UsageError naming the item that is wrong."""
        wanted: list[str] = []
        refused: list[str] = []
        clauses: list[str] = []
        for raw in text.split(","):
            item = raw.strip()
            if not item:
                continue
            if item[0] in "<>=!~":
                clauses.append(item)
                continue
            name, _, range_text = item.partition("@")
            into = refused if name.startswith("-") else wanted
            tag = name.removeprefix("-").lower()
            if not is_tag(tag):
                raise UsageError(f"not a tag: {name!r} in query {text!r}", hint=_HINT)
            into.append(tag)
            if range_text:
                clauses.append(range_text)
        if not wanted:
            raise UsageError(f"query {text!r} wants nothing", hint=_HINT)
        return cls(tuple(wanted), tuple(refused), VersionRange.parse(",".join(clauses)))

    def both(self, other: Query) -> Query:
        """What fits this query and *other*; the preferences of *other* come first."""
        return Query(
            tuple(dict.fromkeys((*self.wanted, *other.wanted))),
            tuple(dict.fromkeys((*self.refused, *other.refused))),
            VersionRange((*self.versions.clauses, *other.versions.clauses)),
            (*other.prefer, *self.prefer),
        )

    def misfit(self, tags: Iterable[str], version: Version) -> str | None:
        """Why a thing with *tags* (its name among them) and *version* does not fit, or None."""
        return self.misfit_tags(tags) or self.misfit_version(version)

    def misfit_tags(self, tags: Iterable[str]) -> str | None:
        """Why the tags rule a thing out, or None."""
        have = frozenset(tags)
        for tag in self.wanted:
            if tag not in have:
                return f"has no tag {tag}"
        for tag in self.refused:
            if tag in have:
                return f"has the refused tag {tag}"
        return None

    def misfit_version(self, version: Version) -> str | None:
        """Why the version rules a thing out, or None."""
        clause = self.versions.broken_clause(version)
        return f"version {version} is not {clause}" if clause else None

    def __str__(self) -> str:
        # A bare version keeps its operator here: without it, it would be read as a tag.
        clauses = (operator + text for operator, text in self.versions.clauses)
        return ",".join([*self.wanted, *(f"-{tag}" for tag in self.refused), *clauses])
