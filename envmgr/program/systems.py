"""Build systems that a program brings along, each as commands."""

from __future__ import annotations

import os
import re
import shlex

from envmgr.errors import ProgramError
from envmgr.model.program import ProgramBuild
from envmgr.program.language import CUDA, CXX, FORTRAN, C
from envmgr.program.request import (
    BuildRequest,
    CrossTarget,
    Procedure,
    Scratch,
    Step,
    compile_flags,
    filled_build,
)
from envmgr.program.values import split, words_of

_FLAGS = {
    "CFLAGS": C.compiler,
    "CXXFLAGS": CXX.compiler,
    "FFLAGS": FORTRAN.compiler,
    "FCFLAGS": FORTRAN.compiler,
    "CUDAFLAGS": CUDA.compiler,
}
"""Variables of options that build systems read, and the compiler that each is for."""
_TRIPLET = re.compile(r"[A-Za-z0-9_.]+(-[A-Za-z0-9_.]+)*")
_CROSS = ("cmake", "make", "script")
"""Systems that can build for another machine by what they are given."""


def system_procedure(request: BuildRequest, scratch: Scratch) -> Procedure:
    """What the program's own build system is told to do. Raises ProgramError."""
    system, name = request.program.build.system, request.program.name
    if request.cross and system not in _CROSS:
        raise ProgramError(
            f"{name} is built by {system}, which envmgr cannot tell to build for"
            f" {request.cross.triplet}",
            hint="build it on such a machine",
        )
    ways = {
        "cmake": _cmake,
        "meson": _meson,
        "make": _make,
        "cargo": _cargo,
        "go": _go,
        "script": _script,
    }
    return ways[system](request, filled_build(request, scratch.places), scratch)


def flag_variables(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> dict[str, str]:
    """`CFLAGS` and its like: the program's options and a person's, quoted as a shell reads them."""
    return {
        name: shlex.join(compile_flags(request, build, scratch, variable, scratch.source))
        for name, variable in _FLAGS.items()
    }


def _given(variables: dict[str, str]) -> dict[str, str]:
    """Without those that say nothing."""
    return {name: value for name, value in variables.items() if value}


def _cmake(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> Procedure:
    flags = _given(flag_variables(request, build, scratch))
    toolchain = os.path.join(scratch.aside, "toolchain.cmake")
    settings = ["-DCMAKE_BUILD_TYPE=", "-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON"]
    settings += [f"-DCMAKE_TOOLCHAIN_FILE={toolchain}"] if request.cross else []
    settings += _cmake_libraries(build)
    generator = ("-G", "Ninja" if scratch.has_ninja else "Unix Makefiles")
    configure = ("cmake", "-S", scratch.source, "-B", ".", *generator, *settings, *build.options)
    compile_ = ("cmake", "--build", ".", "--parallel", str(scratch.jobs))
    files = {toolchain: _toolchain(request.cross)} if request.cross else {}
    return Procedure(
        (
            Step(configure, scratch.build, {**flags, **build.env}),
            Step(compile_, scratch.build, build.env, 1),
        ),
        os.path.join(scratch.build, request.program.target),
        files,
    )


def _cmake_libraries(build: ProgramBuild) -> list[str]:
    """CMake's place for what is linked last."""
    libs = shlex.join(build.libs)
    languages = ("C", "CXX", "Fortran") if libs else ()
    return [f"-DCMAKE_{language}_STANDARD_LIBRARIES={libs}" for language in languages]


def _toolchain(cross: CrossTarget) -> str:
    """What CMake is to know of the machine that it builds for; compilers come by variables."""
    if not _TRIPLET.fullmatch(cross.triplet) or not cross.system.isalnum():
        raise ProgramError(f"not a machine to build for: {cross.triplet!r}, {cross.system!r}")
    return (
        f"set(CMAKE_SYSTEM_NAME {cross.system})\n"
        f"set(CMAKE_SYSTEM_PROCESSOR {cross.processor})\n"
        "set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)\n"
    )


def _meson(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> Procedure:
    flags = flag_variables(request, build, scratch)
    given = _given({**flags, "LDFLAGS": shlex.join(build.libs)})
    setup = ("meson", "setup", ".", scratch.source, "--buildtype=plain", *build.options)
    compile_ = ("meson", "compile", "-C", ".", "-j", str(scratch.jobs))
    return Procedure(
        (
            Step(setup, scratch.build, {**given, **build.env}),
            Step(compile_, scratch.build, build.env, 1),
        ),
        os.path.join(scratch.build, request.program.target),
    )


def _make(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> Procedure:
    """Variables on the command line, where they win over the makefile's own.

    Without any options, the makefile's stand.
    """
    given = {one.compiler: _quoted(request, one.compiler) for one in (C, CXX, FORTRAN, CUDA)}
    if build.flags or build.include or request.flags or request.cross:
        given.update(flag_variables(request, build, scratch))
    given["LDLIBS"] = shlex.join(build.libs)
    variables = tuple(
        f"{name}={value}".replace("$", "$$") for name, value in given.items() if value
    )
    argv = ("make", f"-j{scratch.jobs}", *variables, *build.options)
    target = os.path.join(scratch.build, request.program.target)
    return Procedure((Step(argv, scratch.build, build.env),), target)


def _quoted(request: BuildRequest, variable: str) -> str:
    """A compiler as a shell reads it: recipes of makefiles are lines of one."""
    value = request.environ.get(variable, "")
    return shlex.join(split(value, variable, request.program.name))


def _cargo(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> Procedure:
    """Nothing is fetched; the program is taken from where Cargo leaves it."""
    offline = "--frozen" if "Cargo.lock" in request.tree.files else "--offline"
    flags = (*build.flags, *request.flags, f"--remap-path-prefix={scratch.root}=.")
    env = {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags), **build.env}
    cargo = request.environ.get("CARGO", "cargo")
    jobs = ("--jobs", str(scratch.jobs))
    argv = (cargo, "build", "--release", offline, "--target-dir", scratch.aside, *jobs)
    product = os.path.join(scratch.aside, "release", os.path.basename(request.program.target))
    return Procedure((Step((*argv, *build.options), scratch.source, env),), product)


def _go(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> Procedure:
    """A module, or without one its files. Nothing is fetched, and nothing is written elsewhere."""
    target = os.path.join(scratch.build, request.program.target)
    files = tuple(path for path in request.tree.files if _is_go(path))
    what = (".",) if "go.mod" in request.tree.files else files
    env = {
        "GOCACHE": os.path.join(scratch.aside, "cache"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        **build.env,
    }
    flags = (*build.flags, *request.flags, *build.options)
    argv = ("go", "build", "-trimpath", "-o", target, *flags, *what)
    return Procedure((Step(argv, scratch.source, env),), target)


def _is_go(path: str) -> bool:
    return "/" not in path and path.endswith(".go") and not path.endswith("_test.go")


def _script(request: BuildRequest, build: ProgramBuild, scratch: Scratch) -> Procedure:
    """The program's own commands, which find options in `CFLAGS` and its like."""
    flags = {**flag_variables(request, build, scratch), "LDLIBS": shlex.join(build.libs)}
    values = {**request.values(), **flags, **scratch.places}
    env = {**_given(flags), **build.env}
    steps = tuple(
        Step(words_of(command, values, request.program.name), scratch.build, env, i)
        for i, command in enumerate(build.commands)
    )
    return Procedure(steps, os.path.join(scratch.build, request.program.target))
