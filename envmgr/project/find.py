"""Where the project file is: named, or in the current directory or one above.

The search goes up to the home directory and no further, since what lies above it is not the
person's own; outside of home it goes up to the root. In a directory that everybody may write to,
such as /tmp, only a file of one's own counts: nobody else's variables are set unasked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from envmgr.errors import UsageError
from envmgr.model.filenames import FILE

VARIABLE = "ENVMGR_PROJECT"
"""Names a project file, or its directory, by its absolute path."""


def project_file(environ: Mapping[str, str], cwd: str, named: str | None = None) -> str | None:
    """The absolute path of the project file that holds in *cwd*, or None.

    *named* is a file or a directory, and goes before `$ENVMGR_PROJECT`, which goes before the
    search from *cwd* upwards. Raises UsageError for a name that leads to no file.
    """
    if named is not None:
        return _named(os.path.join(cwd, os.path.expanduser(named)), named)
    given = environ.get(VARIABLE, "")
    if given and not os.path.isabs(given):
        raise UsageError(
            f"{VARIABLE} is not an absolute path: {given!r}",
            hint="set it to a path that starts at the root, or give --project",
        )
    if given:
        return _named(given, given)
    places = (os.path.join(directory, FILE) for directory in _upwards(cwd, environ))
    return next(filter(_counts, places), None)


def _named(path: str, given: str) -> str:
    path = os.path.normpath(path)
    file = os.path.join(path, FILE) if os.path.isdir(path) else path
    if not given or not os.path.isfile(file):
        raise UsageError(
            f"there is no project at {given!r}: {file} is not a file",
            hint="name an envmgr.toml or its directory; `envmgr init` makes one",
        )
    return file


def _upwards(directory: str, environ: Mapping[str, str]) -> Iterator[str]:
    """*directory* and those above it, up to the home directory or the root."""
    home = environ.get("HOME") or os.path.expanduser("~")
    last = {os.path.normpath(home), os.path.realpath(home)}
    while True:
        yield directory
        parent = os.path.dirname(directory)
        if directory in last or parent == directory:
            return
        directory = parent


def _counts(file: str) -> bool:
    if not os.path.isfile(file):
        return False
    if os.name == "nt" or not os.stat(os.path.dirname(file)).st_mode & stat.S_IWOTH:
        return True
    return os.lstat(file).st_uid == os.geteuid()
