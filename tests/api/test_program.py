"""Programs found by name or path, and the directories that they run in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from envmgr.api.choosing import Asked, choices
from envmgr.api.program import find_program, prepare, run_directory, run_once, with_timeout
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from tests.api.scripts import SAY, script, write_script

ROOT = Path(__file__).resolve().parents[2]
HELLO = 'run.default = {command = "{exe} hello", timeout = 9, check = [{text = "said hello"}]}\n'


@pytest.fixture
def workspace(environ: dict[str, str]) -> Workspace:
    """A store of its own."""
    return Workspace(environ=environ)


# -- finding ---------------------------------------------------------------------------------


def test_a_directory_or_its_definition_names_a_program(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write_script(tmp_path, HELLO)
    monkeypatch.chdir(tmp_path)
    for name in (str(place), "./say", "say/", "say/program.toml"):
        assert find_program(workspace, name).file == str(place / "program.toml")
    monkeypatch.chdir(place)
    assert find_program(workspace, ".").name == "say"


def test_a_bare_name_is_that_of_a_known_program(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(tmp_path, HELLO, name="matmul-c")
    write_script(tmp_path, HELLO)
    monkeypatch.chdir(tmp_path)
    assert find_program(workspace, "matmul-c").file.startswith(str(ROOT))
    with pytest.raises(UsageError, match="no program called 'say'") as error:
        find_program(workspace, "say")
    assert error.value.hint is not None and "./say" in error.value.hint


def test_a_path_without_a_definition_is_named_whole(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"there is no {tmp_path}/program.toml"):
        find_program(workspace, str(tmp_path))


def test_a_mistake_is_told_with_its_line(workspace: Workspace, tmp_path: Path) -> None:
    place = write_script(tmp_path, HELLO + "speed = 3\n")
    with pytest.raises(UsageError, match=r"program.toml:6: speed: unknown key") as error:
        find_program(workspace, str(place))
    assert error.value.hint is not None and "envmgr lint" in error.value.hint


def test_a_timeout_is_that_of_every_command(workspace: Workspace, tmp_path: Path) -> None:
    program = script(workspace, tmp_path, HELLO)
    assert with_timeout(program, None) is program
    assert with_timeout(program, 3.5).runs["default"].timeout == 3.5


# -- running ---------------------------------------------------------------------------------


@pytest.mark.needs("linux", "sh")
def test_a_program_is_built_once_and_judged(workspace: Workspace, tmp_path: Path) -> None:
    (choice,) = choices(workspace, script(workspace, tmp_path, HELLO), Asked())
    ready = prepare(workspace, choice)
    assert (ready.built.was_cached, prepare(workspace, choice).built.was_cached) == (False, True)
    with run_directory(workspace) as directory:
        outcome = run_once(ready, directory)
    assert outcome.judgement.verdict == "right"


@pytest.mark.needs("linux", "sh")
def test_what_changed_is_built_anew(workspace: Workspace, tmp_path: Path) -> None:
    program = script(workspace, tmp_path, HELLO)
    (choice,) = choices(workspace, program, Asked())
    before = prepare(workspace, choice).built
    (tmp_path / "say/say.sh").write_text(SAY + "echo more\n")
    after = prepare(workspace, choice).built
    assert not after.was_cached and after.digest != before.digest


def test_directories_of_runs_are_empty_apart_and_gone_afterwards(workspace: Workspace) -> None:
    with run_directory(workspace) as one, run_directory(workspace) as other:
        assert one != other
        (Path(one) / "locked").mkdir()
        (Path(one) / "locked/file").touch()
        (Path(one) / "locked").chmod(0)
        Path(one).chmod(0)
        assert os.listdir(other) == []
    assert not os.path.exists(one) and not os.path.exists(other)


def test_a_cache_that_was_cleared_is_made_again(workspace: Workspace) -> None:
    with run_directory(workspace) as directory:
        place = os.path.dirname(directory)
    os.rmdir(place)
    with run_directory(workspace) as directory:
        assert os.listdir(directory) == []


_KILLED = """
import os
from envmgr.api.program import run_directory
from envmgr.api.workspace import Workspace
with run_directory(Workspace()) as directory:
    open(os.path.join(directory, 'big'), 'w').close()
    print(directory, flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.mark.needs("linux")
def test_what_a_killed_process_left_is_removed(
    workspace: Workspace, environ: dict[str, str]
) -> None:
    process = subprocess.run(
        [sys.executable, "-c", _KILLED],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    left = process.stdout.strip()
    assert os.path.isfile(os.path.join(left, "big"))
    with run_directory(workspace):
        assert not os.path.exists(os.path.dirname(left))
