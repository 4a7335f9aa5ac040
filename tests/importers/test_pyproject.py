"""Dependencies of pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.pyproject import read_pyproject
from envmgr.importers.reading import Reading

from .said import left, lost, ours, wishes


def read(tmp_path: Path, text: str) -> Reading:
    file = tmp_path / "pyproject.toml"
    file.write_text(text)
    return read_pyproject(str(file), ours, "compiler.python")


def test_a_file_as_people_have_them(tmp_path: Path) -> None:
    text = """\
[build-system]
requires = ["hatchling"]
[project]
name = "The_Bench"
requires-python = ">=3.10,<3.13"
dependencies = ["numpy>=1.20", "tqdm[notebook]", "unknown-thing"]
[project.optional-dependencies]
Plot = ["matplotlib~=3.8"]
all = ["the-bench[plot]", "rich"]
[dependency-groups]
lint = ["ruff==0.4.*"]
dev = ["pytest", { include-group = "lint" }]
"""
    reading = read(tmp_path, text)
    assert wishes(reading) == [
        "compiler.python,>=3.10,<3.13.dev0",
        "numpy,>=1.20",
        "tqdm",
        "matplotlib,~=3.8 [plot]",
        "rich [all]",
        "matplotlib,~=3.8 [all]",
        "ruff,=0.4.* [lint]",
        "pytest [dev]",
        "ruff,=0.4.* [dev]",
    ]
    assert [(where, what) for where, what, _ in left(reading)] == [
        ("pyproject.toml: project.dependencies", "unknown-thing")
    ]
    assert [why for _, _, why in lost(reading)] == ["its extras (notebook) are not kept"]


def test_what_includes_itself_is_read_once(tmp_path: Path) -> None:
    text = """\
project = { name = "p", optional-dependencies = { a = ["p[b]", "x"], b = ["p[a]", "y"] } }
dependency-groups = { c = [{ include-group = "d" }], d = [{ include-group = "c" }, "z"] }
"""
    assert wishes(read(tmp_path, text)) == [
        *("x [a]", "y [a]", "y [b]", "x [b]", "z [c]", "z [d]"),
    ]


def test_groups_that_double_at_each_step_end(tmp_path: Path) -> None:
    inner = ", ".join(['{ include-group = "g%d" }'] * 2)
    groups = "\n".join(f"g{i} = [{inner % (i + 1, i + 1)}]" for i in range(60))
    reading = read(tmp_path, f"[dependency-groups]\n{groups}\ng60 = ['six']")
    assert wishes(reading) == [f"six [g{i}]" for i in range(61)]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("project = { dependencies = [3] }", "project.dependencies", "3"),
        ("project = { dependencies = ['a b'] }", "project.dependencies", "a b"),
        ("project = { requires-python = '3.x' }", "project.requires-python", "3.x"),
        ("project = { requires-python = 3 }", "project.requires-python", "3"),
        ("project = { dynamic = ['dependencies'] }", "project.dynamic", "dependencies"),
        ("tool.poetry.dependencies = { a = '^1' }", "tool.poetry", "dependencies"),
        ("dependency-groups = { a = [{ include-group = 'b' }] }", "dependency-groups.a", "b"),
    ],
)
def test_what_cannot_be_taken_over(tmp_path: Path, text: str, where: str, what: str) -> None:
    reading = read(tmp_path, text)
    assert wishes(reading) == []
    assert [note[:2] for note in left(reading)] == [(f"pyproject.toml: {where}", what)]


@pytest.mark.parametrize("name", ["default", "../up", "", "a" * 65])
def test_names_that_no_feature_can_have(tmp_path: Path, name: str) -> None:
    reading = read(tmp_path, f'[dependency-groups]\n"{name}" = ["six"]')
    assert wishes(reading) == []
    assert [why for _, _, why in left(reading)] == ["a feature cannot have this name"]


@pytest.mark.parametrize(
    "text", ["", "project = 3", "project = { dependencies = 'six' }", "dependency-groups = []"]
)
def test_nothing_comes_of_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Reading()


@pytest.mark.parametrize("text", ["[", "a = " + "[" * 5000])
def test_no_toml_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"pyproject\.toml is no TOML"):
        read(tmp_path, text)
