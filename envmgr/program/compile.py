"""The build system `sources`: files of each language compiled by its compiler, then linked."""

from __future__ import annotations

import os
from dataclasses import dataclass

from envmgr.errors import ProgramError
from envmgr.model.program import ProgramBuild
from envmgr.program import fortran
from envmgr.program.java import java_procedure
from envmgr.program.language import CUDA, CXX, FORTRAN, JAVA, Language, highest, language_of
from envmgr.program.request import (
    BuildRequest,
    Procedure,
    Scratch,
    Step,
    compile_flags,
    filled_build,
)
from envmgr.program.source import compiled

_READ = (FORTRAN, JAVA)
"""Languages in which the content of a file decides how it is compiled."""


def files_to_read(request: BuildRequest) -> tuple[str, ...]:
    """The source files whose content `Scratch.texts` must have."""
    files = compiled(request.program, request.tree)
    return tuple(path for path in files if language_of(path) in _READ)


def sources_procedure(request: BuildRequest, scratch: Scratch) -> Procedure:
    """One command for one file; else an object of each file and a link by the highest language.

    Commands run in the copy of the sources and name everything relative to it, so that no place
    gets into the program.
    """
    files = _languages(request)
    if JAVA in files.values():
        return java_procedure(request, scratch, tuple(files))
    compiling = _Compiling(request, scratch, filled_build(request, scratch.places))
    target = os.path.join(scratch.build, request.program.target)
    steps = compiling.at_once(files) if len(files) == 1 else compiling.in_parts(files)
    return Procedure(tuple(steps), target)


def _languages(request: BuildRequest) -> dict[str, Language]:
    files = {path: language_of(path) for path in compiled(request.program, request.tree)}
    name = request.program.name
    known = {path: language for path, language in files.items() if language}
    if unknown := sorted(files.keys() - known.keys()):
        raise ProgramError(
            f"{name}: nothing says how to compile {unknown[0]}",
            hint="[source] files names files of C, C++, Fortran, CUDA or Java",
        )
    if JAVA in known.values() and set(known.values()) != {JAVA}:
        raise ProgramError(f"{name} has Java among other languages, which cannot be linked")
    return known


@dataclass(frozen=True, slots=True)
class _Compiling:
    request: BuildRequest
    scratch: Scratch
    build: ProgramBuild

    def at_once(self, files: dict[str, Language]) -> list[Step]:
        ((path, language),) = files.items()
        argv = (*self._compile(language), _named(path), "-o", self._target(), *self.build.libs)
        return [self._step(argv, 0)]

    def in_parts(self, files: dict[str, Language]) -> list[Step]:
        objects = {path: self._object(i, path) for i, path in enumerate(files)}
        waves = _waves(files, self.scratch)
        steps = [
            self._step((*self._compile(files[path]), "-c", _named(path), "-o", objects[path]), i)
            for i, wave in enumerate(waves)
            for path in wave
        ]
        link = (*self._compile(highest(set(files.values()))), *objects.values())
        argv = (*link, "-o", self._target(), *self.build.libs)
        return [*steps, self._step(argv, len(waves))]

    def _compile(self, language: Language) -> tuple[str, ...]:
        """A compiler with its options."""
        flags = compile_flags(self.request, self.build, self.scratch, language.compiler)
        compiler = self.request.compiler(language.compiler, language.name)
        return (*compiler, *self._host_compiler(language), *flags)

    def _host_compiler(self, language: Language) -> tuple[str, ...]:
        """What nvcc compiles for the processor with."""
        host = self.request.environ.get(CXX.compiler)
        return ("-ccbin", host) if language is CUDA and host else ()

    def _step(self, argv: tuple[str, ...], wave: int) -> Step:
        return Step(argv, self.scratch.source, self.build.env, wave)

    def _object(self, number: int, path: str) -> str:
        """Numbered, for two directories may have files of one name."""
        name = f"{number}-{os.path.basename(path)}.o"
        return os.path.join(os.path.relpath(self.scratch.aside, self.scratch.source), name)

    def _target(self) -> str:
        build = os.path.relpath(self.scratch.build, self.scratch.source)
        return os.path.join(build, self.request.program.target)


def _waves(files: dict[str, Language], scratch: Scratch) -> list[tuple[str, ...]]:
    """Files that may be compiled at once; those with Fortran modules after what they use."""
    ordered = tuple(path for path, language in files.items() if language is FORTRAN)
    others = tuple(path for path in files if path not in ordered)
    if not ordered:
        return [others]
    first, *rest = fortran.waves({path: scratch.texts[path] for path in ordered})
    return [(*others, *first), *rest]


def _named(path: str) -> str:
    """*path* so that no compiler takes it for an option or for a file of options."""
    return f"./{path}" if path.startswith(("-", "@")) else path
