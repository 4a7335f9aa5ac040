"""Checksums: reading them, and computing them in step with the bytes."""

from __future__ import annotations

import hashlib
import queue
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from envmgr.errors import DefinitionError

if TYPE_CHECKING:
    from hashlib import _Hash

CHUNK = 1 << 20
"""Bytes that are read and hashed at a time."""

_SIZES = {"sha256": 32, "sha512": 64, "md5": 16}
_WAITING = 8
"""Chunks that may wait for the hashing thread before the writer waits for it."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file's bytes must add up to: `sha256`, `sha512` or `md5`, and lower-case hex."""

    algorithm: str
    hex: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `algorithm:hex` or, as registries write it, base64. Raises DefinitionError."""
        algorithm, _, value = text.partition(":")
        size = _SIZES.get(algorithm)
        number = _number(value, size) if size else None
        if number is None:
            raise DefinitionError(
                f"{text!r} is not a digest",
                hint="write sha256:<hex>, sha512:<hex or base64> or md5:<hex>",
            )
        return cls(algorithm, number)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What to compute of a file; of one with a weak digest also what is remembered of it."""
        return (self.algorithm, "sha256") if self.is_weak else (self.algorithm,)

    @property
    def is_weak(self) -> bool:
        """Whether another file with this digest can be made on purpose."""
        return self.algorithm == "md5"

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"


def _number(value: str, size: int) -> str | None:
    if re.fullmatch(rf"[0-9a-fA-F]{{{2 * size}}}", value):
        return value.lower()
    try:
        import base64

        raw = base64.b64decode(value, validate=True)
    except ValueError:
        return None
    return raw.hex() if len(raw) == size else None


class Checksums:
    """Checksums of a stream, computed in a thread of their own while the next bytes come.

    `hashlib` lets other threads run while it works, so hashing costs no time as long as it
    is faster than the source. The chunks handed over must not change afterwards.
    """

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        self._hashes: dict[str, _Hash] = {
            name: hashlib.new(name, usedforsecurity=name != "md5") for name in algorithms
        }
        self._chunks: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._work, name="checksum", daemon=True)
        self._thread.start()

    def __enter__(self) -> Checksums:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the thread."""
        self._chunks.put(None)
        self._thread.join()

    def update(self, chunk: bytes) -> None:
        """Add *chunk*; waits while too many are waiting already."""
        self._chunks.put(chunk)

    def add_file(self, file: BinaryIO) -> int:
        """Add the rest of *file*; the number of bytes that it had."""
        size = 0
        while chunk := file.read(CHUNK):
            self.update(chunk)
            size += len(chunk)
        return size

    def so_far(self) -> dict[str, str]:
        """Algorithm to lower-case hex of everything added until now."""
        self._chunks.join()
        return {name: state.hexdigest() for name, state in self._hashes.items()}

    def _work(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            for state in self._hashes.values():
                state.update(chunk)
            self._chunks.task_done()


def checksums_of(path: str, algorithms: tuple[str, ...]) -> dict[str, str]:
    """The checksums of a file: algorithm to lower-case hex. Raises OSError."""
    with Checksums(algorithms) as sums, open(path, "rb", buffering=0) as file:
        sums.add_file(file)
        return sums.so_far()


class Memory(Protocol):
    """What was seen the first time, as `store.trust` keeps it: a weak digest to a sha256."""

    def get(self, digest: str) -> str | None:
        """The sha256 that was remembered, in hex."""

    def put(self, digest: str, sha256: str) -> None:
        """Remember *sha256*, in hex."""
