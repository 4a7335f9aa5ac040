"""Languages that the build system `sources` knows, each by its suffixes and its compiler."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and how a compiler of it is told to an environment."""

    name: str
    compiler: str
    """The variable that names its compiler."""
    suffixes: tuple[str, ...]
    rank: int
    """The compiler of the highest language in a program links it, for it knows its libraries."""


C = Language("C", "CC", (".c", ".s", ".S"), 1)
FORTRAN = Language(
    "Fortran",
    "FC",
    (
        *(".f", ".for", ".ftn", ".f77", ".f90", ".f95", ".f03", ".f08"),
        *(".F", ".FOR", ".F77", ".F90", ".F95", ".F03", ".F08"),
    ),
    2,
)
CXX = Language("C++", "CXX", (".cc", ".cpp", ".cxx", ".c++", ".C"), 3)
CUDA = Language("CUDA", "CUDACXX", (".cu",), 4)
JAVA = Language("Java", "JAVA_HOME", (".java",), 5)

_BY_SUFFIX = {
    suffix: language for language in (C, FORTRAN, CXX, CUDA, JAVA) for suffix in language.suffixes
}


def language_of(path: str) -> Language | None:
    """The language of a source file by its suffix, in which the case counts: `.C` is C++."""
    return _BY_SUFFIX.get(os.path.splitext(path)[1])


def is_source(path: str) -> bool:
    """Whether *path* is a file that is compiled."""
    return language_of(path) is not None


def highest(languages: set[Language]) -> Language:
    """The one of *languages* whose compiler links them all."""
    return max(languages, key=lambda language: language.rank)
