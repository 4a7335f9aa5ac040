"""Git, as far as repositories need it: clone an address, fast-forward the clone.

The address comes from a person and the content from anybody, so nothing of either is run: no
hooks, no transports that are commands, no links that lead out of the clone, no prompts.
"""

from __future__ import annotations

import os
import re

from envmgr.errors import HostError, UsageError
from envmgr.host.process import run

TIME_LIMIT = 600.0
"""Seconds that a clone or a fetch may take."""

_ADDRESS = re.compile(r"[A-Za-z0-9+.-]+:(?://|:)|[^/\\\s]+@[^/\\\s]+:")
_SAFE = re.compile(
    r"(?:https?|ssh)://(?:[^\s@/]+@)?[A-Za-z0-9\[][^\s@/]*(?:/[^\s]*)?"
    r"|file:///[^\s]*"
    r"|[A-Za-z0-9._][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s-][^\s]*"
)
_GUARD = (
    *("-c", "protocol.ext.allow=never"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.symlinks=false"),
    *("-c", "core.fsmonitor=false"),
)
# What would make git work on another repository than the one named.
_MISLEADING = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG_PARAMETERS",
)


def is_address(source: str) -> bool:
    """Whether *source* is an address for git rather than a directory.

    Raises UsageError for an address that envmgr does not hand to git.
    """
    if source.startswith("-"):
        raise UsageError(f"{source!r} begins with a dash", hint="write ./… for a directory")
    if not _ADDRESS.match(source):
        return False
    if not _SAFE.fullmatch(source):
        raise UsageError(
            f"{source!r} is not an address of a repository",
            hint="use https://…, ssh://…, file:///… or git@host:path",
        )
    return True


def clone(url: str, directory: str) -> None:
    """Clone *url* into *directory*, which must not be there. Raises HostError."""
    # Kept in the clone's own configuration, for a person who works in it by hand.
    keep = ("--config", "core.symlinks=false")
    _git("clone", "--quiet", "--template=", "--no-recurse-submodules", *keep, "--", url, directory)


def fast_forward(directory: str) -> tuple[str, str]:
    """Bring a clone up to date; the commits before and after. Raises HostError."""
    old = _head(directory)
    pull = ("pull", "--quiet", "--ff-only", "--no-recurse-submodules", "--no-rebase")
    _git("-C", directory, *pull)
    return old, _head(directory)


def _head(directory: str) -> str:
    return _git("-C", directory, "rev-parse", "--verify", "HEAD").strip()


def _git(*arguments: str) -> str:
    finished = run(("git", *_GUARD, *arguments), env=_environ(), timeout=TIME_LIMIT)
    if finished.timed_out:
        raise HostError(f"git did not end within {TIME_LIMIT:.0f} seconds")
    if finished.code != 0:
        said = finished.output.strip() or f"exit status {finished.code}"
        raise HostError(f"git {_verb(arguments)} failed: {said}")
    return finished.output


def _verb(arguments: tuple[str, ...]) -> str:
    return arguments[2] if arguments[0] == "-C" else arguments[0]


def _environ() -> dict[str, str]:
    """The user's environment, for proxies, certificates and keys; nobody is asked anything."""
    kept = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "LC_ALL": "C"}
