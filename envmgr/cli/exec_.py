"""`envmgr exec`."""

from __future__ import annotations

from envmgr.activate.become import execute
from envmgr.cli.asked import environment_of
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, workspace_of
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
    environment = environment_of(arguments, workspace)
    if arguments.explain:
        from envmgr.cli.resolve_ import explanation

        say("\n".join(explanation(environment.resolution)))
    execute(arguments.command, environment.variables)
