"""Archives as streams of members, of whichever kind and compression; judged by content, not name.

Read once from front to back in little memory. Members are told as they are written down, safe
or not: `install.tree` decides what may be made of them. `tarfile` and `zipfile` only parse
here, so nothing depends on the extraction filters of this or that Python.
"""

from __future__ import annotations

import os
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from envmgr.errors import InstallError, UnsafeArchiveError

CHUNK = 1 << 20
"""Bytes that are moved at a time."""

_MOST_HEADER = 8 << 20
"""The longest header of a tar archive that is read; a name needs some thousand bytes."""
_MOST_MEMORY = 1 << 30
"""Bytes that a decompressor of xz may take; `xz -9` asks for a fifteenth of it."""
_PIECE = 2048
"""Bytes of zstd decompressed at a time: every four of them may become 128 KiB at once."""
_BLOCK = 512
_SUFFIXES = (".gz", ".bz2", ".xz", ".lzma", ".zst")


@dataclass(frozen=True, slots=True)
class Member:
    """One thing in an archive. `read` gives a file's bytes until the next member is asked for."""

    name: str
    kind: str
    """`file`, `directory`, `symlink`, `hardlink`, or in words what it is instead."""
    size: int = 0
    """Bytes, as far as the archive says."""
    executable: bool = False
    mtime: float | None = None
    """Seconds since the epoch."""
    target: str = ""
    """What a link points to."""
    read: Callable[[int], bytes] = lambda _: b""


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Around everything that reads members: what the libraries raise becomes one error."""
    import struct
    from lzma import LZMAError

    from zstandard import ZstdError

    try:
        yield
    except (
        *(OSError, EOFError, ValueError, KeyError, IndexError, OverflowError, struct.error),
        *(tarfile.TarError, zipfile.BadZipFile, zlib.error, LZMAError, ZstdError),
        *(RuntimeError, MemoryError),  # zipfile's word for locked members, deep nesting; bombs
    ) as error:
        name = os.path.basename(path)
        reason = str(error) or type(error).__name__
        raise InstallError(f"cannot read the archive {name}: {reason}") from error


def members(path: str, limit: int) -> Iterator[Member]:
    """What is in the archive at *path*; to be read inside `reading`.

    Hardly more than twice *limit* bytes are decompressed. Raises InstallError for a file that is
    no archive, UnsafeArchiveError for one that grows beyond the limit.
    """
    with open(path, "rb") as file:
        head = file.read(_BLOCK)
        file.seek(0)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield from _zip_members(file)
            return
        unpacked = _decompressed(file, head)
        # Headers and padding of tiny files take as much room again as the files.
        stream = _Forward(unpacked or file, 2 * limit + _MOST_HEADER)
        if _is_tar(stream.peek(_BLOCK)):
            yield from _tar_members(stream)
        elif unpacked is not None:
            yield Member(_plain_name(path), "file", read=stream.read)
        else:
            raise InstallError(
                f"{os.path.basename(path)} is not an archive that can be unpacked",
                hint="tar (plain, gz, bz2, xz, lzma, zst), zip and compressed files can; "
                "for any other file write unpack = false in the recipe",
            )


def _plain_name(path: str) -> str:
    name = os.path.basename(path)
    root, suffix = os.path.splitext(name)
    return root if suffix.lower() in _SUFFIXES else name


def _is_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


def _tar_members(stream: _Forward) -> Iterator[Member]:
    archive = tarfile.TarFile(
        fileobj=stream,  # type: ignore[arg-type]  # reading alone needs no write
        encoding="utf-8",
        errors="surrogateescape",
    )
    while (info := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]  # or it would keep every one
        content = archive.extractfile(info) if info.isfile() else None
        yield Member(
            name=info.name,
            kind=_tar_kind(info),
            size=info.size if info.isfile() else 0,
            executable=bool(info.mode & 0o111),
            mtime=float(info.mtime),
            target=info.linkname,
            read=content.read if content else lambda _: b"",
        )


def _tar_kind(info: tarfile.TarInfo) -> str:
    kinds = {
        tarfile.DIRTYPE: "directory",
        tarfile.SYMTYPE: "symlink",
        tarfile.LNKTYPE: "hardlink",
        tarfile.CHRTYPE: "a device",
        tarfile.BLKTYPE: "a device",
        tarfile.FIFOTYPE: "a named pipe",
    }
    return "file" if info.isfile() else kinds.get(info.type, "of an unknown kind")


def _zip_members(file: BinaryIO) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            # `filename` ends at a NUL and has had its separators changed.
            name, mode = info.orig_filename, info.external_attr >> 16
            _check_method(info)
            with archive.open(info) as content:
                kind = _zip_kind(info, mode)
                yield Member(
                    name=name,
                    kind=kind,
                    size=info.file_size if kind == "file" else 0,
                    executable=bool(mode & 0o111),
                    mtime=_zip_time(info),
                    target=os.fsdecode(content.read(4097)) if kind == "symlink" else "",
                    read=content.read,
                )


def _check_method(info: zipfile.ZipInfo) -> None:
    """Only what is decompressed in bounded memory; other methods hardly any tool writes."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{info.orig_filename!r} is compressed by method {info.compress_type}")


def _zip_kind(info: zipfile.ZipInfo, mode: int) -> str:
    if info.orig_filename.endswith("/"):
        return "directory"
    kinds = {0: "file", stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}
    return kinds.get(stat.S_IFMT(mode), "a device or a pipe")


def _zip_time(info: zipfile.ZipInfo) -> float | None:
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return None


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _decompressed(file: BinaryIO, head: bytes) -> _Readable | None:
    """*file* decompressed, or None when it is not compressed."""
    if head.startswith(b"\x1f\x8b"):
        import gzip

        return gzip.GzipFile(fileobj=file)
    if head.startswith(b"BZh"):
        import bz2

        return bz2.BZ2File(file)
    if head.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")):
        return _Chunks(_xz_chunks(file))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _Chunks(_zstd_chunks(file))
    return None


def _xz_chunks(file: BinaryIO) -> Iterator[bytes]:
    """xz and lzma with a cap on memory, which `lzma.LZMAFile` cannot set."""
    import lzma

    rest = file.read(CHUNK)
    while rest:
        decoder = lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
        while not decoder.eof:
            yield decoder.decompress(rest, max_length=CHUNK)
            rest = file.read(CHUNK) if decoder.needs_input and not decoder.eof else b""
            if decoder.needs_input and not decoder.eof and not rest:
                raise EOFError("it ends in the middle")
        rest = decoder.unused_data.lstrip(b"\0") or file.read(CHUNK).lstrip(b"\0")


def _zstd_chunks(file: BinaryIO) -> Iterator[bytes]:
    """zstd, frame by frame, with an error at an end in the middle, which its readers pass over."""
    import zstandard

    rest = file.read(_PIECE)
    while rest:
        decoder = zstandard.ZstdDecompressor().decompressobj()
        while not decoder.eof:
            if not rest:
                raise EOFError("it ends in the middle")
            yield decoder.decompress(rest)
            rest = decoder.unused_data if decoder.eof else file.read(_PIECE)
        rest = rest or file.read(_PIECE)


class _Chunks:
    """Chunks of any size, read in the sizes that are asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = filter(None, chunks)
        self._rest = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        """The next *size* bytes, fewer at the end only."""
        parts = []
        while size:
            self._rest = self._rest or memoryview(next(self._chunks, b""))
            if not self._rest:
                break
            parts.append(self._rest[:size])
            self._rest = self._rest[size:]
            size -= len(parts[-1])
        return b"".join(parts)


class _Forward:
    """A stream that is read forward only and up to a limit, as `tarfile` needs it."""

    def __init__(self, stream: _Readable, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._ahead = b""
        self._position = 0

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay the next ones."""
        self._ahead = self._ahead or self._stream.read(size)
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """The next *size* bytes, fewer at the end only."""
        if size > _MOST_HEADER:
            raise UnsafeArchiveError(f"the archive has a header of {size} bytes")
        start, self._ahead = self._ahead[:size], self._ahead[size:]
        data = start + self._stream.read(size - len(start)) if len(start) < size else start
        self._position += len(data)
        if self._position > self._limit:
            raise UnsafeArchiveError(
                f"the archive is more than {self._limit} bytes long when decompressed"
            )
        return data

    def tell(self) -> int:
        """How many bytes were read."""
        return self._position

    def seek(self, position: int) -> int:
        """Skip to *position*."""
        if position < self._position:
            raise ValueError("a header points backwards")
        while self._position < position:
            if not self.read(min(CHUNK, position - self._position)):
                break
        return self._position

    def seekable(self) -> bool:
        """Forward, yes."""
        return True
