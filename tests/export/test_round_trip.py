"""Environments really taken to a container: the same versions, variables and results as here."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from .image import Builder
from .trips import SYSTEM_PATH, Envmgr, Trip, asked, exported, read, set_out, told

pytestmark = [
    pytest.mark.needs("root", "buildah", "mmdebstrap", "dpkg-query"),
    pytest.mark.timeout(900),
]

C_PROGRAM = """
cat > t.c <<'END'
#include <stdio.h>
int main(void) { printf("%s %d.%d\\n", __VERSION__, __GNUC__, __GNUC_MINOR__); return 0; }
END
"$CC" t.c -o t && ./t
cat > t.cpp <<'END'
#include <iostream>
int main() { std::cout << __VERSION__ << " " << __cplusplus << std::endl; }
END
"$CXX" t.cpp -o u && ./u
"""
FORTRAN_PROGRAM = """
cat > t.f90 <<'END'
program t
  use iso_fortran_env
  print '(a)', compiler_version()
end program
END
"$FC" t.f90 -o t && ./t
"""
PROJECT = """
mkdir -p p && cat > p/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.10)
project(answer C)
add_library(answer SHARED answer.c)
add_executable(ask ask.c)
target_link_libraries(ask answer)
END
echo 'int answer(void) { return 42; }' > p/answer.c
cat > p/ask.c <<'END'
#include <stdio.h>
int answer(void);
int main(void) { printf("%d of gcc %s\\n", answer(), __VERSION__); return 0; }
END
cmake -S p -B p/build -G Ninja > log || { cat log; exit 1; }
cmake --build p/build > log && p/build/ask
"""
MPI_PROGRAM = """
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_plm=isolated OMPI_MCA_btl=self,vader OMPI_MCA_rmaps_base_oversubscribe=1
export HYDRA_LAUNCHER=fork
cat > t.c <<'END'
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv) {
  int rank, ranks, length, total;
  char version[MPI_MAX_LIBRARY_VERSION_STRING];
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MPI_Get_library_version(version, &length);
  MPI_Allreduce(&rank, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  printf("%d of %d, together %d, with %.24s\\n", rank, ranks, total, version);
  MPI_Finalize();
  return 0;
}
END
mpicc t.c -o t
mpirun -np 2 ./t | sort
"""

TRIPS = {
    "gcc-11": Trip(("compiler.gcc@11",), f"gcc --version | head -1\n{C_PROGRAM}"),
    "gcc-12": Trip(("compiler.gcc@12",), f"gcc --version | head -1\n{C_PROGRAM}"),
    "clang": Trip(
        ("compiler.llvm@14", "compiler.gcc@12"), f"clang --version | head -1\n{C_PROGRAM}"
    ),
    "gfortran": Trip(
        ("compiler.gcc@12,lang-fortran", "tool.cmake"),
        f"cmake --version | head -1\n{FORTRAN_PROGRAM}",
    ),
    "openmpi": Trip(("lib.openmpi@4.1", "compiler.gcc@12"), MPI_PROGRAM),
    "mpich": Trip(("lib.mpich@4", "compiler.gcc@12"), MPI_PROGRAM, install=("lib.mpich@4",)),
    "program": Trip(
        ("compiler.gcc@12", "tool.cmake@4", "tool.ninja@1"),
        PROJECT,
        install=("tool.cmake@4", "tool.ninja@1"),
    ),
    "numpy": Trip(
        ("python.numpy", "compiler.python"),
        "python3 -c 'import numpy, sys; a = numpy.arange(6.0).reshape(2, 3)\n"
        "print(sys.version, numpy.__version__, numpy.linalg.svd(a)[1].round(6), (a @ a.T).sum())'",
        install=("python.numpy",),
    ),
    "cuda": Trip(
        ("compiler.cuda",),
        "nvcc --version\nptxas --version\ngrep -h 'define CUDART_VERSION' $CUDA_HOME/include/*.h",
        install=("compiler.cuda",),
        left_out=("the driver of the GPU",),
    ),
    "iris": Trip(("dataset.iris",), 'sha256sum < "$IRIS_FILE"', install=("dataset.iris",)),
    "prettier": Trip(
        ("tool.prettier", "compiler.node"),
        "node --version; prettier --version; echo 'let  x=[1 ,2]' | prettier --parser babel",
        install=("compiler.node", "tool.prettier"),
    ),
    "java": Trip(("compiler.java",), "java -version 2>&1", install=("compiler.java",)),
}
PROGRAMS = {
    "gcc-11": ("gcc-11", "g++-11"),
    "gcc-12": ("gcc-12", "g++-12"),
    "clang": ("clang-14", "g++-12"),
    "gfortran": ("gfortran-12", "cmake"),
    "openmpi": ("mpicc.openmpi", "gcc-12"),
    "mpich": ("gcc-12", "pypi"),
    "program": ("gcc-12", "pypi"),
    "prettier": ("npm", "pypi"),
}
"""What must be here for each; wheels for the others."""


@pytest.mark.parametrize(
    "trip",
    [
        pytest.param(trip, id=name, marks=pytest.mark.needs(*PROGRAMS.get(name, ("pypi",))))
        for name, trip in TRIPS.items()
    ],
)
def test_inside_it_is_as_here(trip: Trip, envmgr: Envmgr, tmp_path: Path, images: Builder) -> None:
    here = set_out(envmgr, trip, tmp_path)
    said, variables = here.bash(trip.script), here.variables()
    assert said.strip()
    place = exported(here, "dockerfile", tmp_path / "out", trip.left_out)
    with images.built(place / "Dockerfile") as box:
        assert box.bash(trip.script) == said
        assert read(box.bash(asked(variables)), variables) == variables
        assert box.run("id", "-u").strip() == "10001"


@pytest.mark.needs("gcc-12", "g++-12")
def test_inside_it_is_as_locked(envmgr: Envmgr, tmp_path: Path, images: Builder) -> None:
    project = ("--project", str(tmp_path))
    (tmp_path / "envmgr.toml").write_text('name = "bench"\nneeds = ["compiler.gcc@12"]\n')
    told(envmgr("lock", *project, PATH=SYSTEM_PATH))
    lock = (tmp_path / "envmgr.lock").read_bytes()
    text = told(envmgr("export", "dockerfile", *project, "--strict", PATH=SYSTEM_PATH))
    assert f'envmgr.lock="sha256:{sha256(lock).hexdigest()}"' in text
    (tmp_path / "Dockerfile").write_text(text)
    (locked,) = locked_entries(lock.decode())
    files = {at: digest for at, digest in locked["files"].items() if at.startswith("/usr/bin/")}
    assert len(files) >= 2
    with images.built(tmp_path / "Dockerfile") as box:
        assert box.run("gcc", "-dumpfullversion").strip() == locked["version"]
        sums = (line.split("  ") for line in box.run("sha256sum", *files).splitlines())
        assert {at: f"sha256:{digest}" for digest, at in sums} == files


def locked_entries(lock: str) -> list[dict[str, Any]]:
    """The entries that a lock of one platform holds."""
    (platform,) = tomlkit.parse(lock).unwrap()["platform"].values()
    return list(platform["entry"].values())
