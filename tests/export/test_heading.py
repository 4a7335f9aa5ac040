"""The comment at the top of a file."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.heading import contents, heading
from envmgr.export.material import LeftOut

from .subjects import environment, gcc
from .things import detected


def test_it_names_what_made_it_and_what_is_inside() -> None:
    subject = replace(environment(gcc()), lock="ab12")
    assert heading(subject, "dotenv") == [
        "# Made by `envmgr export dotenv` on linux-x86_64-debian12: compiler.gcc@12.2.0.",
        "# From a lock with the sha256 ab12.",
    ]


def test_what_is_left_out_is_said_without_its_path() -> None:
    lines = heading(environment(), "conda", [LeftOut("tool.x@1", "why", "/home/me/x")], mark="--")
    assert lines[0].endswith("linux-x86_64-debian12: nothing.")
    assert lines[-1] == "--   - tool.x@1: why"
    assert "/home/me" not in "\n".join(lines)


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_in_it_stays_in_the_comment(version: str, why: str) -> None:
    subject = environment(detected("tool.x", version))
    lines = heading(subject, "conda", [LeftOut("x", why)])
    assert all(line.startswith("#") and line.isprintable() for line in lines)
    assert not any("\\" in line for line in lines)


def test_contents_can_be_printed() -> None:
    subject = environment(gcc(), detected("tool.x", "1\n\udcff"))
    assert contents(subject) == ("compiler.gcc 12.2.0", "tool.x 1??")
