"""The name of the platform and its C library, cheaply: every warm start asks for the name."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass

_SYSTEMS = {"darwin": "macos", "win32": "windows", "cygwin": "windows"}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64"}
_OS_RELEASE = ("etc/os-release", "usr/lib/os-release")
_ASSIGNMENT = re.compile(r"""^(ID|VERSION_ID)=(["']?)([A-Za-z0-9._+-]*)\2\s*$""", re.MULTILINE)
_SNAPSHOT = 8
"""Digits of a date: a rolling distribution that numbers its snapshots has no major version."""


@dataclass(frozen=True, slots=True)
class Libc:
    """The C library that programs here are linked with: `glibc 2.36`, `musl 1.2.4`."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def platform_name(root: str = "/") -> str:
    """The short, stable name of this platform: `linux-x86_64-debian12`, `macos-arm64-14`.

    System, machine, and the distribution with its major version where it has one. *root* is
    where the files that describe the system lie.
    """
    system = _SYSTEMS.get(sys.platform, sys.platform)
    release = _distribution(root) if system == "linux" else _system_release(system)
    return "-".join(part for part in (system, _machine(), release) if part)


def libc(root: str = "/") -> Libc | None:
    """The C library, or None where the platform has none of its own to choose or it hides.

    *root* is where the loader of musl lies.
    """
    try:
        told = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):  # not POSIX, or not glibc
        told = None
    if told and told.startswith("glibc "):
        return Libc("glibc", told.removeprefix("glibc ").strip())
    return _musl(root) if sys.platform.startswith("linux") else None


def _distribution(root: str) -> str:
    """`debian12`, `ubuntu22`, `arch`; nothing when the system does not say what it is."""
    for place in _OS_RELEASE:
        try:
            with open(os.path.join(root, place), encoding="utf-8", errors="replace") as file:
                fields = {found[1]: found[3].lower() for found in _ASSIGNMENT.finditer(file.read())}
        except OSError:
            continue
        return _with_major(fields.get("ID", ""), fields.get("VERSION_ID", ""))
    return ""


def _with_major(name: str, version: str) -> str:
    major = version.partition(".")[0]
    return name if len(major) >= _SNAPSHOT else name + major


def _system_release(system: str) -> str:
    import platform

    version = platform.mac_ver()[0] if system == "macos" else platform.release()
    return version.partition(".")[0].lower()


def _machine() -> str:
    if hasattr(os, "uname"):
        name = os.uname().machine.lower()
    else:
        import platform

        name = platform.machine().lower()
    return _MACHINES.get(name, name)


def _musl(root: str) -> Libc | None:
    """What musl's loader says when it is started without a program to load."""
    import glob

    from envmgr.errors import HostError
    from envmgr.host import process

    for loader in sorted(glob.glob(os.path.join(glob.escape(root), "lib/ld-musl-*.so.1"))):
        try:
            said = process.run([loader], env=process.clean_environ(os.environ)).output
        except HostError:
            continue
        if found := re.search(r"^Version (\d[\w.]*)", said, re.MULTILINE):
            return Libc("musl", found[1])
    return None
