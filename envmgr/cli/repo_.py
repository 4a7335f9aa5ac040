"""`envmgr repo`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from envmgr.catalog.index import open_catalogue
from envmgr.catalog.repositories import Repositories, Repository
from envmgr.catalog.scan import holds_definitions, scan
from envmgr.cli.output import print_json, print_table, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import UsageError

_ACTIONS = ("add", "list", "update", "remove")
_NEEDS_SOURCE = {"add": "a directory or an address", "remove": "the name of a repository"}


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "repo",
            "Add, list, update and remove repositories of definitions. What they define comes"
            " before what ships with envmgr.",
            (
                "envmgr repo add ~/my-definitions",
                "envmgr repo add https://git.example.org/team/definitions.git --name team",
                "envmgr repo list --json",
                "envmgr repo update team",
                "envmgr repo remove team",
            ),
        )
        .add("action", choices=_ACTIONS, metavar="ACTION", help="add, list, update or remove")
        .add("source", nargs="?", metavar="PATH",
             help="to add: a directory or a git address; to update or remove: a name")
        .add("--name", metavar="NEW", help="what to call the repository that is added")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Do what was asked and print the repositories it is about."""
    _check(arguments)
    workspace = workspace_of(arguments)
    repositories = Repositories(workspace.layout.root)
    if arguments.action == "list":
        _print_list(arguments, repositories.all())
    elif arguments.action == "update":
        _update(arguments, repositories)
    elif arguments.action == "remove":
        removed = repositories.remove(arguments.source)
        _print_one(arguments, removed, f"removed {removed.name}; {_left(removed)}")
    else:
        added = repositories.add(arguments.source, arguments.name)
        _warn_of_mistakes(added, workspace.layout.root, workspace.layout.cache)
        _print_one(arguments, added, f"added {added.name}: {_count(added)} files at {added.root}")
    return 0


def _check(arguments: Arguments) -> None:
    action, source = arguments.action, arguments.source
    if not source and action in _NEEDS_SOURCE:
        raise UsageError(
            f"repo {action}: {_NEEDS_SOURCE[action]} is missing", hint="envmgr repo --help"
        )
    if source is not None and action == "list":
        raise UsageError(f"repo list takes no {source!r}", hint="envmgr repo list")
    if arguments.name is not None and action != "add":
        raise UsageError(f"repo {action} takes no --name", hint=f"envmgr repo {action} NAME")


def repository_json(repository: Repository) -> dict[str, Any]:
    """A repository as every listing gives it; `url` is null for a directory used in place."""
    return {
        "name": repository.name,
        "root": repository.root,
        "url": repository.url,
        "files": _count(repository),
        "present": holds_definitions(repository.root),
    }


def _update(arguments: Arguments, repositories: Repositories) -> None:
    updates = repositories.update(arguments.source)
    if arguments.json:
        forms: list[Mapping[str, Any]] = [
            {"name": update.repository.name, "old": update.old, "new": update.new}
            for update in updates
        ]
        done = (update.repository for update in updates)
        print_json(repositories=[repository_json(one) for one in done], updates=forms)
        return
    for update in updates:
        step = f"{update.old[:12]} to {update.new[:12]}"
        tell(f"{update.repository.name}: {step if update.old != update.new else 'up to date'}")
    if not updates:
        say("no repository was cloned from an address, so there is nothing to update")


def _print_list(arguments: Arguments, repositories: Iterable[Repository]) -> None:
    if arguments.json:
        print_json(repositories=[repository_json(one) for one in repositories])
        return
    rows = [
        (one.name, str(_count(one)) if holds_definitions(one.root) else "gone", one.source)
        for one in repositories
    ]
    print_table(("NAME", "FILES", "FROM"), rows)


def _print_one(arguments: Arguments, repository: Repository, line: str) -> None:
    if arguments.json:
        print_json(repositories=[repository_json(repository)])
    else:
        tell(line)


def _left(removed: Repository) -> str:
    return "its clone is deleted" if removed.url else f"{removed.root} is left as it is"


def _warn_of_mistakes(added: Repository, home: str, cache: str) -> None:
    """A repository with mistakes is added all the same; what is left out of it must be known."""
    inside = os.path.join(added.root, "")
    files = {p.file for p in open_catalogue(home, cache).problems if p.file.startswith(inside)}
    if files:
        say(
            f"left out for their mistakes: {len(files)}; `envmgr lint {added.root}` names them",
            style="warn",
        )


def _count(repository: Repository) -> int:
    return len(scan(repository.root))
