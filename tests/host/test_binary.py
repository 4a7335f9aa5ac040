"""What files are, byte for byte, and which libraries programs load: read, never run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.host import binary
from envmgr.host.binary import Libraries, digest

# -- digests ---------------------------------------------------------------------------------


def test_a_file_is_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello\n")
    expected = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert digest(str(tmp_path / "a")) == expected
    (tmp_path / "b").symlink_to("a")
    assert digest(str(tmp_path / "b")) == expected


def test_of_a_large_file_the_ends_and_the_size_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary, "WHOLE_FILE", 100)
    monkeypatch.setattr(binary, "_END", 10)
    path = tmp_path / "large"

    def of(content: bytes) -> str:
        path.write_bytes(content)
        return digest(str(path))

    middle = of(b"a" * 10 + b"b" * 100 + b"c" * 10)
    assert middle.startswith("ends-sha256:")
    assert of(b"a" * 10 + b"x" * 100 + b"c" * 10) == middle
    assert of(b"a" * 10 + b"b" * 101 + b"c" * 10) != middle
    assert of(b"x" * 10 + b"b" * 100 + b"c" * 10) != middle
    assert of(b"a" * 10 + b"b" * 100 + b"x" * 10) != middle


def tree(root: Path) -> Path:
    (root / "b/c").mkdir(parents=True)
    (root / "a").write_text("one")
    (root / "b/c/d").write_text("two")
    (root / "link").symlink_to("a")
    return root


def test_a_small_directory_is_the_names_and_bytes_of_its_files(tmp_path: Path) -> None:
    one, other = tree(tmp_path / "one"), tree(tmp_path / "other")
    same = digest(str(one))
    assert same.startswith("tree-sha256:") and digest(str(other)) == same
    (other / "b/__pycache__").mkdir()
    (other / "b/__pycache__/x.pyc").write_text("made by use")
    assert digest(str(other)) == same
    (other / "b/c/d").write_text("owt")
    changed = digest(str(other))
    assert changed != same
    (other / "b/c/d").rename(other / "b/d")
    assert digest(str(other)) not in (same, changed)


def test_a_link_in_a_directory_is_where_it_points(tmp_path: Path) -> None:
    one, other = tree(tmp_path / "one"), tree(tmp_path / "other")
    (other / "link").unlink()
    (other / "link").symlink_to("b")
    assert digest(str(one)) != digest(str(other))


@pytest.mark.parametrize("limit", ["WHOLE_TREE", "WHOLE_TREE_FILES"])
def test_a_large_directory_is_names_and_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(binary, limit, 1)
    root = tree(tmp_path / "data")
    before = digest(str(root))
    assert before.startswith("listing-sha256:")
    (root / "a").write_text("eno")
    assert digest(str(root)) == before
    (root / "a").write_text("longer")
    assert digest(str(root)) != before


def test_only_so_many_files_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary, "MOST_FILES", 2)
    root = tree(tmp_path / "data")
    before = digest(str(root))
    (root / "zzz").write_text("beyond")
    assert digest(str(root)) == before


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "nothing", "a\0b"):
        with pytest.raises(HostError, match=r"cannot read|neither"):
            digest(str(tmp_path / name))


# -- libraries -------------------------------------------------------------------------------


def loaded(path: str) -> set[str]:
    """What the loader itself says, asked about a program of this machine that is trusted."""
    said = subprocess.run(
        [path],
        env={**os.environ, "LD_TRACE_LOADED_OBJECTS": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {os.path.realpath(p) for p in re.findall(r"(/\S+) \(0x", said)}


@pytest.mark.needs("linux", "gcc")
@pytest.mark.parametrize("program", ["gcc", "make", "ls", "bash"])
def test_libraries_are_those_that_the_loader_takes(program: str) -> None:
    path = os.path.realpath(shutil.which(program) or program)
    expected = loaded(path)
    if not expected:
        pytest.fail(f"{path} loads nothing; choose another program")
    assert set(Libraries().of(path)) == expected


@pytest.mark.needs("linux")
def test_the_libraries_of_this_interpreter() -> None:
    path = os.path.realpath(sys.executable)
    assert set(Libraries().of(path)) == loaded(path)


def compiled(directory: Path, name: str, source: str, *options: str) -> Path:
    (directory / f"{name}.c").write_text(source)
    command = ["gcc", f"{name}.c", "-o", name, *options]
    subprocess.run(command, cwd=directory, check=True, timeout=60)
    return directory / name


@pytest.mark.needs("linux", "gcc")
def test_own_search_paths_are_followed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    compiled(tmp_path, "deep/libtwo.so", "int two(void){return 2;}", "-shared", "-fPIC")
    compiled(
        tmp_path,
        "libone.so",
        "int two(void);int one(void){return two();}",
        *("-shared", "-fPIC", "-Ldeep", "-ltwo", "-Wl,-rpath,$ORIGIN/deep"),
    )
    main = compiled(
        tmp_path,
        "main",
        "int one(void);int main(void){return one();}",
        *("-L.", "-lone", "-Wl,-rpath,$ORIGIN", "-Wl,-rpath-link,deep"),
    )
    found = Libraries().of(str(main))
    assert {str(tmp_path / "libone.so"), str(tmp_path / "deep/libtwo.so")} < set(found)
    assert set(found) == loaded(str(main))
    (tmp_path / "deep/libtwo.so").unlink()
    assert str(tmp_path / "deep/libtwo.so") not in Libraries().of(str(main))


@pytest.mark.needs("linux", "gcc")
def test_the_loader_that_a_file_names_is_not_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    main = compiled(tmp_path, "main", "int main(void){return 0;}", f"-Wl,--dynamic-linker={trap}")
    assert str(trap) in Libraries().of(str(main))
    assert not sprung.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"#!/bin/sh\n",
        b"\x7fELF",
        b"\x7fELF\x02\x01\x01" + b"\xff" * 57,
        b"\x7fELF\x02\x01\x01" + b"\x00" * 57,
        b"\x7fELF\x01\x02\x01" + bytes(range(256)),
    ],
)
def test_what_is_no_program_loads_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert Libraries().of(str(tmp_path / "x")) == ()


@pytest.mark.needs("linux")
def test_a_broken_program_is_read_without_harm(tmp_path: Path) -> None:
    whole = Path(os.path.realpath("/bin/ls")).read_bytes()
    for cut in (64, 100, 500, 1000, len(whole) // 2):
        (tmp_path / "x").write_bytes(whole[:cut])
        Libraries().of(str(tmp_path / "x"))
    for place in range(0, 1200, 7):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        (tmp_path / "x").write_bytes(bytes(broken))
        Libraries().of(str(tmp_path / "x"))


def test_what_is_not_there_loads_nothing(tmp_path: Path) -> None:
    assert Libraries().of(str(tmp_path / "nothing")) == ()
    assert Libraries().of(str(tmp_path)) == ()
