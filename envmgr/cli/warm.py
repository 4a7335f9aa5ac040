"""`envmgr env`, `exec` and `detect` again: the answer of last time, when it still holds.

Only plain queries, `--tags=…`, `--shell=…` and `--json` are understood here; everything else,
and everything unexpected, is left to the verb itself. What is imported is imported late:
a start that is answered from memory must cost next to nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from envmgr.store.layout import default_layout


def answered(verb: str, arguments: Sequence[str]) -> bool:
    """Whether the command was answered from memory."""
    if verb == "env":
        return _env(arguments)
    if verb == "exec":
        return _exec(arguments)
    return verb == "detect" and _detect(arguments)


def _exec(arguments: Sequence[str]) -> bool:
    """Become the command, when its environment is known."""
    if "--" not in arguments:
        return False
    at = arguments.index("--")
    asked, command = _asked(arguments[:at]), arguments[at + 1 :]
    if asked is None or not command:
        return False
    from envmgr.api.quick import recall

    environ = recall(default_layout(os.environ), asked, os.environ)
    if environ is not None:
        from envmgr.activate.become import execute

        execute(command, environ)
    return False


def _asked(arguments: Sequence[str]) -> str | None:
    """What queries, or the project here, ask for; None for all that is not as plain."""
    from envmgr.api.quick import of_project, of_queries

    queries = _queries(arguments)
    if queries:
        return of_queries(queries)
    named = list(arguments[1:]) if arguments[:1] == ["-e"] else [] if not arguments else None
    if named is None or len(named) > 1:
        return None
    from envmgr.errors import EnvmgrError
    from envmgr.model.filenames import DEFAULT
    from envmgr.project.find import project_file

    try:
        file = project_file(os.environ, os.getcwd())
    except (EnvmgrError, OSError):
        return None  # which the verb will say
    return of_project(file, named[0] if named else DEFAULT) if file else None


def _env(arguments: Sequence[str]) -> bool:
    rest, shells = _taken(arguments, "--shell=")
    queries = _queries(rest)
    if not queries or len(shells) != 1:  # without a query a project is meant
        return False
    from envmgr.activate.render import render
    from envmgr.activate.state import enter
    from envmgr.api.warm import Warm

    recalled = Warm(default_layout(os.environ)).recall(queries, shells[0])
    if recalled is None:
        return False
    answer, shell = recalled
    change = enter(os.environ, answer.delta, answer.label, answer.ids, os.pathsep)
    sys.stdout.buffer.write(os.fsencode(render(shell, change)))
    sys.stdout.buffer.flush()
    return True


def _detect(arguments: Sequence[str]) -> bool:
    rest = [argument for argument in arguments if argument != "--json"]
    queries = _queries(rest)
    if not queries or sys.stdout.isatty():
        return False
    from envmgr.api.again import Again

    entries = Again(default_layout(os.environ)).recall(queries, os.environ)
    if not entries:
        return False
    from envmgr.cli.output import entry_row, print_json, print_rows

    if len(rest) < len(arguments):
        print_json(entries=entries)
    else:
        print_rows([entry_row(form) for form in entries])
    return True


def _taken(arguments: Sequence[str], option: str) -> tuple[list[str], list[str]]:
    """The arguments without *option*, and the values it was given."""
    values = [a.removeprefix(option) for a in arguments if a.startswith(option)]
    return [a for a in arguments if not a.startswith(option)], values


def _queries(arguments: Sequence[str]) -> list[str] | None:
    """Positional queries, then those of `--tags=`; None when there is anything else."""
    positional, tags = _taken(arguments, "--tags=")
    if any(argument.startswith("-") for argument in positional):
        return None
    return [*positional, *tags]
