"""Specifiers of Python packages as ranges, held against `packaging` itself."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version as Pep440

from envmgr.importers.pep440 import range_of
from envmgr.importers.reading import UntranslatableError
from envmgr.model.version import Version

RELEASES = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(
    lambda numbers: ".".join(map(str, numbers))
)
TAILS = st.sampled_from(("", "", "a1", "rc2", ".dev1", "b1.dev3"))
VERSIONS = st.builds(str.__add__, RELEASES, TAILS)


@st.composite
def specifiers(draw: st.DrawFn) -> str:
    operator = draw(st.sampled_from((">=", "<=", ">", "<", "==", "!=", "~=")))
    if operator in ("==", "!=") and draw(st.booleans()):
        return f"{operator}{draw(RELEASES)}.*"
    return operator + draw(VERSIONS)


@given(st.lists(specifiers(), min_size=1, max_size=3), VERSIONS)
def test_a_range_has_the_versions_that_pip_would_take(texts: list[str], version: str) -> None:
    try:
        wanted = SpecifierSet(",".join(texts))
    except InvalidSpecifier:
        assume(False)
    shorter = [one for one in wanted if one.version.endswith(".*")]
    if Pep440(version).is_prerelease:  # see docs/import.md: `1.0.*` has no 1rc1 here
        assume(all(one.version.count(".") <= version.count(".") for one in shorter))
        assume(not any(one.operator == "~=" for one in wanted) or version.count(".") >= 2)
    assert (Version(version) in range_of(wanted)) == wanted.contains(version, prereleases=True)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("", ""),
        (">=1.20,<2", ">=1.20,<2.dev0"),
        ("==1.24.0", "==1.24.0"),
        ("==1.24.*", "1.24.*"),
        ("!=1.5.*,>1", ">1,!=1.5.*"),
        ("~=1.4", "~=1.4"),
        ("~=1.4.5a4", ">=1.4.5a4,1.4.*"),
        ("<2rc1", "<2rc1"),
    ],
)
def test_ranges_read_as_people_write_them(text: str, ours: str) -> None:
    assert str(range_of(SpecifierSet(text))) == ours


@pytest.mark.parametrize(
    ("text", "why"), [("===1.0", "compares texts"), ("==1!2.0", "epochs"), (">=1!1", "epochs")]
)
def test_what_cannot_be_said_is_said_to_be_so(text: str, why: str) -> None:
    with pytest.raises(UntranslatableError, match=why):
        range_of(SpecifierSet(text))
