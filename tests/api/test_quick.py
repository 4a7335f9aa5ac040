"""A command is started by an answer of last time only while it would be decided so again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.activate.state import enter, leave
from envmgr.api.environment import open_environment
from envmgr.api.quick import of_project, of_queries, recall, remember
from envmgr.api.workspace import Workspace
from envmgr.host.files import stamp
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry

QUERIES = ["tool.alpha"]
LONG_AGO_NS = 10_000_000_000


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "bin/alpha"
    file.parent.mkdir()
    file.write_text("#!/bin/sh\n")
    return file


def entry_of(program: Path, version: str = "1.0") -> Entry:
    return make_entry(
        "tool.alpha",
        version,
        tags=("tool",),
        prefix=str(program.parent),
        path=str(program),
        delta=Delta({"ALPHA": version}, {"PATH": (str(program.parent),)}),
        origin=Origin("detected", "tool.alpha"),
        fingerprint=stamp(str(program)),
        links={"alfa": str(program)},
    )


@pytest.fixture
def workspace(environ: dict[str, str], program: Path) -> Workspace:
    workspace = Workspace(environ=environ)
    workspace.store.add([entry_of(program)])
    rested(workspace)
    return workspace


def rested(workspace: Workspace) -> None:
    """Let the last change of the entries be long ago: before that nothing is kept."""
    when = time.time_ns() - LONG_AGO_NS
    os.utime(workspace.layout.entries, ns=(when, when))


def keep(workspace: Workspace) -> dict[str, str]:
    """Open the environment and keep it; its variables."""
    began = time.time_ns()
    environment = open_environment(workspace, QUERIES)
    remember(workspace, of_queries(QUERIES), environment, began)
    return environment.variables


def recalled(workspace: Workspace) -> dict[str, str] | None:
    return recall(workspace.layout, of_queries(QUERIES), workspace.environ)


def test_an_answer_comes_back_as_it_was(workspace: Workspace, environ: dict[str, str]) -> None:
    assert recalled(workspace) is None
    inside = keep(workspace)
    assert recalled(workspace) == inside
    assert recall(workspace.layout, of_queries(["tool.beta"]), environ) is None
    assert leave(inside).applied_to(inside) == environ


def test_another_start_is_another_way(workspace: Workspace, environ: dict[str, str]) -> None:
    first = keep(workspace)
    environ["UNRELATED"] = "x"
    assert recalled(workspace) == {**first, "UNRELATED": "x"}
    environ["PATH"] += ":/else"
    assert recalled(workspace) is None
    second = keep(workspace)
    assert recalled(workspace) == second
    environ["PATH"] = environ["PATH"].removesuffix(":/else")
    assert recalled(workspace) == {**first, "UNRELATED": "x"}


def test_inside_another_environment_it_is_worked_out(
    workspace: Workspace, environ: dict[str, str]
) -> None:
    keep(workspace)
    outer = enter(environ, Delta({"CC": "x"}), "", ["9"], project="/p")
    environ.update(outer.applied_to(environ))
    assert recalled(workspace) is None
    inside = keep(workspace)
    assert recalled(workspace) == inside
    assert "ENVMGR_PROJECT_DIR" not in inside
    environ.clear()
    environ.update(inside)
    keep(workspace)  # where one is already nothing would change, whatever came before
    assert recalled(workspace) is None


def touch_program(workspace: Workspace, program: Path) -> None:
    program.write_text("#!/bin/sh\n# another\n")


def remove_program(workspace: Workspace, program: Path) -> None:
    program.unlink()


def record_another(workspace: Workspace, program: Path) -> None:
    workspace.store.add([entry_of(program, "2.0")])


def add_repository(workspace: Workspace, program: Path) -> None:
    Path(workspace.layout.root, "repositories.json").write_text("{}")


def remove_view(workspace: Workspace, program: Path) -> None:
    (view,) = Path(workspace.layout.views).iterdir()
    view.rename(view.parent.parent / "elsewhere")


@pytest.mark.parametrize(
    "change", [touch_program, remove_program, record_another, add_repository, remove_view]
)
def test_an_answer_does_not_outlive_what_it_was_decided_by(
    workspace: Workspace, program: Path, change: Callable[[Workspace, Path], None]
) -> None:
    keep(workspace)
    assert recalled(workspace) is not None
    change(workspace, program)
    assert recalled(workspace) is None


def test_what_was_decided_while_entries_changed_is_not_kept(workspace: Workspace) -> None:
    now = time.time_ns()
    os.utime(workspace.layout.entries, ns=(now, now))
    keep(workspace)
    assert recalled(workspace) is None


def project_at(directory: Path, text: str = "") -> Path:
    """A project file that was written long ago."""
    file = directory / "envmgr.toml"
    file.write_text('name = "bench"\nneeds = ["tool.alpha"]\n' + text)
    when = time.time_ns() - LONG_AGO_NS
    os.utime(file, ns=(when, when))
    return file


def test_a_project_is_its_file_and_its_lock(workspace: Workspace, tmp_path: Path) -> None:
    file, lock = project_at(tmp_path), tmp_path / "envmgr.lock"
    asked = of_project(str(file), "default")

    def keep_project() -> dict[str, str]:
        began = time.time_ns()
        environment = open_environment(workspace, QUERIES)
        remember(workspace, asked, environment, began, (str(file), str(lock)))
        return environment.variables

    inside = keep_project()
    assert recall(workspace.layout, asked, workspace.environ) == inside
    assert recall(workspace.layout, of_project(str(file), "gpu"), workspace.environ) is None
    lock.write_text("")
    assert recall(workspace.layout, asked, workspace.environ) is None
    keep_project()  # while the lock is that young, what was read of it proves nothing
    assert recall(workspace.layout, asked, workspace.environ) is None
    lock.unlink()
    keep_project()
    assert recall(workspace.layout, asked, workspace.environ) == inside
    project_at(tmp_path, "[variables]\nMODE = 'x'\n")
    assert recall(workspace.layout, asked, workspace.environ) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"for": [], "content": []}', "3"])
def test_a_damaged_file_is_no_answer(workspace: Workspace, damage: str) -> None:
    inside = keep(workspace)
    file = Path(workspace.layout.cache, "commands.json")
    file.write_text(damage)
    assert recalled(workspace) is None
    assert keep(workspace) == inside
    assert recalled(workspace) == inside


@pytest.mark.parametrize("words", [QUERIES, [], ["-e", "default"]])
def test_a_repeated_command_imports_next_to_nothing(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    project_at(tmp_path)
    command = ["-X", "importtime", "-m", "envmgr", "exec", *words, "--"]
    # Without `site`, once it needs no library, so that nothing comes with the interpreter.
    for expected, bare in ((True, []), (False, ["-S"])):
        done = subprocess.run(
            [sys.executable, *bare, *command, "sh", "-c", 'echo "$ALPHA"; exit 3'],
            cwd=tmp_path,
            env={**environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (3, "1.0\n")
        modules = set(re.findall(r"^import time:.*\|\s+(\S+)$", done.stderr, re.MULTILINE))
        heavy = {"dataclasses", "inspect", "argparse", "typing", "pathlib", "subprocess", "hashlib"}
        assert bool(modules & heavy) is expected
        assert ("envmgr.resolve.resolve" in modules) is expected
