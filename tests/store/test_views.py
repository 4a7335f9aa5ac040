"""Views give programs their plain names."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envmgr.errors import StoreError
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.store.layout import Layout
from envmgr.store.views import with_view


def entry(path: Path, **links: str) -> Entry:
    delta = Delta({"CC": str(path)}, {"PATH": ("/opt/gcc/bin",)})
    return make_entry(
        "compiler.gcc",
        "13.1.0",
        tags=("compiler", "gcc"),
        prefix=str(path.parent.parent),
        path=str(path),
        delta=delta,
        origin=Origin("detected", "compiler.gcc"),
        links=links,
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty store."""
    return Layout(str(tmp_path / "store"), str(tmp_path / "cache"))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with its version in its name."""
    path = tmp_path / "bin" / "gcc-13"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\necho thirteen\n")
    path.chmod(0o755)
    return path


def test_without_links_nothing_is_made(layout: Layout, program: Path) -> None:
    own = entry(program)
    assert with_view(own, layout) == own.delta
    assert not os.path.exists(layout.views)


def test_the_plain_name_comes_first_on_the_path(layout: Layout, program: Path) -> None:
    delta = with_view(entry(program, gcc=str(program)), layout)
    view, after = delta.prepend["PATH"]
    assert after == "/opt/gcc/bin"
    assert os.listdir(view) == ["gcc"]
    said = subprocess.run([f"{view}/gcc"], capture_output=True, text=True, check=True)
    assert said.stdout == "thirteen\n"


def test_a_deleted_view_is_made_again(layout: Layout, program: Path) -> None:
    own = entry(program, gcc=str(program))
    (view, _) = with_view(own, layout).prepend["PATH"]
    os.unlink(f"{view}/gcc")
    os.rmdir(view)
    with_view(own, layout)
    assert os.readlink(f"{view}/gcc") == str(program)


def test_several_at_once_make_one(layout: Layout, program: Path) -> None:
    own = entry(program, gcc=str(program))
    with ThreadPoolExecutor(8) as pool:
        deltas = list(pool.map(lambda _: with_view(own, layout), range(32)))
    assert all(delta == deltas[0] for delta in deltas)
    assert os.listdir(layout.views) == [own.id]


def test_a_place_that_cannot_be_made_is_an_error(layout: Layout, program: Path) -> None:
    Path(layout.root).write_text("a file where the store should be")
    with pytest.raises(StoreError, match="cannot make"):
        with_view(entry(program, gcc=str(program)), layout)
