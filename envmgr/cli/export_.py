"""`envmgr export`."""

from __future__ import annotations

import sys
from dataclasses import asdict

from envmgr.api.export import dockerfile
from envmgr.cli.output import entries_json, print_json, say
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.export.dockerfile import Dockerfile
from envmgr.host.files import atomic_write

_INCOMPLETE = 5
"""Exit status with `--strict` when something could not be carried over."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "export",
            "Write a Dockerfile whose image has an environment: the same versions, pinned. What"
            " an image cannot have is said in the file and on standard error.",
            (
                "envmgr export dockerfile --tags=compiler,gcc -o Dockerfile",
                "envmgr export dockerfile compiler.gcc tool.cmake --strict",
                "envmgr export dockerfile --tags=tool,ninja --base debian:12.11-slim",
            ),
        )
        .add("format", choices=("dockerfile",), metavar="FORMAT", help="dockerfile")
        .queries("what the image must have")
        .add("-o", "--output", metavar="FILE", help="write it to FILE, whole or not at all")
        .add("--base", metavar="IMAGE", help="begin with IMAGE, which must name its version")
        .add("--strict", action="store_true",
             help=f"exit with status {_INCOMPLETE} when something could not be carried over")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Write the file and say what it lacks."""
    queries = queries_of(arguments, required=True)
    result = dockerfile(workspace_of(arguments), queries, base=arguments.base)
    if arguments.output:
        atomic_write(arguments.output, result.text)
    if arguments.json:
        _print_form(result)
    elif not arguments.output:
        sys.stdout.write(result.text)
    for item in result.left_out:
        say(f"not carried over: {item}", style="warn")
    return _INCOMPLETE if arguments.strict and result.left_out else 0


def _print_form(result: Dockerfile) -> None:
    print_json(
        entries=entries_json(result.wanted),
        text=result.text,
        left_out=[asdict(item) for item in result.left_out],
    )
