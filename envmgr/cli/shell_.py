"""`envmgr shell`."""

from __future__ import annotations

from envmgr.activate.run import interactive, shell_meant
from envmgr.cli.asked import environment_of
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, workspace_of


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "shell",
            "Start a shell inside an environment, with its prompt marked; `exit` leaves it.",
            (
                "envmgr shell                                   # in a project",
                "envmgr shell --tags=compiler,gcc",
                "envmgr shell compiler.llvm --shell=zsh",
            ),
        )
        .queries("what the environment must have; by default what the project here needs")
        .project()
        .prefer()
        .add(
            "--shell",
            metavar="SHELL",
            help="bash, zsh, fish, sh, tcsh or nu; by default the one of $SHELL",
        )
        .explain("say on standard error why each entry was taken")
    )


def run(arguments: Arguments) -> int:
    """Become the shell."""
    workspace = workspace_of(arguments)
    shell = workspace.catalogue.shell(shell_meant(workspace.environ, arguments.shell))
    environment = environment_of(arguments, workspace)
    if arguments.explain:
        from envmgr.cli.resolve_ import explanation

        say("\n".join(explanation(environment.resolution)))
    interactive(shell, environment.environ, environment.change, environment.label)
