"""conda's package specifications in their many spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.importers.condaspec import parse_spec
from envmgr.importers.reading import UntranslatableError
from envmgr.model.version import Version

VERSIONS = st.lists(st.integers(0, 30), min_size=1, max_size=3).map(
    lambda numbers: ".".join(map(str, numbers))
)
NAMES = st.from_regex(r"[a-z][a-z0-9_.-]{0,10}[a-z0-9]", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "name", "versions", "lost"),
    [
        ("numpy", "numpy", "", ()),
        ("NumPy", "numpy", "", ()),
        ("numpy=1.24", "numpy", "1.24.*", ()),
        ("numpy =1.24", "numpy", "1.24.*", ()),
        ("numpy = 1.24", "numpy", "1.24.*", ()),
        ("numpy=1.24.*", "numpy", "1.24.*", ()),
        ("numpy 1.24.*", "numpy", "1.24.*", ()),
        ("numpy 1.24*", "numpy", "1.24.*", ()),
        ("numpy 1.24", "numpy", "==1.24", ()),
        ("numpy==1.24", "numpy", "==1.24", ()),
        ("numpy==1.24.*", "numpy", "1.24.*", ()),
        ("numpy>=1.20,<2", "numpy", ">=1.20,<2", ()),
        ("numpy >=1.20, <2", "numpy", ">=1.20,<2", ()),
        ("numpy >= 1.20", "numpy", ">=1.20", ()),
        ("numpy >=1.20.*", "numpy", ">=1.20", ()),
        ("numpy=1.20,<2", "numpy", "1.20.*,<2", ()),
        ("numpy!=1.2.*", "numpy", "!=1.2.*", ()),
        ("numpy~=1.4.2", "numpy", "~=1.4.2", ()),
        ("numpy=*", "numpy", "", ()),
        ("numpy *", "numpy", "", ()),
        ("numpy=1.24.3=py311h64a7726_0", "numpy", "==1.24.3", ("build py311h64a7726_0",)),
        ("numpy==1.24.3=py_0", "numpy", "==1.24.3", ("build py_0",)),
        ("numpy 1.24.3 py_0", "numpy", "==1.24.3", ("build py_0",)),
        ("python=3.11.*=*_cpython", "python", "3.11.*", ("build *_cpython",)),
        ("libblas=*=*mkl", "libblas", "", ("build *mkl",)),
        ("conda-forge::cmake>=3.26", "cmake", ">=3.26", ("channel conda-forge",)),
        ("conda-forge/linux-64::cmake", "cmake", "", ("channel conda-forge/linux-64",)),
        ("r-base=4.1", "r-base", "4.1.*", ()),
        ("openssl=1.1.1w", "openssl", "1.1.1w.*", ()),
        ("_libgcc_mutex=0.1=main", "_libgcc_mutex", "==0.1", ("build main",)),
        (
            "cuda[version='>=11,<12', build=h*, channel=nvidia]",
            *("cuda", ">=11,<12", ("build h*", "channel nvidia")),
        ),
    ],
)
def test_spellings(text: str, name: str, versions: str, lost: tuple[str, ...]) -> None:
    spec = parse_spec(text)
    assert (spec.name, str(spec.versions), spec.lost) == (name, versions, lost)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("numpy 1.24|1.26", "alternatives"),
        ("numpy=1.24|>=2", "alternatives"),
        ("numpy>=", "cannot be said"),
        ("numpy 1.*.2", "cannot be said"),
        ("numpy ^1.2$", "cannot be said"),
        ("numpy 1!2.0", "epochs"),
        ("numpy ~=1", "two numbers"),
        ("numpy ~=1.2.*", "no pattern"),
        ("numpy 1 2 3", "no package specification"),
        ("", "no package specification"),
        ("numpy[version", "cannot be said"),
        ("numpy[version=']", "brackets"),
        ("https://example.org/numpy-1.2-0.conda", "a file or an address"),
        ("./numpy-1.2-0.tar.bz2", "a file or an address"),
    ],
)
def test_what_cannot_be_said_here(text: str, why: str) -> None:
    with pytest.raises(UntranslatableError, match=why):
        parse_spec(text)


@given(NAMES, VERSIONS)
def test_fuzzy_is_the_version_and_what_is_finer(name: str, version: str) -> None:
    spellings = (f"{name}={version}", f"{name} ={version}", f"{name} {version}.*")
    first, *others = map(parse_spec, spellings)
    assert all(other == first for other in others)
    assert Version(version) in first.versions and Version(f"{version}.7") in first.versions
    head, _, last = version.rpartition(".")
    above = f"{head}.{int(last) + 1}" if head else str(int(last) + 1)
    assert Version(above) not in first.versions and Version(f"{above}.1") not in first.versions


@given(NAMES, VERSIONS, st.sampled_from(("==", " ", " == ")))
def test_exact_is_one_version(name: str, version: str, between: str) -> None:
    versions = parse_spec(f"{name}{between}{version}").versions
    assert Version(version) in versions and Version(f"{version}.7") not in versions


@given(NAMES, VERSIONS, VERSIONS)
def test_a_channel_and_a_build_change_no_version(name: str, low: str, high: str) -> None:
    plain = parse_spec(f"{name} >={low},<{high}")
    assert parse_spec(f"a/b::{name} >={low}, <{high} py_0").versions == plain.versions
    assert str(plain.versions) == f">={low},<{high}"


@given(st.text(max_size=60) | st.text("ab1.=<>!~*|,[]' :/^-", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        spec = parse_spec(text)
    except UntranslatableError as error:
        assert str(error)
    else:
        assert spec.name == spec.name.lower() and spec.name.isascii()
