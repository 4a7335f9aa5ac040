"""Libraries that not every installation has: those of the extra `experiment`."""

from __future__ import annotations

from typing import Any

from envmgr.errors import EnvmgrError


def library(name: str) -> Any:
    """The module *name*. Raises EnvmgrError, which says how to get it, when it is not there."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise EnvmgrError(
            f"{name.partition('.')[0]} is needed for this: {error}",
            hint="pip install 'envmgr[experiment]'",
        ) from error
