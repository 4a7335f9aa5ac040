"""`envmgr diff`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envmgr.api.lock import read_lock
from envmgr.cli.differences import differences_json, tell_differences
from envmgr.cli.output import print_json, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.lock.difference import differences
from envmgr.model.filenames import LOCK

if TYPE_CHECKING:
    from envmgr.api.workspace import Workspace
    from envmgr.model.lock import Lock

_DIFFERENT = 1
"""Exit status when something differs, as `diff` has it."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "diff",
            "Say what differs between two locks, or between a lock and this machine, and what"
            " that can change.",
            (
                "envmgr diff envmgr.lock                        # the lock and this machine",
                "envmgr diff old/envmgr.lock new/envmgr.lock",
            ),
        )
        .add("before", metavar="LOCK", help="a lock file, or the directory that it is in")
        .add("after", metavar="LOCK", nargs="?", help="another; by default this machine")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Compare, print, and tell by the exit status whether anything differs."""
    before = read_lock(_file(arguments.before))
    if arguments.after is not None:
        after = read_lock(_file(arguments.after))
    else:
        before, after = _with_this_machine(workspace_of(arguments), before)
    found = differences(before, after)
    if arguments.json:
        print_json(differences=differences_json(found))
    else:
        tell_differences(found)
        if not found:
            say("nothing differs")
    return _DIFFERENT if found else 0


def _with_this_machine(workspace: Workspace, lock: Lock) -> tuple[Lock, Lock]:
    from envmgr.api.observe import this_machine

    return this_machine(workspace, lock)


def _file(given: str) -> str:
    path = os.path.abspath(given)
    return os.path.join(path, LOCK) if os.path.isdir(path) else path
