"""Acceptance: real shells enter, nest and leave, compared variable by variable."""

from __future__ import annotations

import os

import pytest

from envmgr.activate.render import render
from envmgr.activate.state import IDS, LABEL, PROJECT, RESTORE, enter, leave
from envmgr.model.delta import Delta
from envmgr.model.shell import Shell

from .conftest import COMMANDS, READ, Speak
from .test_render import AWKWARD, base, holdable

HURTING = [
    *AWKWARD,
    "a=b=c",
    "${",
    "`",
    '"\'"',
    "\x7f",
    "%d %s %",
    "{a}",
    "#!",
    "~",
    ":",
    "é" * 4096,
]

REAL = [
    pytest.param(name, how, marks=pytest.mark.needs(COMMANDS[name][0]), id=f"{name}-{how}")
    for name, how in READ
]


def names(kind: str, shell: Shell) -> list[tuple[str, str]]:
    """A variable for each value that hurts; every second is a path list to the shells."""
    values = holdable(shell, HURTING)
    return [(f"{kind}_{n}" + "_PATH" * (n % 2), value) for n, value in enumerate(values)]


@pytest.mark.parametrize(("name", "how"), REAL)
def test_enter_nest_and_leave(name: str, how: str, shells: dict[str, Shell], speak: Speak) -> None:
    shell = shells[name]
    hurting = names("V", shell)
    turned = dict(zip([key for key, _ in hurting], [v for _, v in reversed(hurting)], strict=True))
    start = {**base(), **dict(hurting)}
    outer = Delta({**turned, **dict(names("NEW", shell))}, {"PATH": ("/opt/a b/bin", "/it's")})
    inner = Delta({**dict(hurting[::-2]), "EMPTY": "full"}, {"PATH": ("/x",), "LIB_PATH": ("/l",)})
    environ = [start]
    changes = []
    for step in (
        lambda now: enter(now, outer, "outer $(id)", ["1"]),
        lambda now: enter(now, outer, "outer $(id)", ["1"]),
        lambda now: enter(now, inner, "inner", ["1", "2"], project="/a dir/with 'quotes'\n"),
        lambda now: enter(now, outer, "by hand", ["1"]),
        leave,
        leave,
        leave,
    ):
        changes.append(step(environ[-1]))
        environ.append(changes[-1].applied_to(environ[-1]))
    said = speak(name, how, start, [render(shell, change) for change in changes])
    for after, expected in zip(said, environ, strict=True):
        assert {key: after.get(key) for key in expected} == expected
    before, entered, twice, nested, by_hand, back, outside, after = said
    assert after == before
    assert twice == entered == outside
    assert back == nested
    assert PROJECT in nested
    assert PROJECT not in by_hand
    own = {key for key, _ in names("NEW", shell)} | {LABEL, IDS, RESTORE}
    assert set(entered) - set(before) == own


@pytest.mark.needs("nu")
def test_nu_holds_its_path_as_a_list(shells: dict[str, Shell], speak: Speak) -> None:
    start = {**base(), "PATH": os.environ["PATH"] + "::/last"}
    into = enter(start, Delta({}, {"PATH": ("/first",)}), "", ["1"])
    show = "$env.SAID = ($env.PATH | to json --raw)\n"
    _, inside = speak("nu", "source", start, [render(shells["nu"], into) + show])
    assert inside["SAID"].startswith('["/first","')
    assert inside["SAID"].endswith('","/last"]')
