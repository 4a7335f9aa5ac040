"""What module files would add to PATH, read without running any of them.

Only what is plain to see is understood: literal paths, variables set to such, and the two ways
to join them. A path that depends on anything else is passed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice

from envmgr.detect.walk import walk

_DEPTH = 3
_MOST_FILES = 20_000
_SIZE_LIMIT = 256 * 1024
_MOST_JOINS = 8
"""Joins inside one path; nobody writes as many."""

_TCL = re.compile(
    r"^[ \t]*(?:set[ \t]+(?P<name>\w+)[ \t]+(?P<value>.*)"
    r"|(?:prepend|append)-path[ \t]+(?:--?\S+[ \t]+(?::[ \t]+)?)*PATH[ \t]+(?P<path>.*))$",
    re.MULTILINE,
)
_TCL_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_TCL_JOIN = re.compile(r"\[file[ \t]+join[ \t]+([^][]+)\]")
_LUA = re.compile(
    r"^[ \t]*(?:(?:local[ \t]+)?(?P<name>\w+)[ \t]*=(?P<value>.*)"
    r"""|(?:prepend|append)_path[ \t]*\([ \t]*["']PATH["'][ \t]*,(?P<path>.*)\).*)$""",
    re.MULTILINE,
)
_LUA_JOIN = re.compile(r"pathJoin[ \t]*\(([^()]*)\)")
_LUA_PIECE = re.compile(r"""[ \t]*(?:"([^"]*)"|'([^']*)'|([A-Za-z_]\w*))[ \t]*;?[ \t]*(?:--.*)?""")


def module_directories(trees: str) -> Iterator[tuple[str, str]]:
    """Each module file below *trees*, a path list, with an existing directory it adds to PATH."""
    for tree in filter(os.path.isabs, trees.split(os.pathsep)):
        for file in islice(_files(tree), _MOST_FILES):
            for path in _directories(file):
                yield file, path


def _files(tree: str) -> Iterator[str]:
    for folder in walk(tree, _DEPTH):
        with suppress(OSError), os.scandir(folder) as items:
            yield from sorted(i.path for i in items if i.is_file() and i.name[:1] != ".")


def _directories(file: str) -> list[str]:
    try:
        if os.path.getsize(file) > _SIZE_LIMIT:
            return []
        with open(file, encoding="utf-8", errors="replace") as stream:
            text = stream.read()
    except OSError:
        return []
    found = _lua_paths(text) if file.endswith(".lua") else _tcl_paths(text)
    return [path for path in found if os.path.isabs(path) and os.path.isdir(path)]


def _tcl_paths(text: str) -> Iterator[str]:
    names: dict[str, str] = {}
    for line in _TCL.finditer(text):
        if line["name"]:
            names[line["name"]] = _tcl_value(line["value"], names)
        else:
            yield from _tcl_value(line["path"], names).split(":")


def _tcl_value(words: str, names: Mapping[str, str]) -> str:
    """What *words* come to; a variable that is not known stays as it is and makes no path."""
    filled = _TCL_VARIABLE.sub(lambda found: names.get(found[1] or found[2], found[0]), words)
    joined = _TCL_JOIN.sub(lambda found: "/".join(found[1].split()), filled)
    return joined.strip('"{}; \t')


def _lua_paths(text: str) -> Iterator[str]:
    names: dict[str, str] = {}
    for line in _LUA.finditer(text):
        if line["name"]:
            names[line["name"]] = _lua_value(line["value"], names) or ""
        elif path := _lua_value(line["path"], names):
            yield from path.split(":")


def _lua_value(expression: str, names: Mapping[str, str]) -> str | None:
    """What *expression* comes to; None when it holds more than texts, known names and joins."""
    for _ in range(_MOST_JOINS):
        join = _LUA_JOIN.search(expression)
        if join is None:
            break
        pieces = [_lua_value(piece, names) or "" for piece in join[1].split(",")]
        whole = "/".join(pieces) if all(pieces) else ""
        expression = f'{expression[: join.start()]}"{whole}"{expression[join.end() :]}'
    values = [_lua_piece(piece, names) for piece in expression.split("..")]
    return "".join(filter(None, values)) if all(values) else None


def _lua_piece(piece: str, names: Mapping[str, str]) -> str | None:
    found = _LUA_PIECE.fullmatch(piece)
    return (found[1] or found[2] or names.get(found[3] or "")) if found else None
