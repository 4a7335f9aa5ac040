"""What is to be built, of what, with what: the question that a build answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from envmgr.errors import ProgramError
from envmgr.model.entry import Entry
from envmgr.model.program import Program, ProgramBuild
from envmgr.model.template import holes
from envmgr.program.source import SourceTree
from envmgr.program.values import filled, split, values_of

IN_PLACE = ("make", "script")
"""Systems that build where their sources are, so in a copy of them."""
_MAPPING = {"compiler.gcc": "8", "compiler.gcc-cross": "8", "compiler.llvm": "10"}
"""Compilers that can forget where they worked, each from the version that learned it."""


@dataclass(frozen=True, slots=True)
class CrossTarget:
    """Another kind of machine to build for. The compilers for it come from the entries."""

    triplet: str
    """What it is, as GNU says it: `aarch64-linux-gnu`."""
    flags: tuple[str, ...] = ()
    """Options of every compilation: `--target=aarch64-linux-gnu`."""
    system: str = "Linux"
    """Its system, as CMake says it."""

    @property
    def processor(self) -> str:
        """The first piece of the triplet."""
        return self.triplet.partition("-")[0]


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """A program, and every choice that a build of it depends on."""

    program: Program
    tree: SourceTree
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """Role to what fills it; other roles than those of the program's needs do not count."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters; those that are not here have their defaults."""
    flags: tuple[str, ...] = ()
    """Options of the compiler that a person gave; they come after the program's and win."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The whole environment of the build, with what the entries set."""
    cross: CrossTarget | None = None

    @property
    def needs(self) -> dict[str, Entry]:
        """The entries that count, by role."""
        return {role: self.entries[role] for role in self.program.needs if role in self.entries}

    def values(self) -> dict[str, str]:
        """What templates of the build may hold, but for its places."""
        defaults = {name: param.default for name, param in self.program.params.items()}
        return values_of(self.needs, {**defaults, **self.params}, self.environ)

    def holes(self) -> set[str]:
        """The placeholders that templates of the build do hold."""
        build = self.program.build
        lists = (build.flags, build.libs, build.include, build.options, build.commands)
        texts = [text for texts in (*lists, build.env.values()) for text in texts]
        return {name for text in texts for name in holes(text)}

    def maker(self, variable: str) -> Entry | None:
        """The entry that *variable*, which names a compiler, comes from; else the compiler."""
        value = self.environ.get(variable)
        for entry in self.needs.values():
            if value is not None and entry.delta.put.get(variable) == value:
                return entry
        return self.needs.get("compiler")

    def compiler(self, variable: str, language: str) -> tuple[str, ...]:
        """The words of the compiler that *variable* names. Raises ProgramError without one."""
        name = self.program.name
        if words := split(self.environ.get(variable, ""), variable, name):
            return words
        maker = self.maker(variable)
        who = f"{maker.name}@{maker.version} has" if maker else "its needs have"
        raise ProgramError(
            f"{name} cannot be built: {who} no {language} compiler ({variable})",
            hint=f"`envmgr detect compiler,lang-{_tag(language)}` shows those that are here",
        )

    def can_map(self, variable: str) -> bool:
        """Whether the compiler that *variable* names understands `-ffile-prefix-map`."""
        from envmgr.model.version import Version

        maker = self.maker(variable)
        if maker is None or variable not in maker.delta.put:
            return False
        if maker.name == "compiler.llvm" and variable == "FC":  # Flang does not
            return False
        least = _MAPPING.get(maker.name)
        return least is not None and Version(maker.version) >= Version(least)


def _tag(language: str) -> str:
    return {"C++": "cpp"}.get(language, language.lower())


@dataclass(frozen=True, slots=True)
class Scratch:
    """The directory that a build happens in, and what the decision has to know beforehand."""

    root: str
    in_place: bool = False
    jobs: int = 1
    """How many things may be done at once."""
    has_ninja: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    """What stands in the source files whose content decides how they are compiled."""

    @property
    def source(self) -> str:
        """The copy of the sources."""
        return self.build if self.in_place else os.path.join(self.root, "source")

    @property
    def build(self) -> str:
        """Where the program is made; all of it is kept."""
        return os.path.join(self.root, "build")

    @property
    def aside(self) -> str:
        """Where what is on the way to the program goes; nothing of it is kept."""
        return os.path.join(self.root, "aside")

    @property
    def places(self) -> dict[str, str]:
        """What the placeholders of places stand for."""
        return {"source": self.source, "build": self.build, "jobs": str(self.jobs)}


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a build."""

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    """What it sees beside the environment of the request."""
    wave: int = 0
    """Commands of one wave may run at once, and a wave begins when the one before has ended."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """Everything that a build does, decided."""

    steps: tuple[Step, ...]
    product: str
    """Where the commands leave the program; it is moved to the target if it is not there."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files to be written first: where, and what."""


def filled_build(request: BuildRequest, places: Mapping[str, str]) -> ProgramBuild:
    """The build part of the definition with all templates filled, but for its commands."""
    build, name = request.program.build, request.program.name
    values = {**request.values(), **places}

    def each(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(filled(text, values, name) for text in texts)

    return replace(
        build,
        flags=each(build.flags),
        libs=each(build.libs),
        include=each(build.include),
        options=each(build.options),
        env={variable: filled(text, values, name) for variable, text in build.env.items()},
    )


def compile_flags(
    request: BuildRequest, build: ProgramBuild, scratch: Scratch, variable: str, source: str = ""
) -> tuple[str, ...]:
    """Options of every compilation with the compiler of *variable*, a person's last.

    *source* is what leads to the sources from where the compiler works; empty means right there.
    """
    cross = request.cross.flags if request.cross else ()
    forget = (f"-ffile-prefix-map={scratch.root}=.",) if request.can_map(variable) else ()
    include = tuple(f"-I{os.path.join(source, path)}" for path in build.include)
    return (*forget, *build.flags, *include, *cross, *request.flags)
