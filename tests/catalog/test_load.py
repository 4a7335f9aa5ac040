"""Every kind of mistake is named with its line, its key and what was probably meant."""

from __future__ import annotations

import pytest

from envmgr.catalog.load import read

from .mistakes import MISTAKES, Mistake
from .samples import (
    GOOD,
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
