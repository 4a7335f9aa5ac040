"""What a project directory means to the prompt hook now, and by what that was decided."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from envmgr.activate.way import Aim
from envmgr.api.allow import NotAllowedError, allowed_text
from envmgr.api.project import open_project_environment
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError
from envmgr.model.filenames import FILE, LOCK
from envmgr.project.read import parsed
from envmgr.store.allowed import Allowed

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from envmgr.api.environment import Environment


@dataclass(frozen=True, slots=True)
class Decision:
    """What a project directory means now."""

    aim: Aim | None = None
    """What is opened; None for nothing."""
    note: str = ""
    """What is said when it is opened."""
    trouble: str = ""
    """Why nothing is opened."""
    watched: tuple[str, ...] = ()
    """Every path by which it was decided, but for the project's own files."""
    lasts: bool = True
    """Whether these are all; otherwise it is asked for whenever the directory is entered."""

    @property
    def digest(self) -> str:
        """What tells that kept ways lead where this one does."""
        from hashlib import sha256

        form = [asdict(self.aim) if self.aim else None, self.note, self.trouble]
        return sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()


def decide(workspace: Workspace, directory: str) -> Decision:
    """What the project in *directory* means now. What cannot be opened is not an error here."""
    file = os.path.join(directory, FILE)
    entries = workspace.layout.entries
    try:
        project = parsed(file, allowed_text(workspace, file))
        environment = open_project_environment(workspace, project)
        aim = Aim(directory, environment.delta, environment.label, environment.ids)
    except NotAllowedError as error:
        return Decision(trouble=_told(error))
    except EnvmgrError as error:
        return unable(error, (entries,))
    watched = (entries, *_paths(workspace, directory, environment))
    return Decision(aim, _note(environment), watched=tuple(dict.fromkeys(watched)))


def unable(error: EnvmgrError, watched: tuple[str, ...] = ()) -> Decision:
    """That nothing is opened because of *error*: what is missing may appear anywhere."""
    return Decision(trouble=_told(error), watched=watched, lasts=False)


def _note(environment: Environment) -> str:
    chosen = (answer.chosen for answer in environment.resolution.answers)
    names = ", ".join(f"{each.name.rpartition('.')[2]}@{each.version}" for each in chosen)
    return f"{environment.label} ({names})"


def _told(error: EnvmgrError) -> str:
    lines = (f"  {line}" for line in getattr(error, "lines", ()))
    hint = (f"  hint: {error.hint}",) if error.hint else ()
    return "\n".join((error.message, *lines, *hint))


def own_files(workspace: Workspace, directory: str) -> tuple[str, ...]:
    """The files that every decision about *directory* depends on."""
    own = (os.path.join(directory, name) for name in (FILE, LOCK))
    return (*own, Allowed(workspace.layout).file(directory))


def _paths(workspace: Workspace, directory: str, environment: Environment) -> Iterator[str]:
    """Files that the entries were judged by, their directories, and the views on PATH.

    A package manager that replaces a file may give it an old time; its directory has the new one.
    """
    files = [stamp.path for entry in environment.entries for stamp in entry.fingerprint]
    yield from files
    yield from _above(files, busy={*_busy(workspace), directory})
    views = os.path.join(workspace.layout.views, "")
    paths = environment.delta.prepend.get("PATH", ())
    yield from (path for path in paths if path.startswith(views))


def _busy(workspace: Workspace) -> tuple[str, ...]:
    """Directories that change all the time for reasons that have nothing to do with us."""
    home = workspace.environ.get("HOME") or os.path.expanduser("~")
    return home, os.path.realpath(home), workspace.layout.root, workspace.layout.cache


def _above(files: Iterable[str], busy: set[str]) -> Iterator[str]:
    """The directories that *files* are in, up to one that is busy or everybody's."""
    known = set(busy)
    for file in files:
        directory = os.path.dirname(file)
        while directory not in known and not _is_shared(directory):
            known.add(directory)
            yield directory
            directory = os.path.dirname(directory)


def _is_shared(directory: str) -> bool:
    """Whether everybody may write there, as in /tmp."""
    try:
        return bool(os.stat(directory).st_mode & stat.S_ISVTX)
    except OSError:
        return False
