"""The operating system: its name, distribution, kernel and C library."""

from __future__ import annotations

import sys
from typing import Any

from envmgr.host.facts.reading import Absent, Machine, UnreadableError, known
from envmgr.host.platform import libc, platform_name


def facts(machine: Machine) -> dict[str, Any]:
    """Everything about the operating system."""
    return {
        "platform": platform_name(machine.root),
        "os": known(_os),
        "distribution": known(_distribution, machine),
        "kernel": known(_kernel, machine),
        "libc": known(_libc, machine),
    }


def _os() -> dict[str, Any]:
    import platform

    if sys.platform == "darwin":
        return {"name": "macos", "version": platform.mac_ver()[0]}
    if sys.platform == "win32":
        return {"name": "windows", "version": platform.version()}
    return {
        "name": platform.system().lower()
    }  # its kernel, distribution and C library have versions


def _distribution(machine: Machine) -> dict[str, Any]:
    import distro

    if not sys.platform.startswith("linux"):
        raise UnreadableError("only Linux comes in distributions")
    found = distro.LinuxDistribution(
        include_lsb=False, include_uname=False, include_oslevel=False, root_dir=machine.root
    )
    told = {
        "id": found.id(),
        "name": found.name(pretty=True) or found.name(),
        "version": found.version(),
        "codename": found.codename(),
    }
    return {key: value or Absent(f"os-release gives no {key}") for key, value in told.items()}


def _kernel(machine: Machine) -> dict[str, Any]:
    import platform

    machine.require_running()
    return {
        "name": platform.system(),
        "release": platform.release(),
        "version": platform.version(),
        "machine": platform.machine(),
    }


def _libc(machine: Machine) -> dict[str, Any]:
    machine.require_running()
    found = libc()
    if found is None:
        raise UnreadableError("neither glibc nor musl answers here")
    return {"name": found.name, "version": found.version}
