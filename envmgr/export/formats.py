"""The formats there are. Each is a module of this package with a function `render`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from envmgr.errors import UsageError
from envmgr.export.result import Export


@dataclass(frozen=True, slots=True)
class Format:
    """One exporter."""

    name: str
    what: str
    """What it writes, for a list of formats."""
    of: str
    """`image`: it renders an `Image`, decided from where a container could get each part.
    `environment`: it renders a `Subject`, the environment as it is here."""


FORMATS = {
    format.name: format
    for format in (
        Format("dockerfile", "a Dockerfile", "image"),
        Format("apptainer", "an Apptainer definition file", "image"),
        Format("devcontainer", "devcontainer.json with its Dockerfile", "image"),
        Format("sh", "a shell script that makes the environment and needs no envmgr", "image"),
        Format("github-actions", "steps of a GitHub Actions workflow", "image"),
        Format("module-tcl", "an environment module in Tcl", "environment"),
        Format("module-lua", "an environment module in Lua, for Lmod", "environment"),
        Format("spack", "Spack's packages.yaml, with what is here as externals", "environment"),
        Format("conda", "conda's environment.yml", "environment"),
        Format("dotenv", "a .env file, as VS Code reads it", "environment"),
        Format("jupyter", "a Jupyter kernel that runs in the environment", "environment"),
        Format("cyclonedx", "a bill of materials in CycloneDX JSON", "environment"),
        Format("spdx", "a bill of materials in SPDX JSON", "environment"),
    )
}


def format_named(name: str) -> Format:
    """The format called *name*. Raises UsageError."""
    if name not in FORMATS:
        raise UsageError(f"no such format: {name}", hint=f"one of {', '.join(FORMATS)}")
    return FORMATS[name]


def render(format: Format, subject: Any) -> Export:
    """*subject*, an `Image` or a `Subject` as the *format* wants, written in it."""
    from importlib import import_module

    module = import_module(f"envmgr.export.{format.name.replace('-', '_')}")
    write: Callable[[Any], Export] = module.render
    return write(subject)
