"""An edit changes what it is meant to, and nothing else of the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.catalog.problem import Spot
from envmgr.errors import ProjectError, UsageError
from envmgr.model.project import Wish
from envmgr.model.query import Query
from envmgr.project.edit import Edit, spelled, with_wishes, without_wishes
from envmgr.project.read import parsed
from envmgr.project.schema import read_wish

FILE = "/home/ann/bench/envmgr.toml"
TEXT = """\
# The benchmark of the year.
name = "bench"  # not "work"

needs = [
  "compiler.gcc@>=12",   # the one of the paper
  # { query = "tool.ninja" },
  { query = "tool.cmake", platforms = ["linux-*"] },  # only there
]

[features.gpu]   # for the cluster
needs = ["lib.cudart"]
"""


def wish(text: str, *platforms: str, prefer: str = "") -> Wish:
    spot = Spot()
    options = {"prefer": prefer.split(), "platforms": list(platforms)}
    read = read_wish({"query": text, **options}, spot)
    assert spot.found == []
    return read


def added(text: str, *wishes: Wish, feature: str = "default") -> Edit:
    return with_wishes(parsed(FILE, text), text, wishes, feature)


def dropped(text: str, *queries: str, feature: str = "default") -> Edit:
    return without_wishes(parsed(FILE, text), text, map(Query.parse, queries), feature)


def changed_lines(edit: Edit, before: str = TEXT) -> tuple[set[str], set[str]]:
    """Lines that are gone, and lines that are new."""
    old, new = before.splitlines(), edit.text.splitlines()
    return set(old) - set(new), set(new) - set(old)


def test_a_new_wish_is_one_new_line() -> None:
    edit = added(TEXT, wish("lib.zlib@>=1.3,<2"))
    assert changed_lines(edit) == (set(), {'  "lib.zlib@>=1.3,<2",'})
    assert [str(new.query) for new in edit.added] == ["lib.zlib,>=1.3,<2"]
    assert (edit.replaced, edit.dropped, edit.made) == ((), (), "")


def test_a_wish_with_options_is_a_table() -> None:
    edit = added(TEXT, wish("blas", "linux-*", prefer="installed newest"))
    line = '  { query = "blas", prefer = ["installed", "newest"], platforms = ["linux-*"] },'
    assert changed_lines(edit) == (set(), {line})


def test_what_is_wanted_already_gets_the_new_range_and_keeps_its_comment() -> None:
    edit = added(TEXT, wish("compiler.gcc@14"))
    assert changed_lines(edit) == (
        {'  "compiler.gcc@>=12",   # the one of the paper'},
        {'  "compiler.gcc@14",   # the one of the paper'},
    )
    ((old, new),) = edit.replaced
    assert (spelled(old.query), spelled(new.query)) == ("compiler.gcc@>=12", "compiler.gcc@14")


def test_options_that_are_not_said_again_are_kept() -> None:
    edit = added(TEXT, wish("tool.cmake@>=3.20"))
    line = '  { query = "tool.cmake@>=3.20", platforms = ["linux-*"] },  # only there'
    assert changed_lines(edit)[1] == {line}


def test_saying_the_same_again_changes_nothing() -> None:
    edit = added(TEXT, wish("compiler.gcc@>=12"), wish("tool.cmake"))
    assert edit.text == TEXT
    assert (edit.added, edit.replaced) == ((), ())


def test_another_platform_is_another_wish() -> None:
    edit = added(TEXT, wish("tool.cmake@4", "macos-*"))
    assert len(edit.project.features["default"].wishes) == 3
    assert len(edit.added) == 1


def test_a_wish_for_everywhere_is_narrowed() -> None:
    edit = added(TEXT, wish("compiler.gcc@13", "linux-*"))
    assert len(edit.replaced) == 1
    assert edit.project.features["default"].wishes[0].platforms == ("linux-*",)


def test_which_of_several_is_replaced_must_be_said() -> None:
    text = added(TEXT, wish("tool.cmake@4", "macos-*")).text
    with pytest.raises(UsageError, match="could replace several") as caught:
        added(text, wish("tool.cmake@5"))
    assert caught.value.hint == "say which with --platform"
    edit = added(text, wish("tool.cmake@5", "macos-*"))
    assert [spelled(new.query) for _, new in edit.replaced] == ["tool.cmake@5"]


def test_a_feature_is_added_to() -> None:
    edit = added(TEXT, wish("lib.cudnn"), feature="gpu")
    assert changed_lines(edit)[1] == {'needs = ["lib.cudart", "lib.cudnn"]'}


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT,
        TEXT.replace("\n", "\r\n"),
        "name = 'x'",
        'features.gpu.needs = ["lib.cudart"]\n',
        '[features]\ngpu = { needs = ["lib.cudart"] }\n',
        '[environments]\ngpu = ["gpu"]\n[features.gpu]\n[variables]\nA = "1"\n',
    ],
)
def test_a_feature_that_is_not_there_is_made_with_its_environment(text: str) -> None:
    edit = added(text, wish("tool.eval"), feature="eval")
    assert edit.made == "eval"
    assert edit.project.environments["eval"] == ("default", "eval")
    assert parsed(FILE, edit.text) == edit.project
    assert not edit.text.endswith(("\n\n", "\n\r\n"))


def test_line_ends_stay_what_they_are() -> None:
    edit = added(TEXT.replace("\n", "\r\n"), wish("lib.zlib"))
    assert re.search(r"(?<!\r)\n", edit.text) is None


def test_what_is_dropped_takes_its_line_along() -> None:
    edit = dropped(TEXT, "compiler.gcc")
    assert changed_lines(edit) == ({'  "compiler.gcc@>=12",   # the one of the paper'}, set())
    assert [str(gone.query) for gone in edit.dropped] == ["compiler.gcc,>=12"]


@pytest.mark.parametrize("said", ["gcc", "compiler.gcc@>=12"])
def test_it_is_named_in_short_or_in_full(said: str) -> None:
    assert len(dropped(TEXT, said).dropped) == 1


def test_several_are_dropped_at_once_and_one_only_once() -> None:
    edit = dropped(TEXT, "compiler.gcc", "gcc", "cmake")
    assert edit.project.features["default"].wishes == ()


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("compiler.gcc@13", "does not want compiler.gcc@13", "compiler.gcc"),
        ("compiler.gc", "does not want compiler.gc", "did you mean compiler.gcc"),
        ("lib.cudart", "does not want lib.cudart", "--feature gpu"),
        ("cudart", "does not want cudart", "--feature gpu"),
    ],
)
def test_what_is_not_wanted_cannot_be_dropped(said: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        dropped(TEXT, said)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_tag_of_several_names_none() -> None:
    text = 'needs = ["compiler,gcc", "compiler,lang-c"]\n'
    with pytest.raises(UsageError, match="may mean compiler,gcc, compiler,lang-c"):
        dropped(text, "compiler")


def test_names_that_are_none_and_features_that_are_none() -> None:
    with pytest.raises(UsageError, match="not a name of a feature: 'a b'"):
        added(TEXT, wish("tool.x"), feature="a b")
    with pytest.raises(UsageError, match="no feature 'gpus'") as caught:
        dropped(TEXT, "tool.x", feature="gpus")
    assert caught.value.hint == "it has default, gpu"


def test_a_text_that_is_not_understood_the_same_way_is_left_alone() -> None:
    project = parsed(FILE, TEXT)
    with pytest.raises(ProjectError, match="cannot be edited"):
        with_wishes(project, TEXT.replace("bench", "other"), [wish("tool.x")])


def test_what_has_no_place_for_it_is_left_to_the_person() -> None:
    text = 'features = { gpu = { needs = ["lib.cudart"] } }\n'
    with pytest.raises(ProjectError, match="cannot be edited here; it is left as it was"):
        added(text, wish("tool.eval"), feature="eval")
    assert "lib.cudnn" in added(text, wish("lib.cudnn"), feature="gpu").text


# -- any layout ------------------------------------------------------------------------------

NAMES = [f"{kind}.{name}" for kind in ("tool", "lib") for name in ("a", "b", "c", "d")]
COMMENT = st.sampled_from(["", " # why", "  # a, \"b\" ] and 'more'", "\t# #"])
BREAK = st.sampled_from(["", " ", "\n", "\n  ", "\n\n    ", "\n  # alone ]\n  "])


@st.composite
def lists(draw: st.DrawFn, names: list[str]) -> str:
    """A list of *names* in any layout that TOML allows."""
    text = "["
    for place, name in enumerate(names):
        element = draw(st.sampled_from([f'"{name}"', f"'{name}'", f'{{ query = "{name}" }}']))
        comma = "," if place + 1 < len(names) or draw(st.booleans()) else ""
        comment = draw(COMMENT)
        text += draw(BREAK) + element + comma + (f"{comment}\n" if comment else "")
    return text + draw(BREAK) + "]"


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, str, list[str]]:
    """A project file as what is before its list, the list, what is after it; and the names."""
    names = draw(st.lists(st.sampled_from(NAMES[:6]), unique=True, max_size=5))
    before = draw(st.sampled_from(["", "# top\n\n", 'name = "x"   # y\n', "'name' = 'x'\n"]))
    after = draw(
        st.sampled_from(
            ["", "  # end", "\n\n[variables]\nA = '''\n# no comment\n'''\n", "\nprefer=[ ]\n\n\n"]
        )
    )
    space = draw(st.sampled_from(["needs = ", "needs=", '"needs"   =  ']))
    return before + space, draw(lists(names)), after, names


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from(NAMES), st.sampled_from(["", "@2", "@>=1,<3"]))
def test_adding_touches_nothing_outside_of_the_list(
    file: tuple[str, str, str, list[str]], name: str, versions: str
) -> None:
    before, array, after, names = file
    edit = added(before + array + after, wish(name + versions))
    assert edit.text.startswith(before) and edit.text.endswith(after)
    said = [spelled(w.query) for w in parsed(FILE, edit.text).features["default"].wishes]
    assert said == [
        *(name + versions if old == name else old for old in names),
        *([name + versions] if name not in names else []),
    ]
    comments = re.findall(r"#[^\n]*", array)
    assert re.findall(r"#[^\n]*", edit.text[len(before) : len(edit.text) - len(after)]) == comments


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files().filter(lambda file: bool(file[3])), st.data())
def test_dropping_touches_nothing_outside_of_the_list(
    file: tuple[str, str, str, list[str]], data: st.DataObject
) -> None:
    before, array, after, names = file
    gone = data.draw(st.sampled_from(names))
    edit = dropped(before + array + after, gone)
    assert edit.text.startswith(before) and edit.text.endswith(after)
    wishes = parsed(FILE, edit.text).features["default"].wishes
    assert [spelled(w.query) for w in wishes] == [name for name in names if name != gone]


@given(st.sampled_from(NAMES), st.lists(st.sampled_from([">=1", "<3.2", "!=2", "2", "~=1.4"])))
def test_a_query_is_written_as_it_is_read(name: str, clauses: list[str]) -> None:
    bare_first = sorted(clauses, key=lambda clause: not clause[0].isdigit())
    bare = [clause for clause in bare_first if clause[0].isdigit()][:1]
    others = [clause for clause in bare_first if not clause[0].isdigit()]
    query = Query.parse(f"{name}@{','.join([*bare, *others])}")
    assert Query.parse(spelled(query)) == query
