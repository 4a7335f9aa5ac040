"""conda's environment.yml: the same versions from conda-forge."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.conda import render
from envmgr.importers.conda import read_environment
from envmgr.importers.reading import merged
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry
from envmgr.model.version import Version

from .subjects import HURTING, environment, gcc, names
from .things import detected, installed

VERSIONS = st.lists(st.integers(0, 9999), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)


def form(*entries: Entry, **more: Any) -> Any:
    return yaml.safe_load(render(environment(*entries, **more)).text)


def test_versions_are_exact_and_come_from_conda_forge() -> None:
    python = detected("compiler.python", "3.11.2")
    numpy = installed("python.numpy", "/opt/numpy", version="2.2.6", needs=(python.id,))
    assert form(python, numpy, name="sums") == {
        "name": "sums",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.11.2", "numpy=2.2.6"],
    }


def test_parts_that_are_packages_of_their_own_come_along() -> None:
    c = gcc(CC="/usr/bin/gcc")
    assert form(c)["dependencies"] == ["gcc=12.2.0"]
    all_three = gcc(CC="/c", CXX="/cxx", FC="/f")
    wanted = ["gcc=12.2.0", "gxx=12.2.0", "gfortran=12.2.0"]
    assert form(all_three)["dependencies"] == wanted


def test_the_kind_of_build_is_said() -> None:
    assert form(detected("lib.hdf5-parallel", "1.12.1"))["dependencies"] == ["hdf5=1.12.1=mpi_*"]


def test_what_only_pypi_has_comes_by_pip() -> None:
    known = names(conda={"tool.cmake": (), "python.numpy": ()}, pypi={"tool.cmake": ("cmake",)})
    things = (detected("tool.cmake", "3.25.1"), detected("python.numpy", "2.2"), gcc(CC="/c"))
    assert form(*things, names=known)["dependencies"] == [
        "gcc=12.2.0",
        "pip",
        {"pip": ["cmake==3.25.1", "numpy==2.2"]},
    ]


def test_the_variables_of_the_project_are_set_and_those_of_this_machine_are_not() -> None:
    written = form(gcc(), extra=Delta({"B": "2", "A": "1"}))
    assert written["variables"] == {"A": "1", "B": "2"}
    assert form(extra=Delta(HURTING))["variables"] == HURTING
    export = render(environment(extra=Delta({"A": "1\n2"})))
    assert [item.why for item in export.left_out] == ["it has a line break"]
    assert "variables" not in yaml.safe_load(export.text)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (detected("dataset.iris"), "conda-forge has no package of it"),
        (detected("tool.unheard-of"), "conda-forge has no package of it"),
        (detected("lib.zlib", "1.0 - x"), "conda cannot have the version '1.0 - x'"),
        (detected("lib.zlib", "1,>=2"), "conda cannot have the version '1,>=2'"),
    ],
)
def test_what_cannot_be_had_is_left_out(entry: Entry, why: str) -> None:
    export = render(environment(entry))
    (item,) = export.left_out
    assert (item.what, item.why) == (str(entry), why)
    assert yaml.safe_load(export.text)["dependencies"] == []


@given(VERSIONS, VERSIONS)
def test_the_importer_reads_what_was_written(version: str, other: str) -> None:
    known = names(conda={"tool.cmake": ()})
    things = (detected("tool.cmake", version), detected("compiler.python", other), gcc())
    text = render(environment(*things, names=known, extra=Delta({"A": "1"}))).text
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "environment.yml")
        file.write_text(text, "utf-8")
        reading = merged(read_environment(str(file), known.of_conda, known.of_pypi))
    wishes = {one.wish.query.wanted: one.wish.query.versions for one in reading.taken}
    assert wishes.keys() == {(entry.name,) for entry in things}
    assert all(Version(entry.version) in wishes[entry.name,] for entry in things)
    assert not any(Version(entry.version + "9") in wishes[entry.name,] for entry in things)
    assert [note.what for note in reading.left] == ["pip"]  # for which nothing here has a detector
