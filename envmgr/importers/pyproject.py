"""The dependencies of a Python project: `pyproject.toml`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from envmgr.errors import UsageError
from envmgr.importers.files import read_text
from envmgr.importers.pep440 import range_of
from envmgr.importers.pypi import parse_requirement, read_requirement
from envmgr.importers.reading import (
    Lookup,
    Reading,
    UntranslatableError,
    left,
    taken,
    total,
)
from envmgr.model.filenames import DEFAULT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FEATURE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_OTHER_TOOLS = ("poetry", "pdm", "hatch", "flit", "pixi")


def read_pyproject(path: str, pypi: Lookup, python: str) -> Reading:
    """What the file at *path* depends on; *python* is what an interpreter is called here.

    Optional dependencies and dependency groups become features. Raises UsageError.
    """
    return _File(os.path.basename(path), _load(path), pypi, python).read()


def _load(path: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is no TOML: {error}", hint="correct it first") from error


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


class _File:
    def __init__(self, name: str, top: Mapping[str, Any], pypi: Lookup, python: str) -> None:
        self._name, self._pypi, self._python = name, pypi, python
        self._project = _table(top.get("project"))
        self._extras = _normalized(self._project.get("optional-dependencies"))
        self._groups = _normalized(top.get("dependency-groups"))
        self._tools = _table(top.get("tool"))

    def read(self) -> Reading:
        main = (self._interpreter(), *self._each("dependencies", self._project))
        extras = (self._feature(name, self._extra) for name in self._extras)
        groups = (self._feature(name, self._group) for name in self._groups)
        return total([*main, *extras, *groups, *self._unread()])

    def _feature(self, name: str, read: Callable[[str], Reading]) -> Reading:
        if not _FEATURE.fullmatch(name) or name == DEFAULT:
            return left(self._name, name, "a feature cannot have this name")
        return read(name).of_feature(name)

    def _interpreter(self) -> Reading:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        text = self._project.get("requires-python")
        if text is None:
            return Reading()
        where = self._at("project.requires-python")
        try:
            versions = range_of(SpecifierSet(str(text)))
        except (InvalidSpecifier, UntranslatableError) as error:
            return left(where, str(text), str(error))
        return taken(where, str(text), self._python, versions)

    def _each(self, key: str, table: Mapping[str, Any]) -> Iterator[Reading]:
        for text in _list(table.get(key)):
            yield self._requirement(text, f"project.{key}")

    def _extra(self, name: str) -> Reading:
        """One extra, with those of the same project that it includes."""
        where = f"project.optional-dependencies.{name}"
        every = _closure(name, lambda one: self._inner_extras(self._extras.get(one)))
        return self._items(where, every, self._extras, self._own_extras)

    def _inner_extras(self, items: object) -> list[str]:
        return [name for item in _list(items) for name in self._own_extras(item) or ()]

    def _own_extras(self, item: object) -> list[str] | None:
        """The extras that *item* includes, None when it is about another project."""
        own = _canonical(self._project.get("name"))
        try:
            requirement = parse_requirement(item) if isinstance(item, str) else None
        except UntranslatableError:
            return None  # it is read again, and then said
        if requirement is None or not own or _canonical(requirement.name) != own:
            return None
        return sorted(map(_canonical, requirement.extras))

    def _group(self, name: str) -> Reading:
        """One dependency group, with those that it includes."""
        where = f"dependency-groups.{name}"
        every = _closure(name, lambda one: _inner_groups(self._groups.get(one)))
        return self._items(where, every, self._groups, _included)

    def _items(
        self,
        where: str,
        every: Iterable[str],
        table: Mapping[str, Any],
        included: Callable[[object], list[str] | None],
    ) -> Reading:
        """What stands in *every* list of *table* but for what only includes other lists."""
        missing = total(left(self._at(where), o, "is not there") for o in every if o not in table)
        items = (item for one in every for item in _list(table.get(one)))
        return missing + total(self._requirement(i, where) for i in items if included(i) is None)

    def _requirement(self, item: object, where: str) -> Reading:
        at = self._at(where)
        if not isinstance(item, str):
            return left(at, str(item), "this is no requirement")
        try:
            return read_requirement(parse_requirement(item), at, self._pypi)
        except UntranslatableError as error:
            return left(at, item, str(error))

    def _unread(self) -> Iterator[Reading]:
        for key in _list(self._project.get("dynamic")):
            if key in ("dependencies", "optional-dependencies"):
                why = "the build backend makes them up; only what is written here is read"
                yield left(self._at("project.dynamic"), key, why)
        for tool in _OTHER_TOOLS:
            table = _table(self._tools.get(tool))
            if keys := [key for key in table if "dependenc" in key]:
                why = "only [project] and [dependency-groups] are read"
                yield left(self._at(f"tool.{tool}"), ", ".join(keys), why)

    def _at(self, key: str) -> str:
        return f"{self._name}: {key}"


def _canonical(name: object) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(name)) if isinstance(name, str) else ""


def _normalized(table: object) -> dict[str, Any]:
    return {_canonical(name): items for name, items in _table(table).items()}


def _included(item: object) -> list[str] | None:
    """The group that an item includes, None when it is a requirement."""
    name = _canonical(_table(item).get("include-group"))
    return [name] if name else None


def _inner_groups(items: object) -> list[str]:
    return [name for item in _list(items) for name in _included(item) or ()]


def _closure(first: str, below: Callable[[str], Iterable[str]]) -> list[str]:
    """*first* and everything below it, each once, however they include each other."""
    found = {first: None}
    waiting = [first]
    while waiting:
        new = [name for name in below(waiting.pop(0)) if name not in found]
        found |= dict.fromkeys(new)
        waiting += dict.fromkeys(new)
    return list(found)
