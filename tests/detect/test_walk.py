from __future__ import annotations

import os
from pathlib import Path

from envmgr.detect.walk import walk


def test_nearest_first_and_in_order(tmp_path: Path) -> None:
    for name in ("b/1/x", "a/2/y", "a/1", "__pycache__/z"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "file").touch()
    (tmp_path / "a/loop").symlink_to(tmp_path)
    found = [os.path.relpath(path, tmp_path) for path in walk(str(tmp_path), 2)]
    assert found == [".", "a", "b", "a/1", "a/2", "b/1"]


def test_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert list(walk(str(tmp_path / "gone"), 2)) == []
    assert list(walk(str(tmp_path / "file"), 2)) == []
