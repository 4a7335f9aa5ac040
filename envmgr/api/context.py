"""The context of a measurement: all that is needed to do it again, kept once for many of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from envmgr._version import __version__
from envmgr.api.choosing import Choice
from envmgr.api.kept import keep
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, HostError
from envmgr.host.binary import digest
from envmgr.host.files import atomic_write, stamp
from envmgr.model.entry import Entry, to_json
from envmgr.model.filenames import DEFAULT
from envmgr.model.lock import (
    Lock,
    LockedEnvironment,
    LockedPlatform,
    keyed,
    renamed,
    wish_text,
)
from envmgr.model.query import Query

if TYPE_CHECKING:
    from envmgr.api.program import Ready

_PASSING = frozenset({"available_bytes", "free_bytes", "frequency_mhz", "temperature", "throttled"})
"""Facts of a machine that are others a moment later."""
_SYSTEM = ("/etc/ld.so.cache", "/var/lib/dpkg/status")
"""Files that change when a library of the system does."""


def context_of(workspace: Workspace, ready: Ready, host: Mapping[str, Any]) -> dict[str, Any]:
    """The context of every run of *ready* on the machine that *host* describes.

    The sources are kept, so that they are there when it is to be done again.
    """
    choice, built = ready.choice, ready.built
    keep(workspace, choice.program, ready.tree)
    return {
        "envmgr": __version__,
        "program": {
            "name": choice.program.name,
            "definition": choice.program.digest,
            "sources": ready.tree.digest,
            "files": dict(ready.tree.files),
        },
        "build": {
            "digest": built.digest,
            "commands": list(built.commands),
            "code_size": built.code_size,
            "seconds": built.seconds,
        },
        "units": {name: one.unit for name, one in choice.run.figures.items() if one.unit},
        "wanted": wanted(choice),
        "entries": [_entry(entry) for entry in choice.resolution.entries],
        "lock": lock_text(workspace, choice),
        "platform": workspace.platform,
        "host": lasting(host),
    }


def lasting(facts: Any) -> Any:
    """*facts* of a machine without those that pass: two runs a minute apart have one context."""
    if isinstance(facts, Mapping):
        return {name: lasting(one) for name, one in facts.items() if name not in _PASSING}
    return [lasting(one) for one in facts] if isinstance(facts, list | tuple) else facts


def wanted(choice: Choice) -> dict[str, str]:
    """Role to a query for exactly what filled it."""
    return {role: f"{one.name}@=={one.version}" for role, one in choice.entries.items()}


def lock_text(workspace: Workspace, choice: Choice) -> str | None:
    """The environment as a lock file has it; None for one that cannot be locked."""
    place = os.path.join(workspace.layout.cache, "locks", _lock_key(workspace, choice))
    try:
        with open(place, encoding="utf-8") as file:
            return file.read()
    except OSError:
        pass
    from envmgr.lock.lockfile import written

    try:
        text = written(lock_of(workspace, choice))
    except EnvmgrError:  # it can be run all the same; a replay then says what is missing
        return None
    with suppress(OSError, HostError):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        atomic_write(place, text)
    return text


def _lock_key(workspace: Workspace, choice: Choice) -> str:
    """What a lock depends on: reading every library of a compiler takes half a second.

    Libraries are not among the stamps of entries; whoever changes one of the system's makes the
    linker's cache anew.
    """
    entries = choice.resolution.entries
    stamps = [one for entry in entries for one in entry.fingerprint]
    system = [stamp(path) for path in _SYSTEM if os.path.exists(path)]
    form = [__version__, workspace.platform, sorted(wanted(choice).values())]
    text = repr((form, [entry.id for entry in entries], stamps, system))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def lock_of(workspace: Workspace, choice: Choice) -> Lock:
    """The lock of a project that wants exactly what *choice* has, and got exactly that.

    Nothing is resolved again: of two things with one name and version it would take either.
    Raises EnvmgrError for what cannot be locked.
    """
    from envmgr.api.drafts import Drafts, machine, with_contents
    from envmgr.install.registries import choose_wheels

    drafts = Drafts(workspace)
    answers = {
        wish_text(Query.parse(text)): drafts.draft(
            choice.entries[role], workspace.platform, choose_wheels
        )
        for role, text in wanted(choice).items()
    }
    filled = with_contents(workspace, drafts.found)
    keys = keyed(filled)
    seen = machine()
    part = LockedPlatform(
        seen.cpu,
        seen.libc,
        {DEFAULT: LockedEnvironment({wish: keys[draft] for wish, draft in answers.items()})},
        {keys[draft]: renamed(entry, keys) for draft, entry in filled.items()},
    )
    return Lock({workspace.platform: part})


def _entry(entry: Entry) -> dict[str, Any]:
    """An entry without what only tells whether it still is as it was."""
    return {key: value for key, value in to_json(entry).items() if key != "fingerprint"}


def input_stamps(choice: Choice) -> dict[str, tuple[int, int]]:
    """Each role of data to the size and the time of change of what fills it; zeros when it is
    gone."""
    found = {}
    for role, entry in choice.data.items():
        try:
            status = os.stat(entry.path)
            found[role] = (status.st_size, status.st_mtime_ns)
        except OSError:
            found[role] = (0, 0)
    return found


def input_digests(choice: Choice) -> dict[str, str]:
    """Each role of data to `input_digest` of what fills it."""
    return {role: input_digest(entry.path) for role, entry in choice.data.items()}


def input_digest(path: str) -> str:
    """The sha256 of a file, or of the names and sizes of the files in a directory."""
    if not os.path.isdir(path):
        return digest(path).removeprefix("sha256:")
    names = hashlib.sha256()
    for directory, below, files in os.walk(path):
        below.sort()
        for name in sorted(files):
            file = os.path.join(directory, name)
            names.update(f"{os.path.relpath(file, path)}\0{os.lstat(file).st_size}\0".encode())
    return names.hexdigest()
