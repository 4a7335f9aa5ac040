"""Entering and leaving environments; what leaving needs travels in the environment itself.

No file and no shell function remembers anything: `ENVMGR_RESTORE` holds the former value of
every variable that entering changed, itself included, so that environments nest by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from envmgr.errors import EnvmgrError
from envmgr.model.delta import Change, Delta, Environ

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import TypeGuard

LABEL = "ENVMGR_ENVIRONMENT"
"""Names the innermost active environment, for prompts."""
IDS = "ENVMGR_IDS"
"""The ids of its entries, separated by commas."""
RESTORE = "ENVMGR_RESTORE"
"""What leaving it needs: the former values, packed by `_packed`."""
PROJECT = "ENVMGR_PROJECT_DIR"
"""The directory whose environment the prompt hook opened; unset inside one opened by hand."""

_ALWAYS = (LABEL, IDS, RESTORE)
_OWN = (*_ALWAYS, PROJECT)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIZE_CAP = 8 * 1024 * 1024
"""Bytes of unpacked state that are read: more than an environment can hold, less than a bomb."""

_Saved = dict[str, "str | None"]


class StateError(EnvmgrError):
    """No environment is active, or the variable that leads out of it is damaged."""


def is_name(text: str) -> bool:
    """Whether every shell can have a variable of this name."""
    return _NAME.fullmatch(text) is not None


def enter(
    environ: Environ,
    delta: Delta,
    label: str,
    ids: Iterable[str],
    separator: str = ":",
    *,
    project: str | None = None,
) -> Change:
    """The step from *environ* into the environment that *delta* makes.

    *label* is shown in prompts, *ids* tell environments apart: entering the innermost active one
    again changes nothing. *separator* is what the platform puts between paths. *project* is the
    directory for which the prompt hook enters: the same environment opened by hand is another,
    which the hook leaves alone. Raises EnvmgrError for a directory that cannot stand in a path
    list, and for a name that is none.
    """
    joined = ",".join(ids)
    if is_inside(environ, joined, project):
        return Change()
    values = _checked(delta, separator).apply(environ, separator)
    values |= {LABEL: label, IDS: joined}
    unset = (PROJECT,) if project is None and PROJECT in environ else ()
    if project is not None:
        values[PROJECT] = project
    saved: _Saved = {name: environ.get(name) for name in (*values, *unset, RESTORE)}
    return Change({**values, RESTORE: _packed(saved)}, unset)


def is_inside(environ: Environ, joined: str, project: str | None = None) -> bool:
    """Whether the innermost active environment has the ids *joined* and is that of *project*."""
    return RESTORE in environ and environ.get(IDS) == joined and environ.get(PROJECT) == project


def is_hooked(environ: Environ) -> bool:
    """Whether the innermost active environment was opened by the prompt hook."""
    return RESTORE in environ and bool(environ.get(PROJECT))


def leave(environ: Environ) -> Change:
    """The step out of the innermost active environment: every variable as it was before.

    Raises StateError when none is active or the state in *environ* is damaged.
    """
    if RESTORE not in environ:
        raise StateError(
            "no environment is active", hint="`envmgr env` and `envmgr shell` activate one"
        )
    saved = _unpacked(environ[RESTORE])
    values = {name: value for name, value in saved.items() if value is not None}
    return Change(values, tuple(name for name, value in saved.items() if value is None))


def touched(environ: Environ) -> tuple[str, ...]:
    """Every variable that an active environment has changed, outer environments included."""
    names: dict[str, None] = {}
    packed = environ.get(RESTORE)
    while packed is not None:
        saved = _unpacked(packed)
        names.update(dict.fromkeys(saved))
        packed = saved[RESTORE]
    return tuple(names)


def _checked(delta: Delta, separator: str) -> Delta:
    """*delta* as it can be applied: a list with nothing to prepend stays untouched."""
    for name in delta.names():
        if not is_name(name) or name in _OWN:
            raise EnvmgrError(
                f"an entry cannot set the variable {name!r}",
                hint="correct [env] and [prepend] of its detector",
            )
    for name, paths in delta.prepend.items():
        _check_paths(name, paths, separator)
    return Delta(delta.put, {name: paths for name, paths in delta.prepend.items() if paths})


def _check_paths(name: str, paths: Iterable[str], separator: str) -> None:
    # An empty element means the current directory, and so would a separator at an end.
    for path in paths:
        if not path or separator in path:
            raise EnvmgrError(
                f"cannot prepend {path!r} to {name}: it is empty or contains {separator!r}",
                hint="move what is there to a directory with a plain name",
            )


def _packed(saved: _Saved) -> str:
    """*saved* as one line of ASCII."""
    import json
    import zlib
    from base64 import b64encode

    text = json.dumps(saved, separators=(",", ":"), sort_keys=True)
    return b64encode(zlib.compress(text.encode())).decode()


def _unpacked(packed: str) -> _Saved:
    """What `_packed` packed. Raises StateError for anything else, however large or deep."""
    import json
    import zlib
    from base64 import b64decode

    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(b64decode(packed, validate=True), _SIZE_CAP)
        saved = json.loads(text) if inflater.eof else None
    except (ValueError, RecursionError, zlib.error):
        saved = None
    if not _is_saved(saved):
        raise StateError(
            f"the variable {RESTORE} is damaged, so the environment cannot be left",
            hint="start a new shell; nothing outside this one is affected",
        )
    return saved


def _is_saved(saved: object) -> TypeGuard[_Saved]:
    return (
        isinstance(saved, dict)
        and all(name in saved for name in _ALWAYS)
        and all(is_name(name) for name in saved)
        and all(value is None or isinstance(value, str) for value in saved.values())
        and all("\0" not in value for value in saved.values() if value)
    )
