"""Programs as they were when they were measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.api import kept as module
from envmgr.api.kept import keep, kept
from envmgr.api.program import find_program
from envmgr.api.workspace import Workspace
from envmgr.model.program import Program
from envmgr.program.source import tree_of

TOML = 'name = "hi"\ndescription = "Says hi"\ntags = ["kernel"]\n[run.default]\ncommand = "{exe}"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(environ={"HOME": str(tmp_path), "ENVMGR_HOME": str(tmp_path / "store")})


@pytest.fixture
def program(tmp_path: Path, workspace: Workspace) -> Program:
    (tmp_path / "hi/inner").mkdir(parents=True)
    (tmp_path / "hi/program.toml").write_text(TOML)
    (tmp_path / "hi/hi.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "hi/inner/run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "hi/inner/run.sh").chmod(0o755)
    return find_program(workspace, str(tmp_path / "hi"))


def test_a_state_is_kept_while_the_sources_go_on(workspace: Workspace, program: Program) -> None:
    tree = tree_of(program)
    keep(workspace, program, tree)
    source = Path(program.file).parent / "hi.c"
    source.write_text("int main(void) { return 1; }\n")
    keep(workspace, program, tree_of(program))
    place = kept(workspace, "hi", program.digest, tree.digest)
    assert place is not None
    again = find_program(workspace, place)
    assert again.digest == program.digest
    assert tree_of(again).files == tree.files
    assert (Path(place) / "inner/run.sh").stat().st_mode & 0o111
    assert kept(workspace, "hi", program.digest, tree_of(program).digest) not in (None, place)


def test_keeping_twice_is_harmless(workspace: Workspace, program: Program) -> None:
    tree = tree_of(program)
    keep(workspace, program, tree)
    keep(workspace, program, tree)
    assert kept(workspace, "hi", program.digest, tree.digest)
    assert kept(workspace, "hi", program.digest, "0" * 64) is None


def test_what_is_too_large_is_not_kept(
    workspace: Workspace, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    tree = tree_of(program)
    keep(workspace, program, tree)
    assert kept(workspace, "hi", program.digest, tree.digest) is None


def test_a_definition_that_changed_meanwhile_is_not_kept(
    workspace: Workspace, program: Program
) -> None:
    Path(program.file).write_text(TOML + "# more\n")
    tree = tree_of(program)
    keep(workspace, program, tree)
    assert kept(workspace, "hi", program.digest, tree.digest) is None


def test_of_what_is_fetched_the_definition_is_enough(
    tmp_path: Path, workspace: Workspace, program: Program
) -> None:
    commit = f'[source]\ngit = "https://example.org/hi.git"\ncommit = "{"ab" * 20}"\n'
    Path(program.file).write_text(TOML + commit)
    fetched = find_program(workspace, str(tmp_path / "hi"))
    tree = tree_of(fetched)
    keep(workspace, fetched, tree)
    place = kept(workspace, "hi", fetched.digest, tree.digest)
    assert place is not None and [p.name for p in Path(place).iterdir()] == ["program.toml"]
