from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from envmgr.errors import StoreError
from envmgr.store.layout import Layout
from envmgr.store.trust import Trust

PROJECT = Path(__file__).parents[2]
ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path), str(tmp_path / "cache"))


def test_what_was_seen_first_is_remembered(layout: Layout) -> None:
    assert Trust(layout).get("md5:abc") is None
    Trust(layout).put("md5:abc", ONE)
    Trust(layout).put("md5:abc", ONE)
    Trust(layout).put("md5:def", TWO)
    assert Trust(layout).get("md5:abc") == ONE
    assert json.loads(Path(layout.trust).read_text())["schema"] == 1


def test_another_sha256_is_never_taken_silently(layout: Layout) -> None:
    Trust(layout).put("md5:abc", ONE)
    with pytest.raises(StoreError, match=f"{ONE}.*{TWO}"):
        Trust(layout).put("md5:abc", TWO)
    assert Trust(layout).get("md5:abc") == ONE


@pytest.mark.parametrize("digest", ["", "1" * 63, "g" * 64, "A" * 64, ONE + "\n"])
def test_only_a_sha256_is_remembered(layout: Layout, digest: str) -> None:
    with pytest.raises(StoreError, match="not a sha256"):
        Trust(layout).put("md5:abc", digest)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"sha256": []}', '{"sha256": {"a": 1}}', "[" * 100_000]
)
def test_a_damaged_file_is_an_error_and_not_forgotten(layout: Layout, content: str) -> None:
    Path(layout.trust).write_text(content)
    with pytest.raises(StoreError, match=r"trust\.json"):
        Trust(layout).get("md5:abc")
    with pytest.raises(StoreError, match=r"trust\.json"):
        Trust(layout).put("md5:abc", ONE)
    assert Path(layout.trust).read_text() == content


def test_parallel_writers_lose_nothing(layout: Layout) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from envmgr.store.layout import Layout\n"
        "from envmgr.store.trust import Trust\n"
        "trust = Trust(Layout(sys.argv[2], sys.argv[2]))\n"
        "for n in range(10): trust.put(f'{sys.argv[3]}-{n}', '0' * 64)\n"
    )
    command = [sys.executable, "-c", code, str(PROJECT), layout.root]
    writers = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    assert [process.wait() for process in writers] == [0, 0, 0]
    seen = json.loads(Path(layout.trust).read_text())["sha256"]
    assert sorted(seen) == [f"{w}-{n}" for w in range(3) for n in range(10)]
