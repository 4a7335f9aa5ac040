"""What every file of an image begins with, and what an image says of itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.carry import Image, decide
from envmgr.export.header import header, labels
from envmgr.export.material import LeftOut

from .test_dockerfile import MATERIALS

NOTHING = Image(base="debian:12.11", platform="linux-x86_64")


def test_it_names_the_format_and_what_there_is() -> None:
    lines = header(decide(MATERIALS["packages"]), "apptainer")
    assert lines[0] == (
        "# Made by `envmgr export apptainer` for linux-x86_64-debian12: compiler.gcc@1.0."
    )
    assert any("snapshot archive" in line for line in lines)
    assert not any("snapshot archive" in line for line in header(NOTHING, "sh"))


@given(st.text(), st.text())
def test_whatever_is_left_out_stays_in_the_comment(what: str, why: str) -> None:
    lines = header(replace(NOTHING, left_out=(LeftOut(what, why, "/home/me"),)), "sh")
    assert all(line.startswith("#") and line.isprintable() for line in lines)


def test_labels_say_what_is_known() -> None:
    assert labels(NOTHING) == {
        "org.opencontainers.image.title": "environment",
        "org.opencontainers.image.base.name": "debian:12.11",
    }
    for lock in ("ab" * 32, f"sha256:{'ab' * 32}"):
        assert labels(replace(NOTHING, lock=lock))["envmgr.lock"] == f"sha256:{'ab' * 32}"
