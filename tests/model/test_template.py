from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.template import MissingValueError, fill, holes

name = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.]{0,6}", fullmatch=True)
plain = st.text(alphabet=st.characters(exclude_characters="{}"))


@given(st.dictionaries(name, st.text(), min_size=1))
def test_a_value_is_never_read_again(values: dict[str, str]) -> None:
    hostile = {key: "{" + key + "}" + value for key, value in values.items()}
    template = "".join("{" + key + "}" for key in hostile)
    assert fill(template, hostile) == "".join(hostile.values())


@given(plain, st.dictionaries(name, st.text()))
def test_text_without_holes_stays(text: str, values: dict[str, str]) -> None:
    assert fill(text, values) == text
    assert holes(text) == ()


@given(st.text(), st.text())
def test_any_text_fills_or_names_what_is_missing(template: str, value: str) -> None:
    assert fill(template, dict.fromkeys(holes(template), value)).count(value) >= len(
        holes(template)
    )


@pytest.mark.parametrize(
    "template", ["{}", "{ path }", "{0}", "{path", "path}", "${path", "{a-b}", "{a b}"]
)
def test_other_braces_stay_as_they_are(template: str) -> None:
    assert fill(template, {}) == template


def test_a_hole_without_a_value_is_named() -> None:
    with pytest.raises(MissingValueError) as caught:
        fill("{bin}/{nothing.here}", {"bin": "/usr/bin"})
    assert caught.value.args == ("nothing.here",)


def test_holes_come_in_their_order() -> None:
    assert holes("{b}/{a}/{b} {cc.path}") == ("b", "a", "b", "cc.path")
