"""Package managers that are here, with their versions."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from envmgr.host.facts.reading import Machine, UnreadableError, known

_PROGRAMS = {
    "apt": "apt-get",
    "dpkg": "dpkg",
    "dnf": "dnf",
    "yum": "yum",
    "rpm": "rpm",
    "zypper": "zypper",
    "pacman": "pacman",
    "apk": "apk",
    "emerge": "emerge",
    "brew": "brew",
    "nix": "nix",
    "guix": "guix",
    "snap": "snap",
    "flatpak": "flatpak",
    "conda": "conda",
    "mamba": "mamba",
    "micromamba": "micromamba",
    "spack": "spack",
    "pip": "pip",
    "pipx": "pipx",
    "uv": "uv",
    "npm": "npm",
    "pnpm": "pnpm",
    "yarn": "yarn",
    "cargo": "cargo",
    "gem": "gem",
}
"""Manager to the program that answers `--version`."""
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_AT_ONCE = 4
"""Programs that are asked at the same time: several of them take half a second to start."""


def facts(machine: Machine) -> list[dict[str, Any]]:
    """One row a manager that is on PATH, in a fixed order."""
    found = ((name, machine.program(program)) for name, program in _PROGRAMS.items())
    present = [(name, path) for name, path in found if path]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        versions = pool.map(lambda row: known(_version, machine, row[1]), present)
        return [
            {"name": name, "path": path, "version": version}
            for (name, path), version in zip(present, versions, strict=True)
        ]


def _version(machine: Machine, path: str) -> str:
    found = _VERSION.search(machine.ask(path, "--version"))
    if not found:
        raise UnreadableError(f"{path} --version shows no version")
    return found[0]
