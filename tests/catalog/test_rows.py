"""The cache of a repository: never wrong, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.catalog import load as load_module
from envmgr.catalog.rows import Row, open_rows

from .samples import DETECTOR, DETECTOR_FILE, GOOD, repository, small_detector, write


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that was written long enough ago for its stamps to be trusted."""
    root = repository(tmp_path / "repository", GOOD)
    _age(root)
    return root


def _age(root: Path) -> None:
    """Let every file be a minute old."""
    then = time.time_ns() - 60_000_000_000
    for path in root.rglob("*.toml"):
        os.utime(path, ns=(then, then))


def _names(root: Path, cache: Path) -> list[str]:
    return sorted(row.name for row in open_rows(str(root), str(cache))[0])


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were parsed, as they are."""
    files: list[str] = []
    real = load_module.load

    def load(file: str) -> load_module.Loaded:
        files.append(os.path.basename(file))
        return real(file)

    monkeypatch.setattr(load_module, "load", load)
    return files


ALL = ["bash", "blur", "compiler.gcc", "lib.zlib", "names", "places", "python.numpy", "tool.cmake"]


def test_everything_is_parsed_once(root: Path, cache: Path, read_files: list[str]) -> None:
    assert _names(root, cache) == ALL
    assert len(read_files) == len(ALL)
    assert _names(root, cache) == ALL
    assert len(read_files) == len(ALL)


def test_a_row_says_what_is_asked_without_decoding(root: Path, cache: Path) -> None:
    rows = {row.name: row for row in open_rows(str(root), str(cache))[0]}
    gcc = rows["compiler.gcc"]
    assert gcc.tags == ("compiler.gcc", "compiler", "gcc", "lang-c")
    assert gcc.more_tags == ("lang-cpp",)
    assert rows["lib.zlib"].detector == "lib.zlib"
    assert rows == {row.name: row for row in open_rows(str(root), str(cache))[0]}


def test_an_added_file_is_parsed_alone(root: Path, cache: Path, read_files: list[str]) -> None:
    _names(root, cache)
    read_files.clear()
    write(root, "detectors/tool/new.toml", small_detector("tool.new"))
    assert _names(root, cache) == sorted([*ALL, "tool.new"])
    assert read_files == ["new.toml"]


def test_a_changed_file_is_parsed_alone(root: Path, cache: Path, read_files: list[str]) -> None:
    _names(root, cache)
    read_files.clear()
    write(root, DETECTOR_FILE, DETECTOR.replace("lang-cpp", "lang-xyz"))
    rows, _ = open_rows(str(root), str(cache))
    assert [row.more_tags for row in rows if row.name == "compiler.gcc"] == [("lang-xyz",)]
    assert read_files == ["gcc.toml"]


def test_a_touched_file_is_parsed_alone(root: Path, cache: Path, read_files: list[str]) -> None:
    _names(root, cache)
    read_files.clear()
    then = time.time_ns() - 30_000_000_000
    os.utime(root / DETECTOR_FILE, ns=(then, then))
    assert _names(root, cache) == ALL
    assert _names(root, cache) == ALL
    assert read_files == ["gcc.toml"]


def test_a_removed_file_is_gone(root: Path, cache: Path, read_files: list[str]) -> None:
    _names(root, cache)
    read_files.clear()
    (root / DETECTOR_FILE).unlink()
    assert "compiler.gcc" not in _names(root, cache)
    assert "compiler.gcc" not in _names(root, cache)
    assert read_files == []


def test_a_file_too_young_to_trust_is_parsed_again(root: Path, cache: Path) -> None:
    """Two edits of the same size within one tick of the clock leave the same stamp."""
    soon = time.time_ns() + 3_600_000_000_000
    for tag in ("lang-cpp", "lang-xyz"):
        path = write(root, DETECTOR_FILE, DETECTOR.replace("lang-cpp", tag))
        os.utime(path, ns=(soon, soon))
        rows, _ = open_rows(str(root), str(cache))
        assert [row.more_tags for row in rows if row.name == "compiler.gcc"] == [(tag,)]


def test_a_broken_file_is_left_out_with_its_problems(root: Path, cache: Path) -> None:
    write(root, DETECTOR_FILE, DETECTOR.replace("identity", "identitty"))
    _age(root)
    for _ in range(2):
        rows, problems = open_rows(str(root), str(cache))
        assert sorted(row.name for row in rows) == [name for name in ALL if name != "compiler.gcc"]
        assert [(p.line, p.key, p.suggestion) for p in problems] == [(5, "identitty", "identity")]
    write(root, DETECTOR_FILE, DETECTOR)
    assert open_rows(str(root), str(cache))[1] == []


def test_a_mended_file_is_back(root: Path, cache: Path) -> None:
    write(root, DETECTOR_FILE, "name = ")
    _names(root, cache)
    write(root, DETECTOR_FILE, DETECTOR)
    assert _names(root, cache) == ALL


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_cache_is_made_anew(data: st.DataObject, root: Path, cache: Path) -> None:
    _names(root, cache)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 50)))
    file.write_bytes(whole[:start] + data.draw(st.binary(max_size=50)) + whole[end:])
    assert _names(root, cache) == ALL
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"null", b"[]\n", b"{}\n{}", b"\xff\xfe", b"0" * 8 + b"\n" + b"[" * 9]
)
def test_a_cache_of_something_else_is_made_anew(content: bytes, root: Path, cache: Path) -> None:
    _names(root, cache)
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert _names(root, cache) == ALL


def test_the_cache_of_another_repository_is_not_taken(root: Path, cache: Path) -> None:
    _names(root, cache)
    (file,) = cache.iterdir()
    other = repository(root.parent / "other", {DETECTOR_FILE: DETECTOR})
    _names(other, cache)
    (second,) = set(cache.iterdir()) - {file}
    second.write_bytes(file.read_bytes())
    assert _names(other, cache) == ["compiler.gcc"]


def test_a_cache_directory_that_cannot_be_written_is_no_error(root: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert _names(root, blocked) == ALL
    assert _names(root, blocked / "below") == ALL


def test_a_repository_that_is_not_there_is_empty(tmp_path: Path, cache: Path) -> None:
    assert open_rows(str(tmp_path / "none"), str(cache)) == ([], [])


def test_many_writers_at_once(root: Path, cache: Path) -> None:
    def work(number: int) -> list[Row]:
        write(root, f"detectors/tool/t{number}.toml", small_detector(f"tool.t{number}"))
        return open_rows(str(root), str(cache))[0]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(24)))
    for number, rows in enumerate(results):
        assert f"tool.t{number}" in {row.name for row in rows}
    assert len(_names(root, cache)) == len(ALL) + 24
    assert [path.suffix for path in cache.iterdir()] == [".jsonl"]


def test_two_processes_at_once(root: Path, cache: Path) -> None:
    code = (
        "import sys; from envmgr.catalog.rows import open_rows;"
        "print(len(open_rows(*sys.argv[1:])[0]))"
    )
    command = [sys.executable, "-c", code, str(root), str(cache)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == [
        str(len(ALL))
    ] * 4


def test_a_warm_start_brings_no_parser(root: Path, cache: Path) -> None:
    _names(root, cache)
    code = (
        "import sys; from envmgr.catalog.rows import open_rows; open_rows(*sys.argv[1:]);"
        "print(sorted({'tomllib', 'tomli', 'envmgr.catalog.load', 'difflib'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(root), str(cache)]
    assert subprocess.check_output(command, text=True, timeout=60).strip() == "[]"
