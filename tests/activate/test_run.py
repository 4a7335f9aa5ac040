from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest

from envmgr.activate.become import CommandNotFoundError
from envmgr.activate.run import (
    SHELLS,
    current_shell,
    interactive,
    shell_meant,
    starting,
)
from envmgr.activate.state import IDS, LABEL, RESTORE, enter
from envmgr.errors import DefinitionError, UsageError
from envmgr.model.delta import Change, Delta
from envmgr.model.shell import Shell

from .conftest import environ_in

ROOT = Path(__file__).parents[2]

# A process of its own, since `interactive` never returns.
INTERACTIVE = """
from tests.activate.conftest import SHELLS, parsed
from envmgr.activate.run import interactive
from envmgr.model.delta import Change
interactive(parsed(SHELLS / {name!r}), {environ!r}, Change({values!r}), {label!r})
"""


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("/bin/bash", "bash"),
        ("/usr/bin/zsh", "zsh"),
        ("/opt/fish/bin/fish", "fish"),
        ("/bin/tcsh", "csh"),
        ("/bin/csh", "csh"),
        ("/usr/bin/pwsh", "pwsh"),
        ("/bin/dash", "sh"),
        ("/usr/sbin/nologin", "sh"),
        ("json", "sh"),
        ("", "sh"),
    ],
)
def test_the_users_shell_is_recognised(value: str, name: str) -> None:
    assert current_shell({"SHELL": value}) == name


def test_without_any_word_the_shell_is_sh() -> None:
    assert current_shell({}) == "sh"
    assert [shell_meant({"SHELL": "/bin/zsh"}, said) for said in (None, "tcsh", "x")] == [
        *("zsh", "csh", "x")
    ]
    assert current_shell({"SHELL": "/bin/xonsh"}, known=("sh", "xonsh")) == "xonsh"


def test_every_shell_a_person_can_run_is_known(shells: dict[str, Shell]) -> None:
    assert set(SHELLS) == set(shells) - {"cmd", "json"}


def test_a_shell_that_is_only_printed_for_cannot_be_started(shells: dict[str, Shell]) -> None:
    with pytest.raises(UsageError, match="cannot start json") as caught:
        interactive(shells["json"], {}, Change(), "x")
    assert "envmgr env --shell json" in (caught.value.hint or "")


def test_no_start_up_file_leaves_its_directory(
    shells: dict[str, Shell], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shell = replace(shells["bash"], files={"../evil": ""})
    with pytest.raises(DefinitionError, match="plain name"):
        interactive(shell, {}, Change(), "x")
    assert list(tmp_path.iterdir()) == []


def test_a_label_cannot_say_anything_to_a_prompt(shells: dict[str, Shell]) -> None:
    start = starting(shells["bash"], {}, Change(), "a'$(id)`id`\\w%n!\n@1.2", "/rc")
    assert "PS1='(a___id__id__w_n__@1.2) '" in start.files["bashrc"]


@pytest.mark.parametrize("name", ["bash", "csh", "fish", "sh", "zsh"])
def test_a_failed_start_leaves_no_file(
    name: str, shells: dict[str, Shell], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(CommandNotFoundError):
        interactive(shells[name], {"PATH": "/nowhere"}, Change({"SECRET": "x"}), "x")
    assert list(tmp_path.iterdir()) == []


def test_start_up_files_are_private(
    shells: dict[str, Shell], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: dict[str, int] = {}

    def look(argv: object, environ: object) -> None:
        (directory,) = tmp_path.iterdir()
        for path in (directory, *directory.iterdir()):
            modes[path.name.rpartition("-")[0] or path.name] = path.stat().st_mode & 0o777

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("envmgr.activate.run.execute", look)
    interactive(shells["bash"], {}, Change(), "x")
    assert modes == {"envmgr": 0o700, "bashrc": 0o600}


# What each shell's user has written: a path and a compiler of their own, and a prompt.
USER_FILES = {
    "bash": {".bashrc": "export PATH=/usr/bin:/bin CC=mine RC=read\nPS1='user> '\nreturn 3\n"},
    "csh": {
        ".tcshrc": "setenv PATH /usr/bin:/bin\nsetenv CC mine\nsetenv RC read\n"
        "set prompt = 'user> '\n"
    },
    "fish": {
        ".config/fish/config.fish": "set -gx PATH /usr/bin /bin\nset -gx CC mine\n"
        "set -gx RC read\nfunction fish_prompt; echo -n 'user> '; end\n"
    },
    "sh": {".shrc": "export PATH=/usr/bin:/bin CC=mine RC=read\nPS1='user> '\n"},
    "zsh": {
        ".zshenv": "export CC=mine\n",
        ".zshrc": "precmd_functions=()\nexport PATH=/usr/bin:/bin CC=mine RC=read\n"
        "PROMPT='user> '\n",
    },
}
NEEDS = {"bash": "bash", "csh": "tcsh", "fish": "fish", "sh": "dash", "zsh": "zsh"}
STARTED = [
    pytest.param(name, marks=pytest.mark.needs(program), id=name) for name, program in NEEDS.items()
]

Open = Callable[..., "pexpect.spawn[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    for files in USER_FILES.values():
        for name, text in files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return path


def environ_of(home: Path, **more: str) -> dict[str, str]:
    common = {"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8"}
    return {**common, "ENV": "$HOME/.shrc", "CC": "parent's", **more}


@contextmanager
def opened(
    shell: str, environ: Mapping[str, str], change: Change, place: Path
) -> Iterator[pexpect.spawn[str]]:
    """The interactive *shell* on a pseudo-terminal, at its first prompt, with *place* for files."""
    (place / "tmp it's").mkdir(exist_ok=True)
    code = INTERACTIVE.format(
        name=f"{shell}.toml", environ=dict(environ), values=dict(change.values), label="gcc@12"
    )
    child = pexpect.spawn(
        sys.executable,
        ["-c", code],
        cwd=str(ROOT),
        env={**os.environ, "TMPDIR": str(place / "tmp it's"), "TERM": "dumb"},
        encoding="utf-8",
        timeout=30,
        dimensions=(24, 200),
    )
    try:
        child.expect(re.escape("(gcc@12) user> "))
        yield child
    finally:
        child.close(force=True)


def asked(child: pexpect.spawn[str], place: Path) -> dict[str, str]:
    """The environment of the running shell."""
    child.sendline(f"/usr/bin/env -0 > {place}/seen; echo wri''tten")
    child.expect("written")
    return environ_in(place / "seen")


def left_with(child: pexpect.spawn[str], status: int) -> int | None:
    child.sendline(f"exit {status}")
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


DELTA = Delta({"CC": "/opt/gcc 12/bin/gcc", "AWKWARD": "it's !$HOME\\"}, {"PATH": ("/opt/a b",)})


@pytest.mark.parametrize("shell", STARTED)
def test_an_interactive_shell_is_in_the_environment(shell: str, home: Path, tmp_path: Path) -> None:
    environ = environ_of(home)
    change = enter(environ, DELTA, "gcc@12", ["12ab"])
    with opened(shell, environ, change, tmp_path) as child:
        seen = asked(child, tmp_path)
        assert list((tmp_path / "tmp it's").iterdir()) == []
        assert left_with(child, 7) == 7
    expected = {**change.applied_to(environ), "RC": "read"}
    assert {name: seen.get(name) for name in expected} == expected
    assert not {"ENVMGR_START", "ZDOTDIR"} & set(seen)


@pytest.mark.parametrize("shell", STARTED)
def test_the_outer_environment_holds_in_an_inner_shell_too(
    shell: str, home: Path, tmp_path: Path
) -> None:
    environ = environ_of(home)
    outer = enter(environ, DELTA, "outer", ["1"]).applied_to(environ)
    change = enter(outer, Delta({"CXX": "g++"}), "gcc@12", ["2"])
    with opened(shell, outer, change, tmp_path) as child:
        seen = asked(child, tmp_path)
    expected = change.applied_to(outer)
    names = ("CC", "CXX", "AWKWARD", "PATH", LABEL, IDS, RESTORE)
    assert {name: seen[name] for name in names} == {name: expected[name] for name in names}


@pytest.mark.parametrize("shell", STARTED)
def test_an_environment_that_is_active_already_holds_in_a_new_shell(
    shell: str, home: Path, tmp_path: Path
) -> None:
    environ = environ_of(home)
    within = enter(environ, DELTA, "gcc@12", ["1"]).applied_to(environ)
    change = enter(within, DELTA, "gcc@12", ["1"])
    with opened(shell, within, change, tmp_path) as child:
        seen = asked(child, tmp_path)
    assert (seen["CC"], seen["PATH"]) == (within["CC"], within["PATH"])


@pytest.mark.needs("zsh")
@pytest.mark.parametrize("where", ["parent", ".zshenv"])
def test_zsh_finds_its_files_where_the_user_has_them(
    where: str, home: Path, tmp_path: Path
) -> None:
    dots = home / "dots"
    dots.mkdir()
    (home / ".zshrc").rename(dots / ".zshrc")
    environ = environ_of(home)
    if where == "parent":
        (home / ".zshenv").rename(dots / ".zshenv")
        environ["ZDOTDIR"] = str(dots)
    else:
        (home / ".zshenv").write_text(f"export ZDOTDIR={dots}\n")
    change = enter(environ, DELTA, "gcc@12", ["1"])
    with opened("zsh", environ, change, tmp_path) as child:
        seen = asked(child, tmp_path)
    assert (seen["ZDOTDIR"], seen["CC"]) == (str(dots), DELTA.put["CC"])


@pytest.mark.parametrize("shell", STARTED)
def test_a_shell_without_files_of_its_user_starts(
    shell: str, tmp_path: Path, shells: dict[str, Shell]
) -> None:
    environ = {name: value for name, value in environ_of(tmp_path).items() if name != "ENV"}
    start = starting(shells[shell], environ, Change({"CC": "gcc"}), "x", str(tmp_path / "rc"))
    (tmp_path / "rc").mkdir()
    for name, text in start.files.items():
        (tmp_path / "rc" / name).write_text(text)
    child = pexpect.spawn(
        start.argv[0], list(start.argv[1:]), env=dict(start.environ), encoding="utf-8", timeout=30
    )
    child.expect(re.escape("(x) "))
    seen = asked(child, tmp_path)
    assert (seen["CC"], "ENV" in seen, seen["HOME"]) == ("gcc", False, str(tmp_path))
    assert left_with(child, 0) == 0
