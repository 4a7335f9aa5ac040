"""`envmgr import`, as a user has it: files, Spack's externals and modules."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from tests.importers.module_systems import PACKAGES, tree, unpacked

from .conftest import Envmgr, form

ENVIRONMENT = """\
name: bench
dependencies:
  - python=3.10
  - cmake>=3.20,<4
  - numpy 1.24.*  # [linux]
  - conda-forge::openmpi
  - thing-that-nobody-knows
  - pip:
      - six==1.16.0
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a project that has no project file yet; we are in it."""
    directory = tmp_path / "bench"
    directory.mkdir()
    (directory / "environment.yml").write_text(ENVIRONMENT)
    monkeypatch.chdir(directory)
    return directory


def queries(envmgr: Envmgr, *arguments: str) -> list[str]:
    done = envmgr("import", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [wish["query"] for wish in form(done)["wishes"]]


def test_an_environment_becomes_a_project(envmgr: Envmgr, place: Path) -> None:
    done = envmgr("import", "environment.yml")
    assert done.returncode == 0, done.stderr
    assert "compiler.python@3.10.*" in done.stdout and "environment.yml:3" in done.stdout
    assert (
        "not taken over: environment.yml:7: thing-that-nobody-knows: envmgr has no" in done.stderr
    )
    assert "note: environment.yml:6: conda-forge::openmpi: channel conda-forge" in done.stderr
    text = (place / "envmgr.toml").read_text()
    assert '"tool.cmake@>=3.20,<4"' in text
    assert '{ query = "python.numpy@1.24.*", platforms = ["linux-*"] }' in text
    again = form(envmgr("import", "environment.yml", "--json"))
    assert again["replaced"] == [] and (place / "envmgr.toml").read_text() == text


def test_what_is_asked_for_otherwise_already_is_replaced(envmgr: Envmgr, place: Path) -> None:
    envmgr("init", ".", "tool.cmake@3.10", "tool.ninja")
    done = envmgr("import", "environment.yml")
    assert "replaced tool.cmake@3.10 by tool.cmake@>=3.20,<4" in done.stderr
    text = (place / "envmgr.toml").read_text()
    assert "3.10.*" in text and '"tool.ninja"' in text and '"tool.cmake@3.10"' not in text


def test_any_version_does_not_widen_a_range(envmgr: Envmgr, place: Path) -> None:
    envmgr("init", ".", "tool.cmake@3.10")
    (place / "requirements.txt").write_text("cmake\nninja\n")
    assert queries(envmgr, "requirements.txt") == ["tool.cmake", "tool.ninja"]
    text = (place / "envmgr.toml").read_text()
    assert '"tool.cmake@3.10"' in text and '"tool.ninja"' in text and '"tool.cmake"' not in text


def test_a_feature_may_want_it(envmgr: Envmgr, place: Path) -> None:
    envmgr("init", ".", "tool.ninja")
    assert envmgr("import", "environment.yml", "--feature", "conda").returncode == 0
    text = (place / "envmgr.toml").read_text()
    needs, _, feature = text.partition("[features.conda]\n")
    assert "tool.ninja" in needs and "tool.cmake" in feature


def test_a_dry_run_changes_nothing(envmgr: Envmgr, place: Path) -> None:
    assert "tool.cmake,>=3.20,<4" in queries(envmgr, "environment.yml", "--dry-run")
    assert os.listdir(place) == ["environment.yml"]


@pytest.mark.parametrize(
    ("text", "plain", "strict"),
    [("cmake\n", 0, 0), ("cmake\nno-such-thing\n", 0, 5), ("no-such-thing\n", 1, 1), ("", 0, 0)],
)
def test_how_it_ends(envmgr: Envmgr, place: Path, text: str, plain: int, strict: int) -> None:
    (place / "requirements.txt").write_text(text)
    call = ("import", "requirements.txt", "--dry-run")
    assert envmgr(*call).returncode == plain
    assert envmgr(*call, "--strict").returncode == strict


def test_nothing_is_written_when_a_part_cannot_be(envmgr: Envmgr, place: Path) -> None:
    text = 'name = "x"\nneeds = []\n[features.b]\nneeds = [\n'
    text += ' { query = "tool.cmake", platforms = ["linux-*"] },\n'
    text += ' { query = "tool.cmake", platforms = ["macos-*"] },\n]\n'
    (place / "envmgr.toml").write_text(text)
    (place / "pyproject.toml").write_text("dependency-groups = { a = ['cmake'], b = ['cmake'] }\n")
    done = envmgr("import", "pyproject.toml")
    assert done.returncode == 2 and "could replace several" in done.stderr
    assert (place / "envmgr.toml").read_text() == text


def test_a_python_project_and_its_groups(envmgr: Envmgr, place: Path) -> None:
    (place / "pyproject.toml").write_text(
        "project = { name = 'x', requires-python = '>=3.10', dependencies = ['numpy<2'] }\n"
        "dependency-groups = { build = ['cmake~=3.25'] }\n"
    )
    assert queries(envmgr, "pyproject.toml") == [
        "compiler.python,>=3.10",
        "python.numpy,<2.dev0",
        "tool.cmake,~=3.25",
    ]
    assert 'build = ["build"]' in (place / "envmgr.toml").read_text()


@pytest.mark.needs("python3")
def test_what_was_imported_resolves(envmgr: Envmgr, place: Path) -> None:
    (place / "environment.yml").write_text("dependencies: [python>=3.8]")
    assert envmgr("import", "environment.yml").returncode == 0
    assert envmgr("detect", "compiler.python").returncode == 0
    done = envmgr("exec", "--", "python3", "-c", "print('here')")
    assert (done.returncode, done.stdout) == (0, "here\n"), done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("missing.yml",), "cannot read missing.yml"),
        (("environment.yml", "module:x"), "only read together"),
        (("environment.yml", "other.yml", "--from=conda"), "only read together"),
        (("notes",), "cannot tell what notes is"),
        (("module:-r",), "not the name of a module"),
        (("environment.yml", "--feature", "a b"), "not a name of a feature"),
    ],
)
def test_requests_that_make_no_sense(
    envmgr: Envmgr, place: Path, arguments: tuple[str, ...], why: str
) -> None:
    done = envmgr("import", *arguments)
    assert done.returncode == 2 and why in done.stderr
    assert os.listdir(place) == ["environment.yml"]


# -- what is on the machine ------------------------------------------------------------------


def program(path: Path, says: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {shlex.quote(says)}\n")
    path.chmod(0o755)


def test_externals_are_what_the_detector_says(envmgr: Envmgr, place: Path) -> None:
    program(place / "cmake-new/bin/cmake", "cmake version 3.30.1")
    program(place / "broken/bin/cmake", "no version")
    (place / "packages.yaml").write_text(f"""\
packages:
  cmake:
    buildable: false
    externals:
    - {{spec: cmake@3.30.1~doc, prefix: {place}/cmake-new}}
    - {{spec: cmake@3.12, prefix: {place}/cmake-new}}
    - {{spec: cmake@3.30, prefix: {place}/broken}}
    - {{spec: cmake@3.30, prefix: {place}/missing}}
  nobody-knows-this:
    externals:
    - {{spec: nobody-knows-this@1, prefix: /usr}}
""")
    result = form(envmgr("import", "packages.yaml", "--json"))
    (entry,) = result["entries"]
    assert (entry["name"], entry["version"]) == ("tool.cmake", "3.30.1")
    assert [note["where"] for note in result["left"]] == [f"packages.yaml:{n}" for n in (7, 8, 11)]
    assert "no version in 'no version'" in result["left"][0]["why"]
    assert [(note["where"], note["what"]) for note in result["lost"]] == [
        ("packages.yaml:3", "cmake: buildable"),
        ("packages.yaml:5", "cmake@3.30.1~doc"),
        ("packages.yaml:6", "cmake@3.12"),
    ]
    assert "what is there is tool.cmake@3.30.1" in result["lost"][2]["why"]
    assert [e["id"] for e in form(envmgr("show", "--json"))["entries"]] == [entry["id"]]
    assert os.listdir(place).count("envmgr.toml") == 0


@pytest.mark.needs("gcc")
def test_one_of_several_compilers_in_a_prefix(envmgr: Envmgr, place: Path) -> None:
    found = form(envmgr("detect", "compiler.gcc", "--path", "/usr", "--json"))["entries"]
    one = found[0]
    (place / "packages.yaml").write_text(
        f"packages:\n  gcc:\n    externals:\n    - spec: gcc@{one['version']}\n      prefix: /usr\n"
        f"      extra_attributes: {{compilers: {{c: {one['path']}}}}}\n"
    )
    result = form(envmgr("import", "packages.yaml", "--json", "--dry-run"))
    assert [entry["path"] for entry in result["entries"]] == [one["path"]]
    assert result["left"] == result["lost"] == []


@pytest.fixture(params=sorted(PACKAGES))
def session(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """What a person with a module system has in the environment, and a cmake of a module."""
    prefix = tmp_path / "hello-1.2"
    program(prefix / "bin" / "cmake", "cmake version 3.30.1")
    home = unpacked(request.param, tmp_path)
    return {"MODULESHOME": str(home), "MODULEPATH": str(tree(tmp_path, prefix))}


@pytest.mark.needs("apt-get", "dpkg-deb", "tclsh", "bash", "linux")
def test_a_module_becomes_an_entry(envmgr: Envmgr, session: dict[str, str], place: Path) -> None:
    dry = form(envmgr("import", "module:hello", "--dry-run", "--json", **session))
    assert form(envmgr("show", "--json"))["entries"] == []
    result = form(envmgr("import", "module:hello/1.2", "module:nothing/1", "--json", **session))
    (entry,) = result["entries"]
    prefix = place.parent / "hello-1.2"
    assert (entry["name"], entry["version"]) == ("tool.cmake", "3.30.1")
    assert entry["prepend"]["PATH"] == [str(prefix / "bin")]
    assert dry["entries"] == [entry]
    assert [module["loaded"] for module in result["modules"]] == [["hello/1.2"], ["nothing/1"]]
    assert {note["what"] for note in result["lost"]} == {
        f"HELLO_ROOT={prefix}",
        f"MANPATH gets {prefix}/share/man",
    }
    (unknown,) = result["left"]
    assert unknown["what"] == "NOTHING_SAYS=2; PATH gets /nowhere/at/all"
    assert form(envmgr("show", "--json"))["entries"] == [entry]
    done = envmgr("exec", "tool.cmake", "--", "cmake", "--version")
    assert done.stdout == "cmake version 3.30.1\n"
    assert envmgr("import", "module:missing/3", **session).returncode == 1


@pytest.mark.needs("apt-get", "dpkg-deb", "tclsh", "bash", "linux")
def test_an_external_may_be_a_module(envmgr: Envmgr, session: dict[str, str], place: Path) -> None:
    (place / "packages.yaml").write_text("""\
packages:
  cmake:
    externals:
    - {spec: cmake@3.30.1, modules: [hello/1.2]}
    - {spec: cmake@3.30.1, modules: ['; touch here']}
    - {spec: cmake@3.30.1, modules: [nothing/1]}
""")
    result = form(envmgr("import", "packages.yaml", "--json", **session))
    assert [entry["version"] for entry in result["entries"]] == ["3.30.1"]
    assert [note["why"] for note in result["left"]] == [
        "not the name of a module: '; touch here'",
        "its modules name no directory that is there",
    ]
    assert sorted(os.listdir(place)) == ["environment.yml", "packages.yaml"]
