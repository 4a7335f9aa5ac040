"""A repository of definitions whose recipe needs no network, and the command line in a process."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]

DETECTOR = r"""
name = "tool.hello"
description = "A friendly program"
tags = ["tool", "hello"]
[find]
program = "hello-envmgr"
[[version]]
run = "{path} --version"
match = 'hello-envmgr (\d[\d.]*)'
[env]
HELLO = "{path}"
[prepend]
PATH = ["{bin}"]
[check]
run = "{path}"
expect = "hello"
[[case]]
tree."bin/hello-envmgr" = "hello-envmgr 1.2"
expect = { version = "1.2", env = { HELLO = "{root}/bin/hello-envmgr" } }
"""
RECIPE = """
name = "tool.hello"
description = "A friendly program"
tags = ["tool", "hello"]
detector = "tool.hello"
[versions]
"1.2" = "sha256:{digest}"
[source]
urls = ["{url}"]
"""
PROGRAM = b"#!/bin/sh\necho hello-envmgr 1.2\n"


def archive(path: Path) -> str:
    """Write the archive of the program; its checksum."""
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("hello-1.2/bin/hello-envmgr")
        member.size, member.mode = len(PROGRAM), 0o755
        tar.addfile(member, io.BytesIO(PROGRAM))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    """A repository with one detector and the recipe for it, which fetches a file beside it."""
    return write_definitions(tmp_path)


def write_definitions(place: Path) -> Path:
    """Write that repository below *place*."""
    root = place / "definitions"
    for kind in ("detectors", "recipes"):
        (root / kind / "tool").mkdir(parents=True)
    source = place / "hello-1.2.tar.gz"
    recipe = RECIPE.replace("{digest}", archive(source)).replace("{url}", source.as_uri())
    (root / "detectors/tool/hello.toml").write_text(DETECTOR)
    (root / "recipes/tool/hello.toml").write_text(recipe)
    return root


def form(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON object that was printed."""
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def repository(definitions: Path) -> str:
    """The address of a git repository with the same definitions."""
    place = definitions.parent / "published"
    shutil.copytree(definitions, place)
    identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "Begin")):
        subprocess.run(["git", *command], cwd=place, check=True, timeout=60)
    return place.as_uri()
