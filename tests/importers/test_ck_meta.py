"""Entries of CK collections, which anybody may have written."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.importers.ck_dataset import read_dataset
from envmgr.importers.ck_meta import CkEntry, Table, entries_of, is_plain, valid_name, valid_tags
from envmgr.importers.ck_program import read_program
from envmgr.importers.ck_rtl import own_libraries
from envmgr.importers.reading import Note, UntranslatableError
from envmgr.model.query import is_tag

from .ck_tree import COUNT, COUNT_META, entry

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*COUNT_META, "run_deps", "dataset_files", "cm_properties", "main_language"])


def read(root: Path) -> tuple[list[CkEntry], list[str]]:
    notes: list[Note] = []
    found = list(entries_of(str(root), notes))
    return found, [note.why for note in notes]


def test_an_entry_has_its_own_files(tmp_path: Path) -> None:
    files = {"a.c": "", "in/b.c": "", "tmp/made": "", "tmp-ck-x": "", ".hidden": "", "x*": ""}
    directory = entry(tmp_path, "program", "one", {"tags": ["x"]}, files)
    (directory / "link.c").symlink_to("/etc/passwd")
    (directory / "up").symlink_to("..")
    (found,), notes = read(tmp_path)
    assert found.files == ("a.c", "in/b.c") and notes == []
    assert found.where == "program/one/.cm/meta.json" and found.meta.texts("tags") == ("x",)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON: "),
        ("{", "it is no JSON: "),
        ("[" * 100_000, "it is no JSON: "),
        ("[]", "it is no JSON object"),
        ('{"tags": ["\\u0000"]}', "it holds what is no text: "),
        ('{"a": {"\\ud800": 1}}', "it holds what is no text: "),
        ('{"a": ["\\u001b[2J"]}', "it holds what is no text: "),
    ],
)
def test_a_meta_that_cannot_be_read(tmp_path: Path, text: str, why: str) -> None:
    entry(tmp_path, "program", "one", text)
    found, (note,) = read(tmp_path)
    assert found == [] and note.startswith(why)


def test_windows_paths_are_text(tmp_path: Path) -> None:
    entry(tmp_path, "program", "one", {"a": "C:\\bin\\new\tline\n"})
    assert read(tmp_path)[1] == []


def test_names_that_are_no_names(tmp_path: Path) -> None:
    for name in ("a\nb", "-x", "~", "{exe}"):
        entry(tmp_path, "dataset", name, {})
    entry(tmp_path, "dataset", "link", {}).rename(tmp_path / "elsewhere")
    (tmp_path / "dataset" / "link").symlink_to(tmp_path / "elsewhere")
    assert read(tmp_path) == ([], ["its name is not plain"] * 4)


@given(st.dictionaries(KEYS, JSON))
def test_any_json_is_an_answer_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, meta: dict[str, object]
) -> None:
    root = tmp_path_factory.mktemp("ck")
    directory = root / "program" / "one"
    directory.mkdir(parents=True)
    (directory / "count.c").write_text(COUNT)
    content = json.loads(json.dumps({**COUNT_META, **meta}))
    one = CkEntry("program", "one", os.fspath(directory), Table(content), ("count.c",))
    with suppress(UntranslatableError):
        draft, _ = read_program(one, own_libraries(), lambda _: True)
        assert draft.document["name"] == "one" and draft.text
    with suppress(UntranslatableError):
        draft, _ = read_dataset(one)
        assert draft.document["name"] == "dataset.ck-one" and draft.text


@given(st.text())
def test_plain_paths_stay_inside(path: str) -> None:
    if is_plain(path):
        assert not os.path.isabs(path)
        assert not os.path.normpath(path).startswith("..")
        assert not set("*?{}\\\"'\0\n") & set(path)


@given(st.text(), st.lists(st.text()))
def test_names_and_tags_are_valid(name: str, tags: list[str]) -> None:
    assert valid_name(name) == "" or is_tag(valid_name(name))
    made = valid_tags(tuple(tags))
    assert all(map(is_tag, made)) and len(set(made)) == len(made)


def test_a_directory_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry(tmp_path, "program", "one", {})

    def refused(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refused)
    with pytest.raises(UsageError, match=r"cannot read .*program: Permission denied"):
        read(tmp_path)
