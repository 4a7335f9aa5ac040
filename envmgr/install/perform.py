"""Steps in deeds: what each step of a plan does to the staging directory of a job."""

from __future__ import annotations

import glob
import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import TextIO

from envmgr.errors import InstallError
from envmgr.host.process import run_logged
from envmgr.install.checkout import checkout
from envmgr.install.fetch import download
from envmgr.install.progress import Progress
from envmgr.install.registries import node_package, wheel
from envmgr.install.unpack import unpack, unpack_wheel
from envmgr.model.launcher import launcher
from envmgr.model.plan import (
    Checkout,
    CopyFile,
    Download,
    Link,
    MakeExecutable,
    NodePackage,
    Plan,
    Run,
    Script,
    Step,
    Unpack,
    Wheel,
)
from envmgr.model.template import MissingValueError, fill
from envmgr.store.prefixes import PrefixStore
from envmgr.store.trust import Trust

BUILD_TIMEOUT = 6 * 3600.0
"""Seconds that one command of a build may take."""
_LOG_LINES = 12
"""Lines of a failed command's output that are repeated in the error."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where installs happen on this machine."""

    prefixes: PrefixStore
    downloads: str
    logs: str
    trust: Trust
    environ: Mapping[str, str]
    platform: str
    progress: Progress


@dataclass(slots=True)
class Job:
    """One install in progress."""

    site: Site
    plan: Plan
    prefix: str
    staged: str
    """The prefix inside the staging directory."""
    destdir: str
    work: str
    environ: Mapping[str, str]
    values: Mapping[str, str]
    log: TextIO
    fetched: dict[str, str] = field(default_factory=dict)
    commands: list[list[str]] = field(default_factory=list)

    def place(self, root: str, path: str) -> str:
        """The absolute path of *path* below `work` or the staged prefix; never outside."""
        top = self.staged if root == "prefix" else self.work
        full = os.path.normpath(os.path.join(top, path))
        if full != top and not full.startswith(top + os.sep):
            raise InstallError(f"{self.plan}: {path!r} leads out of the {root} directory")
        return full

    def fill(self, template: str) -> str:
        """*template* with the places and needs of this job. Raises InstallError."""
        try:
            return fill(template, self.values)
        except MissingValueError as missing:
            raise InstallError(
                f"{self.plan}: {template!r} uses {{{missing.args[0]}}}, which nothing defines",
                hint="its needs and their variables: envmgr info " + self.plan.recipe,
            ) from missing


@singledispatch
def perform(step: Step, job: Job) -> None:
    """Do one step of *job*."""
    raise TypeError(f"not a step of {job.plan}: {step!r}")


@perform.register
def _(step: Download, job: Job) -> None:
    site = job.site
    job.fetched[step.name] = download(
        step, site.downloads, trust=site.trust, progress=site.progress
    )


@perform.register
def _(step: Wheel, job: Job) -> None:
    job.fetched[step.name] = wheel(step, job.site.downloads, progress=job.site.progress)


@perform.register
def _(step: NodePackage, job: Job) -> None:
    job.fetched[step.name] = node_package(step, job.site.downloads, progress=job.site.progress)


@perform.register
def _(step: Checkout, job: Job) -> None:
    checkout(step, job.place(step.root, step.into))


@perform.register
def _(step: Unpack, job: Job) -> None:
    into = job.place(step.root, step.into)
    if step.wheel:
        unpack_wheel(job.fetched[step.name], into, base=job.staged)
    else:
        unpack(job.fetched[step.name], into, strip=step.strip)


@perform.register
def _(step: CopyFile, job: Job) -> None:
    target = job.place("prefix", step.into)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(job.fetched[step.name], target)


@perform.register
def _(step: Run, job: Job) -> None:
    argv = [job.fill(word) for word in step.argv]
    env = {**job.environ, **{name: job.fill(value) for name, value in step.env.items()}}
    job.commands.append(argv)
    job.log.write(f"$ {shlex.join(argv)}\n")
    before = job.log.tell()
    finished = run_logged(
        argv, env=env, cwd=job.place("work", step.cwd), log=job.log, timeout=BUILD_TIMEOUT
    )
    if finished.code != 0:
        how = "ran out of time" if finished.timed_out else f"exit status {finished.code}"
        raise InstallError(
            f"{job.plan}: `{shlex.join(argv)}` failed ({how})\n{_tail(job.log.name, before)}"
        )


def _tail(path: str, start: int) -> str:
    """The lines that matter: those that speak of an error, or else the last ones."""
    with open(path, encoding="utf-8", errors="replace") as log:
        log.seek(start)
        lines = [line.rstrip() for line in log if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return "\n".join(f"  {line[:300]}" for line in (telling or lines)[-_LOG_LINES:])


@perform.register
def _(step: Link, job: Job) -> None:
    target = _only_match(job, step.to)
    if "*" in step.at:
        name = os.path.basename(target)
        at = job.place("prefix", os.path.join(os.path.dirname(step.at), name))
    else:
        at = job.place("prefix", step.at)
    os.makedirs(os.path.dirname(at), exist_ok=True)
    if os.path.lexists(at):
        os.unlink(at)
    os.symlink(os.path.relpath(target, os.path.dirname(at)), at)


def _only_match(job: Job, pattern: str) -> str:
    """The one file of the staged prefix that *pattern* names."""
    path = job.place("prefix", pattern)
    if os.path.exists(path):
        return path
    found = glob.glob(os.path.join(glob.escape(job.staged), pattern))
    if len(found) != 1:
        what = "nothing" if not found else f"{len(found)} files"
        raise InstallError(f"{job.plan}: {pattern!r} matches {what} in the prefix, not one file")
    return job.place("prefix", os.path.relpath(found[0], job.staged))


@perform.register
def _(step: Script, job: Job) -> None:
    at = job.place("prefix", step.at)
    site = os.path.relpath(job.place("prefix", step.site), os.path.dirname(at))
    os.makedirs(os.path.dirname(at), exist_ok=True)
    if os.path.lexists(at):
        os.unlink(at)
    with open(at, "w", encoding="utf-8") as stream:
        stream.write(launcher(step.entry_point, job.fill(step.python), site))
    os.chmod(at, 0o755)  # noqa: S103  # a program for everyone


@perform.register
def _(step: MakeExecutable, job: Job) -> None:
    pattern = os.path.join(glob.escape(job.staged), step.pattern)
    for found in glob.glob(pattern, recursive=True):
        path = job.place("prefix", os.path.relpath(found, job.staged))
        if os.path.isfile(path) and not os.path.islink(path):
            os.chmod(path, os.stat(path).st_mode | 0o111)  # noqa: S103
