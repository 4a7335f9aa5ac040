"""Spots and what is said to them."""

from __future__ import annotations

from envmgr.catalog.problem import Problem, Spot, dotted, nearest


def test_a_path_reads_as_toml_writes_it() -> None:
    assert dotted(("case", 1, "tree", "bin/gcc", "link")) == 'case[1].tree."bin/gcc".link'
    assert dotted(()) == ""


def test_a_problem_about_a_whole_file_names_no_line_and_no_key() -> None:
    assert str(Problem("x.toml", 0, "", "cannot be read")) == "x.toml: cannot be read"


def test_saying_the_same_twice_records_it_once() -> None:
    spot = Spot()
    for _ in range(2):
        spot.at("a", 1).say("wrong", "right")
    assert [finding.path for finding in spot.found] == [("a", 1)]
    assert spot.is_clean
    assert not spot.at("a").at(1).is_clean


def test_the_nearest_word() -> None:
    assert nearest("progam", ["program", "library"]) == "program"
    assert nearest("zzz", ["program", "library"]) is None
