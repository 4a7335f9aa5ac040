"""What a program is made from."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import ProgramError
from envmgr.program.source import SourceTree, compiled, file_digest, matching, tree_of
from tests.program import workshop
from tests.program.workshop import program, write

FILES = {"main.c": "int main;", "lib/help.c": "1", "lib/help.h": "2", "data/in put.txt": "3"}


def test_every_file_is_a_source_but_the_definition(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "program.toml": "name = 'x'", "lib/program.toml": "4"})
    tree = tree_of(program(tmp_path))
    assert tree.root == str(tmp_path)
    assert list(tree.files) == sorted([*FILES, "lib/program.toml"])
    assert tree.files["main.c"] == sha256(b"int main;").hexdigest()
    assert tree.place("lib/help.c") == str(tmp_path / "lib" / "help.c")


def test_what_is_hidden_or_comes_and_goes_is_none(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, ".hidden": "", ".git/config": "", "lib/__pycache__/x.pyc": ""})
    assert set(tree_of(program(tmp_path)).files) == set(FILES)


def test_sources_that_were_fetched_are_read_where_they_are(tmp_path: Path) -> None:
    write(tmp_path / "there", FILES)
    assert set(tree_of(program(tmp_path / "here"), str(tmp_path / "there")).files) == set(FILES)


def test_a_link_inside_counts_as_its_file_and_one_that_leaves_does_not(tmp_path: Path) -> None:
    top = write(tmp_path / "top", FILES)
    write(tmp_path, {"secret": "s", "topside/secret": "s"})
    (top / "again.c").symlink_to("main.c")
    (top / "out.c").symlink_to("../secret")
    (top / "near.c").symlink_to("../topside/secret")
    (top / "absolute.c").symlink_to(tmp_path / "secret")
    (top / "nowhere.c").symlink_to("nothing")
    (top / "circle.c").symlink_to("circle.c")
    (top / "sub").symlink_to("lib")
    (top / "all").symlink_to("..")
    os.mkfifo(top / "pipe.c")
    tree = tree_of(program(top))
    assert set(tree.files) == {*FILES, "again.c"}
    assert tree.files["again.c"] == tree.files["main.c"]


def test_the_way_to_a_tree_may_be_a_link(tmp_path: Path) -> None:
    top = write(tmp_path / "top", FILES)
    (top / "again.c").symlink_to("main.c")
    (tmp_path / "way").symlink_to("top")
    tree = tree_of(program(tmp_path / "way"))
    assert set(tree.files) == {*FILES, "again.c"}
    assert tree.digest == tree_of(program(top)).digest


@pytest.mark.parametrize("name", ["a\nb.c", "a\x1bb.c", "a\\b.c", b"a\xff.c"])
def test_a_name_that_is_no_plain_text_is_refused(tmp_path: Path, name: str | bytes) -> None:
    try:
        open(os.path.join(os.fsencode(tmp_path), os.fsencode(name)), "w").close()
    except OSError:  # macOS takes no such name
        pytest.skip("this file system has no such names")
    with pytest.raises(ProgramError, match="no plain text"):
        tree_of(program(tmp_path))


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"cannot read the sources of thing: .*gone"):
        tree_of(program(tmp_path / "gone"))


CONTENTS = st.dictionaries(
    st.sampled_from(["a.c", "b.c", "d/a.c", "d/e/f.h"]), st.text("xy\n", max_size=3), max_size=4
)


@given(one=CONTENTS, other=CONTENTS)
def test_the_digest_tells_trees_apart(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, str], other: dict[str, str]
) -> None:
    top = tmp_path_factory.mktemp("trees")
    (top / "one").mkdir()
    (top / "other").mkdir()
    trees = [
        tree_of(program(write(top / "one", one))),
        tree_of(program(write(top / "other", other))),
    ]
    assert (trees[0].digest == trees[1].digest) == (one == other)


def test_digests_hand_out_what_they_read(tmp_path: Path) -> None:
    content = os.urandom(1 << 20) + b"end"
    (tmp_path / "file").write_bytes(content)
    pieces: list[bytes] = []
    assert file_digest(str(tmp_path / "file"), pieces.append) == sha256(content).hexdigest()
    assert b"".join(pieces) == content and len(pieces) == 2


# -- what is compiled ------------------------------------------------------------------------


def names(*paths: str) -> SourceTree:
    return workshop.tree(*paths)


def test_without_globs_every_file_of_a_language_is_compiled() -> None:
    tree = names("b.c", "a.cpp", "x/m.F90", "k.cu", "note.txt", "h.h", "Makefile", "z.C", "c")
    assert compiled(program(), tree) == ("a.cpp", "b.c", "k.cu", "x/m.F90", "z.C")


def test_globs_say_which() -> None:
    tree = names("main.c", "src/a.c", "src/deep/b.c", "test/t.c")
    assert compiled(program(files=("src/**/*.c",)), tree) == ("src/a.c", "src/deep/b.c")
    assert compiled(program(files=("*.c", "src/?.c")), tree) == ("main.c", "src/a.c")


def test_nothing_to_compile_is_said_with_what_was_looked_for() -> None:
    with pytest.raises(ProgramError, match="no file of a known language in /sources"):
        compiled(program(), names("a.txt"))
    with pytest.raises(ProgramError, match=r"no file that is x/\*\.c or y\.c in /sources"):
        compiled(program(files=("x/*.c", "y.c")), names("a.c"))


@pytest.mark.parametrize(
    ("glob", "fits", "misfits"),
    [
        ("*.c", ["a.c"], ["d/a.c", "a.cc"]),
        ("**/*.c", ["a.c", "d/a.c", "d/e/a.c"], ["a.h"]),
        ("d/**", ["d/a", "d/e/f"], ["a", "da/b"]),
        ("[ab].c", ["a.c", "b.c"], ["c.c"]),
        ("a.c", ["a.c"], ["b/a.c", "A.c"]),
    ],
)
def test_globs_of_paths(glob: str, fits: list[str], misfits: list[str]) -> None:
    assert list(matching([*fits, *misfits], [glob])) == fits
