"""`envmgr install`."""

from __future__ import annotations

import os

from envmgr.api.install import Installed, Intent, carry_out, intend, intend_missing
from envmgr.api.lock import lock_file
from envmgr.api.workspace import Workspace
from envmgr.cli.asked import environment_name, project_of
from envmgr.cli.installing import end_cleanly, plan_lines, plans_json
from envmgr.cli.output import entries_json, print_entries, print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, preferring, queries_of, workspace_of
from envmgr.errors import UsageError
from envmgr.install.progress import progress_on
from envmgr.model.entry import Entry
from envmgr.model.project import Project


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "install",
            "Get what is missing, verified, into a prefix of its own, with what it needs. Without"
            " queries it is what the project here needs and the machine does not have.",
            (
                "envmgr install                                 # in a project",
                "envmgr install tool.cmake",
                "envmgr install compiler.node@22",
                "envmgr install --tags=dataset,imagenet,min --dry-run",
            ),
        )
        .queries("what to install: NAME, NAME@VERSION or a query")
        .project()
        .prefer()
        .add("--dry-run", action="store_true", help="print the plan and do nothing")
        .add("--prefix-root", metavar="DIR", help="put prefixes below DIR")
        .add("--force", action="store_true", help="install again what is installed already")
        .explain("say why each version was taken")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Show the plan, carry it out, and say what came of it."""
    end_cleanly()
    workspace = workspace_of(arguments)
    project = project_of(arguments, workspace)
    if project is not None and _is_for_sync(arguments, project):
        from envmgr.cli.sync_ import synced  # only a lock takes what comes with it

        return synced(arguments, workspace, project, [environment_name(arguments)])
    intent = _intent(arguments, workspace, project)
    if arguments.explain:
        from envmgr.cli.resolve_ import explanation

        say("\n".join(explanation(intent.resolution)))
    if arguments.dry_run:
        _print_intent(arguments, intent)
        return 0
    for line in plan_lines(intent.plans):
        say(line)
    result = carry_out(
        workspace,
        intent,
        force=arguments.force,
        progress=progress_on(),
        report=lambda plan: say(f"installing {plan}", style="bold"),
    )
    _print_result(arguments, result)
    return 0


def _is_for_sync(arguments: Arguments, project: Project) -> bool:
    """Whether what is asked for is locked: other versions than those would be no use."""
    if not os.path.lexists(lock_file(project)):
        return False
    if queries_of(arguments) or arguments.force:
        raise UsageError(
            f"{project.file} has a lock, which says what its environments are",
            hint="`envmgr add` and `envmgr lock` change it; queries alone install anything else",
        )
    return True


def _intent(arguments: Arguments, workspace: Workspace, project: Project | None) -> Intent:
    """What the queries take: an install of each, or what a project lacks together with them."""
    queries = preferring(arguments)
    if project is None:
        prefer = tuple(arguments.prefer)
        return intend(workspace, queries, force=arguments.force, prefer=prefer)
    if arguments.force:
        raise UsageError(
            "--force does not go with a project", hint="say by queries what to install again"
        )
    wanted = project.wanted(environment_name(arguments), workspace.platform)
    return intend_missing(workspace, (*wanted.queries, *queries), prefer=wanted.prefer)


def _print_intent(arguments: Arguments, intent: Intent) -> None:
    there = [a.chosen for a in intent.resolution.answers if isinstance(a.chosen, Entry)]
    if arguments.json:
        print_json(entries=entries_json(there), plans=plans_json(intent.plans))
        return
    for entry in there:
        tell(f"{entry} is {entry.origin.kind} already, at {entry.prefix}")
    for line in plan_lines(intent.plans):
        tell(line)


def _print_result(arguments: Arguments, result: Installed) -> None:
    if arguments.json:
        print_json(entries=entries_json(result.entries), installed=entries_json(result.made))
        return
    if not result.made:
        kinds = {entry.origin.kind for entry in result.entries}
        say(f"everything is {'there' if 'detected' in kinds else 'installed'} already")
    print_entries(result.entries)
