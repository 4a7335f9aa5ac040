"""Commands for places that are only known when they run."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[^'\"]+")
"""Of commands as `words` quotes them: one quoted piece, or all up to the next quote."""
_TO_DOUBLE_QUOTES = {"'": "'\"", '"': ""}
"""What leads from a piece to double quotes, by its first character; backwards, it leads back."""


def relocated(command: str, places: Mapping[str, str]) -> str:
    """*command* of a shell with variables in place of directories.

    *places* has the name of the variable for each directory; what a variable holds is taken for
    exactly what it is.
    """
    longest_first = sorted(places, key=lambda path: (-len(path), path))
    pattern = re.compile(rf"({'|'.join(map(re.escape, longest_first))})(?![\w.+-])")

    def moved(token: re.Match[str]) -> str:
        out = _TO_DOUBLE_QUOTES.get(token[0][0], '"')
        return pattern.sub(lambda at: f"{out}${{{places[at[1]]}}}{out[::-1]}", token[0])

    return _TOKEN.sub(moved, command)
