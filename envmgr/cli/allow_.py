"""`envmgr allow`."""

from __future__ import annotations

import os

from envmgr.api.allow import allow, file_for, permissions, revoke
from envmgr.api.workspace import Workspace
from envmgr.cli.output import print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import UsageError
from envmgr.store.allowed import Permission


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "allow",
            "Let the prompt hook use the project file of a directory, as it is now. When the file\n"
            "changes it is asked for again.",
            (
                "envmgr allow                   # the project here or above",
                "envmgr allow ~/src/bench",
                "envmgr allow --revoke",
                "envmgr allow --list",
            ),
        )
        .add("directory", nargs="?", metavar="DIR", help="where the project file is")
        .add("--revoke", action="store_true", help="take the permission back")
        .add("--list", action="store_true", help="list what is allowed")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Allow, revoke or list."""
    workspace = workspace_of(arguments)
    if arguments.list:
        if arguments.directory or arguments.revoke:
            raise UsageError("--list takes nothing else", hint="envmgr allow --help")
        return _list(workspace, as_json=arguments.json)
    file = file_for(workspace, arguments.directory)
    if arguments.revoke:
        return _revoke(workspace, file, as_json=arguments.json)
    permission = allow(workspace, file)
    if arguments.json:
        print_json(allowed=[_form(permission, holds=True)])
    else:
        say(f"{file} is allowed as it is now")
    return 0


def _revoke(workspace: Workspace, file: str, *, as_json: bool) -> int:
    directory = os.path.dirname(file)
    was_there = revoke(workspace, directory)
    if as_json:
        print_json(revoked=[directory] if was_there else [])
    else:
        say(f"{file} is no longer allowed" if was_there else f"{file} was not allowed")
    return 0 if was_there else 1


def _list(workspace: Workspace, *, as_json: bool) -> int:
    found = permissions(workspace)
    if as_json:
        print_json(allowed=[_form(each, holds=holds) for each, holds in found])
    elif found:
        rows = [(each.directory, "yes" if holds else "changed or gone") for each, holds in found]
        print_table(("DIRECTORY", "HOLDS"), rows)
    else:
        say("no project is allowed")
    return 0


def _form(permission: Permission, *, holds: bool) -> dict[str, str | bool]:
    return {"directory": permission.directory, "sha256": permission.sha256, "holds": holds}
