"""Commands given before: what `envmgr exec` found, for a start that costs little more than Python.

An answer is kept as a way: the values that the variables had, and those that they get. It is taken
while nothing that it was decided by has changed: the directory of entries, every file that an
entry was judged by, the list of repositories, the views on PATH. Anything else, and the answer is
worked out anew. `api.warm` keeps the same for shells; this file imports neither values nor
dataclasses, which would cost more than all the rest.
"""

from __future__ import annotations

import json
import os

from envmgr._version import SCHEMA, __version__

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from envmgr.api.environment import Environment
    from envmgr.api.workspace import Workspace
    from envmgr.store.layout import Layout

_MOST_ANSWERS = 32
_MOST_WAYS = 4


def of_queries(queries: Sequence[str]) -> str:
    """What is asked for by *queries* alone, as `recall` and `remember` call it."""
    return "\n".join(queries)


def of_project(file: str, environment: str) -> str:
    """What is asked for by the name of an *environment* of the project in *file*."""
    return f"\0{environment}\0{file}"  # no query has a zero in it


def recall(layout: Layout, asked: str, environ: Mapping[str, str]) -> dict[str, str] | None:
    """*environ* inside the environment that is *asked* for, when that is known and holds."""
    try:
        form = _read(layout)
        answer = form["answers"][asked]
        holds = _holds(layout, form) and all(map(os.path.isdir, answer["views"]))
        holds = holds and all(_seen(file[0]) == file for file in answer["files"])
        return _inside(answer["ways"], environ) if holds else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # never asked, or the file was damaged


def remember(
    workspace: Workspace,
    asked: str,
    environment: Environment,
    began_ns: int,
    files: Sequence[str] = (),
) -> None:
    """Keep what *environment*, decided since *began_ns*, makes of the workspace's variables.

    *files* decided as well, those that are not there included.
    """
    from envmgr.activate.way import to_form, way_of
    from envmgr.host.watch import tick
    from envmgr.store.snapshot import Snapshot

    seen = [_seen(file) for file in files]
    if any(file[1:] and file[2] + tick(file[2]) >= began_ns for file in seen):
        return  # it may have changed since it was read
    layout, change = workspace.layout, environment.change
    if not change.values:
        return  # it is active already, which no guard of its own could tell
    stamps = [
        [s.path, s.size, s.mtime_ns, s.inode]
        for entry in workspace.store.all()
        for s in entry.fingerprint
    ]
    form = {"version": __version__, "lists": _lists(layout), "stamps": stamps}
    answers = _kept(layout, form)
    way = to_form(way_of(workspace.environ, change))
    others = [each for each in answers.pop(asked, {"ways": []})["ways"] if each != way]
    views = os.path.join(layout.views, "")
    paths = environment.delta.prepend.get("PATH", ())
    answers[asked] = {
        "files": seen,
        "views": [path for path in paths if path.startswith(views)],
        "ways": [way, *others][:_MOST_WAYS],
    }
    snapshot = Snapshot(_path(layout), layout.entries)
    last = dict(list(answers.items())[-_MOST_ANSWERS:])
    snapshot.save([{**form, "answers": last}], snapshot.moment(began_ns))


def _kept(layout: Layout, form: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that were decided by the same things as *form* is."""
    try:
        before = _read(layout)
        same = all(before[key] == value for key, value in form.items())
        return dict(before["answers"]) if same else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _path(layout: Layout) -> str:
    return os.path.join(layout.cache, "commands.json")


def _read(layout: Layout) -> dict[str, Any]:
    """What was kept for the directory of entries as it is now; see `store.snapshot`."""
    seen = os.stat(layout.entries)
    with open(_path(layout), "rb") as file:
        kept = json.loads(file.read())
    if kept["for"] != [SCHEMA, seen.st_dev, seen.st_ino, seen.st_mtime_ns]:
        raise ValueError("made for other entries")
    form: dict[str, Any] = kept["content"][0]
    return form


def _seen(path: str) -> list[Any]:
    """What *path* looks like; it alone when it is not there."""
    try:
        seen = os.stat(path)
    except OSError:
        return [path]
    return [path, seen.st_size, seen.st_mtime_ns, seen.st_ino]


def _holds(layout: Layout, form: Mapping[str, Any]) -> bool:
    if form["version"] != __version__ or form["lists"] != _lists(layout):
        return False
    for path, size, mtime_ns, inode in form["stamps"]:
        seen = os.lstat(path)
        if (seen.st_size, seen.st_mtime_ns, seen.st_ino) != (size, mtime_ns, inode):
            return False
    return True


def _lists(layout: Layout) -> list[int]:
    """What tells that the list of repositories is another one."""
    try:
        seen = os.stat(os.path.join(layout.root, "repositories.json"))
    except OSError:
        return []
    return [seen.st_size, seen.st_mtime_ns, seen.st_ino]


def _inside(ways: Sequence[Mapping[str, Any]], environ: Mapping[str, str]) -> dict[str, str] | None:
    for way in ways:
        if all(environ.get(name) == value for name, value in way["start"].items()):
            values, unset = way["into"]
            rest = {name: value for name, value in environ.items() if name not in unset}
            return {**rest, **values}
    return None
