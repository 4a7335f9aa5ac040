"""The prompt hook as text: what a shell reads at its start, and what it keeps of a directory.

Both are templates of the shell, `[hook]` in `shells/<name>.toml`. What it keeps of a directory is
a snippet: which files decide, how to tell that none of them changed, and the ways in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envmgr.activate.render import filled, quoted, render
from envmgr.activate.way import Way
from envmgr.errors import DefinitionError, UsageError
from envmgr.model.shell import Shell


@dataclass(frozen=True, slots=True)
class Snippet:
    """What a shell keeps of one project directory."""

    directory: str
    mark: str
    """A file whose time of change is just before the deciding began; gone when it is void."""
    ids: str = ""
    """The environment that is opened, as in `ENVMGR_IDS`; empty when none is."""
    note: str = ""
    """What is said when it is entered."""
    trouble: str = ""
    """Why nothing is opened, said once."""
    watch: tuple[str, ...] = ()
    """Files and directories that must be there and no newer than the mark."""
    copies: tuple[tuple[str, str], ...] = ()
    """Files, each with another that has its time of change: the two must stay equal."""
    absent: tuple[str, ...] = ()
    """Paths at which nothing may appear."""
    ways: tuple[Way, ...] = ()


def hook_script(shell: Shell, command: Iterable[str], directory: str, key: str = "script") -> str:
    """What goes into a start-up file of *shell*, or what *key* says instead.

    *command* is how envmgr is called, and snippets lie below *directory*. Raises UsageError for
    a shell that has no hook.
    """
    if key not in shell.hook:
        raise UsageError(
            f"there is no prompt hook for {shell.name}",
            hint="bash, zsh, fish and pwsh have one, and direnv takes that of bash",
        )
    words = {
        "envmgr": " ".join(quoted(shell, word) for word in command),
        "snippets": quoted(shell, directory),
    }
    return _template(shell, key, {"functions": _template(shell, "functions", words), **words})


def snippet_text(shell: Shell, snippet: Snippet) -> str:
    """*snippet* for *shell* to source: functions, and nothing is done yet."""
    return _template(
        shell,
        "snippet",
        {
            "directory": quoted(shell, snippet.directory),
            "mark": quoted(shell, snippet.mark),
            "ids": quoted(shell, snippet.ids),
            "watch": _words(shell, snippet.watch),
            "same": "".join(_same(shell, *pair) for pair in snippet.copies),
            "absent": "".join(_absent(shell, file) for file in snippet.absent),
            "others": _words(shell, (*(file for file, _ in snippet.copies), *snippet.absent)),
            "enter": "".join(_enter(shell, snippet, way) for way in snippet.ways),
            "leave": "".join(_leave(shell, way) for way in snippet.ways if way.inside),
        },
    )


def said(shell: Shell, *, note: str = "", trouble: str = "") -> str:
    """Lines that say *note*, unless the person wants quiet, and *trouble*, once."""
    texts = (("note", note), ("trouble", trouble))
    return "".join(
        _template(shell, key, {"text": quoted(shell, shown(text))}) for key, text in texts if text
    )


def shown(text: str) -> str:
    """*text* with what would command a terminal escaped: names of directories are not ours."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def _enter(shell: Shell, snippet: Snippet, way: Way) -> str:
    script = render(shell, way.into) + said(shell, note=snippet.note, trouble=snippet.trouble)
    return _way(shell, way.start, script)


def _leave(shell: Shell, way: Way) -> str:
    return _way(shell, way.inside, render(shell, way.back))


def _way(shell: Shell, start: Mapping[str, str | None], script: str) -> str:
    conditions = [_condition(shell, name, value) for name, value in start.items()]
    joined = _template(shell, "and", {}).join(conditions)
    return _template(shell, "way", {"conditions": joined, "script": script})


def _condition(shell: Shell, name: str, value: str | None) -> str:
    if value is None:
        return _template(shell, "unset", {"name": name})
    return _template(shell, "set", {"name": name, "value": quoted(shell, value)})


def _same(shell: Shell, file: str, copy: str) -> str:
    return _template(shell, "same", {"file": quoted(shell, file), "copy": quoted(shell, copy)})


def _absent(shell: Shell, file: str) -> str:
    return _template(shell, "absent", {"file": quoted(shell, file)})


def _words(shell: Shell, files: Iterable[str]) -> str:
    return _template(shell, "separator", {}).join(quoted(shell, file) for file in files)


def _template(shell: Shell, key: str, values: Mapping[str, str]) -> str:
    if key not in shell.hook:
        raise DefinitionError(f"{shell.file}: [hook] has no {key!r}")
    return filled(shell, shell.hook[key], values)
