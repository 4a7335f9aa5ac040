"""Programs: what `programs/<name>/program.toml` says, parsed.

A program is built once a choice of needs, flags and build parameters, and run by the name of one
of its commands. Everything a template of it may hold is listed in `docs/program.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.model.definition import Definition

BUILD_SYSTEMS = ("sources", "cmake", "meson", "make", "cargo", "go", "script", "none")
"""How a program can be built; `none` is run as its sources are."""
MEASURED = ("wall", "user", "system", "cpu", "memory", "repeats", "left", "energy", "code_size")
"""Figures that are measured of every run, as which no program's own may be called."""
STREAMS = ("stdout", "stderr")
"""Outputs that every run has, beside the files it names."""


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """What a program is made from: files beside its definition, an archive, or a commit."""

    files: tuple[str, ...] = ()
    """Globs of the files to compile, below the source directory; empty takes every source file."""
    url: str | None = None
    """The address of an archive, unpacked instead of the files beside the definition."""
    digest: str | None = None
    """What that archive must be: `sha256:…`, `sha512:…` or `md5:…`."""
    git: str | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class ProgramBuild:
    """How sources become a program. Everything but `system` and `target` may hold templates."""

    system: str = "sources"
    target: str = ""
    """The built program, below the build directory; by default the program's own name."""
    flags: tuple[str, ...] = ()
    """Options of every compilation, before those that a person gives."""
    libs: tuple[str, ...] = ()
    """Options for the linker, last: `-lm`."""
    include: tuple[str, ...] = ()
    """Directories of headers, below the source directory."""
    options: tuple[str, ...] = ()
    """Arguments of the build system: `-DWITH_X=ON`."""
    commands: tuple[str, ...] = ()
    """The commands of the system `script`, none of which sees a shell."""
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that may be varied: a size, a number of threads, a variant."""

    default: str
    values: tuple[str, ...] = ()
    """Values that a sweep takes; empty means the default alone."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class OutputCheck:
    """One thing that must hold of an output of a run. Exactly one way of telling is given."""

    file: str = "stdout"
    """`stdout`, `stderr` or one of the run's outputs."""
    expect: str | None = None
    """A file below the program's directory with what it must be (a template)."""
    text: str | None = None
    """What it must be, as text (a template); blanks at both ends do not count."""
    match: str | None = None
    """A pattern that must be found in it."""
    run: str | None = None
    """A checker: a command that exits with 0 when the output is right, and says why if not."""
    recorded: bool = False
    """It must be what trusted builds gave, which is recorded by running those more than once."""
    tolerance: float | None = None
    """Numbers may differ by this, relatively; what stands between them must be the same."""
    absolute: float = 0.0
    """Numbers may differ by this whatever their size; only with `tolerance`."""
    ignore: tuple[str, ...] = ()
    """Patterns; a line in which one is found is left out of the comparison: times, dates."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the program's own figures: found by a pattern, or in JSON."""

    unit: str = ""
    better: str = "lower"
    """`lower` or `higher`."""
    file: str = "stdout"
    match: str | None = None
    """A pattern whose group `value`, or else its first, is the number."""
    key: str | None = None
    """Where it stands in a JSON file: names and positions, joined by dots: `results.0.seconds`."""


@dataclass(frozen=True, slots=True)
class RunCommand:
    """One way to run a program."""

    command: str
    """Split into words, then filled; never a shell."""
    description: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    """Other defaults of the program's parameters, for this command."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Role to the query for a data set or a model."""
    inputs: tuple[str, ...] = ()
    """Globs of files of the program that are copied to where it runs, by their paths."""
    copies: tuple[str, ...] = ()
    """Roles of data whose file is copied to where it runs, for a program that writes beside what
    it reads; `{ROLE}` is then the name of the copy."""
    stdin: str | None = None
    """A file (template) that it reads as standard input."""
    outputs: tuple[str, ...] = ()
    """Files that it writes, relative to where it runs (templates)."""
    env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 300.0
    """Seconds of wall time after which it is ended with its children."""
    exit_codes: tuple[int, ...] = (0,)
    """Exit statuses that are no failure."""
    repeat: str | None = None
    """A variable by which the program itself repeats its work so many times in one run."""
    checks: tuple[OutputCheck, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def wants_reference(self) -> bool:
        """Whether a check compares with what trusted builds gave."""
        return any(check.recorded for check in self.checks)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mistake that, made in the sources, some check must catch: the checks' own test."""

    file: str
    replace: str
    """A piece of the file that stands there exactly once."""
    by: str
    command: str = ""
    """The run command that shows it; empty means the first."""


@dataclass(frozen=True, slots=True)
class Program(Definition):
    """A program's sources, how it is built and run, what is right and what is measured."""

    license: str = ""
    source: ProgramSource = field(default_factory=ProgramSource)
    needs: Mapping[str, str] = field(default_factory=dict)
    """Role to query: `compiler`, libraries, interpreters, tools."""
    build: ProgramBuild = field(default_factory=ProgramBuild)
    params: Mapping[str, Parameter] = field(default_factory=dict)
    runs: Mapping[str, RunCommand] = field(default_factory=dict)
    """Commands by name, the first of which is meant when none is named."""
    mutations: tuple[Mutation, ...] = ()

    @property
    def target(self) -> str:
        """The built program, below the build directory."""
        return self.build.target or self.name
