from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.store.allowed import Allowed, Permission
from envmgr.store.layout import Layout

SHA = "ab" * 32


@pytest.fixture
def allowed(tmp_path: Path) -> Allowed:
    return Allowed(Layout(str(tmp_path / "store"), str(tmp_path / "cache")))


def test_nothing_is_allowed_at_first(allowed: Allowed, tmp_path: Path) -> None:
    assert allowed.get(str(tmp_path)) is None
    assert allowed.all() == ()


def test_a_permission_is_kept_and_taken_back(allowed: Allowed, tmp_path: Path) -> None:
    given = allowed.put(str(tmp_path), SHA)
    assert given == Permission(os.path.realpath(tmp_path), SHA)
    assert allowed.get(str(tmp_path)) == given
    assert allowed.all() == (given,)
    assert allowed.remove(str(tmp_path))
    assert not allowed.remove(str(tmp_path))
    assert allowed.get(str(tmp_path)) is None


def test_a_permission_is_that_of_the_directory_behind_a_link(
    allowed: Allowed, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    link = tmp_path / "link"
    link.symlink_to("one")
    allowed.put(str(link), SHA)
    assert allowed.get(str(tmp_path / "one"))
    link.unlink()
    link.symlink_to("two")
    assert allowed.get(str(link)) is None


def test_directories_with_one_name_are_told_apart(allowed: Allowed, tmp_path: Path) -> None:
    for name in ("a/x", "b/x", "b/x\n", os.fsdecode(b"b/\xff")):
        (tmp_path / name).mkdir(parents=True)
    allowed.put(str(tmp_path / "a/x"), SHA)
    assert allowed.get(str(tmp_path / "b/x")) is None
    allowed.put(str(tmp_path / "b/x\n"), SHA)
    allowed.put(str(tmp_path / os.fsdecode(b"b/\xff")), SHA)
    assert [os.path.relpath(each.directory, tmp_path) for each in allowed.all()] == [
        "a/x",
        "b/x\n",
        os.fsdecode(b"b/\xff"),
    ]


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"directory": 1, "sha256": 2}', "\0"])
def test_a_damaged_permission_allows_nothing(allowed: Allowed, tmp_path: Path, damage: str) -> None:
    allowed.put(str(tmp_path), SHA)
    Path(allowed.file(str(tmp_path))).write_text(damage)
    assert allowed.get(str(tmp_path)) is None
    assert allowed.all() == ()


def test_a_permission_that_was_moved_allows_nothing(allowed: Allowed, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    allowed.put(str(tmp_path), SHA)
    os.rename(allowed.file(str(tmp_path)), allowed.file(str(tmp_path / "other")))
    assert allowed.get(str(tmp_path / "other")) is None


def test_only_the_person_sees_what_is_allowed(allowed: Allowed, tmp_path: Path) -> None:
    allowed.put(str(tmp_path), SHA)
    file = Path(allowed.file(str(tmp_path)))
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
