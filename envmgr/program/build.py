"""Builds: made in a scratch directory, published whole, and found again by what they depend on."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from envmgr._version import SCHEMA
from envmgr.errors import HostError, ProgramError
from envmgr.host.files import atomic_write, remove_tree
from envmgr.program.codesize import code_size
from envmgr.program.compile import files_to_read, sources_procedure
from envmgr.program.key import build_key, machine_of
from envmgr.program.request import (
    IN_PLACE,
    BuildRequest,
    CrossTarget,
    Procedure,
    Scratch,
    filled_build,
)
from envmgr.program.source import file_digest
from envmgr.program.steps import carry_out, copy_sources, described
from envmgr.program.systems import system_procedure
from envmgr.store.layout import safe_name
from envmgr.store.locks import locked
from envmgr.store.staging import Staging

__all__ = ["BUILD_TIMEOUT", "BuildRequest", "Built", "CrossTarget", "build", "procedure_of"]

BUILD_TIMEOUT = 3600.0
"""Seconds that one command of a build may take."""
_RECORD = "build.json"
"""What a build says of itself; it is published with it, so a directory without it is no build."""
_LOG = "log.txt"


@dataclass(frozen=True, slots=True)
class Built:
    """A program that can be run."""

    executable: str | None
    """The program; None for one that is run by something else."""
    directory: str
    """The build directory, in which the executable is; the sources when nothing was to build."""
    digest: str
    """What tells this build from others; also the name of the directory that it is kept in."""
    sha256: str
    """Of the executable; empty without one."""
    code_size: int
    """Bytes of machine code in the executable; of a file that is no machine code, its size."""
    seconds: float
    """Wall time that the build took, when it was made."""
    was_cached: bool
    log: str | None
    """The file with everything that its commands said."""
    commands: tuple[str, ...]
    """What was run, in words; `{work}` is the scratch directory."""


def build(request: BuildRequest, directory: str, *, timeout: float = BUILD_TIMEOUT) -> Built:
    """The program of *request*, built now or kept below *directory*, a cache, from before.

    One command may take *timeout* seconds. Two that build the same at once share one build. The
    directory of the sources is never written to. Raises ProgramError, whose `log` stays.
    """
    directory = os.path.abspath(directory)  # commands run in other places
    key = build_key(request, machine_of(request))
    if request.program.build.system == "none":
        return _as_it_is(request, key)
    final = os.path.join(directory, key)
    if built := _kept(final, key):
        return built
    with locked(os.path.join(directory, "locks", f"{key}.lock")):
        return _kept(final, key) or _made(request, directory, key, timeout)


def procedure_of(request: BuildRequest, scratch: Scratch) -> Procedure:
    """Every command of a build in *scratch*, decided; nothing is done. Raises ProgramError.

    The definition's own variables win over those of the environment: `CC` may be `mpicc`.
    """
    own = filled_build(request, scratch.places).env
    request = replace(request, environ={**request.environ, **own})
    if request.program.build.system == "sources":
        return sources_procedure(request, scratch)
    return system_procedure(request, scratch)


def _as_it_is(request: BuildRequest, key: str) -> Built:
    """A program that needs no build: the file that is its target, or nothing."""
    program, tree = request.program, request.tree
    there = program.target in tree.files
    if program.build.target and not there:
        raise ProgramError(f"{program.name}: its target {program.target} is not in {tree.root}")
    path = tree.place(program.target) if there else None
    digest = tree.files.get(program.target, "")
    size = code_size(path) if path else 0
    return Built(path, tree.root, key, digest, size, 0.0, False, None, ())


# -- what is kept ----------------------------------------------------------------------------


def _kept(final: str, key: str) -> Built | None:
    """The build in *final*; None when it is not there, or its executable is not what it was."""
    try:
        with open(os.path.join(final, _RECORD), encoding="utf-8") as file:
            built = _from_record(json.load(file), final, key)
        whole = file_digest(str(built.executable)) == built.sha256
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return built if whole else None


def _from_record(form: Mapping[str, Any], final: str, key: str) -> Built:
    return Built(
        executable=os.path.join(final, *form["executable"].split("/")),
        directory=os.path.join(final, "build"),
        digest=key,
        sha256=form["sha256"],
        code_size=form["code_size"],
        seconds=form["seconds"],
        was_cached=True,
        log=os.path.join(final, _LOG),
        commands=tuple(form["commands"]),
    )


# -- making one ------------------------------------------------------------------------------


def _made(request: BuildRequest, directory: str, key: str, timeout: float) -> Built:
    staging = Staging(os.path.join(directory, "staging"))
    staging.sweep()
    name = request.program.name
    try:
        with staging.fresh() as root:
            try:
                form = _make(request, root, timeout)
            except ProgramError as error:
                error.log = _keep_log(root, directory, f"{safe_name(name)}-{key[:8]}.txt")
                raise
            _publish(root, os.path.join(directory, key), staging)
    except (OSError, HostError) as error:
        raise ProgramError(f"cannot build {name} in {directory}: {error}") from error
    return replace(_from_record(form, os.path.join(directory, key), key), was_cached=False)


def _make(request: BuildRequest, root: str, timeout: float) -> dict[str, Any]:
    """Build in *root*, a scratch directory; what its record says."""
    scratch = _scratch(request, root)
    os.makedirs(scratch.aside)
    os.makedirs(os.path.join(scratch.build, os.path.dirname(request.program.target)))
    copy_sources(request.tree, scratch.source)
    procedure = procedure_of(request, scratch)
    begun = time.monotonic()
    with open(os.path.join(root, _LOG), "w", encoding="utf-8", errors="replace") as log:
        carry_out(procedure, request, scratch, log, timeout)
    seconds = time.monotonic() - begun
    executable = _collected(request, procedure, scratch)
    form = {
        "schema": SCHEMA,
        "program": request.program.name,
        "executable": os.path.relpath(executable, root).replace(os.sep, "/"),
        "sha256": file_digest(executable),
        "code_size": code_size(executable),
        "seconds": round(seconds, 3),
        "commands": [described(step, scratch) for step in procedure.steps],
        "needs": {role: str(entry) for role, entry in request.needs.items()},
        "files": dict(request.tree.files),
    }
    atomic_write(os.path.join(root, _RECORD), json.dumps(form, indent=1, sort_keys=True) + "\n")
    return form


def _scratch(request: BuildRequest, root: str) -> Scratch:
    system = request.program.build.system
    texts = {}
    for path in files_to_read(request) if system == "sources" else ():
        with open(request.tree.place(path), encoding="utf-8", errors="replace") as file:
            texts[path] = file.read()
    ninja = shutil.which("ninja", path=request.environ.get("PATH", os.defpath))
    return Scratch(root, system in IN_PLACE, _jobs(), ninja is not None, texts)


def _jobs() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _collected(request: BuildRequest, procedure: Procedure, scratch: Scratch) -> str:
    """The program in its place. Raises ProgramError when it is not there, or not in there."""
    name, target = request.program.name, request.program.target
    made = (procedure.product, f"{procedure.product}.exe")  # compilers for Windows add that
    product = next(filter(os.path.isfile, made), None)
    if product is None:
        raise ProgramError(
            f"{name}: its build ended without a failure, and there is no {target}",
            hint="[build] target names the program, below the build directory",
        )
    place = os.path.join(scratch.build, target) + product.removeprefix(procedure.product)
    if product != place:
        os.replace(product, place)
    if not os.path.realpath(place).startswith(os.path.realpath(scratch.build) + os.sep):
        raise ProgramError(f"{name}: {target} is a link that leads out of the build directory")
    os.chmod(place, os.stat(place).st_mode | 0o111)  # noqa: S103  # scripts may lack it
    return place


def _publish(root: str, final: str, staging: Staging) -> None:
    """Show the finished build at once, instead of a broken one that is there.

    Nothing waits for the disk: what a power cut leaves half fails its digest and is built again.
    """
    for name in ("source", "aside"):
        remove_tree(os.path.join(root, name))
    if os.path.lexists(final):
        with staging.fresh() as old:
            os.rename(final, os.path.join(old, "broken"))
    os.rename(root, final)


def _keep_log(root: str, directory: str, name: str) -> str | None:
    """Where the log of a build that failed stays; None when it came to no command."""
    log = os.path.join(root, _LOG)
    if not os.path.isfile(log):
        return None
    kept = os.path.join(directory, "logs", name)
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    os.replace(log, kept)
    return kept
