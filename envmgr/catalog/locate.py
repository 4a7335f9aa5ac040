"""Lines of the keys of a TOML document: the standard parser gives values without places.

The text is known to be valid TOML when it comes here, so this only walks it and keeps count.
"""

from __future__ import annotations

import re

from envmgr.catalog.problem import Path

_TOKEN = re.compile(
    r"""
    "{3}(?:[^\\]|\\.)*?"{3,5} | '{3}.*?'{3,5}        # strings of several lines
  | "(?:[^"\\\n]|\\.)*"       | '[^'\n]*'            # strings of one line
  | \#[^\n]* | \n | [][{}=,.] | [A-Za-z0-9_-]+ | [^\s]
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfre"\\])')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}
_END = ""


def lines_of(text: str) -> dict[Path, int]:
    """The line of every table, key and array element of *text*, counted from 1."""
    walk = _Walk(text)
    walk.document()
    return walk.lines


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of *path*, or of the nearest thing around it that has one; else 1."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


class _Walk:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}  # of arrays of tables, so far
        self._tokens = _tokens(text)
        self._next = 0

    def document(self) -> None:
        base: Path = ()
        while self._peek() != _END:
            if self._peek() == "\n":
                self._take()
            elif self._peek() == "[":
                base = self._header()
            else:
                self._assignment(base)

    def _peek(self) -> str:
        return self._tokens[self._next][0]

    def _line(self) -> int:
        return self._tokens[self._next][1]

    def _take(self) -> str:
        token = self._peek()
        if token != _END:
            self._next += 1
        return token

    def _skip_newlines(self) -> None:
        while self._peek() == "\n":
            self._take()

    def _header(self) -> Path:
        line = self._line()
        self._take()
        is_array = self._peek() == "["
        if is_array:
            self._take()
        *parents, last = self._keys()
        while self._peek() not in ("\n", _END):
            self._take()
        path = self._inside(parents)
        path = self._new_element((*path, last)) if is_array else self._inside([last], path)
        self.lines.setdefault(path, line)
        return path

    def _inside(self, keys: list[str], path: Path = ()) -> Path:
        """Where *keys* lead in a header: into the last element of an array of tables."""
        for key in keys:
            path = (*path, key)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        return path

    def _new_element(self, array: Path) -> Path:
        index = self._lengths.get(array, 0)
        self._lengths[array] = index + 1
        self.lines.setdefault(array, self._line())
        return (*array, index)

    def _keys(self) -> list[str]:
        keys = [_key(self._take())]
        while self._peek() == ".":
            self._take()
            keys.append(_key(self._take()))
        return keys

    def _assignment(self, base: Path) -> None:
        line = self._line()
        path = base
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._take()  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._peek() == "[":
            self._array(path)
        elif self._peek() == "{":
            self._inline_table(path)
        else:
            while self._peek() not in ("\n", ",", "]", "}", _END):
                self._take()

    def _array(self, path: Path) -> None:
        self._take()
        index = 0
        self._skip_newlines()
        while self._peek() not in ("]", _END):
            element = (*path, index)
            self.lines[element] = self._line()
            self._value(element)
            index += 1
            self._separator()
        self._take()

    def _inline_table(self, path: Path) -> None:
        self._take()
        self._skip_newlines()
        while self._peek() not in ("}", _END):
            self._assignment(path)
            self._separator()
        self._take()

    def _separator(self) -> None:
        self._skip_newlines()
        if self._peek() == ",":
            self._take()
        self._skip_newlines()


def _tokens(text: str) -> list[tuple[str, int]]:
    """Every token with its line, comments left out, and an end that is never passed."""
    tokens = []
    line, counted = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        if not found[0].startswith("#"):
            tokens.append((found[0], line))
    return [*tokens, (_END, line)]


def _key(token: str) -> str:
    """A key as the parser reads it: bare, 'literal' or "with escapes"."""
    if token[:1] == "'":
        return token[1:-1]
    if token[:1] == '"':
        return _ESCAPE.sub(_unescaped, token[1:-1])
    return token


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" else _ESCAPED.get(code, code)
