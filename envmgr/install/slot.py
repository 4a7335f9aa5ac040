"""The download cache: one directory a digest, one writer at a time, nothing seen half written.

`<cache>/<algorithm>-<hex>/<name>` is a verified file. While it comes it is called
`<name>.partial`, and `<name>.partial.json` says where it comes from; killed at any time, a
process leaves no more than those two, and the next one goes on from there.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.errors import DefinitionError, FetchError
from envmgr.host.files import atomic_write
from envmgr.install.checksum import Checksums, Digest, Memory, checksums_of

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LONGEST_NAME = 200
"""Bytes; leaves room for the ending of a partial file."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one file in the cache."""

    directory: str
    name: str
    digest: Digest
    trust: Memory | None

    @property
    def path(self) -> str:
        """Where the verified file is, once it is."""
        return os.path.join(self.directory, self.name)

    def lock(self) -> BaseFileLock:
        """Held by the one process that writes here; others wait for it."""
        from filelock import FileLock

        os.makedirs(self.directory, exist_ok=True)
        return FileLock(f"{self.directory}.lock")

    def holds(self) -> bool:
        """Whether the file is there and still is what it must be; one that is not is removed."""
        try:
            if not self.mistake(checksums_of(self.path, self.digest.algorithms)):
                return True
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise FetchError(f"cannot read {self.path}: {error.strerror or error}") from error
        return False

    def mistake(self, sums: dict[str, str]) -> str | None:
        """Why a file with the checksums *sums* is not this one, or None when it is."""
        found = sums[self.digest.algorithm]
        if found != self.digest.hex:
            return f"its {self.digest.algorithm} is {found}, not {self.digest.hex}"
        if self.trust is None or not self.digest.is_weak:
            return None
        known = self.trust.get(str(self.digest))
        if known in (None, sums["sha256"]):
            return None
        return f"its sha256 is {sums['sha256']}, not {known} as the first time"

    def keep(self, path: str, sums: dict[str, str]) -> str:
        """Take the verified file at *path* in; returns where it is now."""
        if self.trust is not None and self.digest.is_weak:
            self.trust.put(str(self.digest), sums["sha256"])
        os.replace(path, self.path)
        return self.path

    def adopt(self, path: str) -> str:
        """Verify the file at *path* and take it in. Raises FetchError."""
        sums = checksums_of(path, self.digest.algorithms)
        if mistake := self.mistake(sums):
            raise FetchError(
                f"{self.name} is not the file it should be: {mistake}",
                hint="check the digest in the recipe, and the registry set up on this machine",
            )
        return self.keep(path, sums)


def slot_for(cache: str, name: str, digest: str, trust: Memory | None = None) -> Slot:
    """The place of file *name* with *digest* below the directory *cache*.

    Raises DefinitionError for a name that is not a plain file name, for a malformed digest,
    and for a weak one without *trust* that remembers more.
    """
    if not _is_plain(name):
        raise DefinitionError(f"{name!r} is not a plain file name")
    wanted = Digest.parse(digest)
    if wanted.is_weak and trust is None:
        raise DefinitionError(f"{wanted} alone does not verify {name}", hint="give a sha256")
    return Slot(os.path.join(cache, f"{wanted.algorithm}-{wanted.hex}"), name, wanted, trust)


def _is_plain(name: str) -> bool:
    return (
        name not in ("", ".", "..")
        and name.isprintable()
        and not set(name) & set("/\\:")
        and len(name.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME
    )


class Partial:
    """A file that is still coming, and the checksums of what is there of it."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self.path = f"{slot.path}.partial"
        self._about = f"{self.path}.json"
        # Unbuffered: what the checksums have seen is in the file, whenever we are killed.
        self._file = open(self.path, "ab+", buffering=0)  # noqa: SIM115
        self._sums = Checksums(slot.digest.algorithms)
        self._file.seek(0)
        self.size = self._sums.add_file(self._file)

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_: object) -> None:
        self._sums.close()
        self._file.close()

    def validator(self, url: str) -> str | None:
        """The ETag or date that *url* gave for the bytes that are there."""
        try:
            with open(self._about, encoding="utf-8") as file:
                about = json.load(file)
            return about["validator"] if about["url"] == url else None
        except (OSError, ValueError, KeyError, TypeError):
            return None  # without it the checksum alone tells whether the pieces fit

    def restart(self) -> None:
        """Throw away what is there."""
        self._file.truncate(0)
        self._sums.close()
        self._sums = Checksums(self._slot.digest.algorithms)
        self.size = 0
        with suppress(FileNotFoundError):
            os.unlink(self._about)

    def comes_from(self, url: str, validator: str | None) -> None:
        """Write down where the next bytes come from."""
        if validator is not None:
            atomic_write(self._about, json.dumps({"url": url, "validator": validator}))

    def append(self, chunk: bytes) -> None:
        """Add bytes at the end. Raises OSError when the disk is full."""
        view = memoryview(chunk)
        while view:  # an unbuffered write may take a part of it
            view = view[self._file.write(view) :]
        self._sums.update(chunk)
        self.size += len(chunk)

    def mistake(self) -> str | None:
        """Why what is there is not the whole right file, or None when it is."""
        return self._slot.mistake(self._sums.so_far())

    def keep(self) -> str:
        """Make the verified file visible; returns where it is."""
        sums = self._sums.so_far()
        self._file.close()  # Windows renames no open file
        path = self._slot.keep(self.path, sums)
        with suppress(FileNotFoundError):
            os.unlink(self._about)
        return path
