"""Text that a Dockerfile, or a shell, takes for exactly what it is."""

from __future__ import annotations

import re
import shlex

from envmgr.errors import EnvmgrError

_LINE = 96
_PIN = re.compile(r"[a-z0-9][a-z0-9+.-]*(?:=[0-9][A-Za-z0-9.+~:-]*)?")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._+/-]+")


class UnwritableError(EnvmgrError):
    """No file of an image can say this; the message tells why."""


def _checked(text: str) -> str:
    """*text*, if it has a place on a line."""
    if not text.isprintable():  # a line break would begin another instruction
        raise UnwritableError(f"a line cannot hold {text!a}")
    return text


def env_word(value: str) -> str:
    """*value* as the value of an ENV or LABEL. Raises UnwritableError."""
    return '"' + re.sub(r'[\\"$]', r"\\\g<0>", _checked(value)) + '"'


def shell_word(text: str) -> str:
    """*text* as one word of a shell. Raises UnwritableError."""
    return shlex.quote(_checked(text))


def pin_word(pin: str) -> str:
    """*pin*, `name=version`, as one word of a shell; the `~` of versions needs no quotes there."""
    return pin if _PIN.fullmatch(pin) else shell_word(pin)


def plain_path(path: str) -> str:
    """*path*, if it stands for itself without quotes. Raises UnwritableError."""
    if not _PLAIN_PATH.fullmatch(path):
        raise UnwritableError(f"not a plain path: {path!a}")
    return path


def glob_word(pattern: str) -> str:
    """*pattern* as one word of a shell in which only `*` is special. Raises UnwritableError."""
    return "*".join(shell_word(piece) if piece else "" for piece in pattern.split("*"))


def comment(text: str, *, indent: str = "") -> list[str]:
    """*text* as lines of a comment, wrapped; whatever is in it, it stays a comment."""
    import textwrap

    safe = "".join(c if c.isprintable() else "?" for c in text)
    lines = textwrap.wrap(
        safe,
        _LINE,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [f"# {line}" for line in lines]
