"""Files: what they looked like, writing them whole or not at all, removing trees."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress

from envmgr.errors import HostError
from envmgr.model.stamp import Stamp

_MOST_HOPS = 40
"""Links that are followed one after another: as many as Linux itself follows."""


def stamp(path: str) -> tuple[Stamp, ...]:
    """What *path* looks like now: the link itself, every hop it leads over, the final target.

    Links among the directories on the way need no stamp of their own: turning one leads to
    another file, which shows. Raises HostError when a hop is missing or the links go in a circle.
    """
    try:
        return tuple(_hops(os.path.abspath(path)))
    except (OSError, ValueError) as error:
        raise HostError(f"cannot read {path}: {_reason(error)}") from error


def _hops(path: str) -> Iterator[Stamp]:
    for _ in range(_MOST_HOPS + 1):
        seen = os.lstat(path)
        yield Stamp(path, seen.st_size, seen.st_mtime_ns, seen.st_ino)
        if not stat.S_ISLNK(seen.st_mode):
            return
        # Not normalised: `..` after a linked directory is for the kernel to resolve.
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def unchanged(stamps: tuple[Stamp, ...]) -> bool:
    """Whether every stamped file still looks the same; true when there is nothing to compare.

    Runs for hundreds of entries at every start: one `lstat` a stamp and nothing else.
    """
    lstat = os.lstat
    try:
        for known in stamps:
            seen = lstat(known.path)
            if (
                seen.st_mtime_ns != known.mtime_ns
                or seen.st_size != known.size
                or seen.st_ino != known.inode
            ):
                return False
    except (OSError, ValueError):
        return False
    return True


def atomic_write(path: str, data: bytes | str, mode: int = 0o644) -> None:
    """Write *data* to *path* so that every reader, at any time, sees the old or the new whole.

    What was written is on the disk when this returns. Text is written as UTF-8; the file gets
    *mode* less the umask; a link at *path* is replaced, not followed. Raises HostError.
    """
    content = data.encode() if isinstance(data, str) else data
    directory, name = os.path.split(os.path.abspath(path))
    # Cut so that a long name with its additions is still a name that file systems take.
    temporary = os.path.join(directory, f".{name[:48]}.{os.urandom(6).hex()}.tmp")
    try:
        _write_synced(temporary, content, mode)
        os.replace(temporary, path)
        _sync_directory(directory)
    except (OSError, ValueError) as error:
        raise HostError(f"cannot write {path}: {_reason(error)}") from error
    finally:
        with suppress(OSError, ValueError):
            os.unlink(temporary)  # gone already unless something failed or Ctrl-C came


def remove_tree(path: str) -> None:
    """Remove *path* and everything below it; a path that is not there is fine.

    Links are removed, never followed. Read-only directories are opened first. A loop, not
    recursion: an archive may have made directories deeper than Python's stack. Raises HostError.
    """
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            _remove_directory(path)
        else:
            with suppress(FileNotFoundError):
                os.unlink(path)
    except (OSError, ValueError) as error:
        raise HostError(f"cannot remove {path}: {_reason(error)}") from error


def _remove_directory(top: str) -> None:
    emptied: list[str] = []
    pending = [top]
    while pending:
        directory = pending.pop()
        with suppress(PermissionError):  # another's directory may still let us
            os.chmod(directory, stat.S_IRWXU)
        with os.scandir(directory) as items:
            for item in items:
                if item.is_dir(follow_symlinks=False):
                    pending.append(item.path)
                else:
                    os.unlink(item.path)
        emptied.append(directory)
    for directory in reversed(emptied):  # parents came before their children
        os.rmdir(directory)


def _write_synced(path: str, content: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: str) -> None:
    if os.name == "nt":
        return  # Windows has no handle of a directory to sync
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
