"""Recipes that fetch from the registries, really installed: each into an empty store."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envmgr.api.check import check
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace
from envmgr.host.files import remove_tree
from envmgr.host.platform import platform_name
from envmgr.model.entry import Entry
from envmgr.resolve.releases import works_on

from .shipped import DETECTORS, RECIPES
from .test_mirror import MIRRORED

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]

PROGRAMS = {
    "compiler.java": "java -version",
    "compiler.node": "node --version",
    "compiler.zig": "zig version",
    "lib.mpich": "mpiexec --version",
    "lib.openmpi": "mpirun --version",
    "tool.ccache": "ccache --version",
    "tool.clang-format": "clang-format --version",
    "tool.clang-tidy": "clang-tidy --version",
    "tool.cmake": "cmake --version",
    "tool.cppcheck": "cppcheck --version",
    "tool.esbuild": "esbuild --version",
    "tool.ffmpeg": "ffmpeg -version",
    "tool.gh": "gh --version",
    "tool.hadolint": "hadolint --version",
    "tool.make": "make --version",
    "tool.meson": "meson --version",
    "tool.ninja": "ninja --version",
    "tool.npm": "npm --version",
    "tool.pandoc": "pandoc --version",
    "tool.patchelf": "patchelf --version",
    "tool.pkg-config": "pkg-config --version",
    "tool.prettier": "prettier --version",
    "tool.protoc": "protoc --version",
    "tool.ruff": "ruff --version",
    "tool.sccache": "sccache --version",
    "tool.scons": "scons --version",
    "tool.shellcheck": "shellcheck --version",
    "tool.swig": "swig -version",
    "tool.typescript": "tsc --version",
    "tool.uv": "uv --version",
}
"""What the program of a recipe is asked; it must answer with the version of the row."""
MODULES = {
    "python.h5py": "h5py",
    "python.numpy": "numpy",
    "python.onnx": "onnx",
    "python.onnxruntime": "onnxruntime",
    "python.pandas": "pandas",
    "python.pillow": "PIL",
    "python.pybind11": "pybind11",
    "python.pyyaml": "yaml",
    "python.qulacs": "qulacs",
    "python.scikit-learn": "sklearn",
    "python.scipy": "scipy",
}
"""What Python must import from the prefix, and what must say the version of the row."""
VARIABLES = {
    "dataset.iris": "IRIS_FILE",
    "dataset.mnist-digits": "MNIST_DIGITS_DIR",
    "dataset.penguins": "PENGUINS_FILE",
    "lib.boost": "BOOST_ROOT",
    "lib.tbb": "TBBROOT",
    "model.minilm": "MINILM_DIR",
    "model.ppocr-direction": "PPOCR_DIRECTION_ONNX_FILE",
    "model.silero-vad": "SILERO_VAD_ONNX_FILE",
}
"""What leads to the files of data and of libraries."""
LEFT_OUT = {
    "compiler.cuda": "120 MB, for machines with a GPU",
    "compiler.go": "70 MB, which unpack slowly; compiler.zig is as large",
    "lib.cudart": "40 MB, for machines with a GPU",
    "lib.cudnn": "670 MB, for machines with a GPU",
    "lib.fftw": "built by the same steps as lib.gsl",
    "lib.intelmpi": "100 MB",
    "lib.mkl": "260 MB",
    "lib.nccl": "280 MB, for machines with a GPU",
    "lib.openblas": "built by the same steps as lib.lz4, for a quarter of an hour",
    "lib.zstd": "built by the same steps as lib.lz4",
    "python.torch": "3 GB",
    "python.torch-cpu": "200 MB, from an index of its own that pip must be told of",
}
"""Recipes that no test here installs, and why."""

INSTALLED = [*PROGRAMS, *MODULES, *VARIABLES]
pytestmark = pytest.mark.needs("linux", "pypi")


def test_every_recipe_is_installed_by_a_test_or_left_out_for_a_reason() -> None:
    known = [*INSTALLED, *MIRRORED, *LEFT_OUT]
    assert sorted(known) == sorted(RECIPES)


def needs(name: str) -> list[str]:
    """What a machine must have for the install of *name* and its proof."""
    check = DETECTORS[RECIPES[name].detector].check
    compiler = ["g++"] if check is not None and check.needs else []
    return compiler + (["npm"] if RECIPES[name].source.npm else [])


CASES = [
    pytest.param(name, id=name, marks=pytest.mark.needs(*needs(name))) for name in sorted(INSTALLED)
]


@pytest.fixture
def store(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty store; what is downloaded into it is there for the others of this run, too."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "downloads"
    shared.mkdir(exist_ok=True)
    root = Path(environ["ENVMGR_HOME"])
    (root / "cache/downloads").symlink_to(shared)
    yield root
    remove_tree(str(root))  # together they would fill a small disk


def question(name: str) -> str:
    """A line for a shell that tells a path and, of programs and packages, the version."""
    if name in PROGRAMS:
        return f"command -v {PROGRAMS[name].split()[0]} && {PROGRAMS[name]}"
    if name in MODULES:
        module = MODULES[name]
        code = f"import {module}; print({module}.__file__); print({module}.__version__)"
        return f"python3 -c {shlex.quote(code)}"
    return f'echo "${VARIABLES[name]}"'


@pytest.mark.parametrize("name", CASES)
def test_an_installed_recipe_works(
    name: str, store: Path, environ: dict[str, str], envmgr: Envmgr
) -> None:
    recipe = RECIPES[name]
    if not works_on(recipe, platform_name()):
        pytest.skip(f"{name} is for {', '.join(recipe.platforms)}")
    done = envmgr("install", "--json", ",".join(recipe.all_tags))
    assert done.returncode == 0, done.stderr
    workspace = Workspace(environ=environ)
    entry = workspace.store.get(json.loads(done.stdout)["entries"][0]["id"])
    assert (entry.name, entry.version) == (recipe.detector, recipe.newest_first()[0].version)
    assert entry.prefix.startswith(str(store))
    assert set(recipe.all_tags) <= set(entry.all_tags)
    assert_works(workspace, entry)
    answer = envmgr("exec", name, "--", "sh", "-c", question(name))
    assert answer.returncode == 0, answer.stderr
    path, *said = answer.stdout.splitlines()
    assert os.path.exists(path)
    assert os.path.realpath(path).startswith(os.path.realpath(entry.prefix))
    assert name in VARIABLES or entry.version in "\n".join(said) + answer.stderr


def assert_works(workspace: Workspace, entry: Entry) -> None:
    """The entry passes its check, with what the machine has for it."""
    how = DETECTORS[entry.origin.detector].check
    if how is not None and how.needs:
        detect(workspace, how.needs.values())
    (proof,) = check(workspace, [entry])
    assert proof.works, proof.why
