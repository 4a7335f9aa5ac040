"""What shells keep of project directories, in files that they find and judge with builtins alone.

The snippet of a directory lies at its own path below `hooks/<shell>/`, so that no name has to be
encoded. It holds while its mark is there: an empty file whose time of change lies before the
deciding began, by a margin that covers the ticks of file systems and the shells' own grain.
Whatever changes later is newer than the mark. A new snippet brings a new mark and removes the
former, which tells the shells that still go by the old one. Everything here may be deleted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from envmgr.errors import HostError
from envmgr.host.files import atomic_write
from envmgr.store.layout import Layout

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any

MARGIN_NS = 2_000_000_000
"""The coarsest grain in which times of change are kept (FAT); old shells compare whole seconds."""

_NAME = ".hook"


@dataclass(frozen=True, slots=True)
class Marks:
    """How a shell tells that nothing changed since a snippet was decided."""

    mark: str
    watch: tuple[str, ...]
    """Paths that must be there and no newer than the mark."""
    copies: tuple[tuple[str, str], ...]
    """Paths, each with a file that shall have the same time of change."""
    absent: tuple[str, ...]
    """Paths where nothing is."""
    times: Mapping[str, int]
    """When what is copied changed, in nanoseconds."""
    settled: bool
    """Whether every change from now on must show; otherwise the mark is left out."""


def snippet_directory(layout: Layout, shell: str) -> str:
    """The directory below which a shell finds its snippets."""
    return os.path.join(layout.cache, "hooks", shell)


class SnippetFile:
    """The snippet of one project *directory* for one shell."""

    def __init__(self, layout: Layout, shell: str, directory: str) -> None:
        # Appended as the shell does it, which joins texts.
        path = directory.replace(":", "") if sys.platform == "win32" else directory
        self._top = os.path.join(layout.cache, "hooks")
        self._place = f"{snippet_directory(layout, shell)}{os.sep}{path.lstrip(os.sep)}"
        self._path = os.path.join(self._place, _NAME)

    def marks(self, watched: Iterable[str], exact: Mapping[str, int | None], began: int) -> Marks:
        """How to tell that none of the *watched* paths changed since *began*, in nanoseconds.

        *exact* are paths as they were then (see `times`), in directories that change all the
        time, so that replacing them by something older must show as well.
        """
        now = time.time_ns()
        seen = times(watched)
        mark = f"{self._path}-{os.urandom(4).hex()}"
        # What is dated in the future would be newer than any mark for ever.
        later = {p: t for p, t in seen.items() if t is not None and t > now + MARGIN_NS}
        copied = {**later, **{p: t for p, t in exact.items() if t is not None}}
        there = (t for t in (*seen.values(), *exact.values()) if t is not None)
        return Marks(
            mark,
            tuple(p for p, t in seen.items() if t is not None and p not in copied),
            tuple((path, f"{mark}-{number}") for number, path in enumerate(copied)),
            tuple(p for p, t in (*seen.items(), *exact.items()) if t is None),
            copied,
            times(exact) == exact
            and not any(began - MARGIN_NS < t <= now + MARGIN_NS for t in there),
        )

    def ways(self, aim: str) -> list[dict[str, Any]]:
        """The ways that were kept for *aim*, a digest, as JSON forms."""
        try:
            with open(f"{self._path}.json", "rb") as file:
                form = json.loads(file.read())
            kept = form["ways"] if form["aim"] == aim else []
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return []
        return kept if isinstance(kept, list) else []

    def save(
        self, text: str, marks: Marks, began: int, aim: str, ways: list[dict[str, Any]]
    ) -> bool:
        """Keep *text*, decided since *began*; whether that was possible."""
        try:
            self._make_place()
            atomic_write(f"{self._path}.json", json.dumps({"aim": aim, "ways": ways}), mode=0o600)
            if marks.settled:
                _touch(marks.mark, began - MARGIN_NS)
                for path, copy in marks.copies:
                    _touch(copy, marks.times[path])
            atomic_write(self._path, os.fsencode(text), mode=0o600)
            self._drop_others(marks.mark)
        except (OSError, ValueError, RecursionError, HostError):  # a path may be too long
            return False
        return True

    def _make_place(self) -> None:
        # Nobody else needs to see the values of variables: closed at the top.
        os.makedirs(os.path.dirname(self._top), exist_ok=True)
        with suppress(FileExistsError):
            os.mkdir(self._top, 0o700)
        os.makedirs(self._place, exist_ok=True)

    def _drop_others(self, mark: str) -> None:
        for name in os.listdir(self._place):
            path = os.path.join(self._place, name)
            if path.startswith(f"{self._path}-") and not path.startswith(mark):
                with suppress(FileNotFoundError):
                    os.unlink(path)


def times(paths: Iterable[str]) -> dict[str, int | None]:
    """When each path changed, in nanoseconds, links followed; None where nothing is."""
    return {path: _time(path) for path in paths}


def _time(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return None


def _touch(path: str, time_ns: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"):
        pass
    os.utime(path, ns=(time_ns, time_ns))
