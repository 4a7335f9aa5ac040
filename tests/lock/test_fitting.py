"""What is the same as what was locked, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envmgr.errors import ChangedRecipeError
from envmgr.lock.fitting import present, row_of
from envmgr.model.definition import Recipe, RecipeVersion, SourceFile
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.lock import LockedEntry, LockedPlatform

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def entry(name: str, version: str, path: str, origin: Origin, needs: tuple[str, ...] = ()) -> Entry:
    return make_entry(
        name,
        version,
        tags=("t",),
        prefix="/p",
        path=path,
        delta=Delta(),
        origin=origin,
        needs=needs,
    )


PYTHON = entry("python", "3.13", "/usr/bin/python", Origin("detected", "python"))
OTHER = entry("python", "3.13", "/opt/bin/python", Origin("detected", "python"))
NUMPY = entry("numpy", "2", "/p/np", Origin("installed", "numpy", "numpy", (A,)), (PYTHON.id,))
LOCKED_PYTHON = LockedEntry(
    "python", "3.13", "detected", "python", id=PYTHON.id, path="/usr/bin/python"
)
LOCKED_NUMPY = LockedEntry(
    "numpy",
    "2",
    "installed",
    "numpy",
    needs={"python": "py"},
    recipe="numpy",
    sources={"numpy.whl": A},
)
PART = LockedPlatform(entries={"np": LOCKED_NUMPY, "py": LOCKED_PYTHON})


def test_the_id_decides() -> None:
    found = present(PART, [OTHER, PYTHON, NUMPY])
    assert found == {"py": PYTHON, "np": NUMPY}


def test_of_what_is_detected_place_and_version_do() -> None:
    told_otherwise = replace(LOCKED_PYTHON, id="0" * 16)
    part = LockedPlatform(entries={"py": told_otherwise})
    assert present(part, [OTHER, PYTHON]) == {"py": PYTHON}
    assert present(part, [OTHER]) == {}
    newer = entry("python", "3.14", "/usr/bin/python", Origin("detected", "python"))
    assert present(part, [newer]) == {}


def test_of_what_is_installed_recipe_checksums_and_needs_do() -> None:
    assert present(PART, [PYTHON, NUMPY])["np"] == NUMPY
    of_other = entry("numpy", "2", "/p/np", NUMPY.origin, (OTHER.id,))
    assert "np" not in present(PART, [PYTHON, OTHER, of_other])
    of_bytes = entry("numpy", "2", "/p/np", replace(NUMPY.origin, sources=(B,)), (PYTHON.id,))
    assert "np" not in present(PART, [PYTHON, of_bytes])
    of_recipe = entry("numpy", "2", "/p/np", replace(NUMPY.origin, recipe="np"), (PYTHON.id,))
    assert "np" not in present(PART, [PYTHON, of_recipe])


def test_what_needs_what_is_gone_is_gone() -> None:
    assert present(PART, [NUMPY]) == {}


def recipe(*rows: RecipeVersion) -> Recipe:
    return Recipe("numpy", "", (), "recipes/numpy.toml", "d", detector="numpy", versions=rows)


def test_the_row_with_the_locked_checksums() -> None:
    row = RecipeVersion("2", (SourceFile("numpy.whl", A), SourceFile("other.whl", B)))
    assert row_of(LOCKED_NUMPY, recipe(RecipeVersion("3"), row)) is row
    checkout = replace(LOCKED_NUMPY, sources={"https://x/y": "git:" + "c" * 40})
    row = RecipeVersion("2", commit="c" * 40)
    assert row_of(checkout, recipe(row)) is row


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (RecipeVersion("2", (SourceFile("numpy.whl", B),)), f"is {A} in the lock and {B} in the"),
        (RecipeVersion("2", (SourceFile("", B),)), f"is {A} in the lock and {B} in the"),
        (
            RecipeVersion("2", (SourceFile("x", B), SourceFile("y", B))),
            "and the recipe has no such file",
        ),
        (RecipeVersion("2.1", (SourceFile("numpy.whl", A),)), "no longer has that version"),
    ],
)
def test_a_row_that_is_another(row: RecipeVersion, what: str) -> None:
    with pytest.raises(ChangedRecipeError) as changed:
        row_of(LOCKED_NUMPY, recipe(row))
    assert what in changed.value.message and changed.value.exit_code == 7
    assert "recipes/numpy.toml" in "".join([changed.value.message, *changed.value.lines])
