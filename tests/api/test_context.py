"""What a context locks: exactly what was used."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.api.choosing import Choice
from envmgr.api.context import input_digest, lock_of, lock_text
from envmgr.api.workspace import Workspace
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.program import Program, RunCommand
from envmgr.model.resolution import Resolution
from envmgr.program.target import open_target


@pytest.fixture
def workspace(environ: dict[str, str]) -> Workspace:
    return Workspace(environ=environ)


def compiler(workspace: Workspace, path: Path) -> Entry:
    """A recorded compiler at *path*, called and versioned as every other."""
    path.parent.mkdir()
    path.write_text("no compiler")
    entry = make_entry(
        "compiler.gcc",
        "12.2.0",
        tags=("compiler",),
        prefix=str(path.parent),
        path=str(path),
        delta=Delta(),
        origin=Origin("detected", "compiler.gcc"),
    )
    workspace.store.add([entry])
    return entry


def choice(workspace: Workspace, entry: Entry) -> Choice:
    run = RunCommand("{exe}")
    program = Program("x", "x", (), "", "", needs={"compiler": "compiler"}, runs={"default": run})
    resolution = Resolution(entries=(entry,))
    target = open_target("local", workspace.layout.root, workspace.environ)
    return Choice(program, "default", {}, (), {"compiler": entry}, resolution, {}, target)


def test_of_two_alike_the_one_that_was_used_is_locked(workspace: Workspace, tmp_path: Path) -> None:
    both = [compiler(workspace, tmp_path / place / "gcc") for place in ("one", "other")]
    for entry in both:
        lock = lock_of(workspace, choice(workspace, entry))
        part = lock.platforms[workspace.platform]
        assert dict(part.environments["default"].answers) == {
            "compiler.gcc,==12.2.0": "compiler.gcc@12.2.0"
        }
        assert part.entries["compiler.gcc@12.2.0"].path == entry.path
    texts = [lock_text(workspace, choice(workspace, entry)) for entry in (*both, *both)]
    assert texts[:2] == texts[2:] and texts[0] != texts[1]


def test_what_cannot_be_locked_has_no_text(workspace: Workspace, tmp_path: Path) -> None:
    entry = compiler(workspace, tmp_path / "gone" / "gcc")
    Path(entry.path).unlink()
    assert lock_text(workspace, choice(workspace, entry)) is None


def test_directories_are_told_by_names_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    before = input_digest(str(tmp_path))
    assert input_digest(str(tmp_path)) == before
    (tmp_path / "a").write_text("more")
    assert input_digest(str(tmp_path)) != before
    assert len(input_digest(str(tmp_path / "a"))) == 64
