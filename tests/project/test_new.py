from __future__ import annotations

import re

from envmgr.model.query import Query
from envmgr.project.new import new_text
from envmgr.project.read import parsed

FILE = "/bench/envmgr.toml"


def test_a_new_file_says_what_was_asked_for() -> None:
    queries = [Query.parse(text) for text in ("compiler.gcc@>=12,<15", "tool,cmake,-gui,>=3")]
    project = parsed(FILE, new_text("bench", queries))
    assert project.name == "bench"
    assert [wish.query for wish in project.features["default"].wishes] == queries


def test_a_new_file_may_want_nothing_yet() -> None:
    assert parsed(FILE, new_text("bench", ())).features["default"].wishes == ()


def test_what_it_shows_in_comments_is_right() -> None:
    text = re.sub(r"^# (?=\[|\w+ = )", "", new_text("bench", ()), flags=re.MULTILINE)
    project = parsed(FILE, text)
    assert project.features["default"].variables == {"OMP_NUM_THREADS": "4"}
    assert project.features["default"].prefer == ("detected",)
    assert project.environments["gpu"] == ("default", "gpu")
    (shown,) = re.findall(r"^#\s+(\{.*\})$", text, re.MULTILINE)
    assert parsed(FILE, f"needs = [{shown}]").features["default"].wishes[0].platforms == (
        "linux-*",
    )
