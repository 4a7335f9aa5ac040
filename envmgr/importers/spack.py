"""Spack's `packages.yaml`: what it calls externals, which are things that are on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.importers import nodes
from envmgr.importers.files import read_text
from envmgr.importers.reading import Note, UntranslatableError
from envmgr.importers.spackspec import SpackSpec, parse_spec

if TYPE_CHECKING:
    from yaml.nodes import Node

_ALL = "all"
_FIRST = "`prefer` of envmgr.toml says what a project takes first, with queries"
_OLD = "Spack itself no longer reads this; write it as `externals`"
_ADVICE = {
    "buildable": 'prefer = ["detected"] of envmgr.toml takes what was found first',
    "require": "a query of envmgr.toml says what a project insists on",
    **dict.fromkeys(("prefer", "version", "providers", "compiler"), _FIRST),
    **dict.fromkeys(("paths", "modules"), _OLD),
}
"""How a choice of Spack's, which is no thing of the machine, is said here."""
_SAYS = "the detector says what the thing is"
_NO_MEANING = "nothing here has a meaning like it"


@dataclass(frozen=True, slots=True)
class External:
    """One external: where Spack was told that something is."""

    where: str
    spec: SpackSpec
    what: str
    """The spec as it is written."""
    prefix: str = ""
    modules: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    """Of a compiler: its drivers, which tell one of several in a prefix."""


@dataclass(frozen=True, slots=True)
class Packages:
    """What one file says."""

    externals: tuple[External, ...]
    left: tuple[Note, ...] = ()
    lost: tuple[Note, ...] = ()


def read_packages(path: str) -> Packages:
    """What the file at *path* says. Raises UsageError when it is no such file."""
    file = os.path.basename(path)
    top = nodes.mapping(nodes.parse(read_text(path), path))
    externals: list[External] = []
    left: list[Note] = []
    lost: list[Note] = []
    for package, node in nodes.mapping(top.get("packages")).items():
        lost += _choices(_bare(package), node, file)
        for item in _externals(node):
            where = f"{file}:{nodes.line(item)}"
            try:
                externals.append(_external(item, where))
            except UntranslatableError as error:
                left.append(Note(where, nodes.text(nodes.mapping(item).get("spec")), str(error)))
    lost += (note for external in externals for note in _unkept(external))
    return Packages(tuple(externals), tuple(left), tuple(lost))


def _bare(key: str) -> str:
    """A key without the colon that makes it replace what other files say: there is one file."""
    return key.removesuffix(":")


def _externals(package: Node) -> Iterator[Node]:
    for key, node in nodes.mapping(package).items():
        if _bare(key) == "externals":
            yield from nodes.sequence(node)


def _choices(name: str, package: Node, file: str) -> Iterator[Note]:
    lines = nodes.key_lines(package)
    for key, node in nodes.mapping(package).items():
        harmless = _bare(key) == "buildable" and nodes.text(node).lower() == "true"
        if _bare(key) != "externals" and not harmless:
            why = _ADVICE.get(_bare(key), _NO_MEANING)
            yield Note(f"{file}:{lines[key]}", f"{name}: {_bare(key)}", why)


def _external(item: Node, where: str) -> External:
    said = nodes.mapping(item)
    what = nodes.text(said.get("spec"))
    prefix = nodes.text(said.get("prefix"))
    modules = tuple(filter(None, map(nodes.text, nodes.sequence(said.get("modules")))))
    if not prefix and not modules:
        raise UntranslatableError("it says neither a prefix nor modules")
    if prefix and not os.path.isabs(prefix):
        raise UntranslatableError(f"its prefix {prefix} is no absolute path")
    return External(where, parse_spec(what), what, prefix, modules, _programs(said))


def _programs(said: Mapping[str, Node]) -> tuple[str, ...]:
    attributes = nodes.mapping(said.get("extra_attributes"))
    compilers = nodes.mapping(attributes.get("compilers"))
    return tuple(path for path in map(nodes.text, compilers.values()) if os.path.isabs(path))


def _unkept(external: External) -> Iterator[Note]:
    if external.spec.rest:
        yield Note(external.where, external.what, f"{external.spec.rest} is not kept: {_SAYS}")
