"""What tests share: real software they may need, and a workspace of their own."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# For the Pythons on which everything runs once more: laws that hold do so on each of them.
settings.register_profile("brief", max_examples=20)

ROOT = Path(__file__).resolve().parent.parent


def _registry(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, timeout=120).returncode == 0


@functools.cache
def _has(need: str) -> bool:
    """Whether *need* is there: a program on PATH, a file by its path, `pypi`, `npm`, `root`."""
    if need.startswith("/"):
        return os.path.exists(need)
    if need == "root":
        return hasattr(os, "geteuid") and os.geteuid() == 0
    if need == "linux":
        return sys.platform == "linux"
    if need == "pypi":
        return _registry([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d",
                          os.devnull + "-none", "--dry-run", "six==1.16.0"]) or _registry(
            [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--no-deps",
             "--ignore-installed", "six==1.16.0"])  # fmt: skip
    if need == "npm":
        return bool(shutil.which("npm")) and _registry(["npm", "view", "is-number@7.0.0", "name"])
    return shutil.which(need) is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Missing software skips a test on a person's machine and fails it where CI promised it."""
    for marker in item.iter_markers("needs"):
        missing = [need for need in marker.args if not _has(need)]
        if missing and os.environ.get("CI") == "true":
            pytest.fail(f"needs {', '.join(missing)}, which .ci/run must install", pytrace=False)
        if missing:
            pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home directory."""
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def catalogue_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of what ships with envmgr: the same for every store, and half a second's work."""
    from envmgr.catalog.index import open_catalogue

    place = tmp_path_factory.mktemp("catalogue")
    open_catalogue(str(place / "home"), str(place / "cache"))
    return place / "cache"


@pytest.fixture
def environ(home: Path, catalogue_cache: Path) -> dict[str, str]:
    """What a new user's process would start with: nothing of this machine but PATH.

    Only the index of the catalogue is there already, as derived data may be.
    """
    shutil.copytree(catalogue_cache, home / "envmgr" / "cache")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "ENVMGR_HOME": str(home / "envmgr")}


@pytest.fixture
def envmgr(
    environ: dict[str, str],
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run the command line as a user would, in a process of its own with an empty home.

    Call it with the arguments; keyword arguments become variables of its environment.
    """

    def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {n: v for n, v in os.environ.items() if n.startswith(("PIP_", "npm_", "SSL_"))}
        clients = {n: os.environ[n] for n in ("REQUESTS_CA_BUNDLE",) if n in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "envmgr", *arguments],
            env={**kept, **clients, **environ, "PYTHONPATH": str(ROOT), **more},
            capture_output=True,
            text=True,
            timeout=280,
        )

    yield call
