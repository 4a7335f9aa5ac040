"""The question that a build answers."""

from __future__ import annotations

import pytest

from envmgr.errors import ProgramError
from envmgr.program.request import BuildRequest, CrossTarget, Scratch, compile_flags, filled_build
from tests.program.workshop import GCC, compiler, program, request, tree

TREE = tree("main.c")


def asked(**more: object) -> BuildRequest:
    return request("/sources", tree=TREE, **more)  # type: ignore[arg-type]


def test_only_the_needs_of_the_program_count() -> None:
    entries = {"compiler": compiler(), "image": compiler("dataset.images", DATA="/data")}
    assert set(asked(entries=entries).needs) == {"compiler"}


def test_parameters_have_their_defaults() -> None:
    one = asked(params={"n": "1", "m": "2"}, values={"m": "3"})
    assert (one.values()["n"], one.values()["m"]) == ("1", "3")


def test_the_placeholders_of_the_build_are_those_of_all_its_templates() -> None:
    one = asked(
        flags=(),
        libs=("-l{a}",),
        include=("{b}",),
        options=("{c.prefix}",),
        commands=("{D} {source}",),
        env={"E": "{e}"},
    )
    assert one.holes() == {"a", "b", "c.prefix", "D", "source", "e"}


def test_a_compiler_may_be_several_words() -> None:
    assert asked(entry=compiler(CC="zig cc")).compiler("CC", "C") == ("zig", "cc")


def test_a_compiler_that_is_not_there_is_told_with_whose_it_would_be() -> None:
    one = asked(entry=compiler(CC="gcc"))
    with pytest.raises(
        ProgramError,
        match=r"^thing cannot be built: compiler\.gcc@12\.2\.0 has no Fortran compiler \(FC\)$",
    ) as told:
        one.compiler("FC", "Fortran")
    assert "compiler,lang-fortran" in str(told.value.hint)
    with pytest.raises(ProgramError, match=r"no C\+\+ compiler") as told:
        one.compiler("CXX", "C++")
    assert "compiler,lang-cpp" in str(told.value.hint)
    with pytest.raises(ProgramError, match="its needs have no C compiler"):
        BuildRequest(program(), TREE).compiler("CC", "C")


@pytest.mark.parametrize(
    ("name", "version", "variable", "can"),
    [
        ("compiler.gcc", "12.2.0", "CC", True),
        ("compiler.gcc", "12.2.0", "FC", True),
        ("compiler.gcc", "7.5.0", "CC", False),
        ("compiler.gcc-cross", "12.2.0", "CXX", True),
        ("compiler.llvm", "14.0.6", "CC", True),
        ("compiler.llvm", "9.0.1", "CC", False),
        ("compiler.llvm", "18.1.0", "FC", False),
        ("compiler.nvhpc", "24.1", "CC", False),
    ],
)
def test_which_compilers_can_forget_where_they_worked(
    name: str, version: str, variable: str, can: bool
) -> None:
    assert asked(entry=compiler(name, version, **GCC)).can_map(variable) == can


def test_each_compiler_is_told_what_it_understands() -> None:
    entries = {"compiler": compiler(), "fortran": compiler("compiler.nvhpc", FC="nvfortran")}
    one = asked(entries=entries, needs={"compiler": "", "fortran": ""})
    assert one.can_map("CC") and not one.can_map("FC")


def test_options_of_a_person_come_last() -> None:
    one = asked(
        entry=compiler("compiler.tcc"),
        flags=("-O3",),
        cross=CrossTarget("arm-linux-gnueabi", ("--target=arm-linux-gnueabi",)),
        include=("inc", "{d}"),
        params={"d": "sub"},
    )
    scratch = Scratch("/scratch")
    build = filled_build(one, scratch.places)
    flags = compile_flags(one, build, scratch, "CC")
    assert flags == ("-Iinc", "-Isub", "--target=arm-linux-gnueabi", "-O3")
    assert compile_flags(one, build, scratch, "CC", "/top")[0] == "-I/top/inc"


def test_templates_are_filled_with_places() -> None:
    one = asked(libs=("-L{build}",), env={"N": "{source}-{jobs}"})
    build = filled_build(one, Scratch("/scratch", jobs=3).places)
    assert build.libs == ("-L/scratch/build",)
    assert build.env == {"N": "/scratch/source-3"}


def test_what_builds_in_place_has_its_sources_there() -> None:
    scratch = Scratch("/scratch", in_place=True)
    assert scratch.source == scratch.build == "/scratch/build"


def test_a_machine_is_a_triplet() -> None:
    assert CrossTarget("aarch64-linux-gnu").processor == "aarch64"
