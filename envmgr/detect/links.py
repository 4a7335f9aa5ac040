"""What a path really is: symbolic links, plain wrappers, and stand-ins for other programs."""

from __future__ import annotations

import os
import re

_STAND_INS = frozenset(
    {"ccache", "sccache", "distcc", "icecc", "rustup", "mise", "asdf", "volta-shim", "jenv"}
)
_WRAPPER_SIZE = 2048
_EXEC = re.compile(
    r"""\s*exec\s+(?:"(?P<double>/[^"$`\\]+)"|'(?P<single>/[^']+)'|(?P<bare>/[\w./+@%:,-]+))"""
    r"""\s+(?:"\$@"|\$@)\s*"""
)
_HOPS = 5


def follow(path: str) -> str:
    """The file that answers when *path* is run.

    Links are resolved, and so are wrappers that do nothing but `exec /other/file "$@"`. A
    wrapper that adds an argument or a variable is a different thing and stays itself.
    """
    real = os.path.realpath(path)
    for _ in range(_HOPS):
        target = _wrapped(real)
        if target is None:
            break
        real = os.path.realpath(target)
    return real


def stand_in(path: str, real: str) -> str | None:
    """The name of the multiplexer that *path* leads to, or None when it is a program itself."""
    name = os.path.basename(real)
    if name in _STAND_INS and name != os.path.basename(path):
        return name
    proxy = os.path.join(os.path.dirname(real), "rustup")  # its proxies may be hard links
    if name != "rustup" and os.path.exists(proxy) and os.path.samefile(real, proxy):
        return "rustup"
    return None


def _wrapped(path: str) -> str | None:
    """The program that a plain wrapper hands over to, or None."""
    try:
        if os.path.getsize(path) > _WRAPPER_SIZE:
            return None
        with open(path, "rb") as stream:
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return None
    if not text.startswith("#!") or "sh" not in text.partition("\n")[0]:
        return None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = _EXEC.fullmatch(lines[0]) if len(lines) == 1 else None
    target = found and (found["double"] or found["single"] or found["bare"])
    return target if target and os.path.isfile(target) else None
