"""Verbs with actions."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from envmgr.cli.group import Group
from envmgr.errors import UsageError

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]
GROUP = Group("program", "Programs.", {"list": "list them", "run": "run one"}, ("envmgr x",))


def test_an_action_has_its_own_arguments() -> None:
    parsed = GROUP.parse(["list", "--json"])
    assert parsed.action == "list"
    assert parsed.json is True


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ([], "say what to do: list, run"),
        (["--json"], "--json stands before an action: list, run"),
        (["-x", "run"], "-x stands before an action: list, run"),
        (["lits"], "has no action 'lits'; did you mean list?"),
        (["zzz"], "has no action 'zzz'"),
    ],
)
def test_what_is_no_action_is_named(said: list[str], answer: str) -> None:
    with pytest.raises(UsageError) as error:
        GROUP.parse(said)
    assert error.value.message.endswith(answer)
    assert error.value.hint is not None and error.value.hint.startswith("envmgr program --help")


def test_help_lists_the_actions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        GROUP.parse(["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert "list  list them" in said and "envmgr x" in said
