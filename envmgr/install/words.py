"""Steps in words: what a dry run prints and a provenance keeps."""

from __future__ import annotations

import os
import shlex
from functools import singledispatch

from envmgr.model.plan import (
    Checkout,
    CopyFile,
    Download,
    Link,
    MakeExecutable,
    NodePackage,
    Run,
    Script,
    Step,
    Unpack,
    Wheel,
)


@singledispatch
def describe(step: Step) -> str:
    """One line for a person: what the step does."""
    raise TypeError(f"not a step: {step!r}")


@describe.register
def _(step: Download) -> str:
    return f"fetch {step.urls[0]} ({_short(step.digest)})"


@describe.register
def _(step: Wheel) -> str:
    return f"fetch {step.name} from the Python package index ({_short(step.digest)})"


@describe.register
def _(step: NodePackage) -> str:
    return f"fetch {step.package}@{step.version} from the npm registry ({_short(step.digest)})"


@describe.register
def _(step: Checkout) -> str:
    return f"check out {step.url} at {step.commit}"


@describe.register
def _(step: Unpack) -> str:
    where = step.into if step.root == "work" else os.path.normpath(f"{{prefix}}/{step.into}")
    return f"unpack {step.name} into {where}"


@describe.register
def _(step: CopyFile) -> str:
    return f"put {step.name} at {{prefix}}/{step.into}"


@describe.register
def _(step: Run) -> str:
    env = "".join(f"{name}={shlex.quote(value)} " for name, value in step.env.items())
    return f"run {env}{shlex.join(step.argv)}"


@describe.register
def _(step: Link) -> str:
    return f"link {{prefix}}/{step.at} to {step.to}"


@describe.register
def _(step: Script) -> str:
    return f"write {{prefix}}/{step.at}, which calls {step.entry_point}"


@describe.register
def _(step: MakeExecutable) -> str:
    return f"make {{prefix}}/{step.pattern} executable"


def _short(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:12]}…"
