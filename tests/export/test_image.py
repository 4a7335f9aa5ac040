"""The promise itself: an image built from the file answers as the environment does here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .image import Builder
from .trips import Envmgr

pytestmark = [
    pytest.mark.needs("root", "buildah", "mmdebstrap", "dpkg-query", "gcc"),
    pytest.mark.timeout(900),
]


def export(envmgr: Envmgr, file: Path, *queries: str) -> None:
    done = envmgr("export", "dockerfile", *queries, "-o", str(file), "--strict")
    assert done.returncode == 0, done.stderr


@pytest.mark.needs("pypi")
def test_what_was_installed_is_made_again(
    envmgr: Envmgr, tmp_path: Path, images: Builder, definitions: Path
) -> None:
    queries = ("tool.greet", "tool.words", "tool.ninja")
    for arguments in (("repo", "add", str(definitions)), ("install", *queries)):
        done = envmgr(*arguments)
        assert done.returncode == 0, done.stderr
    export(envmgr, tmp_path / "Dockerfile", *queries)
    with images.built(tmp_path / "Dockerfile") as box:
        for command in (["greet"], ["words"], ["ninja", "--version"]):
            here = envmgr("exec", *queries, "--", *command)
            assert here.returncode == 0, here.stderr
            assert box.run(*command) == here.stdout
        listing = ("find", "-P", "/opt/envmgr", "-mindepth", "3", "-printf", "%M %P %l\\n")
        assert sorted(box.run(*listing).splitlines()) == installed(tmp_path)


def installed(tmp_path: Path) -> list[str]:
    """What is in the prefixes here, but for what envmgr says there of itself."""
    prefixes = tmp_path / "home" / "envmgr" / "prefixes"
    listing = ["find", "-P", str(prefixes), "-mindepth", "3", "-printf", "%M %P %l\\n"]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(line for line in lines if "/.envmgr" not in line)
