"""A .env file, as VS Code, python-dotenv and others read it."""

from __future__ import annotations

import re

from envmgr.export.heading import heading
from envmgr.export.material import LeftOut
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.export.values import not_one_line

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,-]+")


def render(subject: Subject) -> Export:
    """*subject* as a .env file. Its path lists are whole, so they are those of this machine."""
    lines: list[str] = []
    left: list[LeftOut] = []
    for name, value in sorted(subject.values.items()):
        why = _obstacle(value)
        if why:
            left.append(LeftOut(f"{name}={value!a}", why))
        else:
            lines.append(f"{name}={quoted(value)}")
    text = "\n".join((*heading(subject, "dotenv", left), *lines)) + "\n"
    return Export({".env": text}, subject.entries, tuple(left))


def _obstacle(value: str) -> str | None:
    """What is in the way of a value that every reader of such files takes for what it is."""
    if "${" in value:
        return "readers of .env files fill in ${…}"
    if quoted(value) is None:
        return "readers of .env files disagree on the quotes that it takes"
    return not_one_line(value)


def quoted(value: str) -> str | None:
    """*value* in quotes that mean the same to every reader; None where there are none.

    Readers differ in what a backslash does, and in whether a dollar sign in double quotes is one.
    """
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value and "\\\\" not in value and not value.endswith("\\"):
        return f"'{value}'"
    if re.search(r'["\\$`]', value):
        return None
    return f'"{value}"'
