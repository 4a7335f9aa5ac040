"""Changes as text that a shell reads. What a shell looks like is data: `shells/<name>.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from envmgr.activate.state import is_name
from envmgr.errors import DefinitionError, EnvmgrError
from envmgr.model.delta import Change
from envmgr.model.shell import Shell
from envmgr.model.template import MissingValueError, fill


def render(shell: Shell, change: Change) -> str:
    """*change* as text for *shell*; nothing for a change that changes nothing.

    Bytes of the environment that are not UTF-8 stay surrogates, as in `os.environ`, so the text
    must be written with the error handler `surrogateescape`. Raises EnvmgrError for a name that
    is none and for a value that the shell cannot hold.
    """
    _check(shell, change)
    if shell.format == "json":
        return _as_json(change)
    if shell.format != "lines":
        raise DefinitionError(f"{shell.file}: unknown format {shell.format!r}")
    return _as_lines(shell, change)


def quoted(shell: Shell, value: str) -> str:
    """*value* as one word of *shell*."""
    before, after = shell.quote
    escapes = dict(shell.escapes)
    if escapes:
        longest_first = sorted(escapes, key=len, reverse=True)
        pattern = "|".join(re.escape(text) for text in longest_first)
        value = re.sub(pattern, lambda found: escapes[found[0]], value)
    return f"{before}{value}{after}"


def filled(shell: Shell, template: str, values: Mapping[str, str]) -> str:
    """A template of *shell*'s definition, filled. Raises DefinitionError for an unknown name."""
    try:
        return fill(template, values)
    except MissingValueError as error:
        raise DefinitionError(
            f"{shell.file}: nothing fills {{{error.args[0]}}} in {template!r}",
            hint=f"it may hold {', '.join(f'{{{name}}}' for name in values)}",
        ) from None


def _check(shell: Shell, change: Change) -> None:
    for name in (*change.values, *change.unset):
        if not is_name(name):
            raise EnvmgrError(f"not a name of a variable: {name!r}")
    for name, value in change.values.items():
        found = _unholdable(shell, value)
        if found:
            raise EnvmgrError(
                f"{shell.name} cannot hold {found} in a value, and {name} has it",
                hint="use another shell, or `envmgr exec`, which needs none",
            )


def _unholdable(shell: Shell, value: str) -> str:
    """What in *value* the shell cannot hold; empty when it can hold everything."""
    for character in ("\0", *shell.forbidden):
        if character in value:
            return repr(character)
    # What is not UTF-8 in the environment is a lone surrogate in Python.
    broken = re.search("[\ud800-\udfff]", value) if shell.text_only else None
    return f"the byte {ord(broken[0]) & 0xFF:#x}" if broken else ""


def _as_lines(shell: Shell, change: Change) -> str:
    lines = [filled(shell, shell.unset, {"name": name}) for name in change.unset]
    for name, value in change.values.items():
        template = shell.sets.get(name, shell.set)
        lines.append(filled(shell, template, {"name": name, "value": quoted(shell, value)}))
    if lines and shell.after:
        lines.append(shell.after)
    return "".join(f"{line}\n" for line in lines)


def _as_json(change: Change) -> str:
    import json

    form = {"set": dict(change.values), "unset": list(change.unset)}
    return json.dumps(form, indent=2, sort_keys=True) + "\n"
