"""Data sets that travel by their bytes, because no recipe fetches them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, from_json, make_entry

_PREFIX = "{prefix}"


def data_entries(context: Mapping[str, Any], roles: Collection[str]) -> list[Entry]:
    """What fills *roles* of data by *context* and is not installed by a recipe."""
    wanted = context["wanted"]
    things = {wanted[role].replace("@==", "@") for role in roles if role in wanted}
    entries = (from_json({**form, "fingerprint": []}) for form in context["entries"])
    return [one for one in entries if one.origin.kind == "detected" and str(one) in things]


def relative(entry: Entry) -> dict[str, Any]:
    """What is needed of *entry* elsewhere, with `{prefix}` for its directory."""

    def moved(value: str) -> str:
        if value == entry.prefix or value.startswith(entry.prefix + os.sep):
            return _PREFIX + value[len(entry.prefix) :]
        return value

    return {
        "tags": list(entry.tags),
        "path": moved(entry.path),
        "env": {name: moved(value) for name, value in entry.delta.put.items()},
        "prepend": {name: list(map(moved, ps)) for name, ps in entry.delta.prepend.items()},
        "detector": entry.origin.detector,
    }


def placed(name: str, version: str, form: Mapping[str, Any], prefix: str) -> Entry:
    """The entry that `relative` wrote, in the directory *prefix* of this machine.

    It needs nothing: its bytes came along. Raises ValueError for a path that leads elsewhere;
    KeyError, TypeError or AttributeError on any other form.
    """

    def moved(value: str) -> str:
        return prefix + value[len(_PREFIX) :] if value.startswith(_PREFIX) else value

    path = os.path.normpath(moved(form["path"]))
    if path != prefix and not path.startswith(prefix + os.sep):
        raise ValueError(f"{name} leads out of the pack: {form['path']!r}")
    return make_entry(
        name,
        version,
        tags=tuple(form["tags"]),
        prefix=prefix,
        path=path,
        delta=Delta(
            {name: moved(value) for name, value in form["env"].items()},
            {name: tuple(map(moved, paths)) for name, paths in form["prepend"].items()},
        ),
        origin=Origin("detected", form["detector"]),
    )


def files_of(entry: Entry) -> list[str]:
    """The files of a data set: what it is, and what its variables name below its directory."""
    named = (entry.path, *entry.delta.put.values())
    tops = [p for p in named if p == entry.prefix or p.startswith(entry.prefix + os.sep)]
    found: dict[str, None] = {}
    for top in tops:
        if os.path.isdir(top):
            found |= dict.fromkeys(_below(top))
        elif os.path.isfile(top) or top == entry.path:
            found[top] = None
    return list(found)


def _below(top: str) -> Iterator[str]:
    for directory, below, names in os.walk(top):
        below.sort()
        yield from (os.path.join(directory, name) for name in sorted(names))
