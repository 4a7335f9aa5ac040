"""References: what trusted builds gave, kept to compare other builds with.

Some programs never write the same twice, since they read memory that nothing was written to, or
print the time. So a reference is made of two runs or more, and outputs in which those differ are
known as unsteady and never compared.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from envmgr.errors import EnvmgrError, ProgramError, StoreError
from envmgr.host.files import atomic_write
from envmgr.model.measurement import UNSTEADY
from envmgr.program.compare import compare
from envmgr.program.run import Ran, digests, failure
from envmgr.program.source import file_digest
from envmgr.store.durable import sync_directory, sync_tree
from envmgr.store.locks import locked
from envmgr.store.staging import Staging

_FILE = "reference.json"
_SCHEMA = 1
_DAMAGED = (
    *(OSError, EnvmgrError, RecursionError),
    *(ValueError, TypeError, KeyError, AttributeError),
)
"""What reading a file may come to that says something else than was written."""
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Reference:
    """What trusted builds gave for one point."""

    key: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Each output that a check compares with it to the file that holds it."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Each output of the first run to its sha256."""
    unsteady: tuple[str, ...] = ()
    """Outputs that differed between runs."""
    runs: int = 0
    """Of how many runs it is made."""
    recorded: float = 0.0
    """When, in seconds since 1970, UTC."""
    made_by: Mapping[str, Any] = field(default_factory=dict)
    """By what: compilers, flags, the machine."""


def key_of(
    program: str,
    tree: str,
    command: str,
    params: Mapping[str, str],
    inputs: Mapping[str, str],
) -> str:
    """Where the reference of a point is kept: a hash of all that its outputs may depend on.

    *tree* is the digest of the sources, *inputs* each input to its hash.
    """
    form = [program, tree, command, dict(params), dict(inputs)]
    return sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()


# -- making one ------------------------------------------------------------------------------


def record(
    place: str, key: str, rans: Sequence[Ran], made_by: Mapping[str, Any] | None = None
) -> Reference:
    """Keep what *rans* gave, two or more runs of trusted builds, as the reference *key*.

    It is in the directory *place* whole or not at all, instead of one that was there. Runs differ
    in an output when a check that compares it would say so, or where there is none when its bytes
    do. Raises ProgramError for runs that did not end well, StoreError.
    """
    _require_whole(rans)
    written = [digests(ran) for ran in rans]
    made = Reference(
        _checked(key),
        outputs={name: str(i) for i, name in enumerate(_compared(rans[0]))},
        digests=written[0],
        unsteady=tuple(name for name in written[0] if _is_unsteady(name, rans, written)),
        runs=len(rans),
        recorded=time.time(),
        made_by=dict(made_by or {}),
    )
    try:
        return _keep(place, made, rans[0])
    except OSError as error:
        raise StoreError(f"cannot write {os.path.join(place, key)}: {error.strerror}") from error


def _require_whole(rans: Sequence[Ran]) -> None:
    if len(rans) < 2:
        raise ProgramError("a reference needs two runs or more, to know what never comes out twice")
    for ran in rans:
        failed = failure(ran)
        if failed and failed[0] != UNSTEADY:
            raise ProgramError(f"a run that failed gives no reference: {failed[1]}")
        if ran.missing:
            raise ProgramError(f"a run without {', '.join(ran.missing)} gives no reference")


def _compared(ran: Ran) -> tuple[str, ...]:
    """The outputs that are compared with the reference."""
    return tuple(sorted({one.file for one in ran.request.command.checks if one.recorded}))


def _is_unsteady(name: str, rans: Sequence[Ran], written: Sequence[Mapping[str, str]]) -> bool:
    if any(name in ran.unsteady for ran in rans):
        return True
    if all(other[name] == written[0][name] for other in written):
        return False
    checks = [one for one in rans[0].request.command.checks if one.recorded and one.file == name]
    for ran in rans[1:]:
        for check in checks:
            with open(rans[0].outputs[name], "rb") as one, open(ran.outputs[name], "rb") as other:
                if compare(other, one, check, of="the first run").difference:
                    return True
    return not checks


def _keep(place: str, made: Reference, ran: Ran) -> Reference:
    os.makedirs(place, exist_ok=True)
    staging = Staging(os.path.join(place, ".staging"))
    staging.sweep()
    with staging.fresh() as aside, locked(os.path.join(place, ".lock")):
        tree = os.path.join(aside, "new")
        os.mkdir(tree)
        for name, file in made.outputs.items():
            shutil.copyfile(ran.outputs[name], os.path.join(tree, file))
        form = {"schema": _SCHEMA, **asdict(made)}
        atomic_write(os.path.join(tree, _FILE), json.dumps(form, indent=1, sort_keys=True) + "\n")
        sync_tree(tree)
        final = os.path.join(place, made.key)
        with suppress(FileNotFoundError):
            os.rename(final, os.path.join(aside, "old"))
        os.rename(tree, final)
        sync_directory(place)
    return _placed(made, final)


# -- finding one -----------------------------------------------------------------------------


def _silent(_: str) -> None:
    """What finding says, when nobody listens."""


def find(place: str, key: str, say: Callable[[str], object] = _silent) -> Reference | None:
    """The reference *key* in the directory *place*.

    One that was damaged, or changed since it was recorded, counts as none, and *say* is told.
    """
    directory = os.path.join(place, _checked(key))
    try:
        with open(os.path.join(directory, _FILE), "rb") as file:
            found = _placed(_read(json.load(file), key), directory)
        _require_unchanged(found)
    except FileNotFoundError as error:
        if os.path.lexists(directory):
            say(f"the reference in {directory} is not whole and not used: no {error.filename}")
        return None
    except _DAMAGED as error:
        say(f"the reference in {directory} is damaged and not used: {error}")
        return None
    return found


def _read(form: Mapping[str, Any], key: str) -> Reference:
    if form["schema"] != _SCHEMA or form["key"] != key:
        raise ValueError("it is of another version, or another point's")
    fields = {name: value for name, value in form.items() if name != "schema"}
    made = Reference(**{**fields, "unsteady": tuple(form["unsteady"])})
    if any(not str(file).isdigit() for file in made.outputs.values()):
        raise ValueError("it names files elsewhere")
    return made


def _require_unchanged(found: Reference) -> None:
    for name, path in found.outputs.items():
        if file_digest(path) != found.digests[name]:
            raise ValueError(f"{name} is not what was recorded")


def _placed(made: Reference, directory: str) -> Reference:
    """With the files of its outputs where they are."""
    outputs = {name: os.path.join(directory, file) for name, file in made.outputs.items()}
    return replace(made, outputs=outputs)


def _checked(key: str) -> str:
    if len(key) != 64 or not _HEX.issuperset(key):
        raise StoreError(f"not a key of a reference: {key!r}")
    return key
