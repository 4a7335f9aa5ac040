from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.project.find import project_file


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project in `work`, with a directory deep below it."""
    (tmp_path / "work/a/b").mkdir(parents=True)
    (tmp_path / "work/envmgr.toml").touch()
    return tmp_path


def found(cwd: Path, named: str | None = None, **environ: str) -> str | None:
    return project_file({"HOME": "/nowhere", **environ}, str(cwd), named)


def test_it_holds_in_its_directory_and_in_every_one_below(tree: Path) -> None:
    for below in ("work", "work/a", "work/a/b"):
        assert found(tree / below) == str(tree / "work/envmgr.toml")


def test_the_nearest_one_holds(tree: Path) -> None:
    (tree / "work/a/envmgr.toml").touch()
    assert found(tree / "work/a/b") == str(tree / "work/a/envmgr.toml")


def test_what_lies_above_home_is_not_looked_at(tree: Path) -> None:
    assert found(tree / "work/a/b", HOME=str(tree / "work/a")) is None
    assert found(tree / "work/a/b", HOME=str(tree / "work")) == str(tree / "work/envmgr.toml")


def test_home_may_be_a_link(tree: Path) -> None:
    (tree / "home").symlink_to(tree / "work/a")
    assert found(tree / "work/a/b", HOME=str(tree / "home")) is None


def test_a_directory_or_a_pipe_of_that_name_is_none(tree: Path) -> None:
    (tree / "work/a/envmgr.toml").mkdir()
    os.mkfifo(tree / "work/a/b/envmgr.toml")
    assert found(tree / "work/a/b") == str(tree / "work/envmgr.toml")


def test_where_everybody_may_write_ones_own_file_counts(tree: Path) -> None:
    (tree / "work").chmod(0o1777)
    assert found(tree / "work") == str(tree / "work/envmgr.toml")


@pytest.mark.needs("root")
def test_where_everybody_may_write_the_file_of_another_does_not_count(tree: Path) -> None:
    os.chown(tree / "work/envmgr.toml", 12345, 12345)
    assert found(tree / "work/a") == str(tree / "work/envmgr.toml")
    (tree / "work").chmod(0o1777)
    assert found(tree / "work/a") is None
    assert found(tree / "work/a", str(tree / "work")) == str(tree / "work/envmgr.toml")


@pytest.mark.parametrize("named", ["work", "work/envmgr.toml", "../{name}/work", "work/a/.."])
def test_it_can_be_named_by_file_or_directory(tree: Path, named: str) -> None:
    expected = str(tree / "work/envmgr.toml")
    assert found(tree, named.format(name=tree.name)) == expected


def test_home_may_be_said_in_short(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tree))
    assert found(tree, "~/work") == str(tree / "work/envmgr.toml")


def test_the_file_may_have_another_name_when_it_is_named(tree: Path) -> None:
    (tree / "ci.toml").touch()
    assert found(tree / "work", "../ci.toml") == str(tree / "ci.toml")


def test_the_variable_goes_before_the_search_and_an_argument_before_both(tree: Path) -> None:
    (tree / "other").mkdir()
    (tree / "other/envmgr.toml").touch()
    other = str(tree / "other")
    assert found(tree / "work", ENVMGR_PROJECT=other) == f"{other}/envmgr.toml"
    assert found(tree, "work", ENVMGR_PROJECT=other) == str(tree / "work/envmgr.toml")
    assert found(tree / "work", ENVMGR_PROJECT="") == str(tree / "work/envmgr.toml")


@pytest.mark.parametrize("named", ["", "nowhere", "work/a", "work/envmgr.toml/x", "work\0"])
def test_a_name_that_leads_nowhere_is_an_error(tree: Path, named: str) -> None:
    with pytest.raises(UsageError, match="there is no project at"):
        found(tree, named)


def test_a_relative_variable_is_an_error(tree: Path) -> None:
    with pytest.raises(UsageError, match="ENVMGR_PROJECT is not an absolute path"):
        found(tree, ENVMGR_PROJECT="work")
