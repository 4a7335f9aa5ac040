"""The catalogue: overriding, looking up, searching, and decoding no more than is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.catalog import schema
from envmgr.catalog.index import Catalogue, catalogue_of, open_catalogue
from envmgr.catalog.problem import Spot
from envmgr.catalog.repositories import Repositories
from envmgr.catalog.rows import Row, open_rows
from envmgr.errors import UsageError
from envmgr.model.query import Query

from .samples import (
    DETECTOR,
    DETECTOR_FILE,
    GOOD,
    NAMES_FILE,
    PLACES,
    PLACES_FILE,
    SHA256,
    repository,
    small_detector,
    write,
)


def _rows(root: Path) -> list[Row]:
    return open_rows(str(root), str(root.parent / "cache"))[0]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """The good files, and a detector for each recipe."""
    files = {
        **GOOD,
        "detectors/lib/zlib.toml": small_detector("lib.zlib", "Squeezes bytes"),
        "detectors/tool/cmake.toml": small_detector("tool.cmake"),
    }
    return catalogue_of(_rows(repository(tmp_path / "r", files)))


def test_looking_up_by_name(catalogue: Catalogue) -> None:
    assert catalogue.detector("compiler.gcc").description == "GNU C compiler"
    assert catalogue.recipe("lib.zlib").detector == "lib.zlib"
    assert catalogue.shell("bash").program == "bash"
    assert [place.manager for place in catalogue.places()] == ["pyenv"]


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("detector", "compiler.gc", "did you mean compiler.gcc?"),
        ("recipe", "lib.zlb", "did you mean lib.zlib?"),
        ("shell", "bsh", "did you mean bash?"),
        ("detector", "quux", "`envmgr search quux` looks for it everywhere"),
        ("program", "quux", "`envmgr program list` shows those there are"),
    ],
)
def test_an_unknown_name(catalogue: Catalogue, kind: str, name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"there is no {kind} called '{name}'") as caught:
        getattr(catalogue, kind)(name)
    assert caught.value.hint == hint


def test_a_recipe_has_the_relations_of_its_detector(tmp_path: Path) -> None:
    related = small_detector("lib.zlib").replace(
        "find.", 'provides = ["deflate"]\nconflicts = ["tool.cmake,<3"]\nfind.'
    )
    root = repository(tmp_path / "r", {**GOOD, "detectors/lib/zlib.toml": related})
    catalogue = catalogue_of(_rows(root))
    recipe, detector = catalogue.recipe("lib.zlib"), catalogue.detector("lib.zlib")
    assert recipe.provides == detector.provides == ("deflate",)
    assert recipe.conflicts == detector.conflicts == ("tool.cmake,<3",)
    assert catalogue.recipes(Query.parse("deflate")) == (recipe,)
    assert catalogue.recipes_for("lib.zlib") == (recipe,)
    assert [one.file for one in catalogue.search(["deflate"])] == [detector.file, recipe.file]


def test_the_first_repository_says_what_a_thing_is_called_elsewhere(tmp_path: Path) -> None:
    shipped = repository(tmp_path / "shipped", GOOD)
    own = repository(tmp_path / "own", {NAMES_FILE: '[spack]\n"compiler.gcc" = "my-gcc"\n'})
    names = catalogue_of([*_rows(own), *_rows(shipped)]).names
    assert names.spack("compiler.gcc") == "my-gcc"
    assert names.of_spack("gcc-toolchain") is None
    assert names.pypi("python.numpy") == "numpy" and names.spack("python.numpy") == "py-numpy"


def test_names_are_made_once(catalogue: Catalogue) -> None:
    assert catalogue.names is catalogue.names
    assert catalogue.names.of_pypi("CMake") == "tool.cmake"
    assert catalogue.names.spack("tool.cmake") is None


def test_everything_is_in_order_of_name(catalogue: Catalogue) -> None:
    names = [detector.name for detector in catalogue.detectors()]
    assert names == ["compiler.gcc", "lib.zlib", "python.numpy", "tool.cmake"]
    assert [recipe.name for recipe in catalogue.recipes()] == ["lib.zlib", "tool.cmake"]
    assert [shell.name for shell in catalogue.shells()] == ["bash"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("compiler", ["compiler.gcc"]),
        ("compiler.gcc@>=99", ["compiler.gcc"]),
        ("compiler,lang-cpp", ["compiler.gcc"]),
        ("compiler,-lang-cpp", ["compiler.gcc"]),
        ("compiler,-lang-c", []),
        ("nothing", []),
    ],
)
def test_detectors_by_tags(catalogue: Catalogue, query: str, names: list[str]) -> None:
    found = catalogue.detectors(Query.parse(query))
    assert [detector.name for detector in found] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lib.zlib", ["lib.zlib"]),
        ("compression", ["lib.zlib"]),
        ("lib.zlib@>=1.3", ["lib.zlib"]),
        ("lib.zlib@<1.3", []),
        ("lib,-compression", []),
    ],
)
def test_recipes_by_tags_and_version(catalogue: Catalogue, query: str, names: list[str]) -> None:
    assert [recipe.name for recipe in catalogue.recipes(Query.parse(query))] == names


def test_a_recipe_has_the_tags_of_its_detector_too(tmp_path: Path) -> None:
    recipe = f"""name = "compiler.gcc-built"
description = "x"
tags = ["compiler", "gcc-built"]
detector = "compiler.gcc"
source.urls = ["https://example.org/{{version}}.tgz"]
[versions]
"1" = "{SHA256}"
"""
    files = {DETECTOR_FILE: DETECTOR, "recipes/compiler/gcc-built.toml": recipe}
    catalogue = catalogue_of(_rows(repository(tmp_path / "r", files)))
    for query in ("compiler.gcc", "compiler.gcc,lang-cpp", "compiler.gcc-built,lang-c"):
        assert [one.name for one in catalogue.recipes(Query.parse(query))] == ["compiler.gcc-built"]
    assert catalogue.recipes(Query.parse("compiler.gcc-built,-lang-c")) == ()
    assert [one.name for one in catalogue.recipes_for("compiler.gcc")] == ["compiler.gcc-built"]
    assert catalogue.recipes_for("lib.zlib") == ()


def test_known_tags_are_those_of_the_decoded_detectors(catalogue: Catalogue) -> None:
    assert catalogue.known_tags() == {
        detector.name: detector.possible_tags for detector in catalogue.detectors()
    }


@pytest.mark.parametrize(
    ("words", "tags", "names"),
    [
        (["zlib"], [], ["lib.zlib", "lib.zlib"]),
        (["SQUEEZES"], [], ["lib.zlib"]),
        (["squeezes", "lib"], [], ["lib.zlib"]),
        (["squeezes", "gnu"], [], []),
        ([], ["compression"], ["lib.zlib"]),
        (["c"], ["compiler"], ["compiler.gcc"]),
        (["cmake"], [], ["tool.cmake", "tool.cmake"]),
    ],
)
def test_searching(
    catalogue: Catalogue, words: list[str], tags: list[str], names: list[str]
) -> None:
    assert [found.name for found in catalogue.search(words, tags)] == names


def test_the_nearer_to_the_name_the_better(tmp_path: Path) -> None:
    files = {
        "detectors/tool/aaa.toml": small_detector("tool.aaa", "works with make"),
        "detectors/tool/cmake.toml": small_detector("tool.cmake"),
        "detectors/tool/make.toml": small_detector("tool.make"),
    }
    catalogue = catalogue_of(_rows(repository(tmp_path / "r", files)))
    found = [one.name for one in catalogue.search(["make"])]
    assert found == ["tool.make", "tool.cmake", "tool.aaa"]


def test_the_first_of_a_name_wins_and_places_add_up(tmp_path: Path) -> None:
    mine = repository(tmp_path / "mine", {
        DETECTOR_FILE: DETECTOR.replace("GNU C", "My C"),
        PLACES_FILE: PLACES.replace("pyenv", "mine"),
    })  # fmt: skip
    shipped = repository(tmp_path / "shipped", GOOD)
    catalogue = catalogue_of([*_rows(mine), *_rows(shipped)])
    assert catalogue.detector("compiler.gcc").description == "My C compiler"
    assert [place.manager for place in catalogue.places()] == ["mine", "pyenv"]
    assert len(catalogue.detectors()) == 2


def test_nothing_is_decoded_that_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[str] = []

    def decode(kind: str, document: object, spot: Spot, file: str, digest: str) -> object:
        decoded.append(Path(file).name)
        return schema.decode(kind, document, spot, file, digest)

    rows = _rows(repository(tmp_path / "r", GOOD))
    monkeypatch.setattr("envmgr.catalog.index.decode", decode)
    catalogue = catalogue_of(rows)
    catalogue.shells()
    catalogue.known_tags()
    catalogue.detectors(Query.parse("compiler"))
    catalogue.detector("compiler.gcc")
    assert decoded == ["bash.toml", "gcc.toml"]


# -- with the repositories of a store --------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def _open(home: Path) -> Catalogue:
    return open_catalogue(str(home), str(home / "cache"))


def test_repositories_of_the_user_come_before_what_ships(tmp_path: Path, home: Path) -> None:
    assert _open(home).detector("compiler.gcc").description != "My C compiler"
    first = repository(tmp_path / "first", {DETECTOR_FILE: DETECTOR.replace("GNU C", "My C")})
    second = repository(tmp_path / "second", {DETECTOR_FILE: DETECTOR.replace("GNU C", "Other C")})
    for root in (first, second):
        Repositories(str(home)).add(str(root))
    assert _open(home).detector("compiler.gcc").description == "My C compiler"
    Repositories(str(home)).remove("first")
    assert _open(home).detector("compiler.gcc").description == "Other C compiler"


def test_a_broken_file_of_the_user_does_not_hide_the_shipped_one(
    tmp_path: Path, home: Path
) -> None:
    files = {
        DETECTOR_FILE: "name = ",
        "detectors/tool/mine.toml": small_detector("tool.mine"),
    }
    root = repository(tmp_path / "mine", files)
    Repositories(str(home)).add(str(root))
    catalogue = _open(home)
    assert [Path(problem.file).name for problem in catalogue.problems] == ["gcc.toml"]
    assert catalogue.detector("tool.mine").name == "tool.mine"
    assert catalogue.detector("compiler.gcc").find.program


def test_a_change_shows_at_once(tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path / "mine", {"detectors/tool/mine.toml": small_detector("tool.mine")})
    Repositories(str(home)).add(str(root))
    assert _open(home).detector("tool.mine").description == "A thing"
    write(root, "detectors/tool/mine.toml", small_detector("tool.mine", "B thing"))
    assert _open(home).detector("tool.mine").description == "B thing"
    (root / "detectors/tool/mine.toml").unlink()
    with pytest.raises(UsageError):
        _open(home).detector("tool.mine")


def test_a_repository_that_went_away_is_a_problem_and_no_more(tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path / "mine", {"detectors/tool/mine.toml": small_detector("tool.mine")})
    Repositories(str(home)).add(str(root))
    root.rename(tmp_path / "elsewhere")
    catalogue = _open(home)
    assert [problem.message for problem in catalogue.problems] == [
        "the repository mine is no longer there"
    ]
    assert catalogue.detectors()
