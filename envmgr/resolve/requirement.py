"""What an environment must keep to, each thing as a reader would say it.

All versions of a name that need the same share one requirement, and so do all that need
entries of one name: dropped or kept they are together.
"""

from __future__ import annotations

from dataclasses import dataclass

from envmgr.model.query import Query


@dataclass(frozen=True, slots=True)
class Asked:
    """Something answers a query."""

    number: int
    """Its place among what was asked."""
    query: Query


@dataclass(frozen=True, slots=True)
class Needed:
    """What has a name comes with what it needs."""

    owner: str
    """The name of entries or of a recipe."""
    what: str
    """The name of what the entries need; the query of a recipe."""


@dataclass(frozen=True, slots=True)
class Apart:
    """Nothing that fits a query is together with what has a name."""

    owner: str
    query: str


@dataclass(frozen=True, slots=True)
class Single:
    """There is one thing for a name or a capability."""

    slot: str


Requirement = Asked | Needed | Apart | Single
