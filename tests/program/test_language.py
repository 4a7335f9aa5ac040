"""Languages by suffix."""

from __future__ import annotations

import pytest

from envmgr.program.language import CUDA, CXX, FORTRAN, JAVA, C, highest, is_source, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.c", C),
        ("a.S", C),
        ("d.x/a.C", CXX),
        ("a.cc", CXX),
        ("a.c++", CXX),
        ("a.f", FORTRAN),
        ("a.F90", FORTRAN),
        ("a.cu", CUDA),
        ("A.java", JAVA),
        ("a.h", None),
        ("c", None),
        ("a.c/b", None),
    ],
)
def test_the_suffix_tells(path: str, language: object) -> None:
    assert language_of(path) is language
    assert is_source(path) == (language is not None)


def test_the_highest_language_links() -> None:
    assert highest({C}) is C
    assert highest({C, FORTRAN}) is FORTRAN
    assert highest({C, FORTRAN, CXX}) is CXX
    assert highest({CXX, CUDA}) is CUDA
