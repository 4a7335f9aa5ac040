"""Programs to build, entries to build them with, and the shortest way to a request."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.program import Parameter, Program, ProgramBuild, ProgramSource
from envmgr.program.request import BuildRequest, CrossTarget
from envmgr.program.source import SourceTree, tree_of


def write(top: Path, files: Mapping[str, str]) -> Path:
    """*files*, path to content, below *top*."""
    for path, content in files.items():
        place = top / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return top


def script(path: Path, body: str) -> str:
    """A program at *path* that is a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def compiler(name: str = "compiler.gcc", version: str = "12.2.0", **variables: str) -> Entry:
    """A compiler that sets *variables*; by themselves a C compiler."""
    variables = variables or {"CC": "gcc"}
    return make_entry(
        name,
        version,
        tags=("compiler",),
        prefix="/usr",
        path=next(iter(variables.values())),
        delta=Delta(variables),
        origin=Origin("detected", name),
    )


GCC = {"CC": "gcc", "CXX": "g++", "FC": "gfortran"}
CLANG = {"CC": "clang-14", "CXX": "clang++-14"}


def program(
    directory: Path | str = "/sources",
    *,
    name: str = "thing",
    needs: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    files: tuple[str, ...] = (),
    **build: Any,
) -> Program:
    """The program whose definition is in *directory*."""
    return Program(
        name=name,
        description="",
        tags=(),
        file=os.path.join(directory, "program.toml"),
        digest="",
        source=ProgramSource(files=files),
        needs={"compiler": "compiler"} if needs is None else needs,
        params={name: Parameter(value) for name, value in (params or {}).items()},
        build=ProgramBuild(**build),
    )


def request(
    top: Path | str,
    *,
    entry: Entry | None = None,
    entries: Mapping[str, Entry] | None = None,
    flags: tuple[str, ...] = (),
    values: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    tree: SourceTree | None = None,
    cross: CrossTarget | None = None,
    **more: Any,
) -> BuildRequest:
    """To build the program in *top* with *entry*, which is gcc, and a clean environment."""
    made = program(top, **more)
    filling = entries or {"compiler": entry or compiler(**GCC)}
    usual = {"PATH": os.environ["PATH"], "HOME": str(top), "LC_ALL": "C"}
    sets = {name: value for one in filling.values() for name, value in one.delta.put.items()}
    return BuildRequest(
        program=made,
        tree=tree or tree_of(made),
        entries=filling,
        params=values or {},
        flags=flags,
        environ={**usual, **sets, **(environ or {})},
        cross=cross,
    )


def tree(*paths: str) -> SourceTree:
    """A tree of which only the names matter."""
    return SourceTree("/sources", dict.fromkeys(sorted(paths), "0"), "0")


def found(name: str) -> str:
    """Where a program that a test needs is."""
    place = shutil.which(name)
    assert place
    return place
