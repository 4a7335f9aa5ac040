"""An interactive shell inside an environment, with its prompt marked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from envmgr.activate.become import execute
from envmgr.activate.render import filled, quoted, render
from envmgr.activate.state import touched
from envmgr.errors import DefinitionError, UsageError
from envmgr.model.delta import Change, Environ
from envmgr.model.shell import Shell

SHELLS = ("bash", "csh", "fish", "nu", "pwsh", "sh", "zsh")
"""The shells that a person can be running and that come with envmgr."""

_FAMILY = {"tcsh": "csh", "powershell": "pwsh"}


@dataclass(frozen=True, slots=True)
class Start:
    """How an interactive shell starts: its command, its environment, its start-up files."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    files: Mapping[str, str]


def shell_meant(environ: Environ, said: str | None = None) -> str:
    """The name of the shell that is *said*, `tcsh` too, or else of the one the user runs."""
    return _FAMILY.get(said, said) if said else current_shell(environ)


def current_shell(environ: Environ, known: Sequence[str] = SHELLS) -> str:
    """Which of the *known* shells the user runs, by `$SHELL`; `sh` reads it when none does."""
    program = os.path.basename(environ.get("SHELL", "")).removesuffix(".exe")
    name = _FAMILY.get(program, program)
    if name in known:
        return name
    return "cmd" if os.name == "nt" else "sh"


def interactive(shell: Shell, environ: Environ, change: Change, label: str) -> NoReturn:
    """Become an interactive *shell* in the environment that *change* makes of *environ*.

    The user's own start-up files are read first, whatever they set; then the variables of
    every active environment are put, and the prompt is marked with *label*. The files that do
    this lie in a private directory, which the shell removes when it has read them.
    """
    from shutil import rmtree
    from tempfile import mkdtemp

    directory = mkdtemp(prefix="envmgr-")
    try:
        start = starting(shell, environ, change, label, directory)
        for name, text in start.files.items():
            _write_private(directory, name, text)
        execute(start.argv, start.environ)
    except BaseException:
        rmtree(directory, ignore_errors=True)
        raise


def starting(shell: Shell, environ: Environ, change: Change, label: str, directory: str) -> Start:
    """How *shell* starts with its files in *directory*; see `interactive`."""
    if shell.program is None:
        raise UsageError(
            f"envmgr cannot start {shell.name} as an interactive shell",
            hint=f"put `envmgr env --shell {shell.name}` into a running one, or use `envmgr exec`",
        )
    inside = change.applied_to(environ)
    leads = {name: filled(shell, value, {"rc": directory}) for name, value in shell.environ.items()}
    texts = {
        "rc": quoted(shell, directory),
        "restore": render(shell, _as_in(inside, leads)),
        "script": render(shell, _as_in(inside, (*change.unset, *change.values, *touched(inside)))),
        "label": f"({_plain(label)}) ",
    }
    return Start(
        (shell.program, *(filled(shell, word, {"rc": directory}) for word in shell.argv)),
        {**inside, **leads},
        {name: filled(shell, text, texts) for name, text in shell.files.items()},
    )


def _as_in(environ: Environ, names: Iterable[str]) -> Change:
    """The change that makes the variables *names* what they are in *environ*."""
    names = tuple(dict.fromkeys(names))
    values = {name: environ[name] for name in names if name in environ}
    return Change(values, tuple(name for name in names if name not in environ))


def _plain(label: str) -> str:
    """*label* without the characters that mean something in the prompt of some shell."""
    return re.sub(r"[^\w.+@,:/=<>~ -]", "_", label)


def _write_private(directory: str, name: str, text: str) -> None:
    if os.path.basename(name) != name:
        raise DefinitionError(f"a start-up file of a shell must be a plain name: {name!r}")
    path = os.path.join(directory, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(os.fsencode(text))
