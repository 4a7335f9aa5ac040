"""What apt could get: the candidate and the versions that its sources of packages offer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envmgr.errors import HostError
from envmgr.host import process

_TIMEOUT = 60.0
"""Seconds; the first call after an update builds apt's cache."""
_CAP = 16 * 1024 * 1024
_NAME = re.compile(r"(\S+):")
_FIELD = re.compile(r"  Candidate: (\S+)")
_VERSION = re.compile(r" (?:\*\*\*|   ) (\S+) -?\d+")
_SOURCE = re.compile(r" {8} *-?\d+ (\S+)")
_STATUS = "/var/lib/dpkg/status"
"""Named as the source of what is installed, which does not mean that it can be had again."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What apt knows of one package."""

    candidate: str | None = None
    """The version that apt would install."""
    offered: frozenset[str] = frozenset()
    """Versions that a source of packages has; empty also where nobody fetched the lists."""


def policies(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, Policy]:
    """What apt knows of the packages *names*; those it never heard of are missing.

    Empty where there is no apt. Raises HostError when apt-cache fails.
    """
    wanted = sorted(set(names))
    if not wanted:
        return {}
    argv = ["apt-cache", "policy", "--", *wanted]
    try:
        ended = process.run(argv, env=process.clean_environ(environ), timeout=_TIMEOUT, cap=_CAP)
    except HostError:  # cannot be started: a system of packages without apt
        return {}
    if ended.timed_out or ended.code != 0:
        raise HostError(f"apt-cache failed: {ended.output.strip()[-500:]}")
    return parse(ended.output)


def parse(output: str) -> dict[str, Policy]:
    """What `apt-cache policy` printed, by package."""
    found: dict[str, Policy] = {}
    name = version = ""
    for line in output.splitlines():
        if match := _NAME.fullmatch(line):
            name = match[1]
            found[name] = Policy()
        elif match := _FIELD.fullmatch(line):
            found[name] = Policy(None if match[1] == "(none)" else match[1])
        elif match := _VERSION.fullmatch(line):
            version = match[1]
        elif (match := _SOURCE.match(line)) and match[1] != _STATUS:
            known = found[name]
            found[name] = Policy(known.candidate, known.offered | {version})
    return found
