"""The program that does the steps in an image, run for real."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from envmgr.export.helper import program_for

pytestmark = pytest.mark.needs("bash")


@pytest.fixture
def step(tmp_path: Path) -> Path:
    """The program with everything it can do."""
    uses = [f"envmgr-step {name} x" for name in ("get_wheel", "unpack", "unpack_wheel", "link")]
    program = tmp_path / "step"
    program.write_text("\n".join([*program_for(uses), ""]), encoding="utf-8")
    program.chmod(0o755)
    return program


def do(step: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = [str(step), *map(str, arguments)]
    return subprocess.run(words, cwd=step.parent, capture_output=True, text=True)


def plant(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(file, encoding="utf-8")
    return root


def names(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


def test_nothing_is_written_that_is_not_asked_for() -> None:
    assert program_for(["make", "echo envmgr"]) == []
    lines = "\n".join(program_for(["envmgr-step link a b"]))
    assert "link()" in lines and "unpack()" not in lines


@pytest.mark.parametrize(
    ("levels", "left"),
    [
        ("0", {"a/b/f", "a/.b/g", "h"}),
        ("1", {"b/f", ".b/g"}),
        ("2", {"f", "g"}),
        ("3", set()),
    ],
)
def test_outer_directories_are_taken_off(
    step: Path, tmp_path: Path, levels: str, left: set[str]
) -> None:
    tree = plant(tmp_path / "tree of things", "a/b/f", "a/.b/g", "h")
    (tmp_path / "out").mkdir()
    assert do(step, "strip", tree, levels, tmp_path / "out").returncode == 0
    assert names(tmp_path / "out") == left


@pytest.mark.parametrize(
    ("files", "answer"),
    [(["a/f"], "1"), ([".a/f"], "1"), (["a/f", ".b"], "0"), (["f"], "0"), ([], "0")],
)
def test_one_directory_that_holds_everything(
    step: Path, tmp_path: Path, files: list[str], answer: str
) -> None:
    (tmp_path / "tree").mkdir()
    plant(tmp_path / "tree", *files)
    assert do(step, "wrapped", tmp_path / "tree").stdout == f"{answer}\n"


def test_a_link_to_a_directory_is_no_directory(step: Path, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "only").symlink_to(tmp_path)
    assert do(step, "wrapped", tmp_path / "tree").stdout == "0\n"


def test_links_are_relative_and_lead_somewhere(step: Path, tmp_path: Path) -> None:
    plant(tmp_path, "p/site/x-1/tool", "p/site/lib.so.2")
    assert do(step, "link", tmp_path / "p/bin/tool", tmp_path / "p/site/x-1/tool").returncode == 0
    assert os.readlink(tmp_path / "p/bin/tool") == "../site/x-1/tool"
    assert do(step, "link", f"{tmp_path}/p/lib/", tmp_path / "p/site/lib.so.2").returncode == 0
    assert os.readlink(tmp_path / "p/lib/lib.so.2") == "../site/lib.so.2"


def test_a_pattern_that_fits_nothing_or_too_much_is_an_error(step: Path, tmp_path: Path) -> None:
    for targets in ([], ["no-such-file"], ["step", "step"]):
        done = do(step, "link", tmp_path / "x", *targets)
        assert done.returncode == 1 and "no such file" in done.stderr
        assert not (tmp_path / "x").exists()


def test_only_files_become_executable(step: Path, tmp_path: Path) -> None:
    plant(tmp_path, "bin/a", "bin/d/b", "elsewhere")
    (tmp_path / "bin" / "l").symlink_to(tmp_path / "elsewhere")
    assert do(step, "executable", *sorted((tmp_path / "bin").iterdir())).returncode == 0
    assert os.access(tmp_path / "bin" / "a", os.X_OK)
    assert (tmp_path / "elsewhere").stat().st_mode & 0o111 == 0


def test_a_failure_is_told(step: Path, tmp_path: Path) -> None:
    assert do(step, "unpack", "no-such-archive.zip", tmp_path / "out").returncode != 0
    assert do(step, "get_wheel").returncode != 0
