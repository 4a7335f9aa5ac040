"""Sources of programs that are not beside their definition: fetched once, verified, kept."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from envmgr.api.workspace import Workspace
from envmgr.errors import InstallError, ProgramError
from envmgr.model.plan import Checkout, Download
from envmgr.model.program import Program, ProgramSource
from envmgr.store.layout import safe_name
from envmgr.store.locks import locked
from envmgr.store.staging import Staging
from envmgr.store.trust import Trust


def fetched(workspace: Workspace, program: Program) -> str:
    """The directory of the sources of *program*; those of one digest or commit are fetched once.

    Raises ProgramError when they cannot be had, or are not what the definition says.
    """
    source, final = program.source, place_of(workspace, program.source)
    place, name = os.path.split(final)
    os.makedirs(place, exist_ok=True)
    with locked(os.path.join(place, f".{name}.lock")):
        if not os.path.isdir(final):
            staging = Staging(os.path.join(place, ".staging"))
            staging.sweep()
            with staging.fresh() as scratch:
                tree = os.path.join(scratch, "tree")
                os.mkdir(tree)
                _get(workspace, program, source, tree)
                os.rename(tree, final)
    return final


def place_of(workspace: Workspace, source: ProgramSource) -> str:
    """Where *source* is kept when it was fetched; it is a directory then."""
    name = safe_name((source.digest or source.commit or "").replace(":", "-"))
    return os.path.join(workspace.layout.cache, "sources", name)


def _get(workspace: Workspace, program: Program, source: ProgramSource, tree: str) -> None:
    from envmgr.install.checkout import checkout
    from envmgr.install.fetch import download
    from envmgr.install.unpack import unpack

    try:
        if source.git:
            checkout(Checkout(source.git, source.commit or "", "."), tree)
            return
        url = source.url or ""
        name = safe_name(os.path.basename(urlsplit(url).path) or program.name)
        downloads = os.path.join(workspace.layout.cache, "downloads")
        step = Download(name, (url,), source.digest or "")
        unpack(download(step, downloads, trust=Trust(workspace.layout)), tree)
    except InstallError as error:
        raise ProgramError(
            f"{program.name}: its sources cannot be had: {error.message}", hint=error.hint
        ) from error
