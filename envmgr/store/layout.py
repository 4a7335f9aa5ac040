"""Where a store keeps its things, and how outside text becomes a file name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

from envmgr.errors import UsageError

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_MOST_CHARACTERS = 80


def safe_name(text: str) -> str:
    """*text* as one piece of a file name: ASCII letters, digits and `._+-`, never hidden or empty.

    Two texts may come out the same, so a file name needs something else that tells them apart.
    """
    safe = _UNSAFE.sub("_", text)[:_MOST_CHARACTERS].strip(".-")
    return safe or "_"


class Layout:
    """The directories of one store: its *root*, and a *cache* that is safe to delete at any time.

    Both are absolute; neither needs to be there yet. A plain class, for the warmest start of
    all needs it and `dataclasses` costs as much as the interpreter.
    """

    __slots__ = ("cache", "root")

    def __init__(self, root: str, cache: str) -> None:
        self.root = root
        self.cache = cache

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and (self.root, self.cache) == (other.root, other.cache)

    def __hash__(self) -> int:
        return hash((self.root, self.cache))

    def __repr__(self) -> str:
        return f"Layout({self.root!r}, {self.cache!r})"

    @property
    def entries(self) -> str:
        """One JSON file an entry."""
        return os.path.join(self.root, "entries")

    @property
    def prefixes(self) -> str:
        """Installed things."""
        return os.path.join(self.root, "prefixes")

    @property
    def logs(self) -> str:
        """Kept logs of installs."""
        return os.path.join(self.root, "logs")

    @property
    def views(self) -> str:
        """Directories of links that give programs their plain names."""
        return os.path.join(self.root, "views")

    @property
    def locks(self) -> str:
        """Lock files, which stay when they are released."""
        return os.path.join(self.root, "locks")

    @property
    def trust(self) -> str:
        """The checksums that were seen first."""
        return os.path.join(self.root, "trust.json")

    @property
    def snapshot(self) -> str:
        """All entries in one file, derived from `entries`."""
        return os.path.join(self.cache, "entries.json")


def default_layout(environ: Mapping[str, str], store: str | None = None) -> Layout:
    """The store in the directory *store*, else in `$ENVMGR_HOME`, else the user's own.

    Raises UsageError when `$ENVMGR_HOME` is not an absolute path, for it would mean another
    store in every directory.
    """
    root = os.path.abspath(os.path.expanduser(store)) if store else environ.get("ENVMGR_HOME", "")
    if not root:
        return _user_layout(environ)
    if not os.path.isabs(root):
        raise UsageError(
            f"ENVMGR_HOME is not an absolute path: {root!r}",
            hint="set it to a path that starts at the root, or give --store DIR",
        )
    root = os.path.normpath(root)
    return Layout(root, os.path.join(root, "cache"))


def _user_layout(environ: Mapping[str, str]) -> Layout:
    if sys.platform in ("darwin", "win32"):
        import platformdirs

        return Layout(
            platformdirs.user_data_dir("envmgr", appauthor=False),
            platformdirs.user_cache_dir("envmgr", appauthor=False),
        )
    # The XDG rule is kept here because importing platformdirs costs more than a whole warm
    # start-up; a test holds the two together.
    return Layout(
        os.path.join(_xdg(environ, "XDG_DATA_HOME", ".local/share"), "envmgr"),
        os.path.join(_xdg(environ, "XDG_CACHE_HOME", ".cache"), "envmgr"),
    )


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    given = environ.get(variable, "")
    if given.startswith("/"):  # the XDG specification has relative paths ignored
        return given
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), below_home)
