"""`envmgr env` again: the answer of last time, when it still holds, without a parser.

Only the plain forms `--tags=…`, `--shell=…` and positional queries are understood here;
everything else, and everything unexpected, is left to the verb itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from envmgr.activate.render import render
from envmgr.activate.state import enter
from envmgr.api.warm import Warm
from envmgr.store.layout import default_layout


def answered(arguments: Sequence[str]) -> bool:
    """Whether `envmgr env` with *arguments* was answered from memory."""
    understood = _understood(arguments)
    if understood is None:
        return False
    queries, shell = understood
    recalled = Warm(default_layout(os.environ)).recall(queries, shell)
    if recalled is None:
        return False
    answer, definition = recalled
    change = enter(os.environ, answer.delta, answer.label, answer.ids, os.pathsep)
    sys.stdout.buffer.write(os.fsencode(render(definition, change)))
    sys.stdout.buffer.flush()
    return True


def _understood(arguments: Sequence[str]) -> tuple[list[str], str] | None:
    queries: list[str] = []
    tags: list[str] = []
    shell = ""
    for argument in arguments:
        if argument.startswith("--tags="):
            tags.append(argument.removeprefix("--tags="))
        elif argument.startswith("--shell="):
            shell = argument.removeprefix("--shell=")
        elif argument.startswith("-"):
            return None
        else:
            queries.append(argument)
    return ([*queries, *tags], shell) if shell else None
