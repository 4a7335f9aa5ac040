"""Environments to write for other systems, with values chosen to hurt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from envmgr.activate.state import enter
from envmgr.export.subject import Subject
from envmgr.model.delta import Delta, combined
from envmgr.model.entry import Entry
from envmgr.model.names import Names, Renamed, make_names

from .things import detected

PLATFORM = "linux-x86_64-debian12"
OUTSIDE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/somebody"}

HURTING = {
    "EMPTY": "",
    "SPACES": "  two  spaces ",
    "QUOTES": """it's "quoted" `so` ´so´""",
    "DOLLARS": "$HOME ${HOME} $(id) $$ %HOME%",
    "BACKSLASHES": r"C:\new\table \\ \$ end\ ",
    "LAST": "ends with a \\",
    "BRACKETS": "[exit] {a{b}{ } ] (x) <y>",
    "COLONS": "http://localhost:8000/a:b&c",
    "MARKS": "!bang; #hash *star ?what ~tilde ^caret |pipe =is @at , %",
    "LUA": "]] ]=] --[[ %d \\065 ..",
    "WIDE": "ünï ☃ 𝒳",
    "TAB": "a\tb",
    "DASHES": "--noop-on-unload -x",
}
"""Values that stay on one line."""


def environment(
    *entries: Entry,
    name: str = "bench",
    extra: Delta | None = None,
    asked: frozenset[str] | None = None,
    outside: Mapping[str, str] = OUTSIDE,
    **more: Any,
) -> Subject:
    """What is known of an environment of *entries* with the variables *extra*."""
    extra = extra or Delta()
    delta = combined([*(entry.delta for entry in entries), extra])
    values = enter(outside, delta, name, ()).values
    return Subject(
        name=name,
        platform=PLATFORM,
        entries=entries,
        asked=frozenset(entry.id for entry in entries) if asked is None else asked,
        delta=delta,
        names=more.pop("names", names()),
        values={name: values[name] for name in delta.names()},
        extra=extra,
        **more,
    )


def gcc(version: str = "12.2.0", **programs: str) -> Entry:
    put = programs or {"CC": "/usr/bin/gcc", "CXX": "/usr/bin/g++"}
    return detected("compiler.gcc", version, tags=("compiler",), delta=Delta(put))


def with_roles(entry: Entry, *roles: str) -> Entry:
    return replace(entry, provides=roles)


def hurting(prefix: str = "/opt/it's [a] $HOME {dir}") -> Subject:
    """An environment whose every value is a trap."""
    lists = {"PATH": (f"{prefix}/bin", "/opt/two"), "NEW_LIST": (f"{prefix}/lib",)}
    entry = detected("tool.trap", "1.0-\\", delta=Delta({"TRAP": "a\\"}, lists))
    return environment(entry, extra=Delta(HURTING))


def names(**renamed: Mapping[str, tuple[str, ...]]) -> Names:
    """Names in other systems of the things that these tests use."""
    things = {
        "compiler.gcc": (),
        "compiler.llvm": (),
        "compiler.python": (),
        "dataset.iris": (),
        "lib.hdf5": (),
        "lib.hdf5-parallel": (),
        "lib.openmpi": (),
        "lib.zlib": (),
        "python.numpy": ("numpy",),
        "python.ipykernel": ("ipykernel",),
        "tool.cmake": (),
        "tool.trap": (),
    }
    shipped = Renamed(
        spack={"lib.hdf5-parallel": ("hdf5",), "tool.trap": ()},
        conda={
            "compiler.gcc": ("gcc", "gxx", "gfortran"),
            "compiler.llvm": ("clang", "clangxx"),
            "lib.hdf5-parallel": ("hdf5",),
            "tool.trap": (),
        },
        pypi={"tool.cmake": ("cmake",)},
    )
    return make_names(things, (Renamed(**renamed), shipped))
