"""One file that holds what a whole directory of files says, and when it may be believed.

A directory's time of change moves when a file in it appears, goes or is renamed over. A
snapshot is believed while that time is the one it was made for. That alone is not safe:
clocks tick, and a change in the same tick as the last one leaves the time as it is. So a
snapshot is kept only if reading began clearly after the tick of the last change; until
then the directory is read file by file, which is right and merely slower.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass

from envmgr._version import SCHEMA
from envmgr.errors import HostError
from envmgr.host.files import atomic_write
from envmgr.host.watch import tick

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Moment:
    """A directory as it was when reading began."""

    device: int
    inode: int
    mtime_ns: int
    settled: bool
    """Whether a change from now on must show in `mtime_ns`."""


class Snapshot:
    """The derived file at *path* for *directory*. It is never locked and never needed."""

    def __init__(self, path: str, directory: str) -> None:
        self._path = path
        self._directory = directory

    def moment(self, began_ns: int | None = None) -> Moment | None:
        """The directory now, when reading begins or, at *began_ns*, began; None without one."""
        began_ns = time.time_ns() if began_ns is None else began_ns
        try:
            seen = os.stat(self._directory)
        except OSError:
            return None
        settled = began_ns - seen.st_mtime_ns > tick(seen.st_mtime_ns)
        return Moment(seen.st_dev, seen.st_ino, seen.st_mtime_ns, settled)

    def load(self) -> list[dict[str, Any]] | None:
        """What was kept, if it still holds."""
        now = self.moment()
        if now is None:
            return None
        try:
            with open(self._path, "rb") as file:
                kept = json.loads(file.read())
            holds = kept["for"] == _mark(now)
            content = kept["content"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return content if holds and isinstance(content, list) else None

    def save(self, content: list[dict[str, Any]], before: Moment | None) -> None:
        """Keep *content*, which was read since the moment *before*, if that is safe.

        A cache that cannot be written only costs time.
        """
        if before is None or not before.settled or self.moment() != before:
            return
        text = json.dumps({"for": _mark(before), "content": content}, separators=(",", ":"))
        with suppress(OSError, HostError):
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            atomic_write(self._path, text)


def _mark(moment: Moment) -> list[int]:
    return [SCHEMA, moment.device, moment.inode, moment.mtime_ns]
