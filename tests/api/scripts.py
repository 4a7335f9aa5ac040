"""Programs that are shell scripts, so that tests of them need no compiler."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from envmgr.api.program import find_program
from envmgr.api.workspace import Workspace
from envmgr.model.program import Program

BUILD = """case "$CFLAGS" in *BAD*) echo "error: no such flag" >&2; exit 1;; esac
cp say.sh say
"""
SAY = """#!/bin/sh
echo said "$@"
"""


def write_script(
    place: Path, definition: str, files: Mapping[str, str] | None = None, name: str = "say"
) -> Path:
    """A program below *place*: `say`, which is built by a script and says its arguments."""
    directory = place / name
    directory.mkdir()
    head = f'name = "{name}"\ndescription = "Says something"\ntags = ["probe"]\n'
    build = 'build = {system = "script", target = "say", commands = ["sh {source}/build.sh"]}\n'
    (directory / "program.toml").write_text(head + build + definition)
    if files is None:
        files = {"build.sh": BUILD, "say.sh": SAY}
    for path, text in files.items():
        (directory / path).write_text(text)
    return directory


def script(
    workspace: Workspace,
    place: Path,
    definition: str,
    files: Mapping[str, str] | None = None,
) -> Program:
    """The same, read."""
    return find_program(workspace, str(write_script(place, definition, files)))
