"""`envmgr export`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import asdict

from envmgr.api.export import export
from envmgr.cli.asked import environment_of
from envmgr.cli.output import entries_json, print_json, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import UsageError
from envmgr.export.formats import FORMATS
from envmgr.export.result import Export
from envmgr.host.files import atomic_write

_INCOMPLETE = 5
"""Exit status with `--strict` when something could not be carried over."""


def parser() -> Parser:
    """Its arguments."""
    formats = "; ".join(f"{format.name}: {format.what}" for format in FORMATS.values())
    return (
        Parser(
            "export",
            "Write an environment for another system: the same versions, pinned. What the other"
            " system cannot have is said in the file and on standard error.",
            (
                "envmgr export dockerfile --tags=compiler,gcc -o Dockerfile",
                "envmgr export dockerfile compiler.gcc tool.cmake --strict",
                "envmgr export module-lua compiler.gcc --name=gcc-env -o gcc-env.lua",
                "envmgr export cyclonedx compiler.gcc tool.cmake -o bom.json",
            ),
        )
        .add("format", choices=tuple(FORMATS), metavar="FORMAT", help=formats)
        .queries("what the environment must have; by default what the project here needs")
        .project()
        .prefer()
        .add("-o", "--output", metavar="PATH",
             help="write it to the file PATH, or below PATH when that is a directory, ends with"
             " a slash, or has to hold several files")
        .add("--name", metavar="NAME", help="what the result calls itself")
        .add("--base", metavar="IMAGE", help="begin with IMAGE, which must name its version")
        .add("--strict", action="store_true",
             help=f"exit with status {_INCOMPLETE} when something could not be carried over")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Write the files and say what they lack."""
    workspace = workspace_of(arguments)
    environment = environment_of(arguments, workspace)
    result = export(
        workspace, arguments.format, environment, name=arguments.name, base=arguments.base
    )
    if arguments.output:
        _write(arguments.output, result.files)
    elif not arguments.json:
        sys.stdout.write(_only_file(result.files))
    if arguments.json:
        _print_form(result)
    for item in result.left_out:
        say(f"not carried over: {item}", style="warn")
    return _INCOMPLETE if arguments.strict and result.left_out else 0


def _write(output: str, files: Mapping[str, str]) -> None:
    """One file at *output*, or all below it; each whole or not at all."""
    is_directory = output.endswith(os.sep) or os.path.isdir(output)
    if len(files) == 1 and not is_directory:
        _write_file(output, next(iter(files.values())))
        return
    for name, text in files.items():
        path = os.path.join(output, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write_file(path, text)


def _write_file(path: str, text: str) -> None:
    """A script can be started."""
    atomic_write(path, text, 0o755 if text.startswith("#!") else 0o644)


def _only_file(files: Mapping[str, str]) -> str:
    if len(files) > 1:
        raise UsageError(
            f"these are several files: {', '.join(files)}",
            hint="name a directory for them: -o DIR",
        )
    return next(iter(files.values()))


def _print_form(result: Export) -> None:
    print_json(
        entries=entries_json(result.wanted),
        text=result.text,
        files=dict(result.files),
        left_out=[asdict(item) for item in result.left_out],
    )
