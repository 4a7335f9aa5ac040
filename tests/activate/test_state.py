from __future__ import annotations

import base64
import json
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.activate.state import (
    IDS,
    LABEL,
    RESTORE,
    StateError,
    enter,
    is_name,
    leave,
    touched,
)
from envmgr.errors import EnvmgrError
from envmgr.model.delta import Change, Delta

OWN = (LABEL, IDS, RESTORE)

names = st.sampled_from(["PATH", "CC", "LD_LIBRARY_PATH", "A", "_b", "X9"])
values = st.binary(max_size=20).map(lambda raw: os.fsdecode(raw.replace(b"\0", b"")))
environs = st.dictionaries(names, values, max_size=6)
directories = st.text(st.characters(exclude_characters="\0:"), min_size=1, max_size=8)
deltas = st.builds(
    Delta,
    st.dictionaries(names, values, max_size=3),
    st.dictionaries(names, st.lists(directories, max_size=3, unique=True).map(tuple), max_size=3),
)


def inside(environ: dict[str, str], delta: Delta, ids: tuple[str, ...] = ("1",)) -> dict[str, str]:
    return enter(environ, delta, "label", ids).applied_to(environ)


@given(environs, deltas)
def test_leaving_brings_back_every_variable(environ: dict[str, str], delta: Delta) -> None:
    within = inside(environ, delta)
    assert leave(within).applied_to(within) == environ


@given(environs, st.lists(deltas, min_size=1, max_size=6))
def test_environments_nest(environ: dict[str, str], several: list[Delta]) -> None:
    stack = [environ]
    for number, delta in enumerate(several):
        stack.append(inside(stack[-1], delta, (str(number),)))
    current = stack.pop()
    while stack:
        current = leave(current).applied_to(current)
        assert current == stack.pop()


@given(environs, deltas)
def test_what_was_changed_inside_is_brought_back_too(environ: dict[str, str], delta: Delta) -> None:
    within = inside(environ, delta)
    meddled = {name: within[name] if name in OWN else "meddled" for name in within}
    after = leave(meddled).applied_to(meddled)
    for name in touched(within):
        assert after.get(name) == environ.get(name)


@given(environs, deltas)
def test_entering_the_innermost_again_changes_nothing(
    environ: dict[str, str], delta: Delta
) -> None:
    within = inside(environ, delta, ("1", "2"))
    assert enter(within, delta, "label", ["1", "2"]) == Change()


def test_an_outer_environment_can_be_entered_again() -> None:
    outer = inside({}, Delta({"CC": "a"}), ("a",))
    inner = inside(outer, Delta({"CC": "b"}), ("b",))
    again = inside(inner, Delta({"CC": "a"}), ("a",))
    assert (again["CC"], again[IDS]) == ("a", "a")
    assert leave(again).applied_to(again) == inner


@given(environs, deltas)
def test_no_list_gets_an_empty_element(environ: dict[str, str], delta: Delta) -> None:
    within = inside(environ, delta)
    for name, paths in delta.prepend.items():
        if paths:
            elements = within[name].split(":")
            assert all(elements)
            assert elements[: len(paths)] == list(paths)


def test_a_list_with_nothing_to_prepend_stays_unset() -> None:
    assert "LD_LIBRARY_PATH" not in inside({}, Delta({}, {"LD_LIBRARY_PATH": ()}))


def test_the_state_says_what_is_active() -> None:
    within = enter({}, Delta({"CC": "gcc"}), "my label", ["12ab", "34cd"]).values
    assert within["CC"] == "gcc"
    assert within[LABEL] == "my label"
    assert within[IDS] == "12ab,34cd"


def test_empty_and_unset_are_told_apart() -> None:
    change = leave(inside({"EMPTY": ""}, Delta({"EMPTY": "x", "UNSET": "y"})))
    assert change.values["EMPTY"] == ""
    assert "UNSET" in change.unset


def test_the_platform_says_what_separates_paths() -> None:
    change = enter({"PATH": r"C:\a;C:\b"}, Delta({}, {"PATH": (r"C:\c",)}), "", [], ";")
    assert change.values["PATH"] == r"C:\c;C:\a;C:\b"


@pytest.mark.parametrize("path", ["", ":", "/a:/b", "/a:"])
def test_a_directory_that_cannot_stand_in_a_list_is_refused(path: str) -> None:
    with pytest.raises(EnvmgrError, match=r"cannot prepend .* to PATH"):
        enter({}, Delta({}, {"PATH": (path,)}), "", [])


@pytest.mark.parametrize("name", ["", "a b", "a=b", "1a", "é", "a\n", *OWN])
def test_a_variable_that_no_entry_may_set_is_refused(name: str) -> None:
    with pytest.raises(EnvmgrError, match="an entry cannot set the variable"):
        enter({}, Delta({name: "x"}), "", [])


def test_leaving_nothing_is_an_error() -> None:
    with pytest.raises(StateError, match="no environment is active"):
        leave({"PATH": "/bin"})


def packed(form: object) -> str:
    return base64.b64encode(zlib.compress(json.dumps(form).encode())).decode()


WHOLE = dict.fromkeys(OWN)
DAMAGED = {
    "empty": "",
    "not base64": "%%%",
    "not ascii": "é",
    "not zlib": base64.b64encode(b"plain").decode(),
    "cut off": packed(WHOLE)[:-8],
    "not json": base64.b64encode(zlib.compress(b"{")).decode(),
    "not utf-8": base64.b64encode(zlib.compress(b'"\xff"')).decode(),
    "deep": base64.b64encode(zlib.compress(b"[" * 1_000_000)).decode(),
    "a bomb": base64.b64encode(zlib.compress(b" " * 100_000_000)).decode(),
    "a list": packed(["PATH"]),
    "without its own variables": packed({"PATH": "/bin"}),
    "a number": packed({**WHOLE, "PATH": 1}),
    "a bad name": packed({**WHOLE, "a b": "x"}),
    "a null character": packed({**WHOLE, "PATH": "a\0b"}),
}


@pytest.mark.parametrize("damaged", DAMAGED.values(), ids=DAMAGED)
def test_damaged_state_is_an_error(damaged: str) -> None:
    with pytest.raises(StateError, match="ENVMGR_RESTORE is damaged"):
        leave({RESTORE: damaged})


@given(st.text(max_size=40))
def test_no_text_gets_past_as_state(text: str) -> None:
    with pytest.raises(StateError):
        leave({RESTORE: text})


def test_touched_names_the_variables_of_every_active_environment() -> None:
    outer = inside({"CC": "x"}, Delta({"CC": "a"}, {"PATH": ("/a",)}), ("a",))
    inner = inside(outer, Delta({"CXX": "b"}), ("b",))
    assert set(touched(inner)) == {"CC", "CXX", "PATH", *OWN}
    assert touched({"PATH": "/bin"}) == ()


def test_state_grows_in_line_with_depth() -> None:
    environ = {"PATH": "/usr/bin:/bin"}
    sizes = []
    for number in range(20):
        delta = Delta({"CC": f"/opt/{number}/bin/cc"}, {"PATH": (f"/opt/{number}/bin",)})
        environ = inside(environ, delta, (str(number),))
        sizes.append(len(environ[RESTORE]))
    assert sizes[-1] - sizes[-2] < 2 * (sizes[10] - sizes[9])


@given(st.text(max_size=5))
def test_names_are_plain_ascii(text: str) -> None:
    assert is_name(text) == (text.isascii() and text.isidentifier())
