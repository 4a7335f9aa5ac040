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
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

APT = Path("/etc/apt")
CERTIFICATES = "/run/certificates.crt"
SAID = "/run/said"
SMALL_APT = ('Acquire::Languages "none"',)
SMALL_DPKG = ("force-unsafe-io", "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/doc/*")
"""What makes systems small and quick to make, much as the images of distributions have it."""
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


def npm_install(place: Path, package: str) -> None:
    """Put *package*, `name@version`, and its programs below `node_modules` in *place*."""
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", place, package)


def base_tarball(place: Path) -> Path:
    """A minimal system of this machine's release, made once for all who share *place*."""
    tarball = place / "base.tar"
    with FileLock(place / "base.lock"):
        if not tarball.exists():
            unfinished = place / "base.unfinished.tar"
            options = [f"--aptopt={line}" for line in (*_apt_settings(), *SMALL_APT)]
            options += [f"--dpkgopt={line}" for line in SMALL_DPKG]
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
class Box:
    """A container with a name of its own."""

    builder: Builder
    name: str
    lent: tuple[str, ...] = ()
    """Options for the settings that only this machine needs."""

    def run(self, *command: str) -> str:
        """What *command* prints inside. It goes by a file: buildah may lose the end of a pipe."""
        with tempfile.TemporaryDirectory() as place:
            Path(place).chmod(0o777)
            options = ("--isolation", "chroot", *self.lent, f"--volume={place}:{SAID}")
            words = ("sh", "-c", f'exec "$@" > {SAID}/output', "sh", *command)
            self.builder.buildah("run", *options, self.name, "--", *words)
            return (Path(place) / "output").read_text(encoding="utf-8")

    def bash(self, script: str) -> str:
        """What *script* of bash prints inside; its first failure ends it."""
        return self.run("bash", "-ec", script)


@dataclass(frozen=True)
class Builder:
    """A store of images that tests share. Layers are kept while anybody is using it."""

    store: Path
    base: str

    def buildah(self, *arguments: str | Path) -> str:
        """What buildah prints in this store."""
        places = ("--root", self.store / "root", "--runroot", self.store / "run")
        return run("buildah", *places, "--storage-driver", _driver(), *arguments)

    @contextmanager
    def built(self, dockerfile: Path) -> Iterator[Box]:
        """A container from the image of *dockerfile*, isolated but for the network."""
        tag = f"exported-{uuid.uuid4().hex}"
        with tempfile.TemporaryDirectory() as context:
            self.buildah(
                *("bud", "--isolation", "chroot", "--pull-never"),
                *("--layers", "--tag", tag),
                *self._lent(),
                *("--file", dockerfile, context),
            )
        with self.box(tag) as box:
            yield Box(self, box.name)

    @contextmanager
    def box(self, image: str = "") -> Iterator[Box]:
        """A container from *image*, by default the base, for commands of this machine's own."""
        name = self.buildah("from", "--pull-never", image or self.base).strip()
        try:
            yield Box(self, name, tuple(self._lent()))
        finally:
            self.buildah("rm", name)

    def copy(self, source: Box, at: str, target: Box, to: str) -> None:
        """What *source* has at a path becomes what *target* has at another."""
        roots = [Path(self.buildah("mount", box.name).strip()) for box in (source, target)]
        place = roots[1] / to.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        run("cp", "-a", roots[0] / at.lstrip("/"), place)
        for box in (source, target):
            self.buildah("umount", box.name)

    def _lent(self) -> Iterator[str]:
        """Certificates and settings of pip and npm that only this machine needs."""
        settings = {"pip.conf": ["[global]", *_pip_settings()], "npmrc": list(_npm_settings())}
        if certificates := _certificates():
            yield f"--volume={certificates}:{CERTIFICATES}:ro"
            settings["pip.conf"].append(f"cert = {CERTIFICATES}")
            settings["npmrc"].append(f"cafile={CERTIFICATES}")
        for name, place in (("pip.conf", "/etc/pip.conf"), ("npmrc", "/etc/npmrc")):
            file = self.store / name
            with FileLock(f"{file}.lock"):
                file.write_text("\n".join([*settings[name], ""]), encoding="utf-8")
            yield f"--volume={file}:{place}:ro"


def _certificates() -> str | None:
    file = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    return file if file and Path(file).is_file() else None


def _pip_settings() -> Iterator[str]:
    listed = run(sys.executable, "-m", "pip", "config", "list")
    for key, value in re.findall(r"^[\w:]*\.([\w-]+)='(.*)'$", listed, re.MULTILINE):
        if key in PIP_SETTINGS and "file:" not in value:
            yield f"{key} = {value}"


def _npm_settings() -> Iterator[str]:
    if shutil.which("npm"):
        yield f"registry={run('npm', 'config', 'get', 'registry').strip()}"


@contextmanager
def shared_builder(place: Path, base: str) -> Iterator[Builder]:
    """The store of all who share *place*, with a minimal system under the name *base*.

    Who comes first makes it, who leaves last takes it away: its mounts and its files.
    """
    builder, users = Builder(place / "images", base), place / "users"
    users.mkdir(exist_ok=True)
    mine = users / str(os.getpid())
    with FileLock(place / "images.lock"):
        if not builder.store.exists():
            _fill(builder, base_tarball(place))
        mine.touch()
    try:
        yield builder
    finally:
        with FileLock(place / "images.lock"):
            mine.unlink()
            if not any(users.iterdir()):
                _empty(builder)


def _fill(builder: Builder, tarball: Path) -> None:
    builder.store.mkdir()
    container = builder.buildah("from", "scratch").strip()
    builder.buildah("add", "--quiet", container, tarball, "/")
    builder.buildah("commit", "--quiet", "--rm", container, builder.base)


def _empty(builder: Builder) -> None:
    for what in ("rm", "rmi"):
        builder.buildah(what, "--all", *(["--force"] if what == "rmi" else []))
    shutil.rmtree(builder.store)


def _driver() -> str:
    return os.environ.get("STORAGE_DRIVER", "overlay")
