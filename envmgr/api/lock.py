"""The lock of a project: read, written, and opened as exactly what it says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from envmgr.api import recorded
from envmgr.api.workspace import Workspace
from envmgr.errors import LockError, OtherMachineError
from envmgr.lock.fitting import present, stale
from envmgr.model.entry import Entry
from envmgr.model.filenames import LOCK
from envmgr.model.lock import Lock, LockedEntry, LockedPlatform, wish_text
from envmgr.model.project import Project
from envmgr.model.resolution import Answer, Resolution, Verdict
from envmgr.resolve.order import in_order
from envmgr.resolve.resolve import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envmgr.model.query import Query


def lock_file(project: Project) -> str:
    """Where the lock of *project* is, or would be: beside its file."""
    return os.path.join(os.path.dirname(project.file), LOCK)


def read_lock(file: str) -> Lock:
    """The lock in *file*. Raises LockError with every mistake in it."""
    from envmgr.lock.lockfile import parsed

    return parsed(_text(file), file)


def project_lock(project: Project) -> Lock | None:
    """The lock of *project*; None when it has none. Raises LockError."""
    file = lock_file(project)
    return read_lock(file) if os.path.lexists(file) else None


def write_lock(project: Project, lock: Lock) -> bool:
    """Write the lock of *project*; whether that changed anything. Raises LockError, HostError."""
    from envmgr.host.files import atomic_write
    from envmgr.lock.lockfile import written

    file, text = lock_file(project), written(lock)
    if os.path.lexists(file) and _text(file) == text:
        return False
    atomic_write(os.path.realpath(file), text)
    return True


def lock_digest(project: Project) -> str | None:
    """sha256 of the lock file of *project*; None when it has none. Raises LockError."""
    from hashlib import sha256

    file = lock_file(project)
    return sha256(_text(file).encode()).hexdigest() if os.path.lexists(file) else None


def require_fresh(
    lock: Lock | None, project: Project, names: Iterable[str], platform: str
) -> LockedPlatform:
    """The part of *lock* for *platform*. Raises LockError where it does not fit *project*."""
    if lock is None:
        raise LockError(f"{project.file} has no lock", hint="`envmgr lock` makes it")
    part = lock.platforms.get(platform)
    lines = tuple(filter(None, (stale(part, project, name, platform) for name in names)))
    if part is None:
        raise LockError(
            f"{lock_file(project)} holds nothing for {platform}",
            hint="`envmgr lock` adds it"
            if platform in (project.platforms or (platform,))
            else f"the platforms of {project.file} leave it out",
        )
    if lines:
        raise LockError(
            f"{lock_file(project)} does not fit {project.file} any more",
            lines=lines,
            hint="`envmgr lock` changes no more of it than it must",
        )
    return part


def locked_resolution(workspace: Workspace, project: Project, name: str) -> Resolution | None:
    """The environment *name* of *project* as it is locked; None when there is no lock.

    Raises LockError when the lock does not fit the project any more, OtherMachineError when
    something of it is not here.
    """
    lock = project_lock(project)
    if lock is None:
        return None
    part = require_fresh(lock, project, [name], workspace.platform)
    entries = recorded.entries(workspace)
    found = present(part, entries)
    answers = part.environments[name].answers
    needed = [part.entries[key] for key in part.closure(answers.values()) if key not in found]
    if needed:
        raise _not_here(needed, entries, lock_file(project))
    queries = project.wanted(name, workspace.platform).queries
    return _resolution(part, [(query, answers[wish_text(query)]) for query in queries], found)


def around(workspace: Workspace, queries: Sequence[Query], locked: Resolution) -> Resolution:
    """The resolution of *queries* in which nothing of *locked* is another.

    The first of them are those of *locked*. Raises ResolutionError when there is none.
    """
    names = {entry.name: entry.id for entry in locked.entries}
    first = tuple(f"{entry.name},=={entry.version}" for entry in locked.entries)
    return resolve(
        [replace(query, prefer=(*first, *query.prefer)) for query in queries],
        [e for e in recorded.entries(workspace) if names.get(e.name, e.id) == e.id],
        platform=workspace.platform,
    )


def _resolution(
    part: LockedPlatform, asked: Sequence[tuple[Query, str]], found: Mapping[str, Entry]
) -> Resolution:
    """What is locked of an environment as the resolution that it was."""
    parts = [[found[key] for key in part.closure([answer])] for _, answer in asked]
    return Resolution(
        answers=tuple(_answered(query, found[key]) for query, key in asked),
        entries=in_order(parts, [found[key].id for _, key in asked]),
    )


def _answered(query: Query, entry: Entry) -> Answer:
    verdict = Verdict(f"{entry} ({entry.path})", True, "it is locked")
    return Answer(query, entry, lambda: (verdict,))


def _not_here(missing: list[LockedEntry], entries: Iterable[Entry], file: str) -> OtherMachineError:
    known = list(entries)
    return OtherMachineError(
        f"{', '.join(map(str, missing))} of {file} {'is' if len(missing) == 1 else 'are'} not here",
        lines=tuple(_what_is(locked, known) for locked in missing),
        hint="`envmgr sync` installs what is missing and says what is another",
    )


def _what_is(locked: LockedEntry, entries: list[Entry]) -> str:
    """What is here of the name of *locked*."""
    alike = [f"{entry} at {entry.path}" for entry in entries if entry.name == locked.name]
    here = f"here is {', '.join(alike)}" if alike else f"no {locked.name} is recorded here"
    was = f" at {locked.path}" if locked.path else f", which {locked.recipe} installs"
    return f"{locked}{was}: {here}"


def _text(file: str) -> str:
    from envmgr.lock.lockfile import SIZE_LIMIT

    try:
        if not os.path.isfile(file):  # a pipe would be waited for
            raise LockError(f"{file} is not a file", hint="`envmgr lock` writes a lock")
        with open(file, "rb") as stream:
            return stream.read(SIZE_LIMIT + 1).decode()
    except UnicodeDecodeError as error:
        raise LockError(f"{file} is not UTF-8: {error.reason}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LockError(f"{file} cannot be read: {reason}") from error
