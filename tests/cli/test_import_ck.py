"""`envmgr import ck`, as a user has it: from a collection to a program that is built and run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.importers.ck_tree import counting, entry, text

from .conftest import Envmgr, form


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection with one program, one data set, and something that cannot be taken over."""
    root = tmp_path / "Our Programs"
    counting(root)
    text(root)
    entry(root, "program", "broken", "{")
    return root


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_a_collection_becomes_a_repository(envmgr: Envmgr, collection: Path) -> None:
    done = envmgr("import", "ck", str(collection))
    assert done.returncode == 0, done.stderr
    assert (
        "1 program, 1 data set, in the repository ck-our-programs at" in done.stdout + done.stderr
    )
    assert "not taken over: program/broken/.cm/meta.json: broken: it is no JSON" in done.stderr
    (repository,) = form(envmgr("repo", "list", "--json"))["repositories"][:1]
    assert repository["name"] == "ck-our-programs"
    linted = envmgr("lint", repository["root"], "--cases")
    assert linted.returncode == 0 and "2 files, 1 case, no problem" in linted.stdout
    assert "dataset.ck-text-0001" in envmgr("show", "dataset,ck").stdout
    assert "count" in envmgr("program", "list").stdout


def test_again_is_the_same(envmgr: Envmgr, collection: Path, tmp_path: Path) -> None:
    place = tmp_path / "made"
    for _ in range(2):
        done = envmgr("import", "ck", str(collection), "--to", str(place), "--name", "ours")
        assert done.returncode == 0, done.stderr
        first = tree(place)
    assert "programs/datasets/ck-text-0001/text.txt" in first
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".ck-")] == []
    shutil.rmtree(collection / "dataset")
    envmgr("import", "ck", str(collection), "--to", str(place), "--name", "ours")
    gone = {path for path in first if "ck-text-0001" in path}
    assert tree(place) == {path: data for path, data in first.items() if path not in gone}


def test_the_form(envmgr: Envmgr, collection: Path) -> None:
    said = form(envmgr("import", "ck", str(collection), "--json"))
    where = "program/count/.cm/meta.json"
    assert said["programs"] == [{"name": "count", "commands": ["default"], "where": where}]
    assert [one["name"] for one in said["datasets"]] == ["dataset.ck-text-0001"]
    assert [one["name"] for one in said["entries"]] == ["dataset.ck-text-0001"]
    assert said["repository"]["name"] == "ck-our-programs" and said["lost"] == []


def test_a_dry_run_writes_nothing(envmgr: Envmgr, collection: Path) -> None:
    said = form(envmgr("import", "ck", str(collection), "--dry-run", "--json"))
    assert said["repository"] is None and len(said["programs"]) == 1
    assert len(form(envmgr("repo", "list", "--json"))["repositories"]) == 1


@pytest.mark.parametrize("what", ["file", "directory", "link"])
def test_what_is_there_already_is_left_alone(
    envmgr: Envmgr, collection: Path, tmp_path: Path, what: str
) -> None:
    place, other = tmp_path / "place", tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    if what == "file":
        place.write_text("mine")
    elif what == "link":
        place.symlink_to(other)
    else:
        other.rename(place)
    before = tree(tmp_path)
    done = envmgr("import", "ck", str(collection), "--to", str(place))
    assert done.returncode == 2 and "was not made by this command" in done.stderr
    assert {path: tree(tmp_path).get(path) for path in before} == before


def test_a_name_that_is_taken(envmgr: Envmgr, collection: Path, tmp_path: Path) -> None:
    assert envmgr("import", "ck", str(collection), "--name", "x").returncode == 0
    done = envmgr("import", "ck", str(collection), "--name", "x", "--to", str(tmp_path / "y"))
    assert done.returncode == 2 and "the name 'x' is taken" in done.stderr
    assert not (tmp_path / "y").exists()
    done = envmgr("import", "ck", str(collection), "--name", "../x")
    assert done.returncode == 2 and "is not a name of a repository" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("ck",), 2),
        (("ck", "{empty}"), 2),
        (("ck", "{broken}"), 1),
        (("ck", "{collection}", "--strict"), 5),
        (("requirements.txt", "--to", "{empty}"), 2),
    ],
)
def test_exit_statuses(
    envmgr: Envmgr, collection: Path, tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    (tmp_path / "empty").mkdir()
    entry(tmp_path / "broken", "program", "broken", "{")
    places = {"empty": tmp_path / "empty", "broken": tmp_path / "broken", "collection": collection}
    done = envmgr("import", *(one.format(**places) for one in arguments))
    assert done.returncode == status, done.stderr


@pytest.mark.needs("gcc")
def test_an_imported_program_is_built_run_and_right(envmgr: Envmgr, collection: Path) -> None:
    envmgr("import", "ck", str(collection))
    levels = ("--with", "compiler.gcc", "--flags=-O0", "--flags=-O2")
    done = envmgr("program", "check", "count", *levels)
    assert done.returncode == 0, done.stdout + done.stderr
    said = form(envmgr("program", "run", "count", *levels, "--json"))
    assert [one["verdicts"] for one in said["points"]] == [["right"], ["right"]]
    assert all("execution_time" in one["figures"] for one in said["points"])
