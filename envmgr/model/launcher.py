"""The launcher of a Python entry point: the text of the program that `Script` steps write."""

from __future__ import annotations

_LAUNCHER = """#!{python}
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), {site!r}))
from {module} import {function}
sys.exit({function}())
"""


def launcher(entry_point: str, python: str, site: str) -> str:
    """A program that calls *entry_point*, `module:function`, by the interpreter *python*.

    *site* is the directory of the packages, relative to the program's own.
    """
    module, _, function = entry_point.partition(":")
    return _LAUNCHER.format(python=python, site=site, module=module, function=function)
