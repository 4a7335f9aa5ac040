"""Capabilities, conflicts and names in other systems: what one file says of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.catalog.lint import lint
from envmgr.catalog.problem import Problem

from .samples import (
    DETECTOR,
    DETECTOR_FILE,
    PROGRAM,
    PROGRAM_FILE,
    repository,
    small_detector,
    write,
)


def _related(name: str, keys: str) -> str:
    return small_detector(name).replace("find.", f"{keys}\nfind.", 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two things with one capability, and one that is beside them."""
    root = tmp_path / "repository"
    write(root, "detectors/lib/one.toml", _related("lib.one", 'provides = ["sought"]'))
    write(root, "detectors/lib/two.toml", _related("lib.two", 'provides = ["sought"]'))
    write(root, "detectors/lib/beside.toml", small_detector("lib.beside"))
    return root


def _said(root: Path) -> list[Problem]:
    return lint([str(root)])


def _only(root: Path) -> tuple[str, int, str, str, str | None]:
    [problem] = _said(root)
    file = Path(problem.file).name
    return file, problem.line, problem.key, problem.message, problem.suggestion


def test_roles_that_are_no_tags_are_clean(root: Path) -> None:
    assert _said(root) == []


def test_a_tag_that_is_a_role(root: Path) -> None:
    text = small_detector("lib.beside").replace('"beside"]', '"beside", "sought"]')
    write(root, "detectors/lib/beside.toml", text)
    file, line, key, message, _ = _only(root)
    assert (file, line, key) == ("beside.toml", 3, "tags[2]")
    assert message == "'sought' is a capability, of lib.one: say so under provides"


def test_a_tag_of_a_part_that_is_a_role(root: Path) -> None:
    part = '[[part]]\nfile = "{bin}/x"\ntags = ["sought"]\n[[case]]'
    text = small_detector("lib.beside").replace("[[case]]", part)
    write(root, "detectors/lib/beside.toml", text)
    assert _only(root)[:3] == ("beside.toml", 10, "part[0].tags[0]")


def test_a_role_that_only_one_has_and_others_as_a_tag(root: Path) -> None:
    write(root, "detectors/lib/beside.toml", _related("lib.beside", 'provides = ["lib"]'))
    said = [p for p in _said(root) if p.key == "provides[0]"]
    assert {p.message for p in said} == {
        "'lib' is the name or a tag of it already",
        "'lib' is a tag of lib.one, which does not provide it",
    }


def test_the_short_name_may_be_a_role_of_others_too(root: Path) -> None:
    write(root, "detectors/lib/sought.toml", _related("lib.sought", 'provides = ["sought"]'))
    assert _said(root) == []
    write(root, "detectors/lib/sought.toml", small_detector("lib.sought"))
    assert _only(root)[:3] == ("sought.toml", 3, "tags[1]")


def test_a_conflict_with_nothing(root: Path) -> None:
    keys = 'conflicts = ["lib.one,<2", "lib.beside"]'
    write(root, "detectors/lib/two.toml", _related("lib.two", keys))
    assert _said(root) == []
    write(root, "detectors/lib/two.toml", _related("lib.two", keys.replace("beside", "besides")))
    assert _only(root) == (
        "two.toml",
        4,
        "conflicts[1]",
        "no detector and no recipe has the tags of 'lib.besides'",
        "lib.beside",
    )


@pytest.mark.parametrize(
    ("line", "says", "meant"),
    [
        ('"lib.bside" = "x"', "there is no detector 'lib.bside'", "lib.beside"),
        ('"lib.beside" = "beside"', "follows from the name: leave it out", None),
        ('"lib.beside" = ["beside"]', "follows from the name: leave it out", None),
    ],
)
def test_a_name_that_says_nothing(root: Path, line: str, says: str, meant: str | None) -> None:
    name = line.split('"')[1]
    write(root, "detectors/names.toml", f"[pypi]\n[conda]\n{line}\n")
    assert _only(root) == ("names.toml", 3, f'conda."{name}"', says, meant)


def test_names_that_say_something_are_clean(root: Path) -> None:
    text = '[spack]\n"lib.beside" = ["beside", "aside"]\n[conda]\n"lib.one" = []\n'
    write(root, "detectors/names.toml", text)
    assert _said(root) == []


@pytest.mark.parametrize(
    ("source", "key", "says"),
    [
        ("a + b", "", ""),
        ("a + b + c", "mutation[0].replace", "stands in blur.c 2 times, and must once"),
        ("a - b", "mutation[0].replace", "stands in blur.c 0 times, and must once"),
        (None, "mutation[0].file", "cannot be read: No such file or directory"),
    ],
)
def test_a_mutation_replaces_what_is_there(
    tmp_path: Path, source: str | None, key: str, says: str
) -> None:
    root = repository(tmp_path, {DETECTOR_FILE: DETECTOR, PROGRAM_FILE: PROGRAM})
    write(root, "detectors/dataset/photo.toml", small_detector("dataset.photo").replace(
        '"photo"]', '"photo", "image"]'))  # fmt: skip
    file = root / "programs/blur/blur.c"
    file.unlink() if source is None else file.write_text(source)
    found = [(problem.key, problem.message) for problem in _said(root)]
    assert found == ([(key, says)] if key else [])
