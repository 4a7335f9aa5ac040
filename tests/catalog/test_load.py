"""Every kind of mistake is named with its line, its key and what was probably meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.catalog.load import SIZE_LIMIT, load, place_of, read
from envmgr.model.definition import CaseFile, Detector, Recipe, SourceFile
from envmgr.model.shell import Shell

from .mistakes import MISTAKES, Mistake
from .samples import (
    BASE64,
    COMMIT,
    DETECTOR,
    DETECTOR_FILE,
    GOOD,
    PLACES,
    PLACES_FILE,
    PYTHON_FILE,
    PYTHON_PACKAGE,
    RECIPE,
    RECIPE_FILE,
    SHA256,
    SHA512,
    SHELL,
    SHELL_FILE,
    WHEEL,
    WHEEL_FILE,
)


@pytest.mark.parametrize("file", GOOD)
def test_a_good_file_has_no_problem(file: str) -> None:
    assert read(file, GOOD[file]).problems == ()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.key}-{m.new[:30]}")
def test_a_mistake_is_named(mistake: Mistake) -> None:
    problems = read(mistake.file, mistake.text).problems
    assert [(p.file, p.line, p.key) for p in problems] == [
        (mistake.file, mistake.line, mistake.key)
    ]
    assert mistake.says in problems[0].message
    assert problems[0].suggestion == mistake.meant
