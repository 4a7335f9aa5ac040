from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.detect.links import follow, stand_in
from tests.detect.mock import program, script, text


def test_a_chain_of_links_ends_at_the_file(tmp_path: Path) -> None:
    real = program(tmp_path / "bin/gcc-12.2", "gcc")
    (tmp_path / "bin/gcc-12").symlink_to("gcc-12.2")
    (tmp_path / "alternatives").symlink_to("bin/gcc-12")
    (tmp_path / "gcc").symlink_to(tmp_path / "alternatives")
    assert follow(str(tmp_path / "gcc")) == str(real)


@pytest.mark.parametrize(
    "line",
    ['exec {} "$@"', "exec '{}' \"$@\"", 'exec "{}" $@', '# why\n\n  exec {} "$@"  \n# end'],
)
def test_a_plain_wrapper_is_followed(tmp_path: Path, line: str) -> None:
    real = program(tmp_path / "real", "x")
    wrapper = script(tmp_path / "wrapper", line.format(real))
    assert follow(str(wrapper)) == str(real)


def test_a_quoted_path_may_hold_spaces(tmp_path: Path) -> None:
    real = program(tmp_path / "a place/real", "x")
    for quote in "\"'":
        wrapper = script(tmp_path / "wrapper", f'exec {quote}{real}{quote} "$@"')
        assert follow(str(wrapper)) == str(real)


def test_a_wrapper_of_a_link_of_a_wrapper(tmp_path: Path) -> None:
    real = program(tmp_path / "real", "x")
    inner = script(tmp_path / "inner", f'exec {real} "$@"')
    (tmp_path / "link").symlink_to(inner)
    outer = script(tmp_path / "outer", f'exec {tmp_path}/link "$@"')
    assert follow(str(outer)) == str(real)


@pytest.mark.parametrize(
    "body",
    [
        'exec {} -m32 "$@"',
        'FLAGS=-O2 exec {} "$@"',
        'export A=1\nexec {} "$@"',
        "exec {}",
        '{} "$@"',
        'exec $TOOL "$@"',
        "exec {} '$@'",
        'exec relative "$@"',
        'exec /nonexistent/program "$@"',
    ],
)
def test_a_wrapper_that_does_more_stays_itself(tmp_path: Path, body: str) -> None:
    real = program(tmp_path / "real", "x")
    wrapper = script(tmp_path / "wrapper", body.format(real))
    assert follow(str(wrapper)) == str(wrapper)


def test_no_script_of_a_shell_is_no_wrapper(tmp_path: Path) -> None:
    real = program(tmp_path / "real", "x")
    line = f'exec {real} "$@"\n'
    for name, content in (
        ("perl", f"#!/usr/bin/perl\n{line}"),
        ("nothing", line),
        ("large", f"#!/bin/sh\n{'#' * 4096}\n{line}"),
    ):
        assert follow(str(text(tmp_path / name, content))) == str(tmp_path / name)


def test_wrappers_that_call_each_other_end(tmp_path: Path) -> None:
    one = script(tmp_path / "one", f'exec {tmp_path}/two "$@"')
    two = script(tmp_path / "two", f'exec {tmp_path}/one "$@"')
    assert follow(str(one)) in (str(one), str(two))


def test_links_that_go_in_a_circle_or_nowhere_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "dangling").symlink_to("gone")
    assert os.path.dirname(follow(str(tmp_path / "a"))) == str(tmp_path)
    assert follow(str(tmp_path / "dangling")) == str(tmp_path / "gone")


@pytest.mark.parametrize("name", ["ccache", "sccache", "distcc", "rustup", "mise"])
def test_a_link_to_a_multiplexer_is_a_stand_in(tmp_path: Path, name: str) -> None:
    real = program(tmp_path / name, "x")
    (tmp_path / "gcc").symlink_to(name)
    assert stand_in(str(tmp_path / "gcc"), str(real)) == name
    assert stand_in(str(real), str(real)) is None


def test_a_hard_link_to_rustup_is_a_stand_in(tmp_path: Path) -> None:
    proxy = program(tmp_path / "rustup", "x")
    os.link(proxy, tmp_path / "rustc")
    other = program(tmp_path / "own", "x")
    assert stand_in(str(tmp_path / "rustc"), str(tmp_path / "rustc")) == "rustup"
    assert stand_in(str(other), str(other)) is None
