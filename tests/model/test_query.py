from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.model.query import Query, is_tag
from envmgr.model.version import Version

tag = st.from_regex(r"[a-z0-9]([a-z0-9_.+-]{0,8}[a-z0-9+])?", fullmatch=True)
clause = st.tuples(
    st.sampled_from([">=", "<=", "==", "!=", "~=", "=", "<", ">"]),
    st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}", fullmatch=True),
).map("".join)


@given(st.lists(tag, min_size=1), st.lists(tag), st.lists(clause))
def test_a_query_reads_what_it_prints(
    wanted: list[str], refused: list[str], clauses: list[str]
) -> None:
    text = ",".join([*clauses, *wanted, *(f"-{tag}" for tag in refused)])
    query = Query.parse(text)
    assert (query.wanted, query.refused) == (tuple(wanted), tuple(refused))
    assert Query.parse(str(query)) == query


@given(st.text() | st.text(alphabet="ab1.-+,@<>=!~ \n\0'$(`"))
def test_any_text_is_a_query_that_reads_what_it_prints_or_a_usage_error(text: str) -> None:
    try:
        query = Query.parse(text)
    except UsageError as error:
        assert error.hint
        return
    assert Query.parse(str(query)) == query
    assert all(map(is_tag, (*query.wanted, *query.refused)))


def test_a_name_with_a_version_is_a_name_and_a_range() -> None:
    assert Query.parse("compiler.gcc@>=12") == Query.parse("compiler.gcc,>=12")
    assert Query.parse("compiler.gcc@12") == Query.parse("compiler.gcc,=12")


def test_blanks_and_capitals_do_not_matter() -> None:
    assert Query.parse(" Compiler , -MinGW, >= 12 ") == Query.parse("compiler,-mingw,>=12")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "wants nothing"),
        (",,", "wants nothing"),
        ("-mingw", "wants nothing"),
        (">=12", "wants nothing"),
        ("compiler,../../etc", "'../../etc'"),
        ("a b", "'a b'"),
        ("gcc,--tags", "'--tags'"),
        ("gcc@>=", "'>='"),
        ("gcc,$(reboot)", "reboot"),
        ("gcc\0", "gcc"),
        (".hidden", "'.hidden'"),
    ],
)
def test_what_is_no_query_is_named(text: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        Query.parse(text)
    assert named in caught.value.message


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("compiler,lang-c", None),
        ("compiler.gcc", None),
        ("compiler,lang-d", "has no tag lang-d"),
        ("compiler,-lang-c", "has the refused tag lang-c"),
        ("compiler,>=13", "version 12.2.0 is not >=13"),
        ("compiler@12", None),
        ("compiler@11", "version 12.2.0 is not 11"),
    ],
)
def test_why_something_does_not_fit_is_said(query: str, why: str | None) -> None:
    tags = ("compiler.gcc", "compiler", "gcc", "lang-c")
    assert Query.parse(query).misfit(tags, Version("12.2.0")) == why
