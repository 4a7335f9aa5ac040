"""`envmgr hook`."""

from __future__ import annotations

import os
import sys

from envmgr.api.hook import go, hook_text, hooked_shell
from envmgr.cli.parser import Arguments, Parser, workspace_of


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "hook",
            "Print what makes a shell open and close the environments of projects by itself.\n"
            "Nothing of a directory is used before `envmgr allow`.",
            (
                'eval "$(envmgr hook bash)"             # in ~/.bashrc; zsh likewise',
                "envmgr hook fish | source              # in ~/.config/fish/config.fish",
                "envmgr hook pwsh | Out-String | Invoke-Expression",
                'eval "$(envmgr hook direnv)"           # in an .envrc',
            ),
        )
        .add("shell", metavar="SHELL", help="bash, zsh, fish, pwsh, or direnv")
        .hidden("--go")
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Print the hook, or, asked by it, the way to a directory."""
    workspace = workspace_of(arguments)
    if arguments.go is None:
        store = () if arguments.store is None else (f"--store={workspace.layout.root}",)
        text = hook_text(workspace, arguments.shell, store)
    else:
        text = go(workspace, hooked_shell(workspace, arguments.shell), arguments.go)
    sys.stdout.buffer.write(os.fsencode(text))
    return 0
