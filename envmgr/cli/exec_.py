"""`envmgr exec`."""

from __future__ import annotations

import os
import time

from envmgr.activate.become import execute
from envmgr.api.environment import Environment
from envmgr.api.quick import of_project, of_queries, remember
from envmgr.api.workspace import Workspace
from envmgr.cli.asked import environment_name, environment_of, here
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.errors import UsageError
from envmgr.model.filenames import LOCK
from envmgr.project.find import project_file


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
    _remember(arguments, workspace, environment, began)
    if arguments.explain:
        from envmgr.cli.resolve_ import explanation

        say("\n".join(explanation(environment.resolution)))
    execute(arguments.command, environment.variables)


def _remember(
    arguments: Arguments, workspace: Workspace, environment: Environment, began_ns: int
) -> None:
    """Keep what was found for queries alone, or for an environment of the project here alone."""
    queries = queries_of(arguments)
    if arguments.store is not None or arguments.project is not None or arguments.prefer:
        return
    if queries and arguments.environment is None:
        remember(workspace, of_queries(queries), environment, began_ns)
    elif not queries:
        file = project_file(workspace.environ, here())
        assert file is not None  # its environment was opened
        files = (file, os.path.join(os.path.dirname(file), LOCK))
        asked = of_project(file, environment_name(arguments))
        remember(workspace, asked, environment, began_ns, files)
