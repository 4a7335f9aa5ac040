from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.api.allow import (
    NotAllowedError,
    allow,
    allowed_text,
    file_for,
    is_allowed,
    permissions,
    renewing,
    revoke,
)
from envmgr.api.workspace import Workspace
from envmgr.errors import ProjectError, UsageError

TEXT = 'name = "bench"\n'


@pytest.fixture
def workspace(environ: dict[str, str]) -> Workspace:
    return Workspace(environ=environ)


@pytest.fixture
def file(home: Path) -> str:
    path = home / "bench/envmgr.toml"
    path.parent.mkdir()
    path.write_text(TEXT)
    return str(path)


def test_a_project_is_used_only_as_it_was_allowed(workspace: Workspace, file: str) -> None:
    with pytest.raises(NotAllowedError, match="was not allowed yet"):
        allowed_text(workspace, file)
    allow(workspace, file)
    assert allowed_text(workspace, file) == TEXT
    Path(file).write_text(TEXT + "# more\n")
    with pytest.raises(NotAllowedError, match="is another one since it was allowed"):
        allowed_text(workspace, file)
    Path(file).write_text(TEXT)
    assert is_allowed(workspace, file)
    assert revoke(workspace, os.path.dirname(file))
    assert not is_allowed(workspace, file)


def test_what_a_person_edits_with_envmgr_stays_allowed(workspace: Workspace, file: str) -> None:
    allow(workspace, file)
    with renewing(workspace, file):
        Path(file).write_text(TEXT + "needs = []\n")
    assert is_allowed(workspace, file)


def test_an_edit_allows_nothing_that_was_not_allowed(workspace: Workspace, file: str) -> None:
    with renewing(workspace, file):
        Path(file).write_text(TEXT + "needs = []\n")
    assert not is_allowed(workspace, file)
    allow(workspace, file)
    Path(file).write_text("# somebody else\n")
    with renewing(workspace, file):
        Path(file).write_text("# somebody else\nneeds = []\n")
    assert not is_allowed(workspace, file)


def test_an_edit_that_fails_allows_nothing_new(workspace: Workspace, file: str) -> None:
    allow(workspace, file)
    with pytest.raises(ZeroDivisionError), renewing(workspace, file):
        Path(file).write_text("half\n")
        raise ZeroDivisionError
    assert not is_allowed(workspace, file)


def test_the_list_says_what_still_holds(workspace: Workspace, file: str) -> None:
    assert permissions(workspace) == ()
    given = allow(workspace, file)
    assert permissions(workspace) == ((given, True),)
    Path(file).unlink()
    assert permissions(workspace) == ((given, False),)


def test_which_file_is_meant(
    workspace: Workspace, file: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "bench/deep").mkdir()
    monkeypatch.chdir(home / "bench/deep")
    assert file_for(workspace, None) == file
    assert file_for(workspace, "..") == file
    assert file_for(workspace, file) == file
    monkeypatch.chdir(home)
    assert file_for(workspace, "bench/") == file
    with pytest.raises(UsageError, match=r"no envmgr\.toml in"):
        file_for(workspace, None)


def test_what_is_no_project_file_cannot_be_allowed(workspace: Workspace, home: Path) -> None:
    with pytest.raises(ProjectError, match="is not a file"):
        allow(workspace, str(home / "envmgr.toml"))
