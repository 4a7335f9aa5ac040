"""Verbs about definitions and the machine: search, info, lint, repo, host."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envmgr.cli.host_ import lines_of, size

from .conftest import Envmgr, form


@pytest.fixture
def added(envmgr: Envmgr, definitions: Path) -> Envmgr:
    """The command line, with the repository of the small program."""
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    return envmgr


# -- search ----------------------------------------------------------------------------------


def test_search_merges_a_detector_and_the_recipe_of_its_name(added: Envmgr) -> None:
    done = added("search", "hello")
    assert done.returncode == 0
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("tool.hello")]
    assert row.split() == ["tool.hello", "yes", "1.2", "A", "friendly", "program"]


def test_search_knows_what_is_recorded(added: Envmgr) -> None:
    added("install", "tool.hello")
    (row,) = [line for line in added("search", "hello").stdout.splitlines() if "tool.hello" in line]
    assert row.split()[:4] == ["tool.hello", "yes", "1.2", "1.2"]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("friendly", "hello"), {"tool.hello"}),
        (("friendly", "compiler"), set()),
        (("--tags=hello",), {"tool.hello"}),
        (("--tags=hello,>=1",), {"tool.hello"}),
        (("--tags=hello,-tool",), set()),
        (("hello", "--tags=lib"), set()),
    ],
)
def test_words_and_tags_narrow(added: Envmgr, arguments: tuple[str, ...], names: set[str]) -> None:
    done = added("search", *arguments, "--json")
    assert {one["name"] for one in form(done)["definitions"]} == names
    assert done.returncode == (0 if names else 1)


def test_what_is_left_out_for_its_mistakes_is_said(added: Envmgr, definitions: Path) -> None:
    (definitions / "detectors/tool/broken.toml").write_text("name = 3")
    done = added("search", "hello")
    assert done.returncode == 0
    assert "envmgr lint" in done.stderr


# -- info ------------------------------------------------------------------------------------


def test_info_says_what_where_and_how(added: Envmgr, definitions: Path) -> None:
    added("install", "tool.hello")
    done = added("info", "tool.hello")
    assert done.returncode == 0
    for text in (
        "A friendly program",
        "program hello-envmgr",
        "HELLO={path}",
        "PATH: {bin}",
        "1.2",
        str(definitions / "detectors/tool/hello.toml"),
        str(definitions / "recipes/tool/hello.toml"),
        "hello-1.2.tar.gz",
        "tool.hello@1.2 at ",
    ):
        assert text in done.stdout


def test_info_lists_every_kind_of_line(envmgr: Envmgr) -> None:
    done = envmgr("info", "lib.zlib")
    for what in ("finds", "sets", "prepends", "part", "checked by", "needs", "built with", "gives"):
        assert f"  {what}" in done.stdout


def test_info_says_roles_and_names_elsewhere(envmgr: Envmgr) -> None:
    done = envmgr("info", "compiler.java")
    assert "elsewhere: spack openjdk, conda openjdk\n" in done.stdout
    assert "  provides    mpi\n" in envmgr("info", "lib.openmpi").stdout


@pytest.mark.parametrize(
    ("name", "near"),
    [("gcc", "compiler.gcc"), ("tool.helo", "tool.hello"), ("zzzzz", "envmgr search")],
)
def test_an_unknown_name_suggests_the_nearest(added: Envmgr, name: str, near: str) -> None:
    done = added("info", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert near in done.stderr


# -- lint ------------------------------------------------------------------------------------


def test_lint_says_when_there_is_nothing_to_say(envmgr: Envmgr, definitions: Path) -> None:
    done = envmgr("lint", str(definitions), "--cases")
    assert (done.returncode, done.stdout) == (0, "2 files, 1 case, no problem\n")
    assert envmgr("lint", str(definitions)).stdout == "2 files, no problem\n"


def test_lint_names_file_line_key_and_suggestion(envmgr: Envmgr, definitions: Path) -> None:
    recipe = definitions / "recipes/tool/hello.toml"
    recipe.write_text(recipe.read_text().replace("detector =", "detektor ="))
    done = envmgr("lint", str(definitions))
    assert done.returncode == 1
    assert f"{recipe}:5: detektor: " in done.stdout
    assert "did you mean detector?" in done.stdout
    problems = form(envmgr("lint", str(definitions), "--json"))["problems"]
    assert (5, "detector") in [(one["line"], one["suggestion"]) for one in problems]


def test_lint_runs_cases_and_names_the_one_that_fails(envmgr: Envmgr, definitions: Path) -> None:
    detector = definitions / "detectors/tool/hello.toml"
    detector.write_text(detector.read_text().replace('version = "1.2"', 'version = "1.3"'))
    assert envmgr("lint", str(definitions)).returncode == 0
    done = envmgr("lint", str(definitions), "--cases")
    assert done.returncode == 1
    line = detector.read_text().splitlines().index("[[case]]") + 1
    assert f"{detector}:{line}: case[0]: expected version 1.3, got 1.2" in done.stdout


def test_lint_without_a_path_includes_the_users_repositories(
    added: Envmgr, definitions: Path
) -> None:
    broken = definitions / "detectors/tool/broken.toml"
    broken.write_text("name =")
    done = added("lint")
    assert done.returncode == 1
    assert f"{broken}:1: " in done.stdout


@pytest.mark.parametrize("path", ["nothing", "/dev/null", ""])
def test_lint_of_what_holds_no_definition(envmgr: Envmgr, path: str) -> None:
    done = envmgr("lint", path)
    assert done.returncode in (1, 2)
    assert "no problem" not in done.stdout


# -- repo ------------------------------------------------------------------------------------


def repositories(envmgr: Envmgr) -> dict[str, dict[str, object]]:
    listed = form(envmgr("repo", "list", "--json"))["repositories"]
    return {one["name"]: one for one in listed}


def test_a_directory_is_used_in_place(added: Envmgr, definitions: Path) -> None:
    assert list(repositories(added)) == ["definitions", "envmgr"]
    assert repositories(added)["definitions"]["root"] == str(definitions)
    assert added("repo", "remove", "definitions").returncode == 0
    assert list(repositories(added)) == ["envmgr"]
    assert (definitions / "detectors").is_dir()


@pytest.mark.needs("git")
def test_an_address_is_cloned_updated_and_deleted(envmgr: Envmgr, repository: str) -> None:
    assert envmgr("repo", "add", repository, "--name", "team").returncode == 0
    assert envmgr("info", "tool.hello").returncode == 0
    clone = Path(str(repositories(envmgr)["team"]["root"]))
    source = Path(repository.removeprefix("file://"))
    (source / "detectors/tool/hello.toml").unlink()
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    command = ["git", *identity, "commit", "-qam", "Less"]
    subprocess.run(command, cwd=source, check=True, timeout=60)
    done = envmgr("repo", "update")
    assert done.stdout.startswith("team: ")
    assert " to " in done.stdout
    assert not (clone / "detectors/tool/hello.toml").exists()
    assert envmgr("repo", "update", "team").stdout == "team: up to date\n"
    assert "its clone is deleted" in envmgr("repo", "remove", "team").stdout
    assert not clone.exists()


def test_options_may_come_first(envmgr: Envmgr, definitions: Path) -> None:
    assert envmgr("repo", "add", "--name", "mine", str(definitions)).returncode == 0
    assert "mine" in repositories(envmgr)


def test_a_repository_with_mistakes_is_added_and_they_are_counted(
    envmgr: Envmgr, definitions: Path
) -> None:
    (definitions / "detectors/tool/broken.toml").write_text("name = 3")
    done = envmgr("repo", "add", str(definitions))
    assert done.returncode == 0
    assert "left out for their mistakes: 1" in done.stderr


def test_a_repository_that_is_gone_is_shown_so(added: Envmgr, definitions: Path) -> None:
    definitions.rename(definitions.parent / "away")
    assert "gone" in added("repo", "list").stdout
    assert repositories(added)["definitions"]["present"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("add",),
        ("add", ""),
        ("remove",),
        ("list", "x"),
        ("list", "--name=x"),
        ("remove", "envmgr"),
        ("update", "nothing"),
        ("add", "/nowhere"),
        ("add", "/"),
        ("add", "--", "--upload-pack=x"),
        ("add", "ext::sh -c id"),
        ("add", "http://"),
        ("frobnicate", "x"),
    ],
)
def test_what_makes_no_sense_is_2(envmgr: Envmgr, arguments: tuple[str, ...]) -> None:
    done = envmgr("repo", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("envmgr: error: ")


# -- host ------------------------------------------------------------------------------------


def test_host_has_a_heading_for_every_section(envmgr: Envmgr) -> None:
    done = envmgr("host")
    assert done.returncode == 0
    sections = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    facts = form(envmgr("host", "--json"))
    assert set(sections) - {"not known"} == set(facts) - {"schema", "platform", "absent"}
    assert f"platform: {facts['platform']}" in done.stdout


def test_facts_are_lines() -> None:
    facts = {
        "a_b": 1,
        "size_bytes": 2048,
        "flags": ["x", "y"],
        "rows": [{"mount": "/"}],
        "none": [],
    }
    assert list(lines_of(facts)) == [
        "a b: 1",
        "size: 2 KiB",
        "flags:",
        "  x y",
        "rows:",
        "  - mount /",
        "none: none",
    ]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**30, "1 GiB"), (2**62, "4096 PiB")],
)
def test_sizes_are_for_people(count: int, text: str) -> None:
    assert size(count) == text
