"""Whether anything became, changed or went at some paths."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.host.watch import existing, look, settled, unchanged


def _change(file: Path) -> None:
    file.write_text("other")


def _replace(file: Path) -> None:
    new = file.with_name("new")
    new.write_text("text")
    os.replace(new, file)


def _mode(file: Path) -> None:
    file.chmod(0o755)


@pytest.mark.parametrize("act", [_change, _replace, _mode, Path.unlink])
def test_every_change_of_a_file_shows(tmp_path: Path, act: Callable[[Path], None]) -> None:
    file = tmp_path / "file"
    file.write_text("text")
    seen = look([str(file)])
    assert unchanged(seen)
    act(file)
    assert not unchanged(seen)


def test_what_appears_shows(tmp_path: Path) -> None:
    seen = look([str(tmp_path / "file")])
    assert unchanged(seen)
    (tmp_path / "file").touch()
    assert not unchanged(seen)


def test_a_link_is_looked_at_itself(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("a")
    seen = look([str(link)])
    link.unlink()
    link.symlink_to("b")
    assert not unchanged(seen)


def test_what_changed_just_now_is_not_settled(tmp_path: Path) -> None:
    seen = look([str(tmp_path), str(tmp_path / "absent")])
    assert not settled(seen, time.time_ns())
    assert settled(seen, time.time_ns() + 10_000_000_000)


def test_the_nearest_directory_that_is_there(tmp_path: Path) -> None:
    assert existing(str(tmp_path / "a" / "b")) == str(tmp_path)
    assert existing(str(tmp_path)) == str(tmp_path)
