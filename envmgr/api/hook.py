"""The prompt hook's side that thinks: asked when a shell cannot know by itself where to go.

Its answer is a script for that shell at that moment. Beside it, a snippet is kept with the ways
that were found, so that next time the same shell needs nobody (see `activate.snippet`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from envmgr.activate.render import render
from envmgr.activate.snippet import Snippet, hook_script, said, snippet_text
from envmgr.activate.state import LABEL, is_inside
from envmgr.activate.way import NOWHERE, Way, difference, from_form, outside, to_form, way_to
from envmgr.api.decision import Decision, decide, own_files, unable
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, UsageError
from envmgr.model.delta import Change, Environ
from envmgr.model.shell import Shell
from envmgr.store.snippets import Marks, SnippetFile, snippet_directory, times

_MOST_WAYS = 4
"""Starts that are kept of a directory: terminals differ, but not much."""


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
    if like is None:
        return shell
    return replace(shell, hook={**workspace.catalogue.shell(like).hook, **shell.hook})


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
    """The script that leads to *directory*, and the snippet that is kept of it, which follows."""
    began = time.time_ns()
    exact = times(own_files(workspace, directory))
    decision = decide(workspace, directory)
    try:
        way, script = _step(workspace, shell, decision, free)
    except EnvmgrError as error:  # a value that this shell cannot hold
        decision = unable(error)
        way, script = _step(workspace, shell, decision, free)
    place = SnippetFile(workspace.layout, shell.name, directory)
    marks = place.marks(decision.watched, exact, began)
    ways = _ways(place, decision, way)
    text = snippet_text(shell, _snippet(directory, decision, marks, ways))
    is_kept = place.save(text, marks, began, decision.digest, list(map(to_form, ways)))
    return script + text if is_kept else script


def _step(workspace: Workspace, shell: Shell, decision: Decision, free: Environ) -> tuple[Way, str]:
    """The way from *free*, outside, and what this shell has to do, wherever it is now."""
    aim = decision.aim
    way = way_to(aim, free) if aim else NOWHERE
    if aim and is_inside(workspace.environ, ",".join(aim.ids), aim.directory):
        change = Change()  # what was changed by hand meanwhile stays
    else:
        change = difference(workspace.environ, way.into.applied_to(free))
    note = decision.note if change.values else ""
    return way, render(shell, change) + said(shell, note=note, trouble=decision.trouble)


def _snippet(directory: str, decision: Decision, marks: Marks, ways: tuple[Way, ...]) -> Snippet:
    return Snippet(
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
