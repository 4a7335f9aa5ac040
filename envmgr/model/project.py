"""Projects: named environments made of features, as `envmgr.toml` says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from envmgr.errors import UsageError
from envmgr.model.filenames import DEFAULT
from envmgr.model.query import Query


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that a feature wants: a query with its options."""

    query: Query
    """Its own preferences are in it."""
    platforms: tuple[str, ...] = ()
    """Platform names (globs) on which it is wanted; empty means everywhere."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Wishes and variables that belong together; features add up to environments."""

    name: str
    wishes: tuple[Wish, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables to set after those of the entries; a later feature's value wins."""
    prefer: tuple[str, ...] = ()
    """Preferences of everything in an environment that has this feature, those of a later
    feature before those of an earlier one."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project file."""

    file: str
    """Where it is, absolute."""
    name: str
    platforms: tuple[str, ...] = ()
    """Names of platforms to lock for; empty means the one that locks."""
    features: Mapping[str, Feature] = field(default_factory=dict)
    """By name; `default` is always there."""
    environments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name to the names of its features, in the order that they add up; `default` is always
    there."""

    def label(self, environment: str) -> str:
        """What prompts show inside *environment*: `bench`, `bench:gpu`."""
        return self.name if environment == DEFAULT else f"{self.name}:{environment}"

    def wanted(self, environment: str, platform: str) -> Wanted:
        """What *environment* wants on *platform*. Raises UsageError for one that is not there."""
        if environment not in self.environments:
            raise UsageError(
                f"{self.file} has no environment {environment!r}",
                hint=f"it has {', '.join(self.environments)}",
            )
        features = [self.features[name] for name in self.environments[environment]]
        prefer = tuple(dict.fromkeys(p for each in reversed(features) for p in each.prefer))
        wishes = [w for feature in features for w in feature.wishes if _meant(w, platform)]
        queries = (replace(w.query, prefer=(*w.query.prefer, *prefer)) for w in wishes)
        variables: dict[str, str] = {}
        for feature in features:
            variables |= feature.variables
        return Wanted(tuple(dict.fromkeys(queries)), variables, prefer)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one environment wants on one platform."""

    queries: tuple[Query, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    prefer: tuple[str, ...] = ()


def _meant(wish: Wish, platform: str) -> bool:
    from envmgr.model.definition import matches

    return matches(platform, wish.platforms)
