"""Trust on first sight: the sha256 of files for which only an MD5 is published.

An MD5 proves little, so the sha256 that a file had when it was first fetched is remembered,
and required from then on.
"""

from __future__ import annotations

import json
import os
import re

from envmgr.errors import StoreError
from envmgr.host.files import atomic_write
from envmgr.store.layout import Layout
from envmgr.store.locks import locked

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Trust:
    """The checksums that a store has seen, by a key that names the file, such as its MD5."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.trust
        self._lock = os.path.join(layout.locks, "trust.lock")

    def get(self, key: str) -> str | None:
        """The sha256 (64 hex digits) seen first; None for a file never seen. Raises StoreError."""
        return self._read().get(key)

    def put(self, key: str, sha256: str) -> None:
        """Remember what was seen first. Raises StoreError when something else was seen before."""
        if not _SHA256.fullmatch(sha256):
            raise StoreError(f"not a sha256 in lower case hex: {sha256!r}")
        with locked(self._lock):
            seen = self._read()
            if seen.setdefault(key, sha256) != sha256:
                raise StoreError(
                    f"{key} had sha256 {seen[key]} when it was first seen, now {sha256}",
                    hint=f"if the change is meant, remove its line from {self._path}",
                )
            text = json.dumps({"schema": 1, "sha256": seen}, indent=1, sort_keys=True)
            atomic_write(self._path, text + "\n")

    def _read(self) -> dict[str, str]:
        # A damaged file is an error: to forget is to trust whatever comes next.
        try:
            with open(self._path, "rb") as file:
                seen = json.loads(file.read())["sha256"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._damaged(str(error)) from error
        if isinstance(seen, dict) and all(_is_sha256(value) for value in seen.values()):
            return seen
        raise self._damaged("not a table of checksums")

    def _damaged(self, why: str) -> StoreError:
        return StoreError(
            f"cannot read the remembered checksums in {self._path}: {why}",
            hint="repair the file, or remove it to trust what is fetched next",
        )


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None
