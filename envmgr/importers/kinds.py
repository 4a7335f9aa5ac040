"""Which kind of source something is: told by its name, and a YAML file by its content."""

from __future__ import annotations

import os
import re

from envmgr.errors import UsageError
from envmgr.importers import nodes
from envmgr.importers.files import read_text

KINDS = ("conda", "requirements", "pyproject", "spack", "module")
MODULE = "module:"
"""What a source begins with that is the name of a module."""
_REQUIREMENTS = re.compile(r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)")


def kind_of(source: str, said: str | None = None) -> str:
    """The kind of *source*, a path or `module:NAME`; *said* is what the person says it is.

    Raises UsageError where it cannot be told.
    """
    if said or source.startswith(MODULE):
        return said or "module"
    name = os.path.basename(source)
    if name.endswith(".toml"):
        return "pyproject"
    if _REQUIREMENTS.fullmatch(name):
        return "requirements"
    kind = _kind_of_yaml(source) if name.endswith((".yml", ".yaml")) else ""
    if not kind:
        raise UsageError(
            f"cannot tell what {source} is", hint=f"say it: --from, one of {', '.join(KINDS)}"
        )
    return kind


def _kind_of_yaml(source: str) -> str:
    keys = nodes.mapping(nodes.parse(read_text(source), source))
    if "dependencies" in keys:
        return "conda"
    return "spack" if "packages" in keys else ""
