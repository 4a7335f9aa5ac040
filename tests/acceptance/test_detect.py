"""A person asks what compilers there are, and again after something came or went."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.machine import alone, available, compilers, installed
from tests.detect.mock import counted, program, text

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]
C = "--tags=compiler,lang-c"


def entries(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    form = json.loads(result.stdout)
    assert form["schema"] == 1, result.stderr
    found: list[dict[str, Any]] = form["entries"]
    return found


def versions(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Real path to version of what *result* lists."""
    return {os.path.realpath(entry["path"]): entry["version"] for entry in entries(result)}


@pytest.fixture
def undisturbed() -> Iterator[None]:
    with alone():
        yield


@pytest.mark.needs("gcc")
@pytest.mark.usefixtures("undisturbed")
def test_every_c_compiler_is_listed_with_the_version_it_prints(envmgr: Envmgr) -> None:
    expected = compilers()
    found = versions(envmgr("detect", C, "--json"))
    assert expected and {path: found.get(path) for path in expected} == expected


@pytest.mark.needs("gcc")
@pytest.mark.usefixtures("undisturbed")
def test_a_compiler_is_proved_by_compiling(envmgr: Envmgr) -> None:
    result = envmgr("detect", "compiler.gcc", "--check", "--json")
    form = json.loads(result.stdout)
    assert result.returncode == 0 and form["entries"], result.stderr
    assert {check["id"]: check["works"] for check in form["checks"]} == {
        entry["id"]: True for entry in form["entries"]
    }


@pytest.mark.needs("apt-get", "root", "gcc")
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("undisturbed")
def test_compilers_that_come_and_go(envmgr: Envmgr) -> None:
    before = versions(envmgr("detect", C, "--json"))
    packages = available(("clang-14", "gcc-11")) or available(("tcc", "gcc-12"))
    assert packages, "no compiler is left that could be installed"
    with installed(packages):
        came = {path: v for path, v in compilers().items() if path not in before}
        assert len(came) == len(packages)
        found = envmgr("detect", C, "--json")
        assert versions(found) == {**before, **came}
        _prove(envmgr, [e["name"] for e in entries(found) if os.path.realpath(e["path"]) in came])
    shown = envmgr("show", C, "--json")
    assert versions(shown) == before
    assert versions(envmgr("detect", C, "--json")) == before
    assert sorted(e["id"] for e in entries(shown)) == sorted(
        e["id"] for e in entries(envmgr("show", C, "--json"))
    )


def _prove(envmgr: Envmgr, names: list[str]) -> None:
    form = json.loads(envmgr("detect", *names, "--check", "--json").stdout)
    assert form["checks"] and all(check["works"] for check in form["checks"]), form["checks"]


# -- the same on mock programs, so that no machine has to change ------------------------------


GCC = """\
Target: x86_64-linux-gnu
Configured with: ../src/configure --host=x86_64-linux-gnu --target=x86_64-linux-gnu
gcc version {}"""


@pytest.fixture
def tools(tmp_path: Path, environ: dict[str, str]) -> Path:
    """A directory of programs that comes first on PATH."""
    (tmp_path / "tools/bin").mkdir(parents=True)
    environ["PATH"] = f"{tmp_path}/tools/bin:{environ['PATH']}"
    return tmp_path / "tools/bin"


def mine(result: subprocess.CompletedProcess[str], tools: Path) -> dict[str, str]:
    """Name to version of those in *tools*."""
    inside = f"{tools}{os.sep}"
    return {
        entry["path"].removeprefix(inside): entry["version"]
        for entry in entries(result)
        if entry["path"].startswith(inside)
    }


def test_what_is_gone_is_not_shown(envmgr: Envmgr, tools: Path) -> None:
    program(tools / "gcc-11", GCC.format("11.3.0"))
    program(tools / "gcc-13", GCC.format("13.1.0"))
    found = envmgr("detect", "compiler.gcc", "--json")
    assert mine(found, tools) == {"gcc-11": "11.3.0", "gcc-13": "13.1.0"}
    (tools / "gcc-11").unlink()
    assert mine(envmgr("show", "--json"), tools) == {"gcc-13": "13.1.0"}
    (tools / "gcc-13").unlink()
    assert mine(envmgr("detect", "compiler.gcc", "--json"), tools) == {}
    assert mine(envmgr("show", "--json"), tools) == {}


def test_what_was_upgraded_in_place_is_judged_again(envmgr: Envmgr, tools: Path) -> None:
    program(tools / "gcc-13", GCC.format("13.1.0"))
    before = envmgr("detect", "compiler.gcc", "--json")
    program(tools / "gcc-13", GCC.format("13.2.0"))
    after = envmgr("show", "compiler.gcc", "--json")
    assert mine(before, tools) == {"gcc-13": "13.1.0"}
    assert mine(after, tools) == {"gcc-13": "13.2.0"}


def test_a_link_that_turns_is_judged_again(envmgr: Envmgr, tools: Path) -> None:
    for version in ("11.3.0", "13.1.0"):
        program(tools.parent / f"real/{version}", GCC.format(version))
    (tools / "gcc").symlink_to("../real/11.3.0")
    assert mine(envmgr("detect", "compiler.gcc", "--json"), tools) == {"gcc": "11.3.0"}
    (tools / "gcc").unlink()
    (tools / "gcc").symlink_to("../real/13.1.0")
    assert mine(envmgr("show", "compiler.gcc", "--json"), tools) == {"gcc": "13.1.0"}


def test_what_became_something_else_is_not_shown(envmgr: Envmgr, tools: Path) -> None:
    program(tools / "gcc", GCC.format("11.3.0"))
    assert mine(envmgr("detect", "compiler.gcc", "--json"), tools) == {"gcc": "11.3.0"}
    program(tools / "gcc", "Apple clang version 15.0.0")
    assert mine(envmgr("show", "--json"), tools) == {}


def test_a_second_detect_starts_no_program(envmgr: Envmgr, tools: Path, tmp_path: Path) -> None:
    counted(tools / "gcc-13", GCC.format("13.1.0"), tmp_path / "log")
    counted(tools / "gcc-14", "nothing of a version", tmp_path / "log")
    first = envmgr("detect", "compiler.gcc", "--json")
    started = (tmp_path / "log").read_text()
    second = envmgr("detect", "compiler.gcc", "--json")
    assert first.stdout == second.stdout
    assert started == (tmp_path / "log").read_text() == "started\n" * 2


def test_a_part_that_comes_later_is_there_at_the_next_detect(envmgr: Envmgr, tools: Path) -> None:
    program(tools / "gcc-13", GCC.format("13.1.0"))
    envmgr("detect", "compiler.gcc")
    program(tools / "g++-13", "g++")
    found = entries(envmgr("detect", "compiler.gcc", "--json"))
    assert {e["env"].get("CXX") for e in found if e["version"] == "13.1.0"} == {f"{tools}/g++-13"}


def test_a_package_follows_its_interpreter(envmgr: Envmgr, tools: Path) -> None:
    python = program(tools / "python3.11", "Python 3.11.7")
    text(tools.parent / "lib/python3.11/site-packages/numpy-2.1.0.dist-info/METADATA")
    names = ("compiler.python", "python.numpy")

    def pair(result: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
        return {e["name"]: e for e in entries(result) if e["prefix"] == str(tools.parent)}

    first = pair(envmgr("detect", *names, "--json"))
    assert first["python.numpy"]["needs"] == [first["compiler.python"]["id"]]
    program(python, "Python 3.11.8")
    second = pair(envmgr("show", "--json"))
    assert second["compiler.python"]["version"] == "3.11.8"
    assert second["python.numpy"]["needs"] == [second["compiler.python"]["id"]]
    python.unlink()
    assert pair(envmgr("show", "--json")) == {}


def test_nothing_found_is_an_exit_status(envmgr: Envmgr, tmp_path: Path) -> None:
    result = envmgr("detect", "compiler.gcc", "--path", str(tmp_path))
    assert result.returncode == 1 and "nothing was found" in result.stderr


def test_explain_names_what_was_refused_and_why(envmgr: Envmgr, tools: Path) -> None:
    program(tools / "gcc-13", GCC.format("13.1.0"))
    program(tools / "gcc-14", "Apple clang version 15.0.0")
    (tools / "gcc-13.1").symlink_to("gcc-13")
    said = envmgr("detect", "compiler.gcc", "--explain").stdout
    assert f"{tools}/gcc-14: not compiler.gcc: clang under the name of gcc" in said
    assert f"{tools}/gcc-13: compiler.gcc@13.1.0; the same as {tools}/gcc-13.1" in said


@pytest.mark.parametrize(
    ("option", "why"), [("--path", "not there"), ("--search-dir", "directory")]
)
def test_a_place_that_is_not_there_is_an_error(
    envmgr: Envmgr, tmp_path: Path, option: str, why: str
) -> None:
    result = envmgr("detect", "compiler.gcc", option, str(tmp_path / "gone"))
    assert result.returncode == 2 and why in result.stderr and "gone" in result.stderr


def test_below_a_directory_that_was_named(envmgr: Envmgr, tmp_path: Path) -> None:
    program(tmp_path / "sdk/host/13/bin/gcc", GCC.format("13.1.0"))
    found = envmgr("detect", "compiler.gcc", "--search-dir", str(tmp_path), "--json")
    assert [entry["prefix"] for entry in entries(found)] == [f"{tmp_path}/sdk/host/13"]
    assert [e["prefix"] for e in entries(envmgr("show", "--json"))] == [f"{tmp_path}/sdk/host/13"]


def test_a_program_whose_name_is_not_text_stops_nothing(envmgr: Envmgr, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/t\xff/bin"
    os.makedirs(odd)
    program(tmp_path / "gcc", GCC.format("13.1.0")).rename(os.fsdecode(odd) + "/gcc")
    result = envmgr("detect", "compiler.gcc", "--search-dir", str(tmp_path), "--json")
    assert [os.fsencode(e["prefix"]) for e in entries(result)] == [os.path.dirname(odd)]
