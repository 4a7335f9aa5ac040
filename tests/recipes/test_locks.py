"""Real recipes, locked in one store and restored in another: the same ids, the same answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.needs("linux", "pypi", "gcc")

PROJECT = """\
name = "bench"
needs = [
  "compiler.gcc",
  { query = "tool.ninja", prefer = ["installed"] },
  { query = "python.pyyaml", prefer = ["installed"] },
]
"""


def entries(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["entries"]
    return found


def places(root: Path, name: str) -> dict[str, str]:
    """The home, the store and the prefix root of somebody called *name*."""
    home = root / name
    home.mkdir()
    return {
        "HOME": str(home),
        "ENVMGR_HOME": str(home / "envmgr"),
        "ENVMGR_PREFIX_ROOT": str(home / "elsewhere"),
    }


def test_an_environment_travels(envmgr: Envmgr, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir()
    (mine / "envmgr.toml").write_text(PROJECT)
    made = entries(envmgr("sync", "--json", "--project", str(mine)))
    assert [e["origin"]["kind"] for e in made].count("installed") == 2
    shutil.copytree(mine, theirs)
    other = places(tmp_path, "bob")
    again = entries(envmgr("sync", "--frozen", "--json", "--project", str(theirs), **other))
    assert [e["id"] for e in again] == [e["id"] for e in made]
    assert {e["prefix"] for e in again} != {e["prefix"] for e in made}
    assert (mine / "envmgr.lock").read_bytes() == (theirs / "envmgr.lock").read_bytes()
    for project, more in ((mine, {}), (theirs, other)):
        command = 'ninja --version && python3 -c "import yaml; print(yaml.__version__)"'
        said = envmgr("exec", "--project", str(project), "--", "sh", "-c", command, **more)
        assert said.returncode == 0, said.stderr
        versions = {e["name"]: e["version"] for e in made}
        assert said.stdout.split()[-1] == versions["python.pyyaml"]
        assert said.stdout.startswith(versions["tool.ninja"])
