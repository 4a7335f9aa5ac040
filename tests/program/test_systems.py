"""What the build systems of programs are told, decided without any of them."""

from __future__ import annotations

from typing import Any

import pytest

from envmgr.errors import ProgramError
from envmgr.program.request import IN_PLACE, CrossTarget, Procedure, Scratch
from envmgr.program.systems import system_procedure
from tests.program.workshop import compiler, request, tree

ARM = CrossTarget("aarch64-linux-gnu", ("--target=aarch64-linux-gnu",))
CMAKE = "-DCMAKE_BUILD_TYPE= -DCMAKE_BUILD_RPATH_USE_ORIGIN=ON"
TCC = compiler("compiler.tcc", "1", CC="tcc")


def procedure(system: str, *paths: str, ninja: bool = True, **more: Any) -> Procedure:
    usual = {"entry": TCC, "tree": tree("main.c", *paths)}
    one = request("/sources", system=system, **{**usual, **more})
    scratch = Scratch("/scratch", system in IN_PLACE, jobs=3, has_ninja=ninja)
    return system_procedure(one, scratch)


def said(one: Procedure) -> list[str]:
    return [" ".join(step.argv) for step in one.steps]


def test_cmake() -> None:
    one = procedure("cmake", flags=("-O3",), include=("inc",), options=("-DX={n}",),
                    params={"n": "4"}, env={"Y": "1"}, target="bin/it")  # fmt: skip
    assert said(one) == [
        f"cmake -S /scratch/source -B . -G Ninja {CMAKE} -DX=4",
        "cmake --build . --parallel 3",
    ]
    configure, compile_ = one.steps
    assert configure.env["CFLAGS"] == configure.env["FFLAGS"] == "-I/scratch/source/inc -O3"
    assert configure.env["Y"] == compile_.env["Y"] == "1"
    assert configure.cwd == compile_.cwd == "/scratch/build"
    assert (configure.wave, compile_.wave) == (0, 1)
    assert one.product == "/scratch/build/bin/it" and one.files == {}


def test_cmake_without_ninja_and_with_libraries() -> None:
    argv = procedure("cmake", ninja=False, libs=("-lm", "-la b")).steps[0].argv
    assert argv[argv.index("-G") + 1] == "Unix Makefiles"
    assert "-DCMAKE_CXX_STANDARD_LIBRARIES=-lm '-la b'" in argv


def test_cmake_for_another_machine() -> None:
    one = procedure("cmake", cross=ARM)
    assert "-DCMAKE_TOOLCHAIN_FILE=/scratch/aside/toolchain.cmake" in one.steps[0].argv
    assert "set(CMAKE_SYSTEM_PROCESSOR aarch64)" in one.files["/scratch/aside/toolchain.cmake"]
    assert one.steps[0].env["CFLAGS"] == "--target=aarch64-linux-gnu"


@pytest.mark.parametrize(
    "machine", [CrossTarget("a)\ninclude(/x"), CrossTarget("arm", system="Li nux"), CrossTarget("")]
)
def test_a_machine_that_is_none_is_refused(machine: CrossTarget) -> None:
    with pytest.raises(ProgramError, match="not a machine to build for"):
        procedure("cmake", cross=machine)


def test_meson() -> None:
    one = procedure("meson", flags=("-O3",), libs=("-lm",), options=("-Dx=true",))
    assert said(one) == [
        "meson setup . /scratch/source --buildtype=plain -Dx=true",
        "meson compile -C . -j 3",
    ]
    assert one.steps[0].env == {
        **dict.fromkeys(("CFLAGS", "CXXFLAGS", "FFLAGS", "FCFLAGS", "CUDAFLAGS"), "-O3"),
        "LDFLAGS": "-lm",
    }


def test_make_gets_variables_that_win_over_the_makefile() -> None:
    one = procedure("make", flags=("-O3", "-DN=a $b"), libs=("-lm",), options=("all",))
    (step,) = one.steps
    assert step.argv[:3] == ("make", "-j3", "CC=tcc")
    assert "CFLAGS=-O3 '-DN=a $$b'" in step.argv and "LDLIBS=-lm" in step.argv
    assert step.argv[-1] == "all"
    assert step.cwd == "/scratch/build"


def test_without_options_those_of_the_makefile_stand() -> None:
    assert said(procedure("make", entry=compiler())) == ["make -j3 CC=gcc"]


def test_make_reads_a_compiler_as_a_shell_does(tmp_path: Any) -> None:
    path = tmp_path / "my gcc"
    path.touch()
    assert procedure("make", entry=compiler(CC="zig cc")).steps[0].argv[2] == "CC=zig cc"
    assert procedure("make", entry=compiler(CC=str(path))).steps[0].argv[2] == f"CC='{path}'"


def test_cargo_fetches_nothing() -> None:
    one = procedure("cargo", flags=("-Ctarget-cpu=x y",), options=("--features=a",))
    assert said(one) == [
        "cargo build --release --offline --target-dir /scratch/aside --jobs 3 --features=a"
    ]
    assert one.steps[0].env["CARGO_ENCODED_RUSTFLAGS"] == (
        "-Ctarget-cpu=x y\x1f--remap-path-prefix=/scratch=."
    )
    assert one.product == "/scratch/aside/release/thing"
    locked = procedure("cargo", "Cargo.lock", environ={"CARGO": "/opt/cargo"}).steps[0].argv
    assert locked[0] == "/opt/cargo" and "--frozen" in locked


def test_go_builds_a_module_or_files() -> None:
    files = ("main.go", "help.go", "help_test.go", "sub/x.go")
    one = procedure("go", *files, flags=("-gcflags=-N",))
    assert said(one) == ["go build -trimpath -o /scratch/build/thing -gcflags=-N help.go main.go"]
    assert one.steps[0].env["GOPROXY"] == "off"
    assert one.steps[0].cwd == "/scratch/source"
    assert said(procedure("go", *files, "go.mod"))[0].endswith("/scratch/build/thing .")


def test_a_script_is_commands_in_order_that_see_no_shell() -> None:
    one = procedure(
        "script",
        flags=("-O3", "-DN=1 2"),
        libs=("-lm",),
        entry=compiler("compiler.zig", "1", CC="zig cc"),
        commands=("{CC} {CFLAGS} {source}/x.c -o {build}/x {LDLIBS}", "mv x '{n}; rm'"),
        params={"n": "a b"},
    )
    assert [step.argv for step in one.steps] == [
        ("zig", "cc", "-O3", "-DN=1 2", "/scratch/build/x.c", "-o", "/scratch/build/x", "-lm"),
        ("mv", "x", "a b; rm"),
    ]
    assert [step.wave for step in one.steps] == [0, 1]
    assert one.steps[0].env["CFLAGS"] == "-O3 '-DN=1 2'"


@pytest.mark.parametrize("system", ["meson", "cargo", "go"])
def test_not_every_system_can_build_for_another_machine(system: str) -> None:
    with pytest.raises(ProgramError, match=f"by {system}, which .* aarch64-linux-gnu"):
        procedure(system, cross=ARM)
