"""Detecting again: what was found last time, while nothing that was looked at has changed.

A sweep that was asked for once is asked for again by the next script and the next prompt. Its
answer is kept with everything it depends on, and checking that costs one `lstat` a path where
sweeping costs a hundred times that. This file and what it imports are kept light on purpose.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence

from envmgr._version import __version__
from envmgr.host.watch import look, settled, unchanged

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any

    from envmgr.store.layout import Layout

_MOST = 16
"""Answers that are kept."""
_MOST_PATHS = 4000
"""An answer that depends on more is not worth keeping."""


class Again:
    """The answers of one store."""

    def __init__(self, layout: Layout) -> None:
        self._path = os.path.join(layout.cache, "sweeps.json")
        self._store = (layout.entries, os.path.join(layout.root, "repositories.json"))

    def recall(
        self, queries: Sequence[str], environ: Mapping[str, str]
    ) -> list[dict[str, Any]] | None:
        """The entries that were found for *queries*, in their JSON form, while all still holds."""
        try:
            kept = self._read()["\n".join(queries)]
            same = all(environ.get(name) == value for name, value in kept["variables"].items())
            entries = kept["entries"] if same and unchanged(kept["seen"]) else None
        except (KeyError, TypeError, AttributeError):
            return None
        return entries if isinstance(entries, list) else None

    def remember(
        self,
        queries: Sequence[str],
        entries: list[dict[str, Any]],
        paths: Iterable[str],
        variables: Mapping[str, str | None],
        began_ns: int,
    ) -> None:
        """Keep what a sweep that began at *began_ns* found, and the *paths* it depends on.

        Nothing is kept when something changed meanwhile, or so shortly before that another
        change would not show.
        """
        seen = look({*paths, *self._store})
        if len(seen) > _MOST_PATHS or not settled(seen, began_ns):
            return
        answers = dict(list(self._read().items())[1 - _MOST :])
        answers["\n".join(queries)] = {
            "variables": dict(variables),
            "seen": seen,
            "entries": entries,
        }
        form = {"envmgr": __version__, "answers": answers}
        from envmgr.errors import HostError
        from envmgr.host.files import atomic_write

        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            atomic_write(self._path, json.dumps(form, separators=(",", ":")))
        except (HostError, OSError):
            return  # a cache that cannot be written costs time, nothing else

    def _read(self) -> dict[str, Any]:
        try:
            with open(self._path, "rb") as file:
                form = json.loads(file.read())
            return dict(form["answers"]) if form["envmgr"] == __version__ else {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}
