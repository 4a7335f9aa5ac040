"""Programs as they were when they were measured, kept so that this can be done again.

Sources go on changing after a measurement. So each state that was measured is kept once in the
store, by its digest; what is fetched needs no keeping, as its digest stands in the definition.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress

from envmgr.api.workspace import Workspace
from envmgr.catalog.scan import PROGRAM_FILE
from envmgr.errors import EnvmgrError
from envmgr.host.files import atomic_write
from envmgr.model.program import Program
from envmgr.program.source import SourceTree
from envmgr.store.staging import Staging

MOST = 64 << 20
"""Bytes of sources that are kept; larger ones are only where they are."""


def keep(workspace: Workspace, program: Program, tree: SourceTree) -> None:
    """Keep *program* as it is, unless it is kept already or too large."""
    final = _place(workspace, program.digest, tree.digest)
    if os.path.isdir(final):
        return
    own = {} if is_fetched(program) else {path: tree.place(path) for path in tree.files}
    with suppress(OSError, EnvmgrError):  # it is measured all the same, and is still where it is
        definition = _definition(program)
        if definition is None or sum(map(os.path.getsize, own.values())) > MOST:
            return
        staging = Staging(os.path.join(os.path.dirname(final), ".staging"))
        staging.sweep()
        with staging.fresh() as scratch:
            whole = os.path.join(scratch, "whole")
            top = os.path.join(whole, program.name)
            for path, source in own.items():
                goal = os.path.join(top, *path.split("/"))
                os.makedirs(os.path.dirname(goal), exist_ok=True)
                shutil.copy(source, goal)
            os.makedirs(top, exist_ok=True)
            atomic_write(os.path.join(top, PROGRAM_FILE), definition)
            os.rename(whole, final)


def kept(workspace: Workspace, name: str, definition: str, sources: str) -> str | None:
    """The directory of the program *name* with the digests of its *definition* and *sources*."""
    place = os.path.join(_place(workspace, definition, sources), name)
    return place if os.path.isfile(os.path.join(place, PROGRAM_FILE)) else None


def is_fetched(program: Program) -> bool:
    """Whether its sources are an archive or a commit rather than what is beside its definition."""
    return bool(program.source.url or program.source.git)


def _definition(program: Program) -> bytes | None:
    """The text of its definition; None when that was changed since it was read."""
    with open(program.file, "rb") as file:
        text = file.read()
    return text if hashlib.sha256(text).hexdigest() == program.digest else None


def _place(workspace: Workspace, definition: str, sources: str) -> str:
    key = hashlib.sha256(f"{definition} {sources}".encode()).hexdigest()[:32]
    return os.path.join(workspace.layout.root, "programs", key)
