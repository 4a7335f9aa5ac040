"""A Jupyter kernel that runs in the environment: the kernel.json of a kernelspec."""

from __future__ import annotations

import json
import os

from envmgr.errors import UsageError
from envmgr.export.material import LeftOut
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.model.entry import Entry

_PYTHON = "compiler.python"
_KERNEL = "python.ipykernel"


def render(subject: Subject) -> Export:
    """*subject* as the kernel of its Python. Raises UsageError when it has none."""
    python = _python(subject)
    form = {
        "argv": [python.path, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"{subject.name} (Python {python.version})",
        "env": {
            name: _template(subject, name, value) for name, value in sorted(subject.values.items())
        },
        "interrupt_mode": "signal",
        "language": "python",
        "metadata": {
            "debugger": True,
            "envmgr": {"entries": [str(entry) for entry in subject.entries], "lock": subject.lock},
        },
    }
    text = json.dumps(form, indent=1) + "\n"  # in ASCII, which holds even bytes that are no text
    return Export({"kernel.json": text}, subject.entries, _left_out(subject, python))


def _python(subject: Subject) -> Entry:
    for entry in subject.entries:
        if entry.name == _PYTHON:
            return entry
    raise UsageError(
        "the environment has no Python, so it can have no kernel",
        hint=f"add one: envmgr export jupyter {_PYTHON} {_KERNEL} …",
    )


def _template(subject: Subject, name: str, value: str) -> str:
    """*value* as Jupyter fills it in. The rest of PATH is that of the server at its start.

    Other lists are whole: where a variable is not set, Jupyter leaves its placeholder as it is.
    """
    if name == "PATH" and name not in subject.delta.put:
        own = os.pathsep.join(subject.delta.prepend[name])
        return own.replace("$", "$$") + os.pathsep + "${PATH}"
    return value.replace("$", "$$")


def _left_out(subject: Subject, python: Entry) -> tuple[LeftOut, ...]:
    kernels = [entry for entry in subject.entries if entry.name == _KERNEL]
    if any(python.id in kernel.needs for kernel in kernels):
        return ()
    why = "the environment does not say that this Python has it; without it no kernel starts"
    return (LeftOut("ipykernel", why, python.path),)
