"""Mistakes that only show between files, and which files are looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from envmgr.catalog.lint import files_of, lint
from envmgr.errors import UsageError

from .samples import (
    DETECTOR,
    GOOD,
    RECIPE,
    RECIPE_FILE,
    SHA256,
    repository,
    small_detector,
    write,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository in which everything that is referred to is there."""
    files = {
        **GOOD,
        "detectors/lib/zlib.toml": small_detector("lib.zlib"),
        "detectors/tool/cmake.toml": small_detector("tool.cmake"),
        "detectors/compiler/python.toml": small_detector("compiler.python"),
    }
    return repository(tmp_path / "repository", files)


def _said(path: Path) -> list[tuple[str, int, str, str | None]]:
    return [
        (Path(p.file).name, p.line, f"{p.key}: {p.message}", p.suggestion)
        for p in lint([str(path)])
    ]


def test_a_whole_repository_is_clean(root: Path) -> None:
    assert lint([str(root)]) == []


def test_a_recipe_without_its_detector(root: Path) -> None:
    write(root, RECIPE_FILE, RECIPE.replace('detector = "lib.zlib"', 'detector = "lib.zlibb"'))
    assert _said(root) == [
        ("zlib.toml", 4, "detector: there is no detector 'lib.zlibb'", "lib.zlib")
    ]


def test_a_broken_detector_is_still_there_for_its_recipe(root: Path) -> None:
    write(root, "detectors/lib/zlib.toml", "name = ")
    assert [line[0:2] for line in _said(root)] == [("zlib.toml", 1)]


def test_a_need_that_nothing_meets(root: Path) -> None:
    write(root, RECIPE_FILE, RECIPE.replace('"compiler,lang-c"', '"compiler,lang-zz9"'))
    said = _said(root)
    assert [line[:2] for line in said] == [("zlib.toml", 15)]
    assert "no recipe has the tags of 'compiler,lang-zz9'" in said[0][2]


def test_a_need_of_a_check_that_nothing_meets(root: Path) -> None:
    broken = DETECTOR.replace("[check]", '[check]\nneeds.cc = "compiler,never-heard-of"')
    write(root, "detectors/compiler/gcc.toml", broken)
    assert [line[:2] for line in _said(root)] == [("gcc.toml", 31)]


def test_tags_of_parts_and_of_recipes_meet_a_need(root: Path) -> None:
    needs = 'cc = "compiler.gcc,lang-cpp"\nz = "lib.zlib,compression"'
    write(root, RECIPE_FILE, RECIPE.replace('cc = "compiler,lang-c"', needs))
    assert lint([str(root)]) == []


def test_a_refused_tag_that_everything_has_leaves_nothing(root: Path) -> None:
    write(root, RECIPE_FILE, RECIPE.replace('"compiler,lang-c"', '"compiler.gcc,-gcc"'))
    assert len(lint([str(root)])) == 1


def test_a_name_that_two_files_claim(root: Path) -> None:
    write(root, "detectors/lib/zlib2.toml", small_detector("lib.zlib"))
    messages = [line[2] for line in _said(root) if line[0] == "zlib2.toml"]
    assert any("is defined in" in message for message in messages)


def test_one_file_is_judged_beside_its_repository(root: Path) -> None:
    assert lint([str(root / RECIPE_FILE)]) == []
    alone = write(root.parent, "other/recipes/none/here.toml", RECIPE.replace(
        '"lib.zlib"', '"none.here"').replace('["lib", "zlib",', '["none", "here",'))  # fmt: skip
    assert [p.key for p in lint([str(alone)])] == ["detector"]


def test_a_directory_of_a_repository(root: Path) -> None:
    files = files_of([str(root / "detectors" / "compiler"), str(root / "detectors")])
    assert len(files) == len(list((root / "detectors").rglob("*.toml")))


def test_a_repository_in_a_store_is_looked_into(root: Path, tmp_path: Path) -> None:
    recipe = RECIPE.replace("lib.zlib", "none.sought").replace(
        '["lib", "zlib",', '["none", "sought",'
    )
    file = write(tmp_path, "other/recipes/none/sought.toml", recipe)
    write(root, "detectors/none/sought.toml", small_detector("none.sought"))
    assert [p.key for p in lint([str(file)])] == ["detector"]
    assert lint([str(file)], roots=[str(root)]) == []


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no definition at"):
        lint([str(tmp_path / "none")])
    with pytest.raises(UsageError, match="no definition at"):
        lint([str(tmp_path)])


def test_the_runner_prints_and_exits(root: Path) -> None:
    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "envmgr.catalog.lint", str(path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert (run(root).returncode, run(root).stdout) == (0, "")
    file = write(root, RECIPE_FILE, RECIPE.replace(SHA256, "sha256:0"))
    finished = run(root)
    assert finished.returncode == 1
    assert finished.stdout.startswith(f'{file}:8: versions."1.3.1": is not a sha256 digest')
    assert run(root / "none").returncode == 2
