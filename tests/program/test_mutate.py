"""Mistakes made on purpose, in a copy and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.errors import ProgramError
from envmgr.model.program import Mutation, Program
from envmgr.program.mutate import mutated

PROGRAM = Program(name="sum", description="Sums", tags=(), file="program.toml", digest="0")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / "src").mkdir(parents=True)
    (tmp_path / "tree" / "src" / "sum.c").write_bytes(b"i < n;\r\ni < m; // \xff\r\n")
    (tmp_path / "tree" / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "tree" / "run.sh").chmod(0o755)
    return tmp_path / "tree"


def made(tree: Path, mutation: Mutation) -> Path:
    return Path(mutated(PROGRAM, str(tree), mutation, str(tree.parent / "copy")))


def test_the_copy_has_the_mistake_and_the_sources_do_not(tree: Path) -> None:
    before = (tree / "src" / "sum.c").read_bytes()
    copy = made(tree, Mutation("src/sum.c", "i < n", "i < n - 1"))
    assert (copy / "src" / "sum.c").read_bytes() == b"i < n - 1;\r\ni < m; // \xff\r\n"
    assert (tree / "src" / "sum.c").read_bytes() == before
    assert (copy / "run.sh").read_text() == "#!/bin/sh\n"


def test_a_script_stays_one(tree: Path) -> None:
    copy = made(tree, Mutation("run.sh", "sh\n", "sh -e\n"))
    assert os.access(copy / "run.sh", os.X_OK)


@pytest.mark.parametrize(("piece", "count"), [("j < n", 0), ("i < ", 2)])
def test_the_piece_must_stand_there_once(tree: Path, piece: str, count: int) -> None:
    with pytest.raises(ProgramError, match=f"sum: src/sum.c: .* {count} times") as caught:
        made(tree, Mutation("src/sum.c", piece, "x"))
    assert bool(caught.value.hint) == (count > 0)
    assert not (tree.parent / "copy").exists()


@pytest.mark.parametrize("file", ["gone.c", "src", "../outside.c", "link.c"])
def test_only_a_file_of_the_program_is_changed(tree: Path, file: str) -> None:
    (tree.parent / "outside.c").write_text("i < n")
    (tree / "link.c").symlink_to(tree.parent / "outside.c")
    with pytest.raises(ProgramError, match="is no file below"):
        made(tree, Mutation(file, "i < n", "x"))
    assert (tree.parent / "outside.c").read_text() == "i < n"


def test_a_link_does_not_lead_the_mistake_back_to_the_sources(tree: Path) -> None:
    (tree / "also").symlink_to(tree / "src")
    with pytest.raises(ProgramError):
        made(tree, Mutation("also/sum.c", "i < n", "x"))
    assert b"i < n" in (tree / "src" / "sum.c").read_bytes()


def test_what_cannot_be_copied_is_said(tree: Path) -> None:
    (tree.parent / "copy").write_text("in the way")
    with pytest.raises(ProgramError, match="cannot copy"):
        made(tree, Mutation("src/sum.c", "i < n", "x"))
