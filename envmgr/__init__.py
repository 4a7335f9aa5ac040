"""envmgr: find what a machine has, get what is missing, open an environment with exactly that.

    import envmgr

    envmgr.detect("compiler.gcc")
    envmgr.install("tool.cmake@>=4")
    with envmgr.environment("compiler,lang-c", "tool,cmake"):
        subprocess.run(["cmake", "--version"])

Names are imported when they are first used, so that `import envmgr` costs next to nothing.
"""

from __future__ import annotations

import sys
from types import ModuleType

from envmgr._version import __version__

TYPE_CHECKING = False  # importing `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any

    from envmgr.api.environment import Environment
    from envmgr.api.face import (
        detect,
        environment,
        find,
        install,
        project_environment,
        resolve,
    )
    from envmgr.api.workspace import Workspace
    from envmgr.errors import EnvmgrError
    from envmgr.model.entry import Entry
    from envmgr.model.query import Query
    from envmgr.model.version import Version

_HOMES = {
    "Entry": "envmgr.model.entry",
    "Environment": "envmgr.api.environment",
    "EnvmgrError": "envmgr.errors",
    "Query": "envmgr.model.query",
    "Version": "envmgr.model.version",
    "Workspace": "envmgr.api.workspace",
    "detect": "envmgr.api.face",
    "environment": "envmgr.api.face",
    "find": "envmgr.api.face",
    "install": "envmgr.api.face",
    "project_environment": "envmgr.api.face",
    "resolve": "envmgr.api.face",
}

__all__ = [
    "Entry",
    "Environment",
    "EnvmgrError",
    "Query",
    "Version",
    "Workspace",
    "__version__",
    "detect",
    "environment",
    "find",
    "install",
    "project_environment",
    "resolve",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'envmgr' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


class _Package(ModuleType):
    """Keeps `envmgr.detect` the function: an import of the package called so would replace it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
