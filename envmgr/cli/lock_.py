"""`envmgr lock`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envmgr.api.lock import lock_file, project_lock, write_lock
from envmgr.api.locking import Update, make_lock, unfit
from envmgr.api.project import find_project
from envmgr.cli.asked import here, no_project
from envmgr.cli.differences import differences_json, tell_differences
from envmgr.cli.output import print_json, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import LockError, UsageError
from envmgr.lock.difference import Difference, differences
from envmgr.model.lock import Lock
from envmgr.model.project import Project
from envmgr.model.query import Query

if TYPE_CHECKING:
    from envmgr.api.workspace import Workspace


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "lock",
            "Write down what the project's environments are made of, so that another machine can"
            " have the same. What is locked already stays as far as it fits.",
            (
                "envmgr lock",
                "envmgr lock --update compiler.gcc tool.cmake",
                "envmgr lock -e gpu --platform linux-aarch64-debian12",
                "envmgr lock --check                            # in CI",
            ),
        )
        .add("--project", metavar="PATH", help="the project file or its directory")
        .add("-e", "--environment", metavar="ENVIRONMENT", action="append", default=[],
             help="lock this one anew and leave the others as they are")
        .add("--platform", metavar="PLATFORM", action="append", default=[],
             help="lock for this platform and leave the others as they are")
        .add("--update", metavar="QUERY", nargs="*",
             help="choose anew what fits QUERY; without one, everything")
        .add("--check", action="store_true", help="write nothing; fail when the lock is stale")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Make the lock, write it, and say what that changed."""
    workspace = workspace_of(arguments)
    project = find_project(workspace.environ, here(), arguments.project)
    if project is None:
        raise no_project()
    old = project_lock(project)
    if arguments.check:
        return _check(arguments, project, old)
    lock, notes = _made(arguments, workspace, project, old)
    for note in notes:
        say(note, style="warn")
    is_written = write_lock(project, lock)
    changes = differences(old or Lock(), lock)
    _tell(arguments, project, is_written, changes, notes)
    return 0


def _made(
    arguments: Arguments, workspace: Workspace, project: Project, old: Lock | None
) -> tuple[Lock, tuple[str, ...]]:
    made = make_lock(
        workspace,
        project,
        old,
        environments=arguments.environment,
        platforms=arguments.platform,
        update=_update(arguments),
    )
    return made.lock, made.notes


def _update(arguments: Arguments) -> Update:
    if arguments.update is None:
        return Update()
    return Update(not arguments.update, tuple(Query.parse(text) for text in arguments.update))


def _check(arguments: Arguments, project: Project, lock: Lock | None) -> int:
    if arguments.update is not None:
        raise UsageError("--check changes nothing, so --update does not go with it")
    reasons = unfit(project, lock, arguments.environment, arguments.platform)
    if reasons:
        raise LockError(
            f"{lock_file(project)} does not fit {project.file}", lines=reasons, hint="envmgr lock"
        )
    if arguments.json:
        print_json(file=lock_file(project), changed=False, differences=[], notes=[])
    else:
        say(f"{lock_file(project)} fits {project.file}")
    return 0


def _tell(
    arguments: Arguments,
    project: Project,
    is_written: bool,
    changes: tuple[Difference, ...],
    notes: tuple[str, ...],
) -> None:
    file = lock_file(project)
    if arguments.json:
        found = differences_json(changes)
        print_json(file=file, changed=is_written, differences=found, notes=list(notes))
        return
    tell_differences(changes, effects=False)
    say(f"wrote {file}" if is_written else f"{file} is as it was")
