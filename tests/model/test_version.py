from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Reference

from envmgr.errors import UsageError
from envmgr.model.version import Version, VersionRange, version_values

small = st.integers(0, 12).map(str)
release = st.lists(small, min_size=1, max_size=4).map(".".join)
separator = st.sampled_from(["", ".", "-", "_"])


@st.composite
def pre_release(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(["a", "alpha", "b", "beta", "c", "rc", "pre", "preview", "RC"]))
    return draw(separator) + word + draw(separator) + draw(small)


@st.composite
def post_release(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from([".post", "-post", "post", ".rev", ".r"]))
    return draw(st.sampled_from([word, "-"])) + draw(small)


development = small.map(".dev{}".format)
local = st.lists(st.sampled_from(["ubuntu", "0", "1", "12", "g1a2b", "cu118"]), min_size=1).map(
    lambda words: "+" + ".".join(words)
)
epoch = st.integers(0, 2).map("{}!".format)


def maybe(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | part


public = st.tuples(
    maybe(epoch), release, maybe(pre_release()), maybe(post_release()), maybe(development)
).map("".join)
pep440 = st.tuples(public, maybe(local)).map("".join)
natural = st.from_regex(
    r"[a-z]{0,2}[0-9]{1,3}(\.[0-9]{1,2}){0,2}[a-z+_-]{0,3}[0-9]{0,2}", fullmatch=True
)
anything = pep440 | natural | st.text(max_size=12)


@given(pep440, pep440)
def test_the_order_is_that_of_packaging(left: str, right: str) -> None:
    ours, theirs = (Version(left), Version(right)), (Reference(left), Reference(right))
    assert (ours[0] < ours[1]) == (theirs[0] < theirs[1])
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])


@given(pep440)
def test_what_is_a_prerelease_is_what_packaging_says(text: str) -> None:
    assert Version(text).is_prerelease == Reference(text).is_prerelease


@given(anything, anything)
def test_two_versions_are_in_exactly_one_order(left: str, right: str) -> None:
    a, b = Version(left), Version(right)
    assert [a < b, a == b, a > b].count(True) == 1
    assert (a <= b, a >= b) == (not a > b, not a < b)


@given(anything, anything, anything)
def test_the_order_is_transitive(first: str, second: str, third: str) -> None:
    a, b, c = sorted(map(Version, (first, second, third)))
    assert a <= b <= c
    assert a <= c


@given(anything, anything)
def test_equal_versions_have_equal_hashes(left: str, right: str) -> None:
    if Version(left) == Version(right):
        assert hash(Version(left)) == hash(Version(right))


@given(st.text())
def test_every_text_is_a_version_that_prints_itself(text: str) -> None:
    assert str(Version(text)) == text.strip()
    assert Version(text) == Version(str(Version(text)))


@pytest.mark.parametrize(
    "rising",
    [
        ["1.9", "1.10", "2"],
        ["9a", "9e", "9f", "10a"],
        ["r21d", "r21e", "r22"],
        ["1.1.1", "1.1.1f", "1.1.1g", "1.1.2"],
        ["2012", "2017.1", "2024.0"],
        ["17.0.9", "17.0.15+10", "17.0.16"],
        ["12.0.0rc1", "12.0.0", "12.0.0.post1", "12.2.0"],
        ["1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0"],
    ],
)
def test_natural_cases(rising: list[str]) -> None:
    assert sorted(map(Version, reversed(rising))) == list(map(Version, rising))
    assert len(set(map(Version, rising))) == len(rising)


def test_zeros_at_the_end_do_not_count() -> None:
    assert Version("1") == Version("1.0") == Version("v1.0.0")


def test_a_version_is_no_text() -> None:
    assert Version("1") != "1"


# -- ranges ----------------------------------------------------------------------------------


@given(release, st.sampled_from(["==", "!=", ">=", "<=", ">", "<"]), release)
def test_clauses_mean_what_packaging_says(version: str, operator: str, bound: str) -> None:
    agreed = SpecifierSet(operator + bound, prereleases=True).contains(version)
    assert (Version(version) in VersionRange.parse(operator + bound)) == agreed


@given(public, st.sampled_from(["==", "!=", ">=", "<="]), public)
def test_clauses_order_prereleases_as_packaging_does(
    version: str, operator: str, bound: str
) -> None:
    agreed = SpecifierSet(operator + bound, prereleases=True).contains(version)
    assert (Version(version) in VersionRange.parse(operator + bound)) == agreed


@given(release, st.lists(small, min_size=2, max_size=4).map(".".join))
def test_compatible_releases_are_those_of_packaging(version: str, bound: str) -> None:
    agreed = SpecifierSet(f"~={bound}").contains(version)
    assert (Version(version) in VersionRange.parse(f"~={bound}")) == agreed


@given(release, st.sampled_from(["==", "!="]), release)
def test_wildcards_are_those_of_packaging(version: str, operator: str, bound: str) -> None:
    clause = f"{operator}{bound}.*"
    agreed = SpecifierSet(clause).contains(version)
    assert (Version(version) in VersionRange.parse(clause)) == agreed


@given(release, release)
def test_a_bare_version_means_it_and_what_is_finer(version: str, bound: str) -> None:
    wild = VersionRange.parse(f"=={bound}.*")
    assert (Version(version) in VersionRange.parse(bound)) == (Version(version) in wild)


@given(st.lists(st.tuples(st.sampled_from(["", ">=", "<", "!=", "~=", "=="]), public)))
def test_a_range_reads_what_it_prints(clauses: list[tuple[str, str]]) -> None:
    written = ",".join(operator + text for operator, text in clauses)
    parsed = VersionRange.parse(written)
    assert VersionRange.parse(str(parsed)) == parsed
    assert bool(parsed) == bool(clauses)


def test_every_clause_must_hold_and_the_broken_one_is_named() -> None:
    wanted = VersionRange.parse(">=12, <15, !=13.1")
    assert Version("12.2.0") in wanted
    assert wanted.broken_clause(Version("15.0")) == "<15"
    assert wanted.broken_clause(Version("13.1.0")) == "!=13.1"
    assert wanted.broken_clause(Version("14")) is None


def test_a_compiler_from_development_is_inside_its_range() -> None:
    assert Version("19.0.0git") in VersionRange.parse(">=18,<20")


@pytest.mark.parametrize(
    "text", [">=", "=>1", ">>1", "1 2", ">= 1 2", "@1", "a@b", "~1~", ">=.", "\u0661"]
)
def test_what_is_no_range_is_an_error_that_names_the_clause(text: str) -> None:
    with pytest.raises(UsageError, match="not a version range"):
        VersionRange.parse(text)


@given(st.text())
def test_any_text_is_a_range_or_a_usage_error(text: str) -> None:
    try:
        VersionRange.parse(text)
    except UsageError as error:
        assert error.hint


def test_numbers_longer_than_python_reads_have_an_order_too() -> None:
    long = "9" * 5000
    assert Version("2") < Version(long) == Version(long) < Version(f"{long}.1")
    assert Version(f"x{long}") > Version("x1")
    assert Version("1") not in VersionRange.parse(f">={long}")


# -- pieces ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "pieces"),
    [
        ("12.2.1", ("12", "2", "1")),
        ("9f", ("9", "f", "0")),
        ("2012", ("2012", "0", "0")),
        ("1.2.3.4", ("1", "2", "3")),
    ],
)
def test_the_pieces_of_a_version_fill_up_with_zeros(
    version: str, pieces: tuple[str, str, str]
) -> None:
    major, minor, patch = pieces
    assert version_values(version) == {
        "version": version,
        "version_major": major,
        "version_minor": minor,
        "version_patch": patch,
    }
