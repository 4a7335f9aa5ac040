"""Spack's packages.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.spack import External, Packages, read_packages
from envmgr.importers.spackspec import SpackSpec

TEXT = """\
packages:
  all:
    providers:
      mpi: [openmpi]
    target: [x86_64]
  gcc:
    buildable: false
    externals:
    - spec: gcc@12.2.0 languages:='c,c++' arch=linux-debian12-x86_64
      prefix: /usr
      extra_attributes:
        compilers:
          c: /usr/bin/gcc-12
          cxx: /usr/bin/g++-12
          fortran: gfortran
  mpich::
    buildable: True
    externals::
    - spec: "mpich@7.7.10%gcc@10"
      modules:
      - cray-mpich/7.7.10
  python:
    version: [3.10]
    externals:
    - spec: python@3.10
      prefix: /opt/python
"""


def read(tmp_path: Path, text: str) -> Packages:
    file = tmp_path / "packages.yaml"
    file.write_text(text)
    return read_packages(str(file))


def test_externals_as_people_have_them(tmp_path: Path) -> None:
    packages = read(tmp_path, TEXT)
    assert packages.left == ()
    assert packages.externals == (
        External(
            "packages.yaml:9",
            SpackSpec("gcc", "12.2.0", "languages:='c,c++' arch=linux-debian12-x86_64"),
            "gcc@12.2.0 languages:='c,c++' arch=linux-debian12-x86_64",
            prefix="/usr",
            programs=("/usr/bin/gcc-12", "/usr/bin/g++-12"),
        ),
        External(
            "packages.yaml:19",
            SpackSpec("mpich", "7.7.10", "%gcc@10"),
            "mpich@7.7.10%gcc@10",
            modules=("cray-mpich/7.7.10",),
        ),
        External(
            "packages.yaml:25",
            SpackSpec("python", "3.10"),
            "python@3.10",
            prefix="/opt/python",
        ),
    )


def test_choices_are_no_things_and_are_told(tmp_path: Path) -> None:
    lost = [(note.where, note.what) for note in read(tmp_path, TEXT).lost]
    assert lost[:4] == [
        ("packages.yaml:3", "all: providers"),
        ("packages.yaml:5", "all: target"),
        ("packages.yaml:7", "gcc: buildable"),
        ("packages.yaml:23", "python: version"),
    ]
    assert [where for where, _ in lost[4:]] == ["packages.yaml:9", "packages.yaml:19"]


@pytest.mark.parametrize(
    ("external", "why"),
    [
        ("{spec: gcc@12}", "neither a prefix nor modules"),
        ("{spec: gcc@12, prefix: usr}", "no absolute path"),
        ("{spec: gcc@12, modules: gcc}", "neither a prefix nor modules"),
        ("{spec: 'gcc@11:12', prefix: /usr}", "one version"),
        ("{spec: 'gcc@:12', prefix: /usr}", "no spec|one version"),
        ("{spec: '%gcc', prefix: /usr}", "no spec"),
        ("{prefix: /usr}", "no spec"),
        ("[gcc]", "neither a prefix nor modules"),
    ],
)
def test_what_is_no_external(tmp_path: Path, external: str, why: str) -> None:
    packages = read(tmp_path, f"packages:\n  gcc:\n    externals:\n    - {external}\n")
    (note,) = packages.left
    assert packages.externals == () and note.where == "packages.yaml:4"
    assert any(one in note.why for one in why.split("|"))


@pytest.mark.parametrize("text", ["", "packages:", "packages: [gcc]", "packages: {gcc: 3}", "[]"])
def test_nothing_comes_of_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Packages(())


def test_no_yaml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no YAML"):
        read(tmp_path, "packages: {")
