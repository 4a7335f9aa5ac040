"""Reading the files of others: text of some size, and nothing above the directory it began in."""

from __future__ import annotations

import os

from envmgr.errors import UsageError

MOST_BYTES = 4 * 1024 * 1024
"""More than anybody writes by hand or a tool writes for one environment."""


def read_text(path: str) -> str:
    """The text of the file at *path*. Raises UsageError."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB", hint="name another")
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path}: {reason}", hint="check the spelling") from error


def within(path: str, directory: str) -> bool:
    """Whether *path* lies below *directory*, with all links followed."""
    top = os.path.join(os.path.realpath(directory), "")
    return os.path.realpath(path).startswith(top)
