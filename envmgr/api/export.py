"""Exporting: an environment written for another system."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from envmgr.activate.state import RESTORE, enter
from envmgr.api.environment import Environment
from envmgr.api.material import files_of, gather
from envmgr.api.sources import sources_of
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.export.base import Distribution, base_image, checked_image
from envmgr.export.carry import decide
from envmgr.export.formats import format_named, render
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.host import packages
from envmgr.host.packages import SystemPackage
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_EPOCH = "SOURCE_DATE_EPOCH"
_LATEST = 253402300799
"""The last second of the year 9999, after which dates are no longer written alike."""


def export(
    workspace: Workspace,
    format: str,
    environment: Environment,
    *,
    name: str | None = None,
    base: str | None = None,
) -> Export:
    """*environment* in the *format* of that name (`export.formats`).

    *name* is what the result calls itself; *base* the image that a container begins with, by
    default that of this machine's distribution. Raises UsageError for a base that is not pinned
    or not known, for a name that is none, and for a format that there is not.
    """
    kind = format_named(format)
    called = checked_name(name or _plain(environment.name) or "environment")
    if kind.of == "environment":
        return render(kind, _subject(workspace, environment, called))
    image = checked_image(base) if base else base_image(distribution())
    return render(kind, decide(gather(workspace, environment, called, image)))


def checked_name(name: str) -> str:
    """*name*, if files and kernels can be called so. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"not a name for an environment: {name!r}",
            hint="letters, digits and ._+- are fine: --name my-env",
        )
    return name


def _plain(name: str) -> str:
    """*name* as `checked_name` wants it: `bench:gpu` is `bench-gpu`."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-._+")


def distribution() -> Distribution:
    """What this machine's system says of itself."""
    import distro

    return Distribution(distro.id(), distro.version(), distro.version(best=True))


def _subject(workspace: Workspace, environment: Environment, name: str) -> Subject:
    import distro

    entries, delta = environment.entries, environment.delta
    asked = {answer.chosen.id for answer in environment.resolution.answers
             if isinstance(answer.chosen, Entry)}  # fmt: skip
    return Subject(
        name=name,
        platform=workspace.platform,
        entries=entries,
        asked=frozenset(asked),
        delta=delta,
        names=workspace.catalogue.names,
        values=_values(environment.environ, delta),
        extra=environment.extra,
        packages=_owners(workspace, entries),
        distribution=distro.id(),
        sources={entry.id: sources_of(workspace, entry) for entry in entries},
        homepages=_homepages(workspace, entries),
        lock=environment.lock,
        epoch=_epoch(workspace.environ),
    )


def _values(environ: Mapping[str, str], delta: Delta) -> dict[str, str]:
    """The values of the variables of *delta* inside. Raises EnvmgrError for what cannot be one."""
    outside = {name: value for name, value in environ.items() if name != RESTORE}
    inside = enter(outside, delta, "", (), os.pathsep).values
    return {name: inside[name] for name in delta.names() if name in inside}


def _epoch(environ: Mapping[str, str]) -> int | None:
    """The time that reproducible builds state. Raises UsageError for what is no time."""
    text = environ.get(_EPOCH)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) > _LATEST:
        raise UsageError(f"{_EPOCH} is not a number of seconds since 1970: {text!r}")
    return int(text)


def _owners(
    workspace: Workspace, entries: Sequence[Entry]
) -> Mapping[str, tuple[SystemPackage, ...]]:
    detected = {e.id: files_of(e) for e in entries if e.origin.kind == "detected"}
    paths = [path for files in detected.values() for path in files]
    owners = packages.owners(paths, environ=workspace.environ) if paths else {}
    return {
        id: tuple(sorted({o for f in files if isinstance(o := owners[f], SystemPackage)}))
        for id, files in detected.items()
    }


def _homepages(workspace: Workspace, entries: Sequence[Entry]) -> dict[str, str]:
    known = workspace.catalogue.known_tags()
    names = [entry.name for entry in entries if entry.name in known]
    homepages = {name: workspace.catalogue.detector(name).homepage for name in names}
    return {name: homepage for name, homepage in homepages.items() if homepage}
