"""Images really built and run, with nothing but this machine's own sources of packages.

What is particular to the machine (mirrors, proxies, certificates) goes into the base or is lent
while building; the Dockerfile under test knows nothing of it.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

APT = Path("/etc/apt")
CERTIFICATES = "/run/certificates.crt"
PIP_SETTINGS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")


def run(*command: str | Path, timeout: float = 600) -> str:
    """What *command* printed; its failure is the test's, with all that it said."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
    return done.stdout


def base_tarball(place: Path) -> Path:
    """A minimal system of this machine's release, made once for all who share *place*."""
    tarball = place / "base.tar"
    with FileLock(place / "base.lock"):
        if not tarball.exists():
            unfinished = place / "base.unfinished.tar"
            options = [f"--aptopt={line}" for line in _apt_settings()]
            suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
            run("mmdebstrap", "--quiet", "--variant=apt", *options, suite, unfinished,
                *_sources(suite))  # fmt: skip
            unfinished.rename(tarball)
    return tarball


def _sources(suite: str) -> list[Path]:
    """The files that name this machine's mirrors of the release and of its updates."""
    lists = [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*.[ls][io]*"))]
    named = re.compile(rf"(?<!\S){re.escape(suite)}(?!\w)")
    files = [p for p in lists if p.suffix in (".list", ".sources") and p.is_file()]
    return [path for path in files if named.search(path.read_text(encoding="utf-8"))]


def _apt_settings() -> list[str]:
    """How apt reaches the mirrors: proxies, and what it must not insist on."""
    lines = run("apt-config", "dump").splitlines()
    return [line for line in lines if re.match(r"Acquire::(https?::|Check-)", line)]


@dataclass(frozen=True)
class Builder:
    """A store of images of its own. It leaves nothing behind: no mounts, no files."""

    store: Path

    def buildah(self, *arguments: str | Path) -> str:
        """What buildah prints in this store."""
        places = ("--root", self.store / "root", "--runroot", self.store / "run")
        return run("buildah", *places, "--storage-driver", _driver(), *arguments)

    def build(self, dockerfile: Path) -> str:
        """Build the image, isolated but for the network; returns a container made from it."""
        context = self.store / "context"
        context.mkdir()
        self.buildah(
            *("bud", "--isolation", "chroot", "--pull-never", "--tag", "exported"),
            *self._lent(),
            *("--file", dockerfile, context),
        )
        return self.buildah("from", "--pull-never", "exported").strip()

    def run(self, container: str, *command: str) -> str:
        """What *command* prints inside."""
        return self.buildah("run", "--isolation", "chroot", container, "--", *command)

    def _lent(self) -> Iterator[str]:
        """Certificates and settings of pip that only this machine needs."""
        certificates = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
        settings = ["[global]"]
        if certificates and Path(certificates).is_file():
            yield f"--volume={certificates}:{CERTIFICATES}:ro"
            settings.append(f"cert = {CERTIFICATES}")
        listed = run(sys.executable, "-m", "pip", "config", "list")
        for key, value in re.findall(r"^[\w:]*\.([\w-]+)='(.*)'$", listed, re.MULTILINE):
            if key in PIP_SETTINGS and "file:" not in value:
                settings.append(f"{key} = {value}")
        conf = self.store / "pip.conf"
        conf.write_text("\n".join(settings) + "\n", encoding="utf-8")
        yield f"--volume={conf}:/etc/pip.conf:ro"


@contextmanager
def builder(store: Path, tarball: Path, base: str) -> Iterator[Builder]:
    """A store with the system in *tarball* under the name *base*, gone afterwards."""
    store.mkdir()
    made = Builder(store)
    try:
        container = made.buildah("from", "scratch").strip()
        made.buildah("add", "--quiet", container, tarball, "/")
        made.buildah("commit", "--quiet", "--rm", container, base)
        yield made
    finally:
        for what in ("rm", "rmi"):
            made.buildah(what, "--all", *(["--force"] if what == "rmi" else []))
        shutil.rmtree(store)


def _driver() -> str:
    return os.environ.get("STORAGE_DRIVER", "overlay")
