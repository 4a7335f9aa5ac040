from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.delta import Change, Delta, combined

name = st.sampled_from(["CC", "PATH", "LD_LIBRARY_PATH", "HOME"])
value = st.text(alphabet="ab/:", max_size=6)
directory = st.from_regex(r"/[a-c]{1,2}", fullmatch=True)
directories = st.lists(directory, unique=True, min_size=1, max_size=3).map(tuple)
deltas = st.builds(Delta, st.dictionaries(name, value), st.dictionaries(name, directories))
environs = st.dictionaries(name, st.text(alphabet="ab/:", max_size=12))


@given(deltas, deltas, deltas)
def test_adding_is_associative(a: Delta, b: Delta, c: Delta) -> None:
    assert (a + b) + c == a + (b + c)


@given(deltas)
def test_the_empty_delta_changes_nothing(delta: Delta) -> None:
    assert delta + Delta() == Delta() + delta == delta
    assert not Delta()
    assert Delta().apply({"CC": "gcc"}) == {}


@given(st.lists(deltas))
def test_combined_is_the_sum_in_order(several: list[Delta]) -> None:
    total = Delta()
    for delta in several:
        total = total + delta
    assert combined(several) == total


@given(deltas, environs)
def test_applying_again_changes_nothing(delta: Delta, environ: dict[str, str]) -> None:
    once = delta.apply(environ)
    assert delta.apply({**environ, **once}) == once


@given(deltas, environs)
def test_no_list_gets_an_empty_element(delta: Delta, environ: dict[str, str]) -> None:
    for name, paths in delta.prepend.items():
        parts = delta.apply(environ)[name].split(":")
        assert all(parts)
        assert tuple(parts[: len(paths)]) == paths


@given(deltas, environs)
def test_a_directory_stands_once_and_the_others_keep_their_order(
    delta: Delta, environ: dict[str, str]
) -> None:
    for name, paths in delta.prepend.items():
        before = delta.put.get(name, environ.get(name, "")).split(":")
        expected = [*paths, *(part for part in before if part and part not in paths)]
        assert delta.apply(environ)[name] == ":".join(expected)


@given(deltas, environs)
def test_exactly_the_named_variables_are_touched(delta: Delta, environ: dict[str, str]) -> None:
    assert set(delta.apply(environ)) == set(delta.names())
    assert list(delta.names()) == sorted(delta.names())


@given(environs, st.sampled_from([(), ("",), ("", "")]))
def test_nothing_to_prepend_leaves_a_list_as_it_is(
    environ: dict[str, str], nothing: tuple[str, ...]
) -> None:
    assert Delta({}, {"PATH": nothing}).apply(environ) == {}


def test_what_is_added_later_comes_first_and_its_puts_win() -> None:
    first = Delta({"CC": "cc"}, {"PATH": ("/a", "/b")})
    later = Delta({"CC": "gcc"}, {"PATH": ("/c", "/a")})
    assert first + later == Delta({"CC": "gcc"}, {"PATH": ("/c", "/a", "/b")})


def test_the_separator_is_the_platforms() -> None:
    delta = Delta({}, {"PATH": (r"C:\bin",)})
    assert delta.apply({"PATH": r"D:\x;;C:\bin"}, ";") == {"PATH": r"C:\bin;D:\x"}


@given(environs, environs, st.sets(name))
def test_a_change_gives_its_values_and_unsets_the_rest(
    environ: dict[str, str], values: dict[str, str], unset: set[str]
) -> None:
    after = Change(values, tuple(unset)).applied_to(environ)
    kept = {n: v for n, v in environ.items() if n not in unset}
    assert after == {**kept, **values}
