"""`envmgr sync`."""

from __future__ import annotations

from collections.abc import Sequence

from envmgr.api.lock import lock_file, write_lock
from envmgr.api.project import find_project
from envmgr.api.sync import Sync, Synced, carry_out_sync, decide_sync
from envmgr.api.workspace import Workspace
from envmgr.cli.asked import here, no_project
from envmgr.cli.differences import differences_json, tell_differences
from envmgr.cli.installing import end_cleanly, plan_lines, plans_json
from envmgr.cli.output import entries_json, print_entries, print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import OtherMachineError
from envmgr.install.plan import in_order
from envmgr.install.progress import progress_on
from envmgr.model.plan import Plan
from envmgr.model.project import Project


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "sync",
            "Make this machine match the lock: install what is missing by its recipe, exactly as"
            " it is locked, and say what is another here and what that can change. A lock that"
            " the project has outgrown is brought in line first.",
            (
                "envmgr sync",
                "envmgr sync -e gpu --dry-run",
                "envmgr sync --frozen                           # in CI: the lock is the law",
            ),
        )
        .add("--project", metavar="PATH", help="the project file or its directory")
        .add("-e", "--environment", metavar="ENVIRONMENT", action="append", default=[],
             help="only this environment of the project")
        .add("--frozen", action="store_true",
             help="never change the lock; fail when the project has outgrown it")
        .add("--dry-run", action="store_true", help="say what would be done and do nothing")
        .add("--prefix-root", metavar="DIR", help="put prefixes below DIR")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Decide, say what is to be done, do it, and say what does not match."""
    end_cleanly()
    workspace = workspace_of(arguments)
    project = find_project(workspace.environ, here(), arguments.project)
    if project is None:
        raise no_project()
    return synced(arguments, workspace, project, arguments.environment, frozen=arguments.frozen)


def synced(
    arguments: Arguments,
    workspace: Workspace,
    project: Project,
    names: Sequence[str],
    *,
    frozen: bool = False,
) -> int:
    """Make this machine match the lock of *project* as far as environments *names* (none: all)."""
    sync = decide_sync(workspace, project, names, frozen=frozen)
    for note in sync.notes:
        say(note, style="note")
    plans = in_order(list(sync.plans.values()))
    if arguments.dry_run:
        return _tell_decision(arguments, project, sync, plans)
    if sync.is_new and write_lock(project, sync.lock):
        say(f"wrote {lock_file(project)}: the project had outgrown it, or had none")
    for line in plan_lines(plans):
        say(line)
    done = carry_out_sync(
        workspace,
        project,
        sync,
        frozen=frozen,
        progress=progress_on(),
        report=lambda plan: say(f"installing {plan}", style="bold"),
    )
    for note in done.notes:
        say(note, style="note")
    if done.is_written:
        say(f"wrote the ids of what was installed into {lock_file(project)}")
    return _tell_result(arguments, sync, done)


def _tell_decision(arguments: Arguments, project: Project, sync: Sync, plans: list[Plan]) -> int:
    entries = list(sync.here.values())
    if arguments.json:
        found = differences_json(sync.differences)
        notes = list(sync.notes)
        print_json(
            entries=entries_json(entries), plans=plans_json(plans), differences=found, notes=notes
        )
        return _status(sync)
    if sync.is_new:
        tell(f"{lock_file(project)} would be written")
    for line in plan_lines(plans):
        tell(line)
    tell_differences(sync.differences)
    return _status(sync)


def _tell_result(arguments: Arguments, sync: Sync, done: Synced) -> int:
    if arguments.json:
        print_json(
            entries=entries_json(done.entries),
            installed=entries_json(done.made),
            differences=differences_json(sync.differences),
            notes=[*sync.notes, *done.notes],
        )
        return _status(sync)
    print_entries(done.entries)
    if sync.differences:
        say("this machine does not match the lock:", style="warn")
    tell_differences(sync.differences)
    return _status(sync)


def _status(sync: Sync) -> int:
    return OtherMachineError.exit_code if sync.differences else 0
