from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from envmgr.activate.render import filled, quoted, render
from envmgr.activate.state import enter, leave
from envmgr.errors import DefinitionError, EnvmgrError
from envmgr.model.delta import Change, Delta
from envmgr.model.shell import Shell

from .conftest import COMMANDS, READ, Speak

Shells = dict[str, Shell]

REAL = [
    pytest.param(name, how, marks=pytest.mark.needs(program), id=f"{name}-{how}")
    for name, how in READ
    for program in COMMANDS[name][:1]
]

AWKWARD = [
    "",
    " ",
    " two  spaces ",
    "it's",
    "''",
    "'",
    '"',
    "$HOME ${HOME} $(id) `id`",
    "!",
    "\\!",
    "wow!! !$",
    "\\",
    "\\\\",
    "ends in \\",
    "\\'",
    "'\\''",
    "\n",
    "two\nlines",
    "\\\n",
    "ends in a newline\n",
    "\r\n",
    "\ttab\x01\x7f\x1b[0m",
    "*?[a-z]{a,b}~",
    "; id & id | id > /dev/null # no comment",
    "%PATH% %%",
    "-n",
    "=",
    "naïve ☃ 𝄞",
    "‘’‚‛",
    os.fsdecode(b"\xff\xfe caf\xe9 \x80\x88"),
    "long " * 4000,
]

text = st.text(st.sampled_from("ab '\"\\$`!\n\t\r;&|<>*?~#%^(){}[]=,é☃"), max_size=12)
raw = st.binary(max_size=12).map(lambda data: os.fsdecode(data.replace(b"\0", b"")))


def holdable(shell: Shell, values: list[str]) -> list[str]:
    """Those of *values* that *shell* can hold; that it says so of the others is tested below."""
    return [value for value in values if not (shell.text_only and is_broken(value))]


def is_broken(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def base() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "EMPTY": "", "CC": "old cc"}


@pytest.mark.parametrize(("name", "how"), REAL)
def test_a_real_shell_reads_awkward_values(
    name: str, how: str, shells: Shells, speak: Speak
) -> None:
    values = {
        f"AWKWARD_{number}": value for number, value in enumerate(holdable(shells[name], AWKWARD))
    }
    _, after = speak(name, how, base(), [render(shells[name], Change(values))])
    assert {key: after.get(key) for key in values} == values


@pytest.mark.parametrize(("name", "how"), REAL)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(several=st.lists(text | raw, min_size=1, max_size=30))
def test_a_real_shell_reads_any_value(
    name: str, how: str, shells: Shells, speak: Speak, several: list[str]
) -> None:
    # Shells treat names that end in PATH in their own way, so that every other name does.
    values = {
        f"V{number}" + "_PATH" * (number % 2): v
        for number, v in enumerate(holdable(shells[name], several))
    }
    _, after = speak(name, how, base(), [render(shells[name], Change(values))])
    assert {key: after.get(key) for key in values} == values


@pytest.mark.parametrize(("name", "how"), REAL)
def test_leaving_restores_empty_elements_that_were_there(
    name: str, how: str, shells: Shells, speak: Speak
) -> None:
    environ = {**base(), "LIB_PATH": ":/a::/b:"}
    within = enter(environ, Delta({}, {"LIB_PATH": ("/new",)}), "", ["1"])
    back = leave(within.applied_to(environ))
    steps = [render(shells[name], change) for change in (within, back)]
    before, inside, after = speak(name, how, environ, steps)
    assert inside["LIB_PATH"] == "/new:/a:/b"
    assert after == before


@pytest.mark.parametrize(("name", "how"), REAL)
def test_a_real_shell_finds_a_command_that_has_become_another(
    name: str, how: str, shells: Shells, speak: Speak, tmp_path: Path
) -> None:
    for directory in ("one", "two"):
        tool = tmp_path / directory / "tool"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\necho {directory} >> {tmp_path}/said\n")
        tool.chmod(0o755)
    paths = [f"{tmp_path}/{directory}:{base()['PATH']}" for directory in ("one", "two")]
    steps = [render(shells[name], Change({"PATH": path})) + "tool\n" for path in paths]
    speak(name, how, base(), steps)
    assert (tmp_path / "said").read_text() == "one\ntwo\n"


def test_a_value_is_escaped_in_one_pass(shells: Shells) -> None:
    assert quoted(shells["bash"], "it's") == "'it'\\''s'"
    assert quoted(shells["fish"], "\\'") == "'\\\\\\''"
    assert quoted(replace(shells["sh"], escapes=(("a", "b"), ("b", "a"), ("ab", "x"))), "abba") == (
        "'xab'"
    )


def test_lines_of_the_shells_that_cannot_be_asked_here(shells: Shells) -> None:
    change = Change({"CC": 'it\'s "100%" of \\'}, ("OLD",))
    assert render(shells["pwsh"], change) == (
        "Remove-Item -ErrorAction Ignore -LiteralPath 'Env:OLD'\n$Env:CC = 'it''s \"100%\" of \\'\n"
    )
    assert render(shells["nu"], change) == (
        'hide-env --ignore-errors OLD\n$env.CC = "it\'s \\"100%\\" of \\\\"\n'
    )
    assert render(shells["cmd"], Change({"CC": "100% & it's"}, ("OLD",))) == (
        '@set "OLD="\n@set "CC=100%% & it\'s"\n'
    )


def test_typographic_quotes_do_not_end_a_text_of_powershell(shells: Shells) -> None:
    assert quoted(shells["pwsh"], "a’; rm") == "'a’’; rm'"


@pytest.mark.parametrize("name", ["bash", "cmd", "csh", "fish", "nu", "pwsh", "sh", "zsh"])
def test_a_change_that_changes_nothing_is_no_text(name: str, shells: Shells) -> None:
    assert render(shells[name], Change()) == ""


@given(
    change=st.builds(
        Change, st.dictionaries(st.from_regex("[a-z_]{1,5}", fullmatch=True), text | raw)
    )
)
@example(Change({}, ("A", "B")))
def test_json_says_the_change(shells: Shells, change: Change) -> None:
    form = json.loads(render(shells["json"], change))
    assert form == {"set": dict(change.values), "unset": list(change.unset)}


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a\rb", "a\0b"])
def test_what_a_shell_cannot_hold_is_refused(value: str, shells: Shells) -> None:
    with pytest.raises(EnvmgrError, match=r"cmd cannot hold .* CC"):
        render(shells["cmd"], Change({"CC": value}))


@pytest.mark.parametrize("value", AWKWARD)
def test_nu_says_that_it_holds_no_bytes_but_text(value: str, shells: Shells) -> None:
    if is_broken(value):
        with pytest.raises(EnvmgrError, match=r"nu cannot hold the byte 0xff in a value, and CC"):
            render(shells["nu"], Change({"CC": value}))
    else:
        render(shells["nu"], Change({"CC": value}))


def test_no_shell_holds_a_null_character(shells: Shells) -> None:
    for shell in shells.values():
        with pytest.raises(EnvmgrError, match=f"{shell.name} cannot hold"):
            render(shell, Change({"CC": "a\0b"}))


@pytest.mark.parametrize("name", ["", "a b", "a;id", "$(id)", "1a", "é", "a\n", "A=1"])
def test_a_name_that_is_none_is_refused(name: str, shells: Shells) -> None:
    for shell in shells.values():
        for change in (Change({name: "x"}), Change({}, (name,))):
            with pytest.raises(EnvmgrError, match="not a name of a variable"):
                render(shell, change)


def test_a_wrong_definition_is_named(shells: Shells) -> None:
    with pytest.raises(DefinitionError, match=r"bash\.toml: nothing fills {nam}"):
        filled(shells["bash"], "export {nam}", {"name": "x"})
    with pytest.raises(DefinitionError, match=r"bash\.toml: unknown format 'yaml'"):
        render(replace(shells["bash"], format="yaml"), Change({"A": "b"}))


def test_every_shell_is_named_like_its_file(shells: Shells) -> None:
    assert set(shells) == {"bash", "cmd", "csh", "fish", "json", "nu", "pwsh", "sh", "zsh"}
    for name, shell in shells.items():
        assert (shell.name, bool(shell.description)) == (name, True)
