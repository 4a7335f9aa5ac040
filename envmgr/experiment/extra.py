"""Libraries that not every installation has: those of extras, `experiment` above all."""

from __future__ import annotations

from typing import Any

from envmgr.errors import EnvmgrError


def library(name: str, extra: str = "experiment") -> Any:
    """The module *name*, of an *extra*. Raises EnvmgrError, which says how to get it, when it is
    not there."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise EnvmgrError(
            f"{name.partition('.')[0]} is needed for this: {error}",
            hint=f"pip install 'envmgr[{extra}]'",
        ) from error
