"""Locks as values: keys, closures, and what makes two entries the same."""

from __future__ import annotations

from dataclasses import replace

from envmgr.model.lock import (
    LockedEntry,
    LockedPlatform,
    keyed,
    marks,
    needs_in_a_circle,
    renamed,
    wish_text,
)
from envmgr.model.query import Query


def found(name: str, version: str, path: str = "/x", **needs: str) -> LockedEntry:
    return LockedEntry(name, version, "detected", name, id="0" * 16, path=path, needs=needs)


def made(name: str, version: str, **built_with: str) -> LockedEntry:
    return LockedEntry(
        name,
        version,
        "installed",
        name,
        recipe=name,
        plan="p",
        sources={"a.tar": "sha256:1"},
        built_with=built_with,
    )


PART = LockedPlatform(
    entries={
        "py": found("python", "3"),
        "np": found("numpy", "2", python="py"),
        "cc": found("gcc", "12"),
        "blas": made("blas", "1", cc="cc"),
        "sp": found("scipy", "1", python="py", numpy="np", blas="blas"),
    }
)


def test_needs_come_first_and_builds_only_when_asked_for() -> None:
    assert PART.closure(["sp"]) == ("py", "np", "blas", "sp")
    assert PART.closure(["sp"], builds=True) == ("py", "np", "cc", "blas", "sp")
    assert PART.closure(["np", "py"]) == ("py", "np")
    assert PART.closure([]) == ()


def test_circles() -> None:
    assert needs_in_a_circle(PART.entries) == ()
    circle = {"a": found("a", "1", x="b"), "b": found("b", "1", x="a"), "c": found("c", "1")}
    assert set(needs_in_a_circle(circle)) == {"a", "b"}


def test_a_key_is_name_and_version() -> None:
    keys = keyed(PART.entries)
    assert keys["np"] == "numpy@2" and keys["cc"] == "gcc@12"


def test_what_shares_both_gets_more_and_is_told_apart_for_ever() -> None:
    two = {"a": found("gcc", "12", "/usr/bin/gcc"), "b": found("gcc", "12", "/opt/bin/gcc")}
    keys = keyed(two)
    assert len(set(keys.values())) == 2
    assert all(key.startswith("gcc@12#") for key in keys.values())
    assert keyed(dict(reversed(two.items()))) == keys


def test_needs_tell_apart_too() -> None:
    entries = {
        "old": found("python", "3.11", "/a"),
        "new": found("python", "3.13", "/b"),
        "one": replace(made("numpy", "2"), needs={"python": "old"}),
        "two": replace(made("numpy", "2"), needs={"python": "new"}),
    }
    keys = keyed(entries)
    assert keys["one"] != keys["two"]


def test_an_install_does_not_change_what_an_entry_is() -> None:
    before = {"a": made("blas", "1", cc="c"), "c": found("gcc", "12")}
    after = {**before, "a": replace(before["a"], id="1" * 16, recipe_digest="d" * 64)}
    assert marks(before) == marks(after)
    assert marks(before)["a"] != marks({**before, "c": found("gcc", "13")})["a"]


def test_the_same_thing_has_the_same_key_whoever_found_it() -> None:
    entries = {"mine": found("gcc", "12"), "theirs": replace(found("gcc", "12"), id="2" * 16)}
    assert keyed(entries) == {"mine": "gcc@12", "theirs": "gcc@12"}


def test_renaming_reaches_every_need() -> None:
    entry = replace(made("x", "1", cc="old"), needs={"a": "old", "b": "other"})
    again = renamed(entry, {"old": "new"})
    assert again.needs == {"a": "new", "b": "other"} and again.built_with == {"cc": "new"}


def test_a_wish_is_its_query_with_its_preferences() -> None:
    query = Query.parse("compiler.gcc@>=12")
    assert wish_text(query) == "compiler.gcc,>=12"
    preferring = replace(query, prefer=("detected", "oldest"))
    assert wish_text(preferring) == "compiler.gcc,>=12 prefer detected, oldest"
