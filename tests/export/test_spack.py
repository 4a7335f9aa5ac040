"""Spack's packages.yaml: what is here as externals."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from envmgr.export.result import Export
from envmgr.export.spack import render
from envmgr.export.subject import Subject
from envmgr.importers.spack import read_packages
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry

from .subjects import environment, gcc, names, with_roles
from .things import detected, installed

SPEC = re.compile(r"[a-z0-9-]+@[A-Za-z0-9_.-]+([+~][a-z]+)*( languages='[a-z+,]+')?")


def packages(subject: Subject) -> dict[str, Any]:
    """The externals of what is written, its shape checked."""
    form = yaml.safe_load(render(subject).text)
    assert list(form) == ["packages"]
    everything: dict[str, Any] = form["packages"]
    for name, package in everything.items():
        if name == "all":
            assert list(package) == ["providers"]
            continue
        assert package.keys() == {"externals", "buildable"} and package["buildable"] is False
        for external in package["externals"]:
            assert external.keys() <= {"spec", "prefix", "extra_attributes"}
            assert SPEC.fullmatch(external["spec"]), external["spec"]
            assert external["spec"].startswith(f"{name}@")
    return everything


def test_a_tool_is_its_version_at_its_prefix() -> None:
    tool = installed("tool.cmake", "/opt/cmake", version="3.25.1")
    assert packages(environment(tool)) == {
        "cmake": {
            "externals": [{"spec": "cmake@3.25.1", "prefix": "/opt/cmake"}],
            "buildable": False,
        }
    }


def test_compilers_say_their_languages() -> None:
    written = packages(environment(gcc(CC="/usr/bin/gcc", CXX="/usr/bin/g++", FC="/usr/bin/gfc")))
    assert written["gcc"]["externals"] == [
        {
            "spec": "gcc@12.2.0 languages='c,c++,fortran'",
            "prefix": "/usr",
            "extra_attributes": {
                "compilers": {"c": "/usr/bin/gcc", "cxx": "/usr/bin/g++", "fortran": "/usr/bin/gfc"}
            },
        }
    ]
    assert written["all"]["providers"] == {"c": ["gcc"], "cxx": ["gcc"], "fortran": ["gcc"]}


@pytest.mark.parametrize(
    ("programs", "spec"),
    [
        ({"CC": "/b/clang", "CXX": "/b/clang++"}, "llvm@14.0.6+clang~flang"),
        ({"CC": "/b/clang", "FC": "/b/flang"}, "llvm@14.0.6+clang+flang"),
        ({}, "llvm@14.0.6"),
    ],
)
def test_llvm_has_variants_for_its_languages(programs: dict[str, str], spec: str) -> None:
    llvm = detected("compiler.llvm", "14.0.6", tags=("compiler",), delta=Delta(programs))
    (external,) = packages(environment(llvm))["llvm"]["externals"]
    assert external["spec"] == spec


def test_only_the_compiler_of_the_environment_provides_a_language() -> None:
    put = {"CC": "/b/clang", "FC": "/b/flang"}
    llvm = detected("compiler.llvm", tags=("compiler",), delta=Delta(put))
    written = packages(environment(llvm, gcc()))
    assert written["all"]["providers"] == {"c": ["gcc"], "cxx": ["gcc"], "fortran": ["llvm"]}
    assert list(written) == ["gcc", "llvm", "all"]


def test_roles_that_spack_knows_have_a_provider() -> None:
    mpi = with_roles(detected("lib.openmpi", "4.1.4"), "mpi", "a-role-of-ours")
    assert packages(environment(mpi))["all"] == {"providers": {"mpi": ["openmpi"]}}


def test_several_things_may_be_one_package() -> None:
    two = [detected("lib.hdf5", "1.10"), detected("lib.hdf5-parallel", "1.12", path="/p/h5pcc")]
    written = packages(environment(*two))["hdf5"]["externals"]
    assert [external["spec"] for external in written] == ["hdf5@1.10~mpi", "hdf5@1.12+mpi"]
    alike = [detected("lib.zlib"), detected("tool.cmake")]
    known = names(spack={"lib.zlib": ("same",), "tool.cmake": ("same",)})
    assert len(packages(environment(*alike, names=known))["same"]["externals"]) == 1


def test_a_build_number_is_written_as_spack_does() -> None:
    entry = detected("tool.cmake", "17.0.15+10")
    assert packages(environment(entry))["cmake"]["externals"][0]["spec"] == "cmake@17.0.15_10"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (detected("dataset.iris"), "Spack has no package of it"),
        (detected("tool.unheard-of"), "Spack has no package of it"),
        (detected("tool.cmake", "1.0 +evil ^x"), "Spack has no version '1.0 +evil ^x'"),
        (installed("python.numpy", "/opt/n"), "does not look for Python packages"),
        (installed("tool.cmake", "/opt/\udcff"), "it is not UTF-8"),
        (gcc(CC="/usr/bin/gcc\n"), "it has a line break"),
    ],
)
def test_what_cannot_be_an_external_is_left_out(entry: Entry, why: str) -> None:
    export: Export = render(environment(entry))
    (item,) = export.left_out
    assert item.what == str(entry) and why in item.why and item.path == entry.path
    assert yaml.safe_load(export.text) == {"packages": {}}
    assert why.replace("\\", "?") in export.text.replace("\n#     ", " ")


@pytest.mark.parametrize("prefix", ["/opt/a: b", "/opt/'x'", "/opt/#y", "/opt/{z}", "/é", "/ t "])
def test_any_prefix_is_read_back_as_it_is(prefix: str) -> None:
    entry = installed("tool.cmake", prefix, delta=Delta({"X": "1"}))
    written = packages(environment(entry))
    assert written["cmake"]["externals"][0]["prefix"] == prefix


def test_the_importer_reads_what_was_written(tmp_path: Path) -> None:
    python, mpi = detected("compiler.python", "3.11.2"), detected("lib.openmpi", "4.1.4")
    cmake = installed("tool.cmake", "/opt/it's: #here", version="3.25.1", delta=Delta({"X": "1"}))
    things = (python, with_roles(mpi, "mpi"), cmake, gcc())
    file = tmp_path / "packages.yaml"
    file.write_text(render(environment(*things)).text, "utf-8")
    read = read_packages(str(file)).externals
    known = names()
    told = {known.of_spack(one.spec.package): (one.spec.version, one.prefix) for one in read}
    assert told == {entry.name: (entry.version, entry.prefix) for entry in things}
    (compiler,) = [one for one in read if one.spec.package == "gcc"]
    assert compiler.programs == ("/usr/bin/gcc", "/usr/bin/g++")
