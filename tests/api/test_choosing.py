"""From what a person asks of a program to its points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envmgr.api.choosing import Asked, choices
from envmgr.api.workspace import Workspace
from envmgr.errors import ResolutionError, UsageError
from envmgr.model.delta import Delta
from envmgr.model.entry import Origin, make_entry
from envmgr.model.program import Parameter, Program, RunCommand


@pytest.fixture
def workspace(tmp_path: Path, environ: dict[str, str]) -> Workspace:
    """A store that knows two compilers and two texts of kinds that no detector looks for."""
    workspace = Workspace(environ=environ)
    for name, version, tag in (
        ("maker.one", "2.0", "maker"),
        ("maker.one", "1.0", "maker"),
        ("maker.two", "3.0", "maker"),
        ("words.long", "1", "words"),
        ("words.short", "1", "words"),
    ):
        path = tmp_path / f"{name}-{version}"
        path.write_text("")
        entry = make_entry(
            name,
            version,
            tags=(tag, name.partition(".")[2]),
            prefix=str(tmp_path),
            path=str(path),
            delta=Delta({tag.upper(): str(path)}),
            origin=Origin("detected", name),
        )
        workspace.store.add([entry])
    return workspace


PROGRAM = Program(
    name="count",
    description="Counts words",
    tags=("kernel",),
    file="programs/count/program.toml",
    digest="",
    needs={"maker": "maker"},
    params={"size": Parameter("8", ("8", "16")), "mode": Parameter("fast")},
    runs={
        "all": RunCommand("{exe} {text}", data={"text": "words"}),
        "some": RunCommand("{exe}", params={"mode": "slow"}),
    },
)


def points(workspace: Workspace, **asked: object) -> list[str]:
    """What is chosen, each point in one line."""
    found = choices(workspace, PROGRAM, Asked(**asked))  # type: ignore[arg-type]
    return [
        " ".join((*p.needs.values(), *p.data.values(), *p.flags, *p.params.values()))
        for p in (choice.point for choice in found)
    ]


def test_what_is_left_open_is_the_best_there_is(workspace: Workspace) -> None:
    assert points(workspace) == ["maker.one@2.0 words.long@1 8 fast"]


def test_a_command_has_data_and_defaults_of_its_own(workspace: Workspace) -> None:
    assert points(workspace, command="some") == ["maker.one@2.0 8 slow"]


@pytest.mark.parametrize("said", ["maker.two", "maker=two", "maker=maker.two@>=3"])
def test_a_need_is_narrowed_by_its_role_or_its_category(workspace: Workspace, said: str) -> None:
    assert points(workspace, with_=(said,)) == ["maker.two@3.0 words.long@1 8 fast"]


def test_data_is_narrowed_likewise(workspace: Workspace) -> None:
    assert points(workspace, data=("words.short",)) == ["maker.one@2.0 words.short@1 8 fast"]


def test_each_takes_everything_there_is(workspace: Workspace) -> None:
    assert points(workspace, each=("maker",), command="some") == [
        "maker.one@2.0 8 slow", "maker.one@1.0 8 slow", "maker.two@3.0 8 slow",
    ]  # fmt: skip
    assert len(points(workspace, each=("maker", "data", "size"))) == 3 * 2 * 2
    assert len(points(workspace, each=("maker",), with_=("maker.one",))) == 2


def test_several_flags_and_values_mean_all_of_them(workspace: Workspace) -> None:
    flags, params = (("-O0",), ("-O3", "-g")), (("size", "1"), ("size", "2"), ("mode", "x"))
    assert points(workspace, command="some", flags=flags, params=params) == [
        "maker.one@2.0 -O0 1 x", "maker.one@2.0 -O0 2 x",
        "maker.one@2.0 -O3 -g 1 x", "maker.one@2.0 -O3 -g 2 x",
    ]  # fmt: skip


def test_only_what_was_chosen_is_in_the_environment(workspace: Workspace) -> None:
    (choice,) = choices(workspace, PROGRAM, Asked(with_=("maker.two",)))
    assert choice.environ["MAKER"] == choice.entries["maker"].path
    assert "ENVMGR_HOME" not in choice.environ


@pytest.mark.parametrize(
    ("asked", "says", "hint"),
    [
        ({"command": "al"}, "count has no command 'al'", "all, some"),
        ({"each": ("compiler",)}, "--each compiler: count has no such role", "maker, text"),
        ({"params": (("sise", "1"),)}, "--param sise: count has no such parameter", "size"),
        ({"with_": ("text=words",)}, "--with text=words: count has no role 'text'", "maker"),
        ({"data": ("words=x=y",)}, "--data words=x=y: count has no role 'words'", "text"),
        ({"data": ("a b",)}, "not a tag", "a query is"),
        ({"target": "moon"}, "there is no target 'moon'", "local"),
    ],
)
def test_what_the_program_has_not_is_named(
    workspace: Workspace, asked: dict[str, object], says: str, hint: str
) -> None:
    with pytest.raises(UsageError) as error:
        points(workspace, **asked)
    assert says in error.value.message
    assert hint in (error.value.hint or "")


def test_a_query_that_is_about_no_role_is_not_guessed_at(workspace: Workspace) -> None:
    two = replace(PROGRAM, needs={"maker": "maker", "other": "words"})
    with pytest.raises(UsageError, match="has no such roles"):
        choices(workspace, two, Asked(command="some", with_=("lib.x",)))


def test_nothing_that_fits_is_said_as_everywhere(workspace: Workspace) -> None:
    with pytest.raises(ResolutionError):
        points(workspace, with_=("maker.two@>=9",))
    with pytest.raises(ResolutionError):
        points(workspace, with_=("maker.two@>=9",), each=("maker",))
