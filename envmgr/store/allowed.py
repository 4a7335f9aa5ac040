"""Which project files may be used without being named: those that a person allowed, as they were.

One file a directory, so that allowing one does not look like a change to another. A permission is
for one text: whoever changes a project file changes what would run, so it is asked for again.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass

from envmgr.errors import StoreError
from envmgr.host.files import atomic_write
from envmgr.store.layout import Layout, safe_name


@dataclass(frozen=True, slots=True)
class Permission:
    """That the project file of a directory may be used while its text has this checksum."""

    directory: str
    """Without links."""
    sha256: str


class Allowed:
    """The permissions of one store."""

    def __init__(self, layout: Layout) -> None:
        self._directory = os.path.join(layout.root, "allowed")

    def file(self, directory: str) -> str:
        """Where the permission of *directory* is, once there is one: a change shows there."""
        from hashlib import sha256

        path = os.path.realpath(directory)
        digest = sha256(os.fsencode(path)).hexdigest()[:32]
        return os.path.join(self._directory, f"{safe_name(os.path.basename(path))}-{digest}.json")

    def get(self, directory: str) -> Permission | None:
        """The permission of *directory*; None without one, and when its file is damaged."""
        found = _read(self.file(directory))
        return found if found and found.directory == os.path.realpath(directory) else None

    def put(self, directory: str, sha256: str) -> Permission:
        """Allow the text with the checksum *sha256* in *directory*. Raises HostError."""
        permission = Permission(os.path.realpath(directory), sha256)
        form = {"schema": 1, "directory": permission.directory, "sha256": sha256}
        with suppress(FileExistsError):
            os.makedirs(self._directory, mode=0o700)
        atomic_write(self.file(directory), json.dumps(form, indent=1) + "\n", mode=0o600)
        return permission

    def remove(self, directory: str) -> bool:
        """Take the permission of *directory* back; whether there was one. Raises StoreError."""
        path = self.file(directory)
        try:
            os.unlink(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"cannot remove {path}: {error.strerror}") from error
        return True

    def all(self) -> tuple[Permission, ...]:
        """Every permission, by directory."""
        try:
            names = os.listdir(self._directory)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"cannot read {self._directory}: {error.strerror}") from error
        files = (os.path.join(self._directory, name) for name in names if name.endswith(".json"))
        found = filter(None, map(_read, files))
        return tuple(sorted(found, key=lambda permission: permission.directory))


def _read(path: str) -> Permission | None:
    # What cannot be read allows nothing: the person is asked again.
    try:
        with open(path, "rb") as file:
            form = json.loads(file.read())
        directory, sha256 = form["directory"], form["sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if isinstance(directory, str) and isinstance(sha256, str):
        return Permission(directory, sha256)
    return None
