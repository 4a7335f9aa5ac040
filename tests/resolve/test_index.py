from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.query import Query
from envmgr.resolve.index import Index
from tests.resolve.things import queries

tags = st.lists(st.sampled_from(("tool", "lib", "x", "y", "tool.a")), max_size=4).map(tuple)


@given(st.lists(tags, max_size=8), queries)
def test_an_index_finds_what_a_look_at_everything_finds(
    things: list[tuple[str, ...]], query: Query
) -> None:
    found = Index(enumerate(things), lambda item: item[1]).fitting(query)
    assert found == [(n, tags) for n, tags in enumerate(things) if query.misfit_tags(tags) is None]


def test_a_query_that_wants_nothing_refuses_all_the_same() -> None:
    index = Index([("x",), ("y",)], lambda tags: tags)
    assert index.fitting(Query(refused=("x",))) == [("y",)]
