"""`{name}` placeholders in definitions: `{path}`, `{prefix}`, `{version}`, named groups."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HOLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


class MissingValueError(KeyError):
    """A placeholder that nothing fills; its only argument is the name."""


def holes(template: str) -> tuple[str, ...]:
    """The names that *template* asks for, in order."""
    return tuple(_HOLE.findall(template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """*template* with every `{name}` replaced, in one pass: a value is never read again.

    Raises MissingValueError for a name without a value. Other braces stay as they are.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values:
            raise MissingValueError(name)
        return values[name]

    return _HOLE.sub(value, template)
