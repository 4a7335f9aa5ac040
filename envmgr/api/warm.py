"""Answers given before, for starts that must cost next to nothing.

Opening the same environment again needs no catalogue, no entries and no resolver as long as
nothing they were decided by has changed: the directory of entries, every file that an entry
was judged by, the shell's definition and the list of repositories. Anything else, and the
answer is worked out anew. This file and what it imports are kept light on purpose: an import
that is not needed here costs every prompt.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from envmgr._version import __version__
from envmgr.errors import HostError
from envmgr.host.files import stamp, unchanged
from envmgr.model.delta import Delta
from envmgr.model.shell import Shell
from envmgr.model.stamp import Stamp
from envmgr.store.layout import Layout
from envmgr.store.snapshot import Snapshot

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any

_MOST = 32
"""Answers that are kept; a person has few environments open at a time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an environment makes of another: all that entering it takes."""

    delta: Delta
    label: str
    ids: tuple[str, ...]


class Warm:
    """The answers of one store."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._snapshot = Snapshot(os.path.join(layout.cache, "answers.json"), layout.entries)

    def recall(self, queries: Sequence[str], shell: str) -> tuple[Answer, Shell] | None:
        """The answer to *queries* and the definition of *shell*, while both still hold."""
        form = self._form()
        try:
            answer = _answer(form["answers"]["\n".join(queries)])
            definition = _shell(form["shells"][shell])
            seen = (*form["stamps"], *form["shells"][shell]["stamps"])
            holds = form["lists"] == self._lists() and unchanged(tuple(Stamp(*s) for s in seen))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None  # never asked, or the file was damaged
        return (answer, definition) if holds and self._has_views(answer) else None

    def remember(
        self,
        queries: Sequence[str],
        answer: Answer,
        shell: Shell,
        stamps: Sequence[Stamp],
        began_ns: int,
    ) -> None:
        """Keep *answer*, decided since *began_ns* by entries with *stamps*, and *shell*.

        Nothing is kept when entries came or went meanwhile: it was decided without them.
        """
        before = self._snapshot.moment(began_ns)
        known, lists = self._form(), self._lists()
        flat = [_flat(item) for item in stamps]
        try:
            shell_stamps = [_flat(item) for item in stamp(shell.file)]
        except HostError:
            return
        same = known.get("stamps") == flat and known.get("lists") == lists
        answers = dict(list(known["answers"].items())[1 - _MOST :]) if same else {}
        answers["\n".join(queries)] = _form_of(answer)
        shells = known["shells"] if same else {}
        shells[shell.name] = {"stamps": shell_stamps, "fields": asdict(shell)}
        form = {
            "version": __version__,
            "stamps": flat,
            "lists": lists,
            "answers": answers,
            "shells": shells,
        }
        self._snapshot.save([form], before)

    def _form(self) -> dict[str, Any]:
        kept = self._snapshot.load()
        form = kept[0] if kept else {}
        return form if isinstance(form, dict) and form.get("version") == __version__ else {}

    def _has_views(self, answer: Answer) -> bool:
        """Whether the views that *answer* leads to are there: they may be deleted at any time."""
        views = os.path.join(self._layout.views, "")
        paths = answer.delta.prepend.get("PATH", ())
        return all(os.path.isdir(path) for path in paths if path.startswith(views))

    def _lists(self) -> list[Any]:
        """What tells that the list of repositories, or where prefixes go, is another one."""
        try:
            seen = os.stat(os.path.join(self._layout.root, "repositories.json"))
        except OSError:
            return []
        return [seen.st_size, seen.st_mtime_ns, seen.st_ino]


def _form_of(answer: Answer) -> dict[str, Any]:
    return {
        "put": dict(answer.delta.put),
        "prepend": {name: list(paths) for name, paths in answer.delta.prepend.items()},
        "label": answer.label,
        "ids": list(answer.ids),
    }


def _answer(form: Mapping[str, Any]) -> Answer:
    prepend = {name: tuple(paths) for name, paths in form["prepend"].items()}
    return Answer(Delta(form["put"], prepend), form["label"], tuple(form["ids"]))


def _shell(form: Mapping[str, Any]) -> Shell:
    fields = dict(form["fields"])
    for name in ("quote", "argv"):
        fields[name] = tuple(fields[name])
    fields["escapes"] = tuple((plain, escaped) for plain, escaped in fields["escapes"])
    return Shell(**fields)


def _flat(item: Stamp) -> list[Any]:
    return [item.path, item.size, item.mtime_ns, item.inode]
