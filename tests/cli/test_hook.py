"""The prompt hook in real shells."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from .hooked import COMMANDS, Place

SHELLS = [pytest.param(name, marks=pytest.mark.needs(COMMANDS[name][0])) for name in COMMANDS]
ALPHA = 'name = "a"\nneeds = ["tool.alpha"]\n'
BETA = 'name = "b"\nneeds = ["tool.beta"]\n[variables]\nMODE = "quick"\n'
LONG_BEFORE = 1_000_000_000
bash, zsh = pytest.mark.needs("bash"), pytest.mark.needs("zsh")
every_shell = pytest.mark.parametrize("shell", SHELLS)


@pytest.fixture
def place(home: Path, environ: dict[str, str]) -> Place:
    place = Place(home, {**environ, "TERM": "dumb", "MODE": "mine"})
    place.record("alpha", "1.0", ALPHA="it's $HOME \\ `id` !")
    place.record("beta", "2.0", BETA="two\nlines")
    return place


@every_shell
def test_entering_and_leaving(place: Place, shell: str) -> None:
    project = place.project("src/a", ALPHA)
    (project / "deep/er").mkdir(parents=True)
    seen = place.walk(
        shell, ["cd src", "cd a", "cd deep/er", ":", "cd ..", "cd ../..", "cd a", "cd /"]
    )
    labels = [seen.label(step) for step in range(8)]
    assert labels == [None, "a", "a", "a", "a", None, "a", None]
    before, inside, back = seen.environs[0], seen.environs[1], seen.environs[5]
    assert back == before == seen.environs[7]
    assert inside["ALPHA"] == "it's $HOME \\ `id` !"
    assert inside["PATH"] == f"{place.store}/opt/alpha-1.0/bin:{before['PATH']}"
    assert inside["ENVMGR_PROJECT_DIR"] == str(project)
    assert seen.environs[6] == inside
    # Asked once; then the shell knows by itself.
    assert seen.starts == [0, 1, 0, 0, 0, 0, 0, 0]
    assert seen.said[1] == "envmgr: a (alpha@1.0)\n"
    assert seen.said[5] == seen.said[7] == "envmgr: left a\n"
    assert "".join(seen.said[number] for number in (0, 2, 3, 4)) == ""


@every_shell
def test_another_shell_needs_no_python_at_all(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    place.project("b", BETA)
    steps = ["cd a", "cd ../b", "cd ../a", "cd .."]
    first, second = place.walk(shell, steps), place.walk(shell, steps)
    assert first.starts == [1, 1, 0, 0]
    assert second.starts == [0, 0, 0, 0]
    assert second.environs == first.environs
    inside = second.environs[1]
    assert (inside["MODE"], inside["BETA"]) == ("quick", "two\nlines")
    assert "ALPHA" not in inside
    assert second.environs[3]["MODE"] == "mine"
    assert second.said[1] == "envmgr: b (beta@2.0)\n"


@every_shell
def test_a_start_that_was_never_seen_is_asked_for_once(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    place.walk(shell, ["cd a"])
    steps = ["cd a", "cd ..", 'export PATH="/else:$PATH"', "cd a", "cd ..", "cd a"]
    seen = place.walk(shell, steps)
    assert seen.starts == [0, 0, 0, 1, 0, 0]
    assert seen.environs[3]["PATH"].split(":")[1] == "/else"
    assert seen.environs[4] == seen.environs[2]


@every_shell
def test_hurting_values_come_back(place: Place, shell: str) -> None:
    hurting = {
        "MODE": "two\nlines 'of' \"text\" $HOME `id` \\ !x %d \x7f "
        + os.fsdecode(b"\xff\xe9")
        + "\n",
        "BETA": "",
        "PATH": place.environ["PATH"] + "::/it's:",
    }
    place.project("b", BETA)
    for starts in ([0, 1, 0, 0, 0], [0, 0, 0, 0, 0]):
        seen = place.walk(shell, [":", "cd b", "cd ..", "cd b", "cd .."], hurting)
        assert seen.starts == starts
        assert seen.environs[2] == seen.environs[0] == seen.environs[4]
        assert seen.environs[1] == seen.environs[3]
        assert {name: seen.environs[0][name] for name in ("MODE", "BETA")} == {
            name: hurting[name] for name in ("MODE", "BETA")
        }  # fish writes an empty directory of PATH as a dot


@every_shell
@pytest.mark.parametrize(
    "name",
    [
        "it's",
        'a "b"',
        "$HOME `id` $(id)",
        "two\nlines",
        "ends\n",
        "naïve ☃",
        "%2F\\n",
        "-n",
        "*",
        "a:b",
    ],
)
def test_directories_with_any_name(place: Place, shell: str, name: str) -> None:
    project = place.project(f"in {name}/a", ALPHA)
    seen = place.walk(shell, [f"cd {place.quoted(shell, project)}", "cd /", "cd -", ":"])
    assert seen.starts == [1, 0, 0, 0]
    assert [seen.label(step) for step in range(4)] == ["a", None, "a", "a"]
    assert seen.environs[0]["ENVMGR_PROJECT_DIR"] == str(project)


@every_shell
def test_directories_whose_names_are_no_text(place: Place, shell: str) -> None:
    project = place.project(os.fsdecode(b"caf\xe9 \xff"), ALPHA)
    seen = place.walk(shell, [f"cd {place.quoted(shell, project)}", "cd /", "cd -", ":"])
    assert seen.starts == [1, 0, 0, 0]
    assert seen.label(3) == "a"


@every_shell
def test_nothing_is_used_before_it_was_allowed(place: Place, shell: str) -> None:
    project = place.project("b", BETA, allowed=False)
    allow = f"'{place.home}/python' -m envmgr allow 2> /dev/null"
    seen = place.walk(
        shell,
        ["cd b", ":", "cd ..", "cd b", allow, ":"],
        {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert [seen.environs[n]["MODE"] for n in range(6)] == ["mine"] * 4 + ["quick"] * 2
    assert seen.said[0].startswith(f"envmgr: {project}/envmgr.toml was not allowed yet\n")
    assert seen.said[3] == seen.said[0]
    assert seen.said[1] == seen.said[2] == ""
    assert seen.starts[:4] == [1, 0, 0, 0]
    assert seen.said[4] == "envmgr: b (beta@2.0)\n"


@every_shell
def test_a_changed_file_must_be_allowed_again(place: Place, shell: str) -> None:
    project = place.project("b", BETA)
    hostile = BETA + 'LD_PRELOAD = "/evil.so"\n'
    (place.home / "other").write_text(hostile)
    move = "command mv -f ../other envmgr.toml"
    os.utime(place.home / "other", (LONG_BEFORE, LONG_BEFORE))
    seen = place.walk(shell, ["cd b", ":", move, ":", "cd ..", "cd b"])
    assert [seen.label(n) for n in range(6)] == ["b", "b", None, None, None, None]
    assert all("LD_PRELOAD" not in environ for environ in seen.environs)
    assert seen.environs[2]["MODE"] == "mine"
    assert seen.said[2].startswith(f"envmgr: {project}/envmgr.toml is another one since it was")
    assert seen.said[3] == ""
    assert seen.starts == [1, 0, 1, 0, 0, 0]


@every_shell
def test_a_broken_project_is_said_once(place: Place, shell: str) -> None:
    place.project("a", 'needs = ["tool.alpha@>9"]\n')
    place.project("b", "needs = 3\n")
    seen = place.walk(shell, ["cd a", ":", ":", "cd ../b", ":", "cd ..", "cd a", ":"])
    assert "nothing fits tool.alpha,>9" in seen.said[0]
    assert "envmgr.toml" in seen.said[3]
    assert [n for n in range(8) if seen.said[n]] == [0, 3, 6]
    assert seen.starts == [1, 0, 0, 1, 0, 0, 1, 0]  # what was missing may be there now
    assert [seen.label(n) for n in range(8)] == [None] * 8


@every_shell
def test_what_was_opened_by_hand_is_left_alone(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    place.project("b", BETA)
    by_hand = f"'{place.home}/python' -m envmgr env tool.beta --shell={shell}"
    leave = f"'{place.home}/python' -m envmgr env --leave --shell={shell}"
    steps = ["cd a", f"{by_hand} > x; source ./x", "cd ../b", f"{leave} > x; source ./x", "cd .."]
    seen = place.walk(shell, steps, {"PYTHONPATH": str(Path(__file__).parents[2])})
    labels = [seen.label(n) for n in range(5)]
    assert labels == ["a", "tool.beta@2.0", "tool.beta@2.0", "b", None]
    assert "ENVMGR_PROJECT_DIR" not in seen.environs[2]
    assert "ENVMGR_RESTORE" not in seen.environs[4]


@every_shell
def test_a_child_shell_does_not_enter_twice_and_leaves(place: Place, shell: str) -> None:
    project = place.project("a", ALPHA)
    inside = place.walk(shell, ["cd a"]).environs[0]
    seen = place.walk(shell, [f"cd '{project}'", ":", "cd .."], inside)
    assert seen.environs[0] == seen.environs[1] == inside
    assert seen.starts == [0, 0, 0]
    assert seen.said[0] == ""
    assert "ENVMGR_RESTORE" not in seen.environs[2]
    elsewhere = place.walk(shell, [":"], inside)
    assert elsewhere.label(0) is None
    assert elsewhere.starts == [0]


@every_shell
def test_a_program_that_was_replaced_is_noticed(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    program = place.store / "opt/alpha-1.0/bin/alpha"
    (program.parent / "new").write_text("#!/bin/sh\n")
    os.utime(program.parent / "new", (LONG_BEFORE, LONG_BEFORE))
    place.age()
    move = f"command mv -f '{program.parent}/new' '{program}'"
    seen = place.walk(shell, ["cd a", ":", move])
    assert seen.starts == [1, 0, 1]
    assert seen.label(2) is None  # no detector is left that knows it
    assert "tool.alpha" in seen.said[2]


@every_shell
def test_what_was_changed_by_hand_outlives_a_false_alarm(place: Place, shell: str) -> None:
    project = place.project("a", ALPHA)
    touch = f"command touch '{place.store}/entries'"
    seen = place.walk(shell, ["cd a", 'export PATH="/venv/bin:$PATH"', touch, ":", "cd .."])
    assert seen.environs[3]["PATH"].startswith("/venv/bin:")
    assert seen.starts[2] == 1
    assert seen.said[2] == ""
    assert "/venv/bin" not in seen.environs[4]["PATH"]
    assert project.name == seen.label(3)


@every_shell
def test_quiet_is_quiet(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    seen = place.walk(shell, ["cd a", "cd ..", "cd a"], {"ENVMGR_QUIET": "1"})
    assert seen.said == ["", "", ""]


@every_shell
def test_a_cache_that_cannot_be_written_only_costs_time(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    (place.store / "cache").mkdir(exist_ok=True)
    (place.store / "cache/hooks").write_text("not a directory")
    seen = place.walk(shell, ["cd a", ":", "cd ..", "cd a"])
    assert [seen.label(n) for n in range(4)] == ["a", "a", None, "a"]
    assert seen.starts == [1, 0, 1, 1]


@every_shell
def test_the_hook_can_be_read_twice(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    seen = place.walk(shell, [f"source '{place.home}/hook.{shell}'", "cd a", "cd .."])
    assert seen.said == ["", "envmgr: a (alpha@1.0)\n", "envmgr: left a\n"]


# -- at a real prompt ------------------------------------------------------------------------

TYPED = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
ASKED = {"bash": "$?", "zsh": "$?", "fish": "$status"}


@contextmanager
def typing(place: Place, shell: str, before: str = "") -> Iterator[pexpect.spawn[str]]:
    """A shell on a terminal, its hook read; *before* is what envmgr does first when asked."""
    program, *arguments = TYPED[shell]
    child = pexpect.spawn(
        program,
        arguments,
        env={**place.environ, "LANG": "C.UTF-8"},
        cwd=str(place.home),
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 250),
    )
    try:
        answer(child, f"source '{place.hook(shell, before)}'")
        yield child
    finally:
        child.close(force=True)


def answer(child: pexpect.spawn[str], command: str) -> str:
    """What *command* prints; the echo of the line is told apart by its quotes."""
    child.sendline(f"echo be''gin; {command}; echo en''d")
    child.expect(r"begin\r\n(.*?)\r?\n?end\r\n")
    assert isinstance(child.match, re.Match)
    return str(child.match[1])


@every_shell
def test_the_status_of_the_last_command_is_kept(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    with typing(place, shell) as child:
        for command in ("cd a", ":", "cd ..", "cd a"):
            child.sendline(f"{command}; sh -c 'exit 7'")
            child.sendline(f"echo status''-{ASKED[shell]}-")
            child.expect(r"status-(\d+)-\r\n")
            assert isinstance(child.match, re.Match)
            assert child.match[1] == "7"
        assert answer(child, 'echo "$ENVMGR_ENVIRONMENT"') == "a"


@every_shell
def test_an_interrupt_leaves_a_sane_shell(place: Place, shell: str) -> None:
    place.project("a", ALPHA)
    with typing(place, shell, before="echo wai''ting >&2; sleep 60") as child:
        child.sendline("cd a")
        child.expect("waiting")
        child.sendintr()
        assert answer(child, 'echo "[$ENVMGR_ENVIRONMENT]"') == "[]"
        assert (
            answer(child, "cat ../starts | wc -l").strip() == "1"
        )  # it is not tried at each prompt
        place.hook(shell)
        answer(child, "cd ..")
        answer(child, "cd a")
        assert answer(child, 'echo "[$ENVMGR_ENVIRONMENT]"') == "[a]"


@pytest.mark.needs("bash")
@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("unset PROMPT_COMMAND", ("", "")),
        ("PROMPT_COMMAND='one'", ("5", "")),
        ("PROMPT_COMMAND=(one two)", ("5", "5")),
    ],
)
def test_other_prompt_commands_are_kept(place: Place, before: str, said: tuple[str, str]) -> None:
    place.project("a", ALPHA)
    source = f"source '{place.hook('bash')}'"
    with typing(place, "bash") as child:
        answer(child, "one() { ONE=$?; }; two() { TWO=$?; }")
        answer(child, before)
        answer(child, f"{source}; {source}")
        answer(child, "cd a")
        child.sendline("(exit 5)")
        child.sendline("echo said''-$ONE-$TWO-$ENVMGR_ENVIRONMENT-")
        child.expect(r"said-(\d*)-(\d*)-a-\r\n")
        assert isinstance(child.match, re.Match)
        assert child.match.groups() == said


@pytest.mark.parametrize(
    ("shell", "options"),
    [
        pytest.param("bash", "set -euf; shopt -s nocasematch nullglob; IFS=/", marks=bash),
        pytest.param("bash", "set -o posix -o noclobber", marks=bash),
        pytest.param("zsh", "set -eu; setopt ksharrays shwordsplit noclobber; IFS=/", marks=zsh),
        pytest.param("zsh", "emulate sh", marks=zsh),
    ],
)
def test_options_of_the_person_change_nothing(place: Place, shell: str, options: str) -> None:
    place.project("a", ALPHA)
    place.project("b", BETA)
    seen = place.walk(shell, [options, "cd a", "cd ../b", "cd ..", "cd b"])
    assert [seen.label(n) for n in range(5)] == [None, "a", "b", None, "b"]
    assert seen.starts == [0, 1, 1, 0, 0]


@every_shell
def test_a_path_may_begin_with_two_slashes(place: Place, shell: str) -> None:
    project = place.project("a", ALPHA)
    seen = place.walk(shell, [f"cd '/{project}'", ":", "cd /", "cd -"])
    assert [seen.label(n) for n in range(4)] == ["a", "a", None, "a"]
    assert seen.starts == [1, 0, 0, 0]


@every_shell
def test_nothing_is_imported_from_a_directory(place: Place, shell: str) -> None:
    project = place.project("a", ALPHA)
    for name in ("envmgr", "json", "sys", "os"):
        (project / f"{name}.py").write_text(f"open('{place.home}/stolen', 'w')\n")
    seen = place.walk(shell, ["cd a"])
    assert seen.label(0) == "a"
    assert not (place.home / "stolen").exists()


# -- direnv ----------------------------------------------------------------------------------


def by_direnv(place: Place, directory: Path) -> dict[str, str | None]:
    """What direnv changes for a shell in *directory*."""
    done = subprocess.run(
        ["direnv", "export", "json"],
        env=dict(place.environ),
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    changed: dict[str, str | None] = json.loads(done.stdout)
    return changed


@pytest.mark.needs("direnv", "bash")
@pytest.mark.parametrize("how", ["lines", "library"])
def test_direnv_reads_the_snippet(place: Place, how: str) -> None:
    project = place.project("b", BETA)
    hook = place.hook("direnv")
    if how == "library":
        library = place.home / ".config/direnv/lib"
        library.mkdir(parents=True)
        (library / "envmgr.sh").write_text(hook.read_text())
    (project / ".envrc").write_text("use envmgr\n" if how == "library" else hook.read_text())
    subprocess.run(["direnv", "allow", str(project)], env=dict(place.environ), check=True)
    starts = []
    for _ in range(2):
        changed = by_direnv(place, project)
        assert (changed["MODE"], changed["BETA"]) == ("quick", "two\nlines")
        starts.append((place.home / "starts").stat().st_size)
    assert starts == [1, 1]
    place.project("b", BETA.replace("quick", "slow"))
    os.utime(project / "envmgr.toml", (LONG_BEFORE, LONG_BEFORE))
    assert by_direnv(place, project)["MODE"] == "slow"
