"""An environment module in Lua, for Lmod."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envmgr.export.heading import contents, heading
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.export.values import held, not_one_line, settled
from envmgr.model.delta import Delta

_SPECIAL = re.compile(r'[\\"]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def render(subject: Subject) -> Export:
    """*subject* as a module file."""
    delta, left_out = held(settled(subject.delta), not_one_line)
    blocks = (
        heading(subject, "module-lua", left_out, mark="--"),
        list(_description(subject)),
        list(_families(subject)),
        list(_changes(delta)),
    )
    text = "\n\n".join("\n".join(block) for block in blocks if block) + "\n"
    return Export({f"{subject.name}.lua": text}, subject.entries, left_out)


def _description(subject: Subject) -> Iterator[str]:
    things = contents(subject)
    lines = (f"The environment {subject.name} of envmgr:", *(f"    {t}" for t in things))
    yield "help(" + " ..\n    ".join(literal(f"{line}\n") for line in lines) + ")"
    yield f"whatis({literal('Name: ' + subject.name)})"
    yield f"whatis({literal('Description: ' + ', '.join(things))})"


def _families(subject: Subject) -> Iterator[str]:
    """Lmod keeps one module of a family, as an environment keeps one thing of a capability."""
    families = {re.sub(r"\W", "_", r) for entry in subject.entries for r in entry.provides}
    return (f"family({literal(family)})" for family in sorted(families))


def _changes(delta: Delta) -> Iterator[str]:
    for name, value in sorted(delta.put.items()):
        yield f"pushenv({literal(name)}, {literal(value)})"
    for name, paths in sorted(delta.prepend.items()):
        for path in reversed(paths):  # each goes before what is there already
            yield f"prepend_path({literal(name)}, {literal(path)})"


def literal(text: str) -> str:
    """*text* as a string of Lua."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    lines = (_CONTROL.sub(_number, line) for line in escaped.split("\n"))
    return '"' + "\\n".join(lines) + '"'


def _number(character: re.Match[str]) -> str:
    return f"\\{ord(character[0]):03d}"
