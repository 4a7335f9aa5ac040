"""Every Python of this machine is found, each under the version that it prints itself."""

from __future__ import annotations

import glob
import os
import subprocess
from pathlib import Path

import pytest

from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace
from envmgr.detect.sweep import Sweep


def listed() -> dict[str, str]:
    """Real path to printed version of the interpreters of pyenv and of the system."""
    fixed = ("/usr/bin/python3", "/usr/local/bin/python3")
    managed = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python"))
    found = {}
    for path in (*filter(os.path.exists, fixed), *managed):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
        found[os.path.realpath(path)] = (said.stdout or said.stderr).split()[1].rstrip("+")
    return found


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    store = tmp_path_factory.mktemp("store")
    return detect(Workspace(str(store)), ["compiler.python"])


@pytest.mark.needs("python3")
def test_every_python_is_found(result: Sweep) -> None:
    expected = listed()
    found = {os.path.realpath(entry.path): entry.version for entry in result.entries}
    assert expected and {path: found.get(path) for path in expected} == expected


def test_no_shim_has_become_one(result: Sweep) -> None:
    shims = os.path.expanduser("~/.pyenv/shims")
    paths = [entry.path for entry in result.entries]
    paths += [path for others in result.aliases.values() for path in others]
    assert not [path for path in paths if path.startswith(shims + os.sep)]
    assert not [entry for entry in result.entries if entry.prefix == os.path.dirname(shims)]


def test_each_answers_as_its_entry_says(result: Sweep) -> None:
    for entry in result.entries:
        code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
        said = subprocess.run(
            [entry.delta.put["PYTHON"], "-c", code], capture_output=True, text=True
        )
        assert entry.version.startswith(said.stdout.strip()), entry.path
        assert Path(entry.delta.prepend.get("PATH", (os.path.dirname(entry.path),))[0]).is_dir()
