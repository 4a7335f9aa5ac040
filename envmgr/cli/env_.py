"""`envmgr env`."""

from __future__ import annotations

import os
import sys
import time

from envmgr.activate.render import render
from envmgr.activate.run import shell_meant
from envmgr.activate.state import leave
from envmgr.api.environment import keep_warm
from envmgr.cli.asked import environment_of
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "env",
            "Print what an environment sets, for a shell to read. Entering twice is harmless.",
            (
                'eval "$(envmgr env --tags=compiler,gcc)"',
                "envmgr env --tags=compiler,gcc --shell=fish | source",
                "envmgr env --tags=tool,cmake --shell=json",
                'eval "$(envmgr env --leave)"',
            ),
        )
        .queries("what the environment must have; by default what the project here needs")
        .project()
        .prefer()
        .add("--shell", metavar="SHELL",
             help="bash, zsh, fish, sh, csh, pwsh, cmd, nu or json; by default the one of $SHELL")
        .add("--leave", action="store_true", help="print the way out of the active environment")
        .explain("say on standard error why each entry was taken")
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Print the script."""
    workspace = workspace_of(arguments)
    shell = workspace.catalogue.shell(shell_meant(workspace.environ, arguments.shell))
    if arguments.leave:
        change = leave(workspace.environ)
    else:
        began = time.time_ns()
        environment = environment_of(arguments, workspace)
        change = environment.change
        # A project file may say something else the next time, and so may preferences.
        if not environment.name and not arguments.prefer:
            keep_warm(workspace, queries_of(arguments), environment, shell, began)
        if arguments.explain:
            from envmgr.cli.resolve_ import explanation

            say("\n".join(explanation(environment.resolution)))
    sys.stdout.buffer.write(os.fsencode(render(shell, change)))
    return 0
