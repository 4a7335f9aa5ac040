"""A project file as its user has it, in processes of their own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from .conftest import Envmgr, form

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "bash": ["bash", "--norc", "-c", 'eval "$({})"; {}'],
    "zsh": ["zsh", "-f", "-c", 'eval "$({})"; {}'],
    "sh": ["sh", "-c", 'eval "$({})"; {}'],
    "fish": ["fish", "--no-config", "-c", "{} | source; {}"],
    "csh": ["tcsh", "-f", "-c", 'eval "`{}`"; {}'],
}
"""How each shell reads what `envmgr env` prints, and does something after it."""


@pytest.fixture
def project(envmgr: Envmgr, definitions: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that needs the small program, which is not installed yet; we are below it."""
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    directory = definitions.parent / "a project"
    below = directory / "src" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    made = envmgr("init", "../..", "tool.hello", "--name", "bench")
    assert made.returncode == 0, made.stderr
    file = directory / "envmgr.toml"
    file.write_text(
        file.read_text()
        + '\n[variables]\nGREETING = "it\'s $HOME"\n[features.loud]\nvariables = { LOUD = "1" }\n'
        + '[environments]\nloud = ["loud"]\n'
    )
    return file


@pytest.fixture
def ready(envmgr: Envmgr, project: Path) -> Path:
    assert envmgr("install").returncode == 0
    return project


def test_install_gets_what_is_missing_and_nothing_again(envmgr: Envmgr, project: Path) -> None:
    planned = form(envmgr("install", "--dry-run", "--json"))
    assert [plan["recipe"] for plan in planned["plans"]] == ["tool.hello"]
    first = form(envmgr("install", "--json"))
    assert [entry["name"] for entry in first["installed"]] == ["tool.hello"]
    second = envmgr("install")
    assert second.returncode == 0 and "everything is installed already" in second.stderr


@pytest.mark.needs("gcc")
def test_install_takes_what_was_found_for_an_answer(
    envmgr: Envmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert envmgr("init", "compiler.gcc").returncode == 0
    done = envmgr("install")
    assert done.returncode == 0 and "everything is there already" in done.stderr


def test_a_command_needs_no_query(envmgr: Envmgr, ready: Path) -> None:
    done = envmgr("exec", "--", "sh", "-c", 'hello-envmgr; echo "$GREETING"; echo ${LOUD-quiet}')
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "hello-envmgr 1.2\nit's $HOME\nquiet\n"


def test_an_environment_is_named(envmgr: Envmgr, ready: Path) -> None:
    done = envmgr("exec", "-e", "loud", "--", "sh", "-c", "echo $LOUD $ENVMGR_ENVIRONMENT")
    assert done.stdout == "1 bench:loud\n"
    done = envmgr("exec", "-e", "cloud", "--", "true")
    assert done.returncode == 2
    assert "no environment 'cloud'" in done.stderr and "it has default, loud" in done.stderr


def test_queries_go_before_the_project_and_with_a_named_one_add_up(
    envmgr: Envmgr, ready: Path
) -> None:
    shown = ("--", "sh", "-c", 'echo "$ENVMGR_ENVIRONMENT ${GREETING:+greets}"')
    assert envmgr("exec", "tool.hello", *shown).stdout == "tool.hello@1.2 \n"
    assert envmgr("exec", "tool.hello", "-e", "default", *shown).stdout == "bench greets\n"
    extra = envmgr("exec", "tool,hello", "--project", str(ready), *shown)
    assert extra.stdout == "bench,tool.hello@1.2 greets\n"


def test_the_project_may_be_elsewhere(
    envmgr: Envmgr, ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert envmgr("exec", "--", "hello-envmgr").returncode == 2
    assert envmgr("exec", "--project", "a project", "--", "hello-envmgr").returncode == 0
    assert envmgr("exec", "--", "hello-envmgr", ENVMGR_PROJECT=str(ready)).returncode == 0


def test_resolve_and_export_know_it(envmgr: Envmgr, ready: Path) -> None:
    assert [entry["name"] for entry in form(envmgr("resolve", "--json"))["entries"]] == [
        "tool.hello"
    ]
    done = envmgr("export", "dockerfile")
    assert done.returncode == 0, done.stderr
    assert "GREETING" in done.stdout


@pytest.mark.needs("bash", "zsh", "fish", "tcsh")
@pytest.mark.parametrize("shell", COMMANDS)
def test_every_shell_is_inside(environ: dict[str, str], ready: Path, shell: str) -> None:
    asked = f"{shlex.quote(sys.executable)} -m envmgr env --shell={shell}"
    *words, text = COMMANDS[shell]
    done = subprocess.run(
        [
            *words,
            text.format(asked, "hello-envmgr; printenv GREETING; printenv ENVMGR_ENVIRONMENT"),
        ],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("hello-envmgr 1.2\nit's $HOME\nbench\n", "")


def test_env_never_gives_the_answer_of_another_project(
    envmgr: Envmgr, ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        assert "GREETING" in envmgr("env", "--shell=sh").stdout
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    assert envmgr("env", "--shell=sh").returncode == 2
    assert envmgr("init", "tool.hello").returncode == 0
    assert "GREETING" not in envmgr("env", "--shell=sh").stdout


@pytest.mark.needs("bash")
def test_a_shell_is_marked_with_the_project(environ: dict[str, str], ready: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "envmgr", "shell", "-e", "loud", "--shell=bash"],
        env={**environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"},
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 500),  # a prompt that does not fit is cut
    )
    try:
        child.expect_exact("(bench:loud) ")
        child.sendline("hello-envmgr; exit 5")
        child.expect_exact("hello-envmgr 1.2")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    assert child.exitstatus == 5


# -- the file --------------------------------------------------------------------------------


def test_add_and_drop_change_one_line(envmgr: Envmgr, project: Path) -> None:
    before = project.read_text()
    added = envmgr("add", "tool.cmake@>=3.20", "--prefer", "installed")
    assert added.stdout == "added tool.cmake@>=3.20 (prefer installed)\n"
    assert set(project.read_text().splitlines()) - set(before.splitlines()) == {
        '    { query = "tool.cmake@>=3.20", prefer = ["installed"] },'
    }
    replaced = envmgr("add", "tool.cmake@4")
    assert "replaced tool.cmake@>=3.20 (prefer installed) by tool.cmake@4" in replaced.stdout
    assert "says so already" in envmgr("add", "tool.cmake@4").stderr
    assert envmgr("drop", "cmake").stdout == "dropped tool.cmake@4 (prefer installed)\n"
    assert project.read_text() == before


def test_a_new_feature_is_told(envmgr: Envmgr, project: Path) -> None:
    done = envmgr("add", "tool.hello", "--feature", "more", "--platform", "linux-*")
    assert done.stdout == "added tool.hello (on linux-*)\n"
    assert "envmgr shell -e more" in done.stderr
    assert envmgr("resolve", "-e", "more").returncode == 3  # nothing is installed yet


def test_what_is_misspelt_is_not_written_unless_forced(envmgr: Envmgr, project: Path) -> None:
    before = project.read_text()
    done = envmgr("add", "tool.helo")
    assert done.returncode == 2 and "did you mean tool.hello?" in done.stderr
    assert envmgr("init", "./new", "tool.helo").returncode == 2
    assert project.read_text() == before and not os.path.exists("new")
    assert envmgr("add", "tool.helo", "--force").returncode == 0
    assert '"tool.helo"' in project.read_text()


@pytest.mark.parametrize("verb", ["add", "drop", "install", "resolve"])
def test_every_mistake_is_told_with_its_line(envmgr: Envmgr, project: Path, verb: str) -> None:
    project.write_text('nam = "x"\n[variables]\nPATH = "/bin"\n')
    done = envmgr(verb, *(("tool.hello",) if verb in ("add", "drop") else ()), "--json")
    assert done.returncode == 1
    error = form(done)["error"]
    assert error["kind"] == "ProjectError"
    assert error["lines"][0] == f"{project}:1: nam: unknown key (did you mean name?)"
    assert error["lines"][1].startswith(f"{project}:3: variables.PATH: would replace")
    assert all(f"  {line}" in done.stderr.splitlines() for line in error["lines"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("init", "../.."), 2, "is there already"),
        (("init", "./a", "./b"), 2, "these are several directories: ./a, ./b"),
        (("init", "./a", "--name", "a b"), 2, "not a name of a project: 'a b'"),
        (("add",), 2, "no query was given"),
        (("drop", "tool.cmake"), 2, "the feature default does not want tool.cmake"),
        (("drop", "tool.hello", "--feature", "no"), 2, "has no feature 'no'"),
        (("add", "tool.hello", "--project", "nowhere"), 2, "there is no project at 'nowhere'"),
        (("add", "tool.hello", "--prefer", "a b"), 2, "not a preference: 'a b'"),
        (("install", "--force"), 2, "--force does not go with a project"),
    ],
)
def test_what_makes_no_sense_is_said(
    envmgr: Envmgr, project: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = project.read_text()
    done = envmgr(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert project.read_text() == before


def test_with_a_lock_an_install_is_a_sync(envmgr: Envmgr, project: Path) -> None:
    lock = project.parent / "envmgr.lock"
    assert envmgr("lock").returncode == 0
    done = envmgr("install", "--json")
    assert done.returncode == 0, done.stderr
    assert [each["name"] for each in json.loads(done.stdout)["installed"]] == ["tool.hello"]
    assert envmgr("install", "--json").stdout == envmgr("sync", "--json").stdout
    lock.write_text("")
    assert envmgr("install").returncode == 6
    for more in (("--force",), ("-e", "default", "compiler.gcc")):
        done = envmgr("install", *more)
        assert done.returncode == 2
        assert "has a lock" in done.stderr


def test_what_was_allowed_stays_so_through_edits_of_ones_own(envmgr: Envmgr, project: Path) -> None:
    assert envmgr("allow").returncode == 0
    assert envmgr("add", "tool.cmake").returncode == 0
    assert envmgr("drop", "tool.cmake").returncode == 0
    assert [one["holds"] for one in form(envmgr("allow", "--list", "--json"))["allowed"]] == [True]
    project.write_text(project.read_text() + "# another hand\n")
    assert envmgr("add", "tool.cmake").returncode == 0
    assert [one["holds"] for one in form(envmgr("allow", "--list", "--json"))["allowed"]] == [False]


@pytest.mark.parametrize(
    "arguments", [("add", "tool.x"), ("drop", "tool.x"), ("resolve", "-e", "a")]
)
def test_without_a_project_the_next_step_is_told(
    envmgr: Envmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = envmgr(*arguments)
    assert done.returncode == 2
    assert "there is no project here" in done.stderr and "`envmgr init` makes one" in done.stderr


def test_a_directory_that_is_gone_is_told(
    envmgr: Envmgr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    done = envmgr("resolve")
    assert done.returncode == 2 and "the current directory is no longer there" in done.stderr


def test_json_says_what_changed(envmgr: Envmgr, project: Path) -> None:
    done = form(envmgr("add", "tool.hello@1.2", "--json"))
    assert done["replaced"] == [
        {
            "old": {"query": "tool.hello", "prefer": [], "platforms": []},
            "new": {"query": "tool.hello,=1.2", "prefer": [], "platforms": []},
        }
    ]
    assert (done["file"], done["added"], done["dropped"]) == (str(project), [], [])
