"""Commands for places that are only known when they run: a shell reads them as they were meant."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.export.relocate import relocated
from envmgr.export.words import shell_word

PIECES = st.lists(
    st.sampled_from(["/opt/x", "/tmp/x", "/opt/xy", "'", '"', " ", "$", "`a`", "\\", "é", "*", ":"])
)
PLACES = {"/opt/x": "root", "/tmp/x": "work"}


def printed(word: str, root: str) -> str:
    """What sh prints for *word* where the root is *root*."""
    done = subprocess.run(
        ["sh", "-c", f"printf %s {word}"],
        env={"root": root, "work": "/w"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


@pytest.mark.needs("sh")
@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_a_word_means_the_same_at_another_place(pieces: list[str]) -> None:
    text = "".join(f"{piece}/" if piece.startswith("/") else piece for piece in pieces)
    expected = text.replace("/opt/x/", "/home/a 'b' $c/").replace("/tmp/x/", "/w/")
    assert printed(relocated(shell_word(text), PLACES), "/home/a 'b' $c") == expected


@pytest.mark.parametrize(
    ("command", "moved"),
    [
        ("cd /opt/x/a -L/opt/x", 'cd "${root}"/a -L"${root}"'),
        ("'a b:/opt/x/lib'", "'a b:'\"${root}\"'/lib'"),
        ('"/opt/x:$PATH"', '"${root}:$PATH"'),
        ("/opt/xy /opt/x-1 /opt/x.d", "/opt/xy /opt/x-1 /opt/x.d"),
        ("make", "make"),
    ],
)
def test_places_become_variables(command: str, moved: str) -> None:
    assert relocated(command, PLACES) == moved
