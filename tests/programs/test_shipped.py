"""Every program that ships is right: with gcc and clang, at -O0, -O2 and -O3, on each data set it
takes. And it is known to be: a mistake made in its sources is caught."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from envmgr.api import recorded
from envmgr.api.checking import Finding, check
from envmgr.api.choosing import COMPILER, Asked
from envmgr.api.detect import detect
from envmgr.api.install import carry_out, intend_missing
from envmgr.api.workspace import Workspace
from envmgr.catalog.scan import scan, shipped_root
from envmgr.model.measurement import RIGHT
from envmgr.model.program import Program
from envmgr.model.query import Query
from envmgr.resolve.rank import ranked

NAMES = [path.split("/")[1] for path, _, _ in scan(shipped_root()) if path.startswith("programs/")]
MAKERS = ("compiler.gcc", "compiler.llvm")
INSTALLED = (
    "digits-sklearn-python",
    "image-classify-onnx",
    "numpy-matmul-python",
    "quantum-bell-python",
    "quantum-qft-python",
    "scipy-sparse-python",
    "sieve-go",
)
"""Those whose needs a new machine has not, and envmgr gets."""
SLOW = ("matmul-eigen-cpp", "matmul-opencl-c", "vector-add-opencl-c")
"""Those that take long to compile, here or when they start: with one compiler, once."""
NEEDS = {
    "automaton-meson-c": ("meson", "ninja"),
    "blas-gemm-c": ("/usr/include/x86_64-linux-gnu/cblas.h",),
    "fftw-c": ("/usr/include/fftw3.h",),
    "heat-mpi-fortran": ("mpicc.openmpi", "gfortran-12", "make"),
    "matmul-eigen-cpp": ("/usr/include/eigen3/Eigen/Core",),
    "matmul-opencl-c": ("/usr/include/CL/cl.h", "/etc/OpenCL/vendors/pocl.icd"),
    "pi-mpi-c": ("mpicc.openmpi", "make"),
    "ring-mpi-c": ("mpicc.openmpi",),
    "sieve-rust": ("cargo",),
    "sort-java": ("javac",),
    "vector-add-opencl-c": ("/usr/include/CL/cl.h", "/etc/OpenCL/vendors/pocl.icd"),
    "wordcount-cmake-cpp": ("cmake", "make"),
    "zlib-roundtrip-c": ("/usr/include/zlib.h",),
}


def made(place: Path, **more: str) -> Workspace:
    """A store of its own in *place*."""
    own = {"PATH": os.environ["PATH"], "HOME": str(place), "ENVMGR_HOME": str(place / "store")}
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    return Workspace(environ={**kept, **own, **more})


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One store for many programs: what the machine has is the same for each."""
    return made(tmp_path_factory.mktemp("programs"))


def narrowed(workspace: Workspace, program: Program) -> Iterator[tuple[str, ...]]:
    """What `--with` says for the newest of each kind of compiler that fits the program."""
    if COMPILER not in program.needs:
        yield ()
        return
    need = Query.parse(program.needs[COMPILER])
    detect(workspace, [need])
    fitting = recorded.find(workspace, need)
    known = [entry for entry in fitting if entry.name in MAKERS]
    for maker in dict.fromkeys(entry.name for entry in ranked(known or fitting)):
        best = ranked(entry for entry in fitting if entry.name == maker)[0]
        yield (f"{COMPILER}={best.name}@=={best.version}",)


def assert_right(workspace: Workspace, name: str) -> None:
    program = workspace.catalogue.program(name)
    assert program.mutations, "no mistake shows that its checks can fail"
    found: list[Finding] = []
    for said in narrowed(workspace, program):
        if name in SLOW and found:
            break
        flags = (("-O2",),) if name in SLOW else ((),)
        found += check(workspace, program, Asked(with_=said, flags=flags), mutations=not found)
    runs = [one for one in found if one.mutation is None]
    assert runs
    assert [(one.point, one.why) for one in runs if one.verdict != RIGHT] == []
    assert [one for one in found if not one.is_good] == []


def test_there_are_enough() -> None:
    assert len(NAMES) >= 40
    assert set(NAMES) >= {*NEEDS, *INSTALLED, *SLOW}


@pytest.mark.needs("gcc-12", "clang-14", "linux")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.needs(*NEEDS.get(name, ())))
        for name in NAMES
        if name not in (*INSTALLED, "sieve-rust")
    ],
)
def test_it_is_right_and_known_to_be(name: str, workspace: Workspace) -> None:
    assert_right(workspace, name)


@pytest.mark.needs("cargo", "gcc", "linux")
def test_rust_is_where_its_owner_has_it(tmp_path: Path) -> None:
    cargo = Path(shutil.which("cargo") or "")
    home = cargo.parents[2] if cargo.parent.parent.name == ".cargo" else tmp_path  # by rustup
    assert_right(made(tmp_path, HOME=str(home)), "sieve-rust")


@pytest.mark.needs("pypi", "linux")
def test_what_needs_packages_is_right_once_they_are_installed(tmp_path: Path) -> None:
    workspace = made(tmp_path)
    programs = [workspace.catalogue.program(name) for name in INSTALLED]
    texts = {text for one in programs for text in one.needs.values()}
    texts |= {text for one in programs for run in one.runs.values() for text in run.data.values()}
    wanted = [Query.parse(text) for text in sorted(texts) if not text.startswith("dataset")]
    for query in wanted:
        carry_out(workspace, intend_missing(workspace, [query]))
    for name in INSTALLED:
        assert_right(workspace, name)


def test_the_catalogue_has_them_all(tmp_path: Path) -> None:
    programs = made(tmp_path).catalogue.programs()
    assert [program.name for program in programs] == sorted(NAMES)
    assert {program.license for program in programs} == {"Apache-2.0"}
