"""`envmgr export` in the formats that write an environment as it is here."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from tests.importers.module_systems import unpacked

from .conftest import Envmgr

FORMATS = ("module-tcl", "module-lua", "spack", "conda", "dotenv", "cyclonedx", "spdx")


@pytest.fixture
def hello(envmgr: Envmgr, definitions: Path) -> str:
    """Something installed, with a variable and a directory of programs."""
    for arguments in (("repo", "add", str(definitions)), ("install", "tool.hello")):
        done = envmgr(*arguments)
        assert done.returncode == 0, done.stderr
    return "tool.hello"


def variables(envmgr: Envmgr, *queries: str, **environ: str) -> dict[str, str]:
    """Every variable inside the environment of *queries*, less those by which envmgr leaves it."""
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    done = envmgr("exec", *queries, "--", sys.executable, "-c", code, **environ)
    assert done.returncode == 0, done.stderr
    inside: dict[str, str] = json.loads(done.stdout)
    return {name: value for name, value in inside.items() if not name.startswith("ENVMGR_")}


def test_the_same_environment_gives_the_same_bytes(
    envmgr: Envmgr, hello: str, tmp_path: Path
) -> None:
    for format in FORMATS:
        done = envmgr("export", format, hello, "--name=greetings")
        assert done.returncode == 0, done.stderr
        assert "greetings" in done.stdout or format in ("spack", "dotenv")
        file = tmp_path / format
        assert envmgr("export", format, hello, "--name=greetings", "-o", str(file)).stdout == ""
        assert file.read_text("utf-8") == done.stdout


def test_what_the_other_system_does_not_have_is_told(
    envmgr: Envmgr, hello: str, definitions: Path
) -> None:
    nowhere = '"tool.hello" = []\n'
    names = "".join(f"[{system}]\n{nowhere}" for system in ("spack", "conda", "pypi"))
    (definitions / "detectors" / "names.toml").write_text(names)
    for format in ("spack", "conda"):
        done = envmgr("export", format, hello, "--strict")
        assert done.returncode == 5
        assert "not carried over: tool.hello@1.2 (" in done.stderr
        assert "#   - tool.hello@1.2: " in done.stdout
        yaml.safe_load(done.stdout)


def test_a_dotenv_file_says_what_is_inside(envmgr: Envmgr, hello: str) -> None:
    done = envmgr("export", "dotenv", hello)
    written = dotenv_values(stream=io.StringIO(done.stdout))
    inside = variables(envmgr, hello)
    assert written.keys() == {"HELLO", "PATH"}
    assert written == {name: inside[name] for name in written}


def test_a_bill_names_what_it_was_made_from(envmgr: Envmgr, hello: str, definitions: Path) -> None:
    bill = json.loads(envmgr("export", "cyclonedx", hello).stdout)
    (component,) = bill["components"]
    assert component["name"] == "tool.hello" and component["version"] == "1.2"
    assert [item["alg"] for item in component["hashes"]] == ["SHA-256"]
    assert str(definitions.parent) not in json.dumps(bill)
    dated = envmgr("export", "spdx", hello, SOURCE_DATE_EPOCH="1700000000").stdout
    assert json.loads(dated)["creationInfo"]["created"] == "2023-11-14T22:13:20Z"


def test_a_time_that_is_none_is_refused(envmgr: Envmgr, hello: str) -> None:
    for epoch in ("yesterday", "-1", "9" * 12):
        done = envmgr("export", "cyclonedx", hello, SOURCE_DATE_EPOCH=epoch)
        assert (done.returncode, done.stdout) == (2, "")
        assert "SOURCE_DATE_EPOCH" in done.stderr


@pytest.mark.needs("python3")
def test_a_kernel_gets_a_directory(envmgr: Envmgr, tmp_path: Path) -> None:
    place = tmp_path / "kernels" / "sums"
    done = envmgr("export", "jupyter", "compiler.python", "--name=sums", "-o", f"{place}/")
    assert done.returncode == 0, done.stderr
    assert "not carried over: ipykernel (" in done.stderr
    assert os.listdir(place) == ["kernel.json"]
    kernel = json.loads((place / "kernel.json").read_text("utf-8"))
    said = subprocess.run([kernel["argv"][0], "--version"], capture_output=True, text=True)
    assert said.stdout.split()[1] in kernel["display_name"]


def test_an_environment_without_a_python_has_no_kernel(envmgr: Envmgr, hello: str) -> None:
    done = envmgr("export", "jupyter", hello)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no Python" in done.stderr and "python.ipykernel" in done.stderr


@pytest.mark.needs("apt-get", "dpkg-deb", "tclsh", "bash", "gcc")
@pytest.mark.parametrize(
    ("format", "system", "file"),
    [
        ("module-tcl", "environment-modules", "greetings"),
        ("module-lua", "lmod", "greetings.lua"),
    ],
)
def test_a_loaded_module_is_the_environment(
    envmgr: Envmgr, hello: str, tmp_path: Path, format: str, system: str, file: str
) -> None:
    tree, queries = tmp_path / "tree", (hello, "compiler.gcc")
    done = envmgr("export", format, *queries, "--name=greetings", "-o", str(tree) + "/")
    assert done.returncode == 0, done.stderr
    assert os.listdir(tree) == [file]
    home = unpacked(system, tmp_path)
    script = '. "$0/init/bash"; module load greetings; hello-envmgr >&2; exec env -0'
    outside = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "CC": "it's another",
        "MODULEPATH": str(tree),
    }
    loaded = subprocess.run(
        ["bash", "--norc", "-c", script, str(home)],
        env={**outside, "MODULESHOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert "hello-envmgr 1.2" in loaded.stderr
    inside = dict(pair.split("=", 1) for pair in loaded.stdout.split("\0") if pair)
    wanted = variables(envmgr, *queries, **outside)
    for name in ("CC", "CXX", "HELLO"):
        assert inside.get(name) == wanted.get(name)
    path = [
        part for part in inside["PATH"].split(":") if not part.startswith(str(tmp_path / system))
    ]
    assert path == wanted["PATH"].split(":")
