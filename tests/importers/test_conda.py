"""conda's environment.yml."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.conda import read_environment
from envmgr.importers.reading import Reading

from .said import left, lost, ours, wishes


def read(tmp_path: Path, text: str) -> Reading:
    file = tmp_path / "environment.yml"
    file.write_text(text)
    return read_environment(str(file), ours, lambda name: ours(f"pip-{name}"))


def dependencies(*items: str) -> str:
    return "\n".join(["dependencies:", *(f"  - {item}" for item in items)])


def test_a_file_as_people_have_them(tmp_path: Path) -> None:
    text = """\
name: bench
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.10
  - numpy 1.24.*
  - conda-forge::cmake >=3.26, <4
  - openmpi=4.1.6=external_*
  - pip
  - pip:
      - torch>=2.1
      - some-unknown-thing
prefix: /home/somebody/miniforge3/envs/bench
"""
    reading = read(tmp_path, text)
    assert wishes(reading) == [
        "python,=3.10.*",
        "numpy,=1.24.*",
        "cmake,>=3.26,<4",
        "openmpi,==4.1.6",
        "pip",
        "pip-torch,>=2.1",
    ]
    assert [one.where for one in reading.taken][-1] == "environment.yml:12"
    assert left(reading) == [
        (
            "environment.yml:13",
            "some-unknown-thing",
            "envmgr has no detector and no recipe for it",
        )
    ]
    assert [(where, why) for where, _, why in lost(reading)] == [
        ("environment.yml:8", "channel conda-forge is not kept"),
        ("environment.yml:9", "build external_* is not kept"),
        ("environment.yml:2", "recipes say where a thing comes from"),
    ]


@pytest.mark.parametrize(
    ("selector", "platforms"),
    [
        ("linux", "linux-*"),
        ("osx", "macos-*"),
        ("unix", "linux-* macos-*"),
        ("not win", "linux-* macos-*"),
        (" linux64 ", "linux-x86_64*"),
    ],
)
def test_a_selector_is_where_it_is_wanted(tmp_path: Path, selector: str, platforms: str) -> None:
    reading = read(tmp_path, dependencies(f"numpy  # [{selector}]", "scipy # fast"))
    assert wishes(reading) == [f"numpy {platforms}", "scipy"]
    assert lost(reading) == []


def test_a_selector_of_another_kind_is_told(tmp_path: Path) -> None:
    reading = read(tmp_path, dependencies("numpy  # [py<38]"))
    assert wishes(reading) == ["numpy"]
    assert lost(reading) == [
        ("environment.yml:2", "numpy", "the selector [py<38] says no platform")
    ]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    assert wishes(read(tmp_path, dependencies("python=3.10", "'lib=010'", "lib2=1_0"))) == [
        "python,=3.10.*",
        "lib,=010.*",
        "lib2,=1_0.*",
    ]


def test_pip_lists_may_include_what_is_beside_them(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.16.0\n")
    items = ("pip:", "    - -r requirements.txt", "    - -r ../other.txt", "    - -e .")
    reading = read(tmp_path, "dependencies:\n  - " + "\n  ".join(items))
    assert wishes(reading) == ["pip-six,==1.16.0"]
    assert [where for where, _, _ in left(reading)] == ["environment.yml:4", "environment.yml:5"]


def test_what_is_no_dependency_is_said(tmp_path: Path) -> None:
    reading = read(tmp_path, dependencies("{other: [1]}", "[a, b]", "numpy 1|2", "'a b c d'"))
    assert wishes(reading) == []
    assert [why for _, _, why in left(reading)] == [
        "this is no dependency",
        "this is no dependency",
        "a range here has no alternatives: all of its clauses hold",
        "this is no package specification",
    ]


def test_variables_have_another_place(tmp_path: Path) -> None:
    reading = read(tmp_path, "dependencies: []\nvariables:\n  A: b\n")
    assert lost(reading) == [
        ("environment.yml:2", "variables", "write them below [variables] of envmgr.toml")
    ]


@pytest.mark.parametrize("text", ["a: [", "a: !!python/object/apply:os.system [id]\n\t", "\0"])
def test_no_yaml_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"environment\.yml is no YAML"):
        read(tmp_path, text)


def test_nothing_is_built_from_tags(tmp_path: Path) -> None:
    reading = read(tmp_path, dependencies("!!python/object/apply:os.abort []"))
    assert wishes(reading) == [] and len(left(reading)) == 1


def test_a_nested_file_is_an_error_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nested too deeply"):
        read(tmp_path, "dependencies: " + "[" * 20_000)


def test_aliases_are_no_bomb(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    reading = read(tmp_path, "\n".join([*lines, "dependencies: *a29"]))
    assert wishes(reading) == [] and len(left(reading)) == 9
