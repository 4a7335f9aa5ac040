"""Specs of Spack's externals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.importers.reading import UntranslatableError
from envmgr.importers.spackspec import SpackSpec, parse_spec

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,12}", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}[a-z]?", fullmatch=True)
RESTS = st.sampled_from(
    ("", "+shared", "~cpanm", " arch=linux-debian12-x86_64", "%gcc@12.2", " ^zlib@1.2", " a=b c=d")
)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("gcc", SpackSpec("gcc")),
        ("gcc@12.2.0", SpackSpec("gcc", "12.2.0")),
        ("gcc@=12.2.0", SpackSpec("gcc", "12.2.0")),
        ("builtin.gcc@12", SpackSpec("gcc", "12")),
        ("perl@5.36.0~cpanm+opcode", SpackSpec("perl", "5.36.0", "~cpanm+opcode")),
        ("openmpi@4.1.3%gcc@12.1.0", SpackSpec("openmpi", "4.1.3", "%gcc@12.1.0")),
        ("cuda@12.3  arch=x\n", SpackSpec("cuda", "12.3", "arch=x")),
        ("m4 +sigsegv", SpackSpec("m4", "", "+sigsegv")),
    ],
)
def test_specs(text: str, spec: SpackSpec) -> None:
    assert parse_spec(text) == spec


@given(NAMES, VERSIONS, RESTS)
def test_a_spec_is_its_pieces(name: str, version: str, rest: str) -> None:
    assert parse_spec(f"{name}@{version}{rest}") == SpackSpec(name, version, rest.strip())


@given(st.text(max_size=40) | st.text("a1.@:=+~%^ -", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse_spec(text).package
    except UntranslatableError as error:
        assert str(error)
