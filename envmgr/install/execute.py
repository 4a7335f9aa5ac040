"""Executing a plan: fetch, unpack, build into a staging directory, then publish it whole.

Until the staging directory is renamed into place nothing of an install is visible, so a
failure or a kill at any moment leaves no prefix; only the log stays.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from envmgr._version import SCHEMA, __version__
from envmgr.errors import EnvmgrError, InstallError
from envmgr.host.platform import libc
from envmgr.install.perform import Job, Site, perform
from envmgr.install.words import describe
from envmgr.model.delta import combined
from envmgr.model.entry import Entry
from envmgr.model.plan import Plan, need_values
from envmgr.store.prefixes import write_provenance


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
            # A path may be bytes that are no text.
            open(log_path, "w", encoding="utf-8", errors="surrogateescape", buffering=1) as log,
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


def _job(plan: Plan, needs: Mapping[str, Entry], site: Site, staging: str, log: TextIO) -> Job:
    prefix = site.prefixes.path(plan.slug)
    destdir = os.path.join(staging, "root")
    staged = destdir + os.path.splitdrive(prefix)[1]
    work = os.path.join(staging, "work")
    os.makedirs(staged)
    os.makedirs(os.path.join(work, "source"))
    delta = combined(entry.delta for entry in needs.values())
    environ = {**site.environ, **delta.apply(site.environ, os.pathsep)}
    places = {"prefix": prefix, "destdir": destdir, "work": work, "jobs": str(_jobs())}
    values = {**places, **need_values(needs)}
    return Job(site, plan, prefix, staged, destdir, work, environ, values, log)


def _jobs() -> int:
    return os.cpu_count() or 1


def _install(job: Job, needs: Mapping[str, Entry], force: bool) -> str:
    started = time.time()
    for step in job.plan.steps:
        job.log.write(f"# {describe(step)}\n")
        perform(step, job)
    if not os.listdir(job.staged):
        raise InstallError(f"{job.plan}: the build put nothing into {job.prefix}")
    _write_provenance(job, needs, started)
    return job.site.prefixes.publish(job.staged, job.plan.slug, force=force)


def _write_provenance(job: Job, needs: Mapping[str, Entry], started: float) -> None:
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
        "host": {
            "platform": job.site.platform,
            "kernel": platform.release(),
            "libc": str(libc() or ""),
        },
        "started": _utc(started),
        "finished": _utc(time.time()),
    }
    write_provenance(job.staged, form)


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
