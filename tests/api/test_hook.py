from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.activate.state import PROJECT, enter
from envmgr.api.allow import allow
from envmgr.api.decision import decide
from envmgr.api.hook import go, hook_text, hooked_shell
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.host.files import stamp
from envmgr.model.delta import Delta
from envmgr.model.entry import Origin, make_entry
from envmgr.store.snippets import snippet_directory


@pytest.fixture
def workspace(environ: dict[str, str], tmp_path: Path) -> Workspace:
    """One with a recorded tool, reached over a link, whose program has another name."""
    workspace = Workspace(environ=environ)
    program = tmp_path / "opt/alpha/bin/alpha-1"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    link = program.with_name("alpha")
    link.symlink_to("alpha-1")
    entry = make_entry(
        "tool.alpha",
        "1.0",
        tags=("tool",),
        prefix=str(program.parents[1]),
        path=str(link),
        delta=Delta({"ALPHA": "yes"}, {"PATH": (str(program.parent),)}),
        origin=Origin("detected", "tool.alpha"),
        fingerprint=stamp(str(link)),
        links={"alfa": str(link)},
    )
    workspace.store.add([entry])
    return workspace


@pytest.fixture
def project(workspace: Workspace, home: Path) -> str:
    file = home / "bench/envmgr.toml"
    file.parent.mkdir()
    file.write_text('name = "bench"\nneeds = ["tool.alpha"]\n[variables]\nMODE = "quick"\n')
    allow(workspace, str(file))
    return str(file.parent)


def test_everything_that_decides_is_watched(
    workspace: Workspace, project: str, tmp_path: Path
) -> None:
    decision = decide(workspace, project)
    assert decision.trouble == ""
    assert decision.note == "bench (alpha@1.0)"
    assert decision.aim
    bin_ = str(tmp_path / "opt/alpha/bin")
    (view,) = Path(workspace.layout.views).iterdir()
    assert {
        workspace.layout.entries,
        f"{bin_}/alpha",
        f"{bin_}/alpha-1",
        bin_,
        str(tmp_path / "opt/alpha"),
        str(tmp_path / "opt"),
        str(view),
    } <= set(decision.watched)
    assert not {"/tmp", project, workspace.environ["HOME"]} & set(decision.watched)


def test_what_cannot_be_opened_is_told_and_nothing_else(workspace: Workspace, home: Path) -> None:
    file = home / "envmgr.toml"
    file.write_text("needs = 3\nnaem = 1\n")
    decision = decide(workspace, str(home))
    assert "was not allowed yet" in decision.trouble
    allow(workspace, str(file))
    decision = decide(workspace, str(home))
    assert (decision.aim, decision.note) == (None, "")
    assert "2 mistakes" in decision.trouble
    assert "naem" in decision.trouble
    file.unlink()
    assert "is not a file" in decide(workspace, str(home)).trouble


def test_the_answer_is_for_this_environment(workspace: Workspace, project: str) -> None:
    shell = hooked_shell(workspace, "bash")
    text = go(workspace, shell, project)
    assert "export MODE='quick'\n" in text
    assert f"export {PROJECT}='{project}'\n" in text
    assert "_envmgr_note 'bench (alpha@1.0)'\n" in text
    kept = Path(f"{snippet_directory(workspace.layout, 'bash')}{project}/.hook").read_text()
    assert text.endswith(kept)
    assert "_envmgr_enter() {" in kept


def test_where_one_is_already_nothing_changes(
    workspace: Workspace, project: str, environ: dict[str, str]
) -> None:
    aim = decide(workspace, project).aim
    assert aim
    environ.update(aim.entered(environ).applied_to(environ))
    environ["PATH"] = "/by/hand:" + environ["PATH"]
    text = go(workspace, hooked_shell(workspace, "bash"), project)
    script, _, kept = text.partition("_envmgr_holds() {")
    assert script == ""
    assert kept


def test_leaving_and_changing(
    workspace: Workspace, project: str, environ: dict[str, str], home: Path
) -> None:
    before = dict(environ)
    other = enter(environ, Delta({"OTHER": "x", "MODE": "y"}), "o", ["9"], project="/gone")
    environ.update(other.applied_to(environ))
    shell = hooked_shell(workspace, "bash")
    out = go(workspace, shell, "")
    assert "unset -v OTHER\n" in out
    assert out.endswith("_envmgr_note 'left o'\n")
    over = go(workspace, shell, project)
    assert "unset -v OTHER\n" in over
    assert "export MODE='quick'\n" in over
    # The way that is kept starts outside, as if the other one had been left before.
    kept = Path(f"{snippet_directory(workspace.layout, 'bash')}{project}/.hook").read_text()
    assert '[ -z "${MODE+x}" ]' in kept
    assert f"""[ "${{PATH+x}}${{PATH-}}" = x'{before["PATH"]}' ]""" in kept


def test_a_few_starts_are_kept(workspace: Workspace, project: str, environ: dict[str, str]) -> None:
    shell = hooked_shell(workspace, "zsh")
    place = Path(f"{snippet_directory(workspace.layout, 'zsh')}{project}")
    for number in (1, 2, 1, 3, 4, 5):
        environ["MODE"] = f"start-{number}"
        go(workspace, shell, project)
    kept = (place / ".hook").read_text()
    assert [n for n in range(1, 6) if f"= x'start-{n}' ]" in kept] == [1, 3, 4, 5]
    assert sorted(path.name for path in place.iterdir())[:2] == [".hook", ".hook.json"]


def test_a_value_that_the_shell_cannot_hold_is_told(
    workspace: Workspace, project: str, environ: dict[str, str]
) -> None:
    environ["PATH"] = os.fsdecode(b"/caf\xe9")
    text = go(workspace, hooked_shell(workspace, "pwsh"), project)
    assert "_envmgr_trouble 'pwsh cannot hold the byte 0xe9 in a value, and PATH has it" in text
    assert "ALPHA" not in text


@pytest.mark.parametrize("directory", ["bench", "./bench", "/a/../b", "/a/", "/a/./b", "/a//b"])
def test_only_an_absolute_path_is_gone_to(workspace: Workspace, directory: str) -> None:
    with pytest.raises(UsageError, match="not the absolute path"):
        go(workspace, hooked_shell(workspace, "bash"), directory)


@pytest.mark.parametrize("name", ["sh", "csh", "nu", "cmd", "json"])
def test_shells_without_a_hook(workspace: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match=f"no prompt hook for {name}"):
        hook_text(workspace, name)


def test_the_hook_imports_nothing_from_where_one_is(workspace: Workspace) -> None:
    text = hook_text(workspace, "bash")
    assert " '-E' '-c' 'import sys; sys.path[:1] = []; " in text
    assert " 'hook' 'zsh'" in hook_text(workspace, "zsh")
    assert " 'hook' 'bash'" in hook_text(workspace, "direnv")


def test_a_hook_asks_the_store_that_it_was_made_for(workspace: Workspace) -> None:
    assert "'hook' 'bash' '--store=/s' --go=" in hook_text(workspace, "bash", ("--store=/s",))
