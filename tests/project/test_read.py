from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import ProjectError
from envmgr.model.project import Project
from envmgr.project.read import SIZE_LIMIT, parsed, read_project

FILE = os.path.abspath("/work place/bench/envmgr.toml")
EXAMPLE = """
name = "bench"
platforms = ["linux-x86_64-debian12"]
needs = [
  "compiler.gcc@>=12",
  { query = "blas", prefer = ["installed"], platforms = ["linux-*"] },
]
prefer = ["detected", "compiler.llvm@>=16"]
[variables]
OMP_NUM_THREADS = "4"
LD_PRELOAD = ""
[features.gpu]
needs = ["lib.cudart"]
prefer = ["newest"]
variables = { MODE = "gpu" }
[environments]
gpu = ["gpu"]
bare = { features = ["gpu"], default = false }
last = { features = ["gpu", "default"] }
"""


def mistakes(text: str) -> list[str]:
    """What is said of *text*, without the file."""
    with pytest.raises(ProjectError) as caught:
        parsed(FILE, text)
    assert all(line.startswith(f"{FILE}:") for line in caught.value.lines)
    return [line.removeprefix(f"{FILE}:") for line in caught.value.lines]


def test_everything_is_read(tmp_path: Path) -> None:
    file = tmp_path / "envmgr.toml"
    file.write_text(EXAMPLE)
    project = read_project(str(file))
    default, gpu = project.features["default"], project.features["gpu"]
    assert (project.file, project.name) == (str(file), "bench")
    assert project.platforms == ("linux-x86_64-debian12",)
    assert [str(wish.query) for wish in default.wishes] == ["compiler.gcc,>=12", "blas"]
    assert default.wishes[1].query.prefer == ("installed",)
    assert default.wishes[1].platforms == ("linux-*",)
    assert default.prefer == ("detected", "compiler.llvm@>=16")
    assert default.variables == {"OMP_NUM_THREADS": "4", "LD_PRELOAD": ""}
    assert (gpu.name, gpu.prefer, gpu.variables) == ("gpu", ("newest",), {"MODE": "gpu"})
    assert project.environments == {
        "default": ("default",),
        "gpu": ("default", "gpu"),
        "bare": ("gpu",),
        "last": ("gpu", "default"),
    }


def test_an_empty_file_is_a_project_that_needs_nothing() -> None:
    project = parsed(FILE, "")
    assert project.name == "bench"
    assert project.features["default"].wishes == ()
    assert project.environments == {"default": ("default",)}


@pytest.mark.parametrize(
    ("directory", "name"),
    [("bench", "bench"), ("my bench!", "my-bench"), ("-_.", "project"), ("日本", "project")],
)
def test_a_project_without_a_name_is_called_as_its_directory(directory: str, name: str) -> None:
    assert parsed(f"/{directory}/envmgr.toml", "").name == name


def test_the_default_environment_may_have_more() -> None:
    text = '[features.gpu]\n[environments]\ndefault = ["gpu"]'
    assert parsed(FILE, text).environments == {"default": ("default", "gpu")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('nam = "x"', "1: nam: unknown key (did you mean name?)"),
        ('name = "be nch"', "1: name: 'be nch' is not a name"),
        ('name = "\\u001b[2J"', "1: name: '\\x1b[2J' is not a name"),
        ('name = ""', "1: name: must not be empty"),
        ("name = 1", "1: name: must be a string, not a number"),
        ('needs = "tool.cmake"', '1: needs: must be a list, not a string (did you mean ["tool'),
        ("needs = [\n1]", "2: needs[0]: must be a table, not a number"),
        ('needs = ["a b"]', "1: needs[0]: not a tag: 'a b'"),
        ('needs = ["tool.cmake >= 3"]', "(did you mean tool.cmake@>=3?)"),
        ('needs = ["tool.cmake>=3,<4"]', "(did you mean tool.cmake@>=3,<4?)"),
        ('needs = ["tool.cmake 3.25"]', "(did you mean tool.cmake@3.25?)"),
        ('needs = [""]', "1: needs[0]: must not be empty"),
        ('needs = ["x@>=,"]', "1: needs[0]: not a version range: '>='"),
        ('needs = ["a", "a"]', "1: needs[1]: 'a' stands twice"),
        ("needs = [{}]", "1: needs[0].query: is missing"),
        ('needs = [{query = "a", prefr = []}]', "prefr: unknown key (did you mean prefer?)"),
        ('needs = [{query = "a", prefer = "x"}]', "prefer: must be a list"),
        ('needs = [{query = "a", platforms = ["*\\n"]}]', "is not a pattern of platforms"),
        ('prefer = ["instaled"]', "1: prefer[0]: 'instaled' is neither an order nor a name (did"),
        ('prefer = ["Installed !"]', "1: prefer[0]: not a preference: 'Installed !'"),
        ('platforms = ["linux-*"]', "'linux-*' is not the name of a platform"),
        ("variables = 3", "1: variables: must be a table, not a number"),
        ("[variables]\nA = 4", "2: variables.A: must be a string, not a number"),
        ('[variables]\n"A B" = ""', '2: variables."A B": is not a name of a variable'),
        ('[variables]\n"A=B" = ""', "is not a name of a variable"),
        ('[variables]\nA = "\\u0000"', "2: variables.A: holds a zero character"),
        ('[variables]\nENVMGR_HOME = "/"', "2: variables.ENVMGR_HOME: is envmgr's own"),
        ('[variables]\nPATH = "/bin"', "2: variables.PATH: would replace a list of paths"),
        ('[variables]\nLD_LIBRARY_PATH = ""', "would replace a list of paths"),
        ("[features.default]", "1: features.default: is the top level of the file"),
        ('[features."a/b"]', "1: features.\"a/b\": 'a/b' is not a name"),
        ("[features.x]\nneed = []", "2: features.x.need: unknown key (did you mean needs?)"),
        ('[environments]\na = ["gpu"]', "2: environments.a[0]: there is no feature 'gpu'"),
        ('[environments]\na = ["default", "default"]', "environments.a[1]: 'default' stands twice"),
        ('[environments]\n"a b" = []', "2: environments.\"a b\": 'a b' is not a name"),
        ("[environments]\na = 3", "2: environments.a: must be a list, not a number"),
        ("[environments]\na = {default = 0, features = []}", "default: must be true or false"),
        ("[environments]\na = {default = false}", "2: environments.a.features: is missing"),
        (
            "[environments]\na = {features = ['gpus']}\n[features.gpu]",
            "2: environments.a.features[0]: there is no feature 'gpus' (did you mean gpu?)",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, said: str) -> None:
    (only,) = mistakes(text)
    assert said in only


def test_all_mistakes_are_named_at_once() -> None:
    text = 'nam = ""\nneeds = ["a b", "c d"]\n[variables]\nA = 1\n[features.x]\nneed = []'
    assert [line.partition(":")[0] for line in mistakes(text)] == ["1", "2", "2", "4", "6"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = ", "is not TOML"),
        (b"name = 'a'\nname = 'b'", "is not TOML"),
        (b"name = 'a'\n\xff", ":2: is not UTF-8"),
        (b"#" * (SIZE_LIMIT + 1), "is larger than any project file"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "is nested too deeply"),
        (b"a = " + b"9" * 5000, "is not TOML"),
    ],
)
def test_what_is_no_toml_is_an_error(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "envmgr.toml"
    file.write_bytes(content)
    with pytest.raises(ProjectError) as caught:
        read_project(str(file))
    assert said in caught.value.message


def test_what_is_no_file_is_an_error_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none"):
        with pytest.raises(ProjectError, match="is not a file"):
            read_project(str(path))


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none().map(lambda _: True) | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = ["name", "platforms", "needs", "prefer", "variables", "features", "environments", "other"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS), JUNK))
def test_whatever_stands_in_it_is_a_project_or_a_list_of_mistakes(document: dict[str, Any]) -> None:
    try:
        project = parsed(FILE, tomli_w.dumps(document))
    except ProjectError as error:
        assert error.lines or "is not TOML" in error.message
    else:
        assert isinstance(project, Project)
        assert all(
            set(features) <= project.features.keys() for features in project.environments.values()
        )
