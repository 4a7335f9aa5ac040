from __future__ import annotations

import pytest

from envmgr.errors import UsageError
from envmgr.model.project import Feature, Project, Wish
from envmgr.model.query import Query

LINUX = "linux-x86_64-debian12"


def wish(text: str, *platforms: str, prefer: tuple[str, ...] = ()) -> Wish:
    query = Query.parse(text)
    return Wish(Query(query.wanted, query.refused, query.versions, prefer), platforms)


@pytest.fixture
def project() -> Project:
    return Project(
        "/bench/envmgr.toml",
        "bench",
        features={
            "default": Feature(
                "default",
                (wish("compiler.gcc@>=12"), wish("tool.brew", "macos-*")),
                {"A": "1", "B": "1"},
                ("detected", "newest"),
            ),
            "gpu": Feature(
                "gpu",
                (wish("lib.cudart", prefer=("oldest",)), wish("compiler.gcc@>=12")),
                {"B": "2"},
                ("installed", "newest"),
            ),
        },
        environments={"default": ("default",), "gpu": ("default", "gpu"), "bare": ("gpu",)},
    )


def queries(project: Project, environment: str, platform: str = LINUX) -> list[str]:
    return [str(query) for query in project.wanted(environment, platform).queries]


def test_features_add_up_and_say_nothing_twice(project: Project) -> None:
    assert queries(project, "default") == ["compiler.gcc,>=12"]
    assert queries(project, "gpu") == ["compiler.gcc,>=12", "lib.cudart"]
    assert queries(project, "bare") == ["lib.cudart", "compiler.gcc,>=12"]


def test_a_wish_holds_on_its_platforms_only(project: Project) -> None:
    assert queries(project, "default", "macos-arm64-14") == ["compiler.gcc,>=12", "tool.brew"]


def test_a_later_feature_wins(project: Project) -> None:
    wanted = project.wanted("gpu", LINUX)
    assert wanted.variables == {"A": "1", "B": "2"}
    assert wanted.prefer == ("installed", "newest", "detected")


def test_what_a_wish_prefers_goes_before_what_its_environment_does(project: Project) -> None:
    first, second = project.wanted("gpu", LINUX).queries
    assert first.prefer == ("installed", "newest", "detected")
    assert second.prefer == ("oldest", "installed", "newest", "detected")


def test_an_environment_that_is_not_there_is_an_error(project: Project) -> None:
    with pytest.raises(UsageError, match="no environment 'cpu'") as caught:
        project.wanted("cpu", LINUX)
    assert caught.value.hint == "it has default, gpu, bare"


def test_only_the_default_environment_is_labelled_by_the_project_alone(project: Project) -> None:
    assert project.label("default") == "bench"
    assert project.label("gpu") == "bench:gpu"
