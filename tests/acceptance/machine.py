"""What this machine has, found without envmgr, and packages that come and go."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from filelock import FileLock

APT = ("apt-get", "-y", "-o", "DPkg::Lock::Timeout=120")


@contextmanager
def alone() -> Iterator[None]:
    """No other test changes, or relies on, the machine's compilers meanwhile."""
    with FileLock(os.path.join(tempfile.gettempdir(), "envmgr-test-compilers.lock")):
        yield


def compilers() -> dict[str, str]:
    """Real path to printed version of every gcc, clang and tcc on the search path."""
    found: dict[str, str] = {}
    for directory in ("/usr/local/bin", "/usr/bin"):
        for name in sorted(os.listdir(directory)):
            path = os.path.join(directory, name)
            if re.fullmatch(r"(gcc|clang|tcc)(-[\d.]+)?", name) and os.path.isfile(path):
                found.setdefault(os.path.realpath(path), _printed(path))
    return found


def _printed(path: str) -> str:
    asked = "-dumpfullversion" if os.path.basename(path).startswith("gcc") else "--version"
    said = subprocess.run([path, asked], capture_output=True, text=True, check=True).stdout
    version = re.search(r"\d+(\.\d+)+", said)
    assert version, said
    return version[0]


@contextmanager
def installed(packages: Sequence[str]) -> Iterator[None]:
    """*packages* are there inside the block; the machine is left as it was."""
    before = _present()
    _apt("install", "--no-install-recommends", *packages)
    try:
        yield
    finally:
        _apt("purge", *sorted(_present() - before))


def available(packages: Sequence[str]) -> list[str]:
    """Those of *packages* that can be installed and are not."""
    missing = [name for name in packages if not os.path.exists(f"/usr/bin/{name}")]
    if missing and not _installable(missing[0]):
        _apt("update")
    return [name for name in missing if _installable(name)]


def _installable(package: str) -> bool:
    return subprocess.run([*APT, "-s", "install", package], capture_output=True).returncode == 0


def _apt(*words: str) -> None:
    done = subprocess.run(
        [*APT, *words],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _present() -> set[str]:
    form = "${db:Status-Abbrev} ${binary:Package}\n"
    said = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True)
    return {line.split()[-1] for line in said.stdout.splitlines() if line.startswith("ii")}
