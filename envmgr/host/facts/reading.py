"""How facts are read: from the files of a machine and from programs, or not, and why not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from envmgr.errors import HostError
from envmgr.host import process

_Value = TypeVar("_Value")
_DIGITS = re.compile(r"(\d+)")
_TIMEOUT = 15.0
"""Seconds that a program may take to answer; drivers that wake a device are the slow ones."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands for a fact that could not be read; `split` collects the reasons."""

    reason: str


class UnreadableError(Exception):
    """A fact cannot be read; the message is the reason that is shown."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that is asked: its files, and the programs on the PATH of `environ`."""

    environ: Mapping[str, str]
    root: str = "/"
    """Where its files lie; another directory than `/` holds a recorded machine."""

    def require_running(self) -> None:
        """Raises UnreadableError for a recorded machine, which only has files."""
        if self.root != "/":
            raise UnreadableError("only the running machine can tell, and this is a recorded one")

    def place(self, path: str) -> str:
        """Where the machine's *path* lies on this disk."""
        return os.path.join(self.root, path.lstrip("/"))

    def has(self, path: str) -> bool:
        """Whether there is anything at *path*."""
        return os.path.lexists(self.place(path))

    def read(self, path: str) -> str:
        """The text of a file without the blanks around it. Raises UnreadableError."""
        try:
            with open(self.place(path), encoding="utf-8", errors="replace") as file:
                return file.read().strip(" \t\n\0")
        except OSError as error:
            raise UnreadableError(f"{path}: {error.strerror}") from error

    def number(self, path: str) -> int:
        """The whole number that a file holds. Raises UnreadableError."""
        text = self.read(path)
        try:
            return int(text, 0)
        except ValueError:
            raise UnreadableError(f"{path} holds {text[:40]!r}, not a number") from None

    def names(self, path: str, pattern: str = ".*") -> list[str]:
        """Names in a directory that match a whole *pattern*, numbers in order; none without it."""
        try:
            listed = os.listdir(self.place(path))
        except OSError:
            return []
        return sorted((n for n in listed if re.fullmatch(pattern, n)), key=_natural)

    def link_name(self, path: str) -> str:
        """The last name of what a link leads to, as /sys names drivers. Raises UnreadableError."""
        try:
            return os.path.basename(os.readlink(self.place(path)))
        except OSError as error:
            raise UnreadableError(f"{path}: {error.strerror}") from error

    def program(self, name: str) -> str | None:
        """The place of a program, or None."""
        import shutil

        return shutil.which(name, path=self.environ.get("PATH", ""))

    def ask(self, name: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        """What a program says when it ends with one of *codes*. Raises UnreadableError."""
        path = self.program(name)
        if path is None:
            raise UnreadableError(f"there is no {name} on PATH")
        env = process.clean_environ(self.environ)
        try:
            ended = process.run([path, *arguments], env=env, timeout=_TIMEOUT)
        except HostError as error:
            raise UnreadableError(error.message) from error
        if ended.timed_out:
            raise UnreadableError(f"{name} did not answer within {_TIMEOUT:.0f} s")
        if ended.code not in codes:
            last = (ended.output.strip().splitlines() or [f"exit status {ended.code}"])[-1]
            raise UnreadableError(f"{name} failed: {last[:200]}")
        return ended.output


def known(reader: Callable[..., _Value], *arguments: object) -> _Value | Absent:
    """What *reader* gives, or Absent with the reason why it gives nothing."""
    try:
        return reader(*arguments)
    except UnreadableError as reason:
        return Absent(str(reason))
    except Exception as error:  # a strange machine costs one fact, never the whole report
        return Absent(f"it could not be read: {type(error).__name__}: {error}")


def split(tree: Any, name: str = "") -> tuple[Any, dict[str, str]]:
    """*tree* without its Absent leaves, and their reasons by dotted name."""
    if not isinstance(tree, (dict, list)):
        return tree, {}
    absent: dict[str, str] = {}
    kept = {}
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        dotted = f"{name}.{key}" if name else str(key)
        if isinstance(value, Absent):
            absent[dotted] = value.reason
            continue
        kept[key], more = split(value, dotted)
        absent |= more
    return (kept if isinstance(tree, dict) else list(kept.values())), absent


def table(text: str, separator: str = ":") -> dict[str, str]:
    """Lines `key: value` up to the first empty one; of a repeated key the first line counts."""
    rows: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            break
        key, found, value = line.partition(separator)
        if found:
            rows.setdefault(key.strip(), value.strip())
    return rows


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(name)]
