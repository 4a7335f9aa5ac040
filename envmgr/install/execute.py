"""Executing a plan: fetch, unpack, build into a staging directory, then publish it whole.

Until the staging directory is renamed into place nothing of an install is visible, so a
failure or a kill at any moment leaves no prefix; only the log stays.
"""

from __future__ import annotations

import glob
import os
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, TextIO

from envmgr._version import SCHEMA, __version__
from envmgr.errors import EnvmgrError, InstallError
from envmgr.host.process import run_logged
from envmgr.install.checkout import checkout
from envmgr.install.fetch import download
from envmgr.install.progress import Progress
from envmgr.install.registries import node_package, wheel
from envmgr.install.unpack import unpack, unpack_wheel
from envmgr.model.delta import combined
from envmgr.model.entry import Entry
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
from envmgr.store.prefixes import PrefixStore, write_provenance
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
class _Job:
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
        try:
            return fill(template, self.values)
        except MissingValueError as missing:
            raise InstallError(
                f"{self.plan}: {template!r} uses {{{missing.args[0]}}}, which nothing defines",
                hint="its needs and their variables: envmgr info " + self.plan.recipe,
            ) from missing


def execute(
    plan: Plan,
    needs: Mapping[str, Entry],
    site: Site,
    describe_prefix: Callable[[str], Entry],
    *,
    force: bool = False,
) -> Entry:
    """Carry *plan* out and return the entry that *describe_prefix* makes of its prefix.

    *needs* are the entries that fill the plan's roles. A prefix that is there already is kept,
    and two processes that install the same plan share one: the second waits for the first. A
    prefix that cannot be described is removed again. Raises InstallError, whose `log` is the
    file that tells everything.
    """
    with site.prefixes.lock(plan.slug):
        if site.prefixes.is_whole(plan.slug) and not force:
            return describe_prefix(site.prefixes.path(plan.slug))
        os.makedirs(site.logs, exist_ok=True)
        log_path = os.path.join(site.logs, f"{plan.slug.replace('/', '-')}.log")
        with (
            open(log_path, "w", encoding="utf-8", buffering=1) as log,
            site.prefixes.staging() as staging,
        ):
            try:
                prefix = _install(_job(plan, needs, site, staging, log), needs, force)
                return _described(plan, prefix, site, describe_prefix)
            except InstallError as error:
                log.write(f"failed: {error.message}\n")
                error.log = error.log or log_path
                raise
            except (EnvmgrError, OSError) as error:
                log.write(f"failed: {error}\n")
                raise InstallError(f"{plan}: {error}", log=log_path) from error


def _described(
    plan: Plan, prefix: str, site: Site, describe_prefix: Callable[[str], Entry]
) -> Entry:
    try:
        return describe_prefix(prefix)
    except EnvmgrError:
        site.prefixes.remove(plan.slug)
        raise


def _job(plan: Plan, needs: Mapping[str, Entry], site: Site, staging: str, log: TextIO) -> _Job:
    prefix = site.prefixes.path(plan.slug)
    destdir = os.path.join(staging, "root")
    staged = destdir + os.path.splitdrive(prefix)[1]
    work = os.path.join(staging, "work")
    os.makedirs(staged)
    os.makedirs(os.path.join(work, "source"))
    delta = combined(entry.delta for entry in needs.values())
    environ = {**site.environ, **delta.apply(site.environ, os.pathsep)}
    places = {"prefix": prefix, "destdir": destdir, "work": work, "jobs": str(_jobs())}
    values = {**places, **_need_values(needs)}
    return _Job(site, plan, prefix, staged, destdir, work, environ, values, log)


def _jobs() -> int:
    return os.cpu_count() or 1


def _need_values(needs: Mapping[str, Entry]) -> dict[str, str]:
    values: dict[str, str] = {}
    for role, entry in needs.items():
        values |= {f"{role}.{name}": value for name, value in entry.delta.put.items()}
        values |= {f"{role}.prefix": entry.prefix, f"{role}.path": entry.path}
        values[f"{role}.version"] = entry.version
    return values


def _install(job: _Job, needs: Mapping[str, Entry], force: bool) -> str:
    started = time.time()
    for step in job.plan.steps:
        job.log.write(f"# {describe(step)}\n")
        perform(step, job)
    if not os.listdir(job.staged):
        raise InstallError(f"{job.plan}: the build put nothing into {job.prefix}")
    _write_provenance(job, needs, started)
    return job.site.prefixes.publish(job.staged, job.plan.slug, force=force)


def _write_provenance(job: _Job, needs: Mapping[str, Entry], started: float) -> None:
    form: dict[str, Any] = {
        "schema": SCHEMA,
        "envmgr": __version__,
        "recipe": {
            "name": job.plan.recipe,
            "version": job.plan.version,
            "digest": job.plan.recipe_digest,
        },
        "plan": job.plan.digest,
        "detector": job.plan.detector,
        "sources": list(job.plan.sources),
        "needs": {
            role: {"id": entry.id, "name": entry.name, "version": entry.version}
            for role, entry in needs.items()
        },
        "needs_at_run_time": job.plan.needs_at_run_time,
        "steps": [describe(step) for step in job.plan.steps],
        "commands": job.commands,
        "platform": job.site.platform,
        "started": _utc(started),
        "finished": _utc(time.time()),
    }
    write_provenance(job.staged, form)


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# -- steps in words --------------------------------------------------------------------------


@singledispatch
def describe(step: Step) -> str:
    """One line for a person: what the step does."""
    raise TypeError(f"not a step: {step!r}")


@describe.register
def _(step: Download) -> str:
    return f"fetch {step.urls[0]} ({_short(step.digest)})"


@describe.register
def _(step: Wheel) -> str:
    return f"fetch {step.name} from the Python package index ({_short(step.digest)})"


@describe.register
def _(step: NodePackage) -> str:
    return f"fetch {step.package}@{step.version} from the npm registry ({_short(step.digest)})"


@describe.register
def _(step: Checkout) -> str:
    return f"check out {step.url} at {step.commit}"


@describe.register
def _(step: Unpack) -> str:
    where = step.into if step.root == "work" else os.path.normpath(f"{{prefix}}/{step.into}")
    return f"unpack {step.name} into {where}"


@describe.register
def _(step: CopyFile) -> str:
    return f"put {step.name} at {{prefix}}/{step.into}"


@describe.register
def _(step: Run) -> str:
    env = "".join(f"{name}={shlex.quote(value)} " for name, value in step.env.items())
    return f"run {env}{shlex.join(step.argv)}"


@describe.register
def _(step: Link) -> str:
    return f"link {{prefix}}/{step.at} to {step.to}"


@describe.register
def _(step: Script) -> str:
    return f"write {{prefix}}/{step.at}, which calls {step.entry_point}"


@describe.register
def _(step: MakeExecutable) -> str:
    return f"make {{prefix}}/{step.pattern} executable"


def _short(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:12]}…"


# -- steps in deeds --------------------------------------------------------------------------


@singledispatch
def perform(step: Step, job: _Job) -> None:
    """Do one step of *job*."""
    raise TypeError(f"not a step of {job.plan}: {step!r}")


@perform.register
def _(step: Download, job: _Job) -> None:
    site = job.site
    job.fetched[step.name] = download(
        step, site.downloads, trust=site.trust, progress=site.progress
    )


@perform.register
def _(step: Wheel, job: _Job) -> None:
    job.fetched[step.name] = wheel(step, job.site.downloads, progress=job.site.progress)


@perform.register
def _(step: NodePackage, job: _Job) -> None:
    job.fetched[step.name] = node_package(step, job.site.downloads, progress=job.site.progress)


@perform.register
def _(step: Checkout, job: _Job) -> None:
    checkout(step, job.place(step.root, step.into))


@perform.register
def _(step: Unpack, job: _Job) -> None:
    into = job.place(step.root, step.into)
    if step.wheel:
        unpack_wheel(job.fetched[step.name], into)
    else:
        unpack(job.fetched[step.name], into, strip=step.strip)


@perform.register
def _(step: CopyFile, job: _Job) -> None:
    import shutil

    target = job.place("prefix", step.into)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(job.fetched[step.name], target)


@perform.register
def _(step: Run, job: _Job) -> None:
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
def _(step: Link, job: _Job) -> None:
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


def _only_match(job: _Job, pattern: str) -> str:
    """The one file of the staged prefix that *pattern* names."""
    path = job.place("prefix", pattern)
    if os.path.exists(path):
        return path
    found = glob.glob(os.path.join(glob.escape(job.staged), pattern))
    if len(found) != 1:
        what = "nothing" if not found else f"{len(found)} files"
        raise InstallError(f"{job.plan}: {pattern!r} matches {what} in the prefix, not one file")
    return job.place("prefix", os.path.relpath(found[0], job.staged))


_LAUNCHER = """#!{python}
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), {site!r}))
from {module} import {function}
sys.exit({function}())
"""


@perform.register
def _(step: Script, job: _Job) -> None:
    at = job.place("prefix", step.at)
    module, _, function = step.entry_point.partition(":")
    site = os.path.relpath(job.place("prefix", step.site), os.path.dirname(at))
    os.makedirs(os.path.dirname(at), exist_ok=True)
    if os.path.lexists(at):
        os.unlink(at)
    with open(at, "w", encoding="utf-8") as stream:
        python = job.fill(step.python)
        stream.write(_LAUNCHER.format(python=python, site=site, module=module, function=function))
    os.chmod(at, 0o755)  # noqa: S103  # a program for everyone


@perform.register
def _(step: MakeExecutable, job: _Job) -> None:
    pattern = os.path.join(glob.escape(job.staged), step.pattern)
    for found in glob.glob(pattern, recursive=True):
        path = job.place("prefix", os.path.relpath(found, job.staged))
        if os.path.isfile(path) and not os.path.islink(path):
            os.chmod(path, os.stat(path).st_mode | 0o111)  # noqa: S103
