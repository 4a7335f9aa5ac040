"""Projects as a script has them: environments opened, files made and edited."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.activate.state import IDS
from envmgr.api import project as projects
from envmgr.api.install import intend_missing
from envmgr.api.project import (
    add_wishes,
    check_meant,
    drop_wishes,
    find_project,
    init_project,
    open_project_environment,
    read_project,
    wish_of,
)
from envmgr.api.workspace import Workspace
from envmgr.errors import ProjectError, ResolutionError, UsageError
from envmgr.model.delta import Delta
from envmgr.model.entry import Origin, make_entry
from envmgr.model.query import Query

TEXT = """
name = "bench"
needs = ["thing.cc@>=2", { query = "thing.away", platforms = ["no-such-*"] }]
[variables]
CC = "ours"
THREADS = "4"
[features.more]
needs = ["thing.more"]
variables = { THREADS = "8" }
[features.words]
variables = { WORD = "one" }
[environments]
more = ["more"]
words = ["words"]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A store that holds two things, one of them in two versions."""
    workspace = Workspace(str(tmp_path / "store"), environ={"PATH": "/bin", "HOME": "/nowhere"})
    things = (("thing.cc", "1"), ("thing.cc", "2.5"), ("thing.more", "3"))
    workspace.store.add(
        [
            make_entry(
                name,
                version,
                tags=("thing",),
                prefix=f"/opt/{name}-{version}",
                path=f"/opt/{name}-{version}/x",
                delta=Delta({"CC": f"{name}-{version}"}, {"LIST": (f"/opt/{name}-{version}",)}),
                origin=Origin("detected", name),
            )
            for name, version in things
        ]
    )
    return workspace


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "envmgr.toml"
    path.write_text(TEXT)
    return path


def test_an_environment_is_its_entries_and_then_the_variables(
    workspace: Workspace, file: Path
) -> None:
    environment = open_project_environment(workspace, read_project(str(file)))
    assert [str(entry) for entry in environment.entries] == ["thing.cc@2.5"]
    assert environment.label == "bench"
    inside = environment.variables
    assert (inside["CC"], inside["THREADS"]) == ("ours", "4")
    assert inside["LIST"] == "/opt/thing.cc-2.5"
    assert inside["ENVMGR_ENVIRONMENT"] == "bench"


def test_a_named_environment_has_more(workspace: Workspace, file: Path) -> None:
    environment = open_project_environment(workspace, read_project(str(file)), "more")
    assert {str(entry) for entry in environment.entries} == {"thing.cc@2.5", "thing.more@3"}
    assert environment.label == "bench:more"
    assert environment.variables["THREADS"] == "8"


def test_queries_add_up(workspace: Workspace, file: Path) -> None:
    more = [Query.parse("thing.more"), Query.parse("thing.cc@>=2")]
    environment = open_project_environment(workspace, read_project(str(file)), more=more)
    assert {str(entry) for entry in environment.entries} == {"thing.cc@2.5", "thing.more@3"}
    assert environment.label == "bench,thing.more@3"


def test_environments_that_differ_in_their_variables_alone_are_two(
    workspace: Workspace, file: Path
) -> None:
    project = read_project(str(file))
    outer = open_project_environment(workspace, project)
    inner = open_project_environment(workspace, project, "words", environ=outer.variables)
    assert outer.entries == inner.entries
    assert inner.variables["WORD"] == "one"
    assert inner.variables[IDS] != outer.variables[IDS]
    again = open_project_environment(workspace, project, "words", environ=inner.variables)
    assert not again.change.values


def test_leaving_brings_back_what_the_variables_were(workspace: Workspace, file: Path) -> None:
    environ = {"CC": "mine", "PATH": "/bin"}
    with open_project_environment(workspace, read_project(str(file)), environ=environ):
        assert (environ["CC"], environ["THREADS"]) == ("ours", "4")
    assert environ == {"CC": "mine", "PATH": "/bin"}


def test_a_project_that_needs_nothing_has_its_variables(workspace: Workspace, file: Path) -> None:
    file.write_text('[variables]\nA = "1"')
    environment = open_project_environment(workspace, read_project(str(file)))
    assert environment.entries == ()
    assert environment.variables["A"] == "1"


def test_what_nothing_answers_is_an_error(workspace: Workspace, file: Path) -> None:
    file.write_text('needs = ["thing.cc@>=7"]')
    with pytest.raises(ResolutionError):
        open_project_environment(workspace, read_project(str(file)))


def test_what_is_there_need_not_be_installed(workspace: Workspace, file: Path) -> None:
    wanted = read_project(str(file)).wanted("more", workspace.platform)
    intent = intend_missing(workspace, wanted.queries)
    assert intent.plans == ()
    assert {str(entry) for entry in intent.resolution.entries} == {"thing.cc@2.5", "thing.more@3"}


def test_it_is_found_from_below(file: Path) -> None:
    below = file.parent / "a/b"
    below.mkdir(parents=True)
    found = find_project({"HOME": "/nowhere"}, str(below))
    assert found is not None and found.file == str(file)
    assert find_project({"HOME": str(below)}, str(below)) is None


# -- the file --------------------------------------------------------------------------------


def test_a_new_project_is_read_as_it_was_asked_for(tmp_path: Path) -> None:
    queries = [Query.parse("compiler.gcc@>=12"), Query.parse("compiler.gcc@>=12")]
    project = init_project(str(tmp_path / "deep/bench"), queries=queries)
    assert project == read_project(str(tmp_path / "deep/bench/envmgr.toml"))
    assert project.name == "bench"
    assert [wish.query for wish in project.features["default"].wishes] == queries[:1]


def test_nothing_is_overwritten(tmp_path: Path, file: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        init_project(str(tmp_path))
    assert file.read_text() == TEXT
    (tmp_path / "link").mkdir()
    (tmp_path / "link/envmgr.toml").symlink_to(tmp_path / "gone")
    with pytest.raises(UsageError, match="is there already"):
        init_project(str(tmp_path / "link"))
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("name", ["", "a b", "\x1b[2J", "-x", "x" * 65])
def test_a_name_that_is_none_writes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not a name of a project"):
        init_project(str(tmp_path / "new"), name=name)
    assert not (tmp_path / "new").exists()


def test_wishes_are_added_and_dropped(file: Path) -> None:
    edit = add_wishes(str(file), [wish_of("tool.x", platforms=["linux-*"])], "more")
    assert edit.project == read_project(str(file))
    assert [str(wish.query) for wish in edit.project.features["more"].wishes] == [
        "thing.more",
        "tool.x",
    ]
    assert len(drop_wishes(str(file), [Query.parse("tool.x")], "more").dropped) == 1
    assert file.read_text() == TEXT


def test_a_file_with_mistakes_is_left_alone(file: Path) -> None:
    file.write_text("nam = ''")
    with pytest.raises(ProjectError):
        add_wishes(str(file), [wish_of("tool.x")])
    with pytest.raises(ProjectError):
        drop_wishes(str(file), [Query.parse("tool.x")])
    assert file.read_text() == "nam = ''"


def test_what_another_wrote_meanwhile_is_not_lost(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = iter([TEXT, TEXT + "# another"])
    monkeypatch.setattr(projects, "text_of", lambda path: next(texts))
    with pytest.raises(ProjectError, match="was changed meanwhile"):
        add_wishes(str(file), [wish_of("tool.x")])
    assert file.read_text() == TEXT


def test_a_link_stays_one_and_the_mode_is_kept(tmp_path: Path, file: Path) -> None:
    file.chmod(0o600)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    add_wishes(str(link), [wish_of("tool.x")])
    assert link.is_symlink() and "tool.x" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(tmp_path)) == ["envmgr.toml", "link.toml"]


# -- wishes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "prefer", "platforms", "said"),
    [
        ("a b", (), (), "not a tag: 'a b'"),
        ("tool.x", ("instaled",), (), "'instaled' is neither an order nor a name"),
        ("tool.x", ("a b",), (), "not a preference: 'a b'"),
        ("tool.x", (), ("Linux!",), "'Linux!' is not a pattern of platforms"),
    ],
)
def test_a_wish_that_is_none_is_an_error(
    query: str, prefer: tuple[str, ...], platforms: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        wish_of(query, prefer=prefer, platforms=platforms)
    assert said in caught.value.message


def test_what_the_catalogue_does_not_know_is_probably_misspelt(workspace: Workspace) -> None:
    check_meant(workspace, [Query.parse("compiler.gcc@>=900"), Query.parse("tool,cmake")])
    with pytest.raises(UsageError, match=r"has nothing for tool\.cmke") as caught:
        check_meant(workspace, [Query.parse("tool.cmke")])
    assert caught.value.hint and "did you mean tool.cmake?" in caught.value.hint
    with pytest.raises(UsageError, match="has nothing for compiler,cmake"):
        check_meant(workspace, [Query.parse("compiler,cmake")])
