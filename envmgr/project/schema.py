"""The shape of a project file: which keys there are, and what each holds.

Every reader says what is wrong to the spot of its value and gives an empty one, so that one
reading finds all mistakes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from envmgr.activate.state import is_name
from envmgr.catalog.fields import Key, Table, any_text, as_table, boolean, several, text, texts
from envmgr.catalog.problem import Spot, nearest
from envmgr.errors import UsageError
from envmgr.model.filenames import DEFAULT
from envmgr.model.preference import AGES, KINDS, checked
from envmgr.model.project import Feature, Project, Wish
from envmgr.model.query import Query, is_tag

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAMES = "letters, digits and ._-, at most 64, the first a letter or a digit"
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9_.+-]*")
_PLATFORMS = re.compile(r"[a-z0-9_.+*?\[\]!-]+")
_OWN = "ENVMGR_"
_ORDERS = (*KINDS, *AGES)
_LISTS = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "MANPATH"),
        *("PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"),
    }
)
"""Path lists that entries prepend to: a value of the project would replace the person's own."""


def is_plain(name: str) -> bool:
    """Whether *name* may be that of a project, a feature or an environment."""
    return _PLAIN.fullmatch(name) is not None


def default_name(file: str) -> str:
    """The name of a project whose *file* gives none: that of its directory, made plain."""
    directory = os.path.basename(os.path.dirname(file))
    return re.sub(r"[^A-Za-z0-9._-]+", "-", directory)[:64].strip("-._") or "project"


def decode(document: object, spot: Spot, file: str) -> Project:
    """The project in a TOML *document*, the content of *file*; mistakes are said to *spot*."""
    draft = _DOCUMENT(document, spot)
    features = {DEFAULT: replace(draft.default, name=DEFAULT), **draft.features}
    sums = {DEFAULT: _Sum(), **draft.environments}
    return Project(
        file=file,
        name=draft.name or default_name(file),
        platforms=draft.platforms,
        features=features,
        environments={name: _added_up(each, features) for name, each in sums.items()},
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    """An environment as it is written: its features, and whether `default` is one unsaid."""

    features: tuple[str, ...] = ()
    default: bool = True
    at: Spot = field(default_factory=Spot)
    """Where the features stand."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A project file as it is written."""

    default: Feature
    name: str = ""
    platforms: tuple[str, ...] = ()
    features: Mapping[str, Feature] = field(default_factory=dict)
    environments: Mapping[str, _Sum] = field(default_factory=dict)


def _added_up(each: _Sum, features: Mapping[str, Feature]) -> tuple[str, ...]:
    """The names of its features in their order; `default` comes first where it is not placed."""
    for i, name in enumerate(each.features):
        if name not in features:
            each.at.at(i).say(f"there is no feature {name!r}", nearest(name, features))
        elif name in each.features[:i]:
            each.at.at(i).say(f"{name!r} stands twice")
    unsaid = (DEFAULT,) if each.default and DEFAULT not in each.features else ()
    return (*unsaid, *(name for name in each.features if name in features))


# -- names -----------------------------------------------------------------------------------


def _name(value: object, spot: Spot) -> str:
    read = text(value, spot)
    if spot.is_clean:
        _check_name(read, spot)
    return read if is_plain(read) else ""


def _check_name(name: str, spot: Spot) -> None:
    if not is_plain(name):
        meant = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:64].strip("-._")
        spot.say(f"{name!r} is not a name: {_NAMES}", meant or None)


def _platform(value: object, spot: Spot) -> str:
    """The name of one platform, as `envmgr host` gives it."""
    read = text(value, spot)
    if spot.is_clean and not _PLATFORM.fullmatch(read):
        spot.say(f"{read!r} is not the name of a platform, such as linux-x86_64-debian12")
    return read


def _platforms(value: object, spot: Spot) -> str:
    """A pattern of names of platforms: `linux-*`."""
    read = text(value, spot)
    if spot.is_clean and not _PLATFORMS.fullmatch(read):
        spot.say(f"{read!r} is not a pattern of platforms, such as linux-*")
    return read


# -- wishes ----------------------------------------------------------------------------------


def _query(value: object, spot: Spot) -> Query:
    read = text(value, spot)
    try:
        return Query.parse(read)
    except UsageError as error:
        if spot.is_clean:
            spot.say(error.message, _query_meant(read))
        return Query()


def _query_meant(given: str) -> str | None:
    """`name @ range` and `name range`, which people write from habit, as a query."""
    found = re.fullmatch(r"\s*([A-Za-z0-9_.+-]+)\s*@?\s*([<>=!~].*|\d[\w.]*)", given)
    return f"{found[1].lower()}@{found[2].replace(' ', '')}" if found else None


def _preference(value: object, spot: Spot) -> str:
    read = text(value, spot)
    near = nearest(read, _ORDERS) if read not in _ORDERS else None
    try:
        checked(read)
        if near and is_tag(read):  # which would quietly be a query that nothing answers
            spot.say(f"{read!r} is neither an order nor a name", near)
    except UsageError as error:
        if spot.is_clean:
            spot.say(error.message, near)
    return read


def _wish_of(query: Query, prefer: tuple[str, ...] = (), platforms: tuple[str, ...] = ()) -> Wish:
    return Wish(replace(query, prefer=prefer), platforms)


_WISH = Table(
    _wish_of,
    {
        "query": Key(_query, required=True),
        "prefer": Key(several(_preference)),
        "platforms": Key(several(_platforms)),
    },
)


def read_wish(value: object, spot: Spot) -> Wish:
    """A query, or a table of one with its options."""
    return Wish(_query(value, spot)) if isinstance(value, str) else _WISH(value, spot)


def _wishes(value: object, spot: Spot) -> tuple[Wish, ...]:
    read = several(read_wish)(value, spot)
    for i, wish in enumerate(read):
        if wish.query.wanted and wish in read[:i]:
            spot.at(i).say(f"{str(wish.query)!r} stands twice")
    return read


# -- features and environments ---------------------------------------------------------------


def _variables(value: object, spot: Spot) -> dict[str, str]:
    read = {}
    for name, given in as_table(value, spot).items():
        read[name] = any_text(given, spot.at(name))
        _check_variable(name, read[name], spot.at(name))
    return read


def _check_variable(name: str, value: str, spot: Spot) -> None:
    if not is_name(name):
        spot.say("is not a name of a variable: letters, digits and _")
    elif name.upper().startswith(_OWN):
        spot.say(f"is envmgr's own: names that begin with {_OWN} are not for projects")
    elif name.upper() in _LISTS:
        spot.say("would replace a list of paths; a thing in `needs` adds its directories to it")
    if "\0" in value:
        spot.say("holds a zero character, which no variable can")


_FEATURE_KEYS: dict[str, Key[Any]] = {
    "needs": Key(_wishes, into="wishes"),
    "prefer": Key(several(_preference)),
    "variables": Key(_variables),
}
_FEATURE = Table(Feature, _FEATURE_KEYS)


def _features(value: object, spot: Spot) -> dict[str, Feature]:
    read = {}
    for name, given in as_table(value, spot).items():
        if name == DEFAULT:
            spot.at(name).say("is the top level of the file: put its keys there")
            continue
        _check_name(name, spot.at(name))
        read[name] = _FEATURE(given, spot.at(name), name=name)
    return read


def _environments(value: object, spot: Spot) -> dict[str, _Sum]:
    read = {}
    for name, given in as_table(value, spot).items():
        _check_name(name, spot.at(name))
        read[name] = _environment(given, spot.at(name))
    return read


def _environment(value: object, spot: Spot) -> _Sum:
    """A list of features, or a table of one with its option."""
    if isinstance(value, dict):
        return _ENVIRONMENT(value, spot, at=spot.at("features"))
    return _Sum(texts(value, spot), at=spot)


_ENVIRONMENT = Table(_Sum, {"features": Key(texts, required=True), "default": Key(boolean)})


def _draft(
    wishes: tuple[Wish, ...] = (),
    prefer: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    **fields: Any,
) -> _Draft:
    return _Draft(Feature(DEFAULT, wishes, variables or {}, prefer), **fields)


_DOCUMENT = Table(
    _draft,
    {
        "name": Key(_name),
        "platforms": Key(several(_platform)),
        **_FEATURE_KEYS,
        "features": Key(_features),
        "environments": Key(_environments),
    },
)
