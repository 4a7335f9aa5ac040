"""The prompt hook's side that thinks: asked when a shell cannot know by itself where to go.

Its answer is a script for that shell at that moment. Beside it, a snippet is kept with the ways
that were found, so that next time the same shell needs nobody (see `activate.snippet`).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from envmgr.activate.render import render
from envmgr.activate.snippet import Snippet, hook_script, said, snippet_text
from envmgr.activate.state import LABEL, is_inside
from envmgr.activate.way import (
    NOWHERE,
    Aim,
    Way,
    difference,
    from_form,
    outside,
    to_form,
    way_to,
)
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, UsageError
from envmgr.model.delta import Change, Environ
from envmgr.model.project import FILE, LOCK
from envmgr.model.shell import Shell
from envmgr.store.allowed import Allowed
from envmgr.store.snippets import SnippetFile, snippet_directory, times

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from envmgr.api.environment import Environment

_MOST_WAYS = 4
"""Starts that are kept of a directory: terminals differ, but not much."""


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


def hook_text(workspace: Workspace, name: str, more: Sequence[str] = ()) -> str:
    """What goes into a start-up file of the shell *name*, or into an `.envrc` for `direnv`.

    *more* are arguments that the hook gives envmgr when it asks. Raises UsageError.
    """
    key, name = ("direnv", "bash") if name == "direnv" else ("script", name)
    shell = hooked_shell(workspace, name)
    place = snippet_directory(workspace.layout, name)
    return hook_script(shell, (*_command(), "hook", name, *more), place, key)


def hooked_shell(workspace: Workspace, name: str) -> Shell:
    """The shell *name* with its hook complete: one may take the rest from another."""
    shell = workspace.catalogue.shell(name)
    like = shell.hook.get("like")
    return (
        replace(shell, hook={**hooked_shell(workspace, like).hook, **shell.hook}) if like else shell
    )


def go(workspace: Workspace, shell: Shell, directory: str) -> str:
    """The script that takes *shell*, whose environment is the workspace's, to *directory*.

    That is to the environment of the project there, or out of one when *directory* is empty. A
    project that cannot be opened is said so by the script. Raises UsageError for a path that is
    not absolute, StateError when the way out is damaged.
    """
    before = dict(workspace.environ)
    free = outside(before)
    if not directory:
        change = difference(before, free)
        return render(shell, change) + said(shell, note=f"left {before.get(LABEL, '')}")
    if not os.path.isabs(directory) or os.path.normpath(directory) != directory:
        raise UsageError(f"not the absolute path of a directory: {directory!r}")
    return _led(workspace, shell, directory, free)


def _led(workspace: Workspace, shell: Shell, directory: str, free: Environ) -> str:
    began = time.time_ns()
    exact = times(_own_files(workspace, directory))
    decision = decide(workspace, directory)
    try:
        way = way_to(decision.aim, free) if decision.aim else NOWHERE
        step = _step(workspace.environ, decision.aim, way, free)
        script = render(shell, step)
    except EnvmgrError as error:  # a value that this shell cannot hold
        decision, way = (
            replace(decision, aim=None, note="", trouble=_told(error), lasts=False),
            NOWHERE,
        )
        step = difference(workspace.environ, free)
        script = render(shell, step)
    kept = _kept(workspace, shell, directory, decision, way, exact, began)
    note = decision.note if step.values else ""
    return script + said(shell, note=note, trouble=decision.trouble) + kept


def _step(environ: Environ, aim: Aim | None, way: Way, free: Environ) -> Change:
    if aim and is_inside(environ, ",".join(aim.ids), aim.directory):
        return Change()  # what was changed by hand meanwhile stays
    return difference(environ, way.into.applied_to(free))


# -- deciding --------------------------------------------------------------------------------


def decide(workspace: Workspace, directory: str) -> Decision:
    """What the project in *directory* means now. What cannot be opened is not an error here."""
    from envmgr.api.allow import NotAllowedError, allowed_text
    from envmgr.api.project import open_project_environment
    from envmgr.project.read import parsed

    file = os.path.join(directory, FILE)
    entries = workspace.layout.entries
    try:
        project = parsed(file, allowed_text(workspace, file))
        environment = open_project_environment(workspace, project)
        aim = Aim(directory, environment.delta, environment.label, environment.ids)
    except NotAllowedError as error:
        return Decision(trouble=_told(error))
    except EnvmgrError as error:
        # A thing that is missing may appear anywhere.
        return Decision(trouble=_told(error), watched=(entries,), lasts=False)
    watched = (entries, *_paths(workspace, directory, environment))
    return Decision(aim, _note(environment), watched=tuple(dict.fromkeys(watched)))


def _note(environment: Environment) -> str:
    chosen = (answer.chosen for answer in environment.resolution.answers)
    names = ", ".join(f"{each.name.rpartition('.')[2]}@{each.version}" for each in chosen)
    return f"{environment.label} ({names})"


def _told(error: EnvmgrError) -> str:
    lines = (f"  {line}" for line in getattr(error, "lines", ()))
    hint = (f"  hint: {error.hint}",) if error.hint else ()
    return "\n".join((error.message, *lines, *hint))


# -- what decides ----------------------------------------------------------------------------


def _own_files(workspace: Workspace, directory: str) -> tuple[str, ...]:
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
    import stat

    try:
        return bool(os.stat(directory).st_mode & stat.S_ISVTX)
    except OSError:
        return False


# -- what is kept ----------------------------------------------------------------------------


def _kept(
    workspace: Workspace,
    shell: Shell,
    directory: str,
    decision: Decision,
    way: Way,
    exact: dict[str, int | None],
    began: int,
) -> str:
    """The snippet of what was decided, now that it is kept; nothing when it cannot be."""
    place = SnippetFile(workspace.layout, shell.name, directory)
    marks = place.marks(decision.watched, exact, began)
    ways = _ways(place, decision, way)
    snippet = Snippet(
        directory,
        marks.mark,
        ids=",".join(decision.aim.ids) if decision.aim else "",
        note=decision.note,
        trouble=decision.trouble,
        watch=marks.watch,
        copies=marks.copies,
        absent=marks.absent,
        ways=ways,
    )
    text = snippet_text(shell, snippet)
    forms = [to_form(each) for each in ways]
    return text if place.save(text, marks, began, decision.digest, forms) else ""


def _ways(place: SnippetFile, decision: Decision, way: Way) -> tuple[Way, ...]:
    """*way*, then those kept before that lead to the same from elsewhere."""
    if decision.aim is None:
        return (way,) if decision.lasts else ()
    before = []
    for form in place.ways(decision.digest):
        try:
            before.append(from_form(form))
        except (KeyError, TypeError, ValueError):
            continue
    others = [each for each in before if each.start != way.start]
    return (way, *others)[:_MOST_WAYS]


def _command() -> tuple[str, ...]:
    """How envmgr is called, wherever that is: nothing of the current directory is imported.

    `-m` would look there first, and variables of an environment for another Python are not ours.
    """
    code = (
        "import sys; sys.path[:1] = []; sys.path.append(sys.argv.pop(1)); "
        "from envmgr.cli import main; sys.exit(main())"
    )
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return sys.executable, "-E", "-c", code, os.path.dirname(package)
