"""Reading files of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.files import MOST_BYTES, read_text, within


def test_text_as_any_editor_writes_it(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes("\ufeffa\r\nä\n".encode())
    assert read_text(str(tmp_path / "f")) == "a\nä\n"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a" * (MOST_BYTES + 1)])
def test_what_is_no_text_of_some_size(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f").write_bytes(data)
    with pytest.raises(UsageError, match=str(tmp_path / "f")):
        read_text(str(tmp_path / "f"))


@pytest.mark.parametrize("name", ["missing", "", "nul\0"])
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_text(f"{tmp_path}/{name}")


def test_within_follows_links(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "inside-not"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    assert within(str(inside / "a" / "b"), str(inside))
    assert not within(str(inside / "link" / "b"), str(inside))
    assert not within(str(inside / ".." / "b"), str(inside))
    assert not within(str(outside / "b"), str(inside))
