"""`envmgr exec`."""

from __future__ import annotations

import time

from envmgr.activate.become import execute
from envmgr.api.quick import remember
from envmgr.cli.asked import environment_of
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.errors import UsageError


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "exec",
            "Run one command inside an environment; its exit status and signals are its own.",
            (
                "envmgr exec --tags=compiler,gcc,'>=12' -- sh -c '$CC --version'",
                "envmgr exec compiler.llvm tool.cmake -- cmake -B build",
                "envmgr exec -e gpu -- make                     # in a project",
            ),
        )
        .queries("what the environment must have; by default what the project here needs")
        .project()
        .prefer()
        .explain("say on standard error why each entry was taken")
        .command()
    )


def run(arguments: Arguments) -> int:
    """Become the command."""
    if not arguments.command:
        raise UsageError(
            "no command was given",
            hint="put it after `--`: envmgr exec --tags=compiler,gcc -- gcc --version",
        )
    workspace = workspace_of(arguments)
    began = time.time_ns()
    environment = environment_of(arguments, workspace)
    if _is_plain(arguments):
        remember(workspace, queries_of(arguments), environment, began)
    if arguments.explain:
        from envmgr.cli.resolve_ import explanation

        say("\n".join(explanation(environment.resolution)))
    execute(arguments.command, environment.variables)


def _is_plain(arguments: Arguments) -> bool:
    """Whether queries are all that decides: such a command is told apart by its words alone."""
    options = (arguments.project, arguments.environment, arguments.store)
    is_bare = all(option is None for option in options) and not arguments.prefer
    return is_bare and bool(queries_of(arguments))
