"""What keepers and those who ask them tell each other."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.host import keeper

_PLAIN = st.none() | st.booleans() | st.integers() | st.binary(max_size=40) | st.floats(width=64)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.tuples(inner, inner) | st.dictionaries(st.binary(max_size=9), inner),
    max_leaves=20,
).filter(lambda value: value is not None)


@given(values=st.lists(_VALUES, max_size=4))
def test_what_is_sent_is_received_in_order(values: list[object]) -> None:
    source, to = os.pipe()
    with open(source, "rb"):
        for value in values:
            keeper.send(to, value)
        os.close(to)
        received = [keeper.receive(source) for _ in values]
        assert repr(received) == repr(values)
        assert keeper.receive(source) is None


def test_what_is_larger_than_a_pipe_arrives() -> None:
    source, to = os.pipe()
    large = {b"A": b"x" * 1_000_000}
    with open(source, "rb"), open(to, "wb"):
        sender = threading.Thread(target=keeper.send, args=(to, large))
        sender.start()
        assert keeper.receive(source) == large
        sender.join()


@pytest.mark.parametrize("kept", [1, 8, 12])
def test_what_breaks_off_is_the_end(kept: int) -> None:
    source, to = os.pipe()
    with open(source, "rb"):
        whole, other = os.pipe()
        with open(whole, "rb"):
            keeper.send(other, [b"something that is long enough"])
            os.close(other)
            os.write(to, os.read(whole, 1000)[:kept])
        os.close(to)
        assert keeper.receive(source) is None


@pytest.mark.needs("linux")
def test_a_keeper_ends_when_nobody_asks_any_more() -> None:
    argv = [sys.executable, "-I", "-S", keeper.__file__]
    done = subprocess.run(argv, input=b"", capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.needs("linux")
def test_a_keeper_starts_with_little() -> None:
    argv = [sys.executable, "-I", "-S", "-X", "importtime", keeper.__file__]
    done = subprocess.run(argv, input="", capture_output=True, text=True, timeout=60)
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {"marshal", "select"} <= modules
    assert modules.isdisjoint({"typing", "subprocess", "shutil", "threading", "re", "envmgr"})
