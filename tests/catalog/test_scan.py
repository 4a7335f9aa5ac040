"""Which files are definitions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.catalog.scan import holds_definitions, root_of, scan, shipped_root

from .samples import GOOD, repository, write


def test_every_definition_is_seen_with_its_stamp(tmp_path: Path) -> None:
    root = repository(tmp_path, GOOD)
    assert [path for path, _, _ in scan(str(root))] == sorted(GOOD)
    path, size, mtime_ns = scan(str(root))[0]
    status = (root / path).stat()
    assert (size, mtime_ns) == (status.st_size, status.st_mtime_ns)


def test_other_files_are_not_definitions(tmp_path: Path) -> None:
    write(tmp_path, "detectors/compiler/gcc.py", "")
    write(tmp_path, "detectors/compiler/.hidden.toml", "")
    write(tmp_path, "detectors/compiler/deeper/still/x.toml", "")
    write(tmp_path, "README.toml", "")
    assert scan(str(tmp_path)) == []


def test_a_broken_link_is_seen_so_that_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "shells").mkdir()
    os.symlink("nowhere", tmp_path / "shells" / "x.toml")
    assert scan(str(tmp_path)) == [("shells/x.toml", -1, -1)]


def test_a_repository_has_one_of_the_directories(tmp_path: Path) -> None:
    assert not holds_definitions(str(tmp_path))
    (tmp_path / "shells").mkdir()
    assert holds_definitions(str(tmp_path))


def test_the_shipped_catalogue_is_there() -> None:
    assert holds_definitions(shipped_root())


@pytest.mark.parametrize(
    "path", ["detectors/lib/zlib.toml", "recipes/lib/zlib.toml", "shells/bash.toml"]
)
def test_the_repository_of_a_file_is_told_by_its_place(path: str) -> None:
    assert root_of(f"/some/where/{path}") == "/some/where"
    assert root_of(f"/some/{path}/a/b.toml") is None
