"""conda's `environment.yml`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from envmgr.importers import nodes
from envmgr.importers.condaspec import parse_spec
from envmgr.importers.files import read_text
from envmgr.importers.reading import (
    Lookup,
    Reading,
    UntranslatableError,
    left,
    lost,
    taken,
    total,
)
from envmgr.importers.requirements import read_lines

if TYPE_CHECKING:
    from yaml.nodes import Node

_SELECTOR = re.compile(r"#\s*\[([^\]]+)\]\s*$")
_PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "linux": ("linux-*",),
    "osx": ("macos-*",),
    "win": ("windows-*",),
    "unix": ("linux-*", "macos-*"),
    "linux64": ("linux-x86_64*",),
    "win64": ("windows-x86_64*",),
    "aarch64": ("linux-aarch64*",),
    "not win": ("linux-*", "macos-*"),
    "not osx": ("linux-*", "windows-*"),
    "not linux": ("macos-*", "windows-*"),
}
"""Selectors in comments that mean platforms here. conda itself reads none of them."""
_READ = ("name", "dependencies", "prefix")
_ELSEWHERE = {
    "channels": "recipes say where a thing comes from",
    "variables": "write them below [variables] of envmgr.toml",
    "platforms": "write them as `platforms` of envmgr.toml",
}
"""What else such a file says, and where that is said here."""


def read_environment(path: str, conda: Lookup, pypi: Lookup) -> Reading:
    """What the file at *path* asks for. Raises UsageError when it is no such file."""
    text = read_text(path)
    return _File(os.path.abspath(path), text, conda, pypi).read()


class _File:
    def __init__(self, path: str, text: str, conda: Lookup, pypi: Lookup) -> None:
        self._path, self._text = path, text
        self._lines = text.split("\n")
        self._conda, self._pypi = conda, pypi

    def read(self) -> Reading:
        top = nodes.parse(self._text, self._path)
        items = nodes.sequence(nodes.mapping(top).get("dependencies"))
        return total([*map(self._item, items), *self._others(top)])

    def _others(self, top: Node | None) -> Iterator[Reading]:
        for key, line in nodes.key_lines(top).items():
            if key not in _READ:
                why = _ELSEWHERE.get(key, "nothing here has a meaning like it")
                yield lost(self._at(line), key, why)

    def _item(self, node: Node) -> Reading:
        if nodes.is_scalar(node):
            return self._spec(nodes.text(node), node)
        inner = nodes.mapping(node)
        if set(inner) == {"pip"}:
            return self._pip(nodes.sequence(inner["pip"]))
        return left(self._where(node), ", ".join(inner) or "?", "this is no dependency")

    def _spec(self, text: str, node: Node) -> Reading:
        where = self._where(node)
        try:
            spec = parse_spec(text)
        except UntranslatableError as error:
            return left(where, text, str(error))
        name = self._conda(spec.name)
        platforms, unread = self._selector(node)
        details = [lost(where, text, f"{one} is not kept") for one in spec.lost if name]
        if unread and name:
            details.append(lost(where, text, f"the selector [{unread}] says no platform"))
        return taken(where, text, name, spec.versions, platforms) + total(details)

    def _selector(self, node: Node) -> tuple[tuple[str, ...], str]:
        """The platforms that the comment behind an item says, or what cannot be read of it."""
        found = _SELECTOR.search(self._lines[nodes.line(node) - 1])
        said = " ".join(found[1].split()) if found else ""
        platforms = _PLATFORMS.get(said, ())
        return platforms, "" if platforms else said

    def _pip(self, items: list[Node]) -> Reading:
        lines = [(self._where(item), nodes.text(item)) for item in items]
        return read_lines(lines, os.path.dirname(self._path), self._pypi)

    def _where(self, node: Node) -> str:
        return self._at(nodes.line(node))

    def _at(self, line: int) -> str:
        return f"{os.path.basename(self._path)}:{line}"
