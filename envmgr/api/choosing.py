"""Choosing what a program is built and run with: from what a person asked to its points.

What the person leaves open is chosen as every environment is: by the needs of the program.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from envmgr.api import recorded
from envmgr.api.environment import Environment, resolved
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.host.process import clean_environ
from envmgr.model.entry import Entry
from envmgr.model.measurement import Point
from envmgr.model.program import Program, RunCommand
from envmgr.model.query import Query
from envmgr.model.resolution import Resolution
from envmgr.program.target import Target, open_target
from envmgr.program.target_definition import LOCAL
from envmgr.resolve.rank import ranked

COMPILER = "compiler"
"""The role of which a target says what fills it."""
DATA = "data"
"""What `--each data` varies: every role of data at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person said; several flags or values of a parameter mean all of them."""

    command: str = ""
    """Empty means the first command of the program."""
    with_: tuple[str, ...] = ()
    """`QUERY` or `ROLE=QUERY`: what a need must be, besides what the program says."""
    data: tuple[str, ...] = ()
    """The same for data sets and models."""
    params: tuple[tuple[str, str], ...] = ()
    """Names of parameters and a value for each."""
    flags: tuple[tuple[str, ...], ...] = ((),)
    """Sets of options for the compiler."""
    target: str = LOCAL
    """Where it runs: `local`, `ssh://…`, or a name of the store's file of targets."""
    each: tuple[str, ...] = ()
    """Roles and parameters of which everything there is is taken; `data` is all roles of data."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to build and run a program, with nothing left open."""

    program: Program
    command: str
    params: Mapping[str, str]
    flags: tuple[str, ...]
    entries: Mapping[str, Entry]
    """What fills each role, of needs and of data."""
    resolution: Resolution
    """Those entries and everything that they need."""
    environ: Mapping[str, str] = field(repr=False)
    """The variables that it is built and run with."""
    target: Target

    @property
    def run(self) -> RunCommand:
        """The command that is run."""
        return self.program.runs[self.command]

    @property
    def needs(self) -> dict[str, Entry]:
        """What fills the roles of needs."""
        return {role: self.entries[role] for role in self.program.needs}

    @property
    def data(self) -> dict[str, Entry]:
        """What fills the roles of data."""
        return {role: self.entries[role] for role in self.run.data}

    @property
    def point(self) -> Point:
        """The choice in the words of any machine."""
        return Point(
            program=self.program.name,
            command=self.command,
            params=self.params,
            flags=self.flags,
            needs={role: str(entry) for role, entry in self.needs.items()},
            data={role: str(entry) for role, entry in self.data.items()},
            target=self.target.name,
        )


def choices(workspace: Workspace, program: Program, asked: Asked) -> tuple[Choice, ...]:
    """Every way that *asked* means, in the order in which it was said.

    Raises UsageError for a name that the program does not have, ResolutionError when nothing
    fits a role, TargetError for mistakes in the file of targets.
    """
    command = _command(program, asked.command)
    target = open_target(asked.target, workspace.layout.root, workspace.environ)
    roles = _roles(program, program.runs[command], asked, target)
    _require_known(program, roles, asked)
    values = _values(program, program.runs[command], asked)
    made = []
    for queries in _alternatives(workspace, program, command, roles, asked.each):
        entries, resolution, environ = _opened(workspace, queries, target)
        made += [
            Choice(program, command, params, flags, entries, resolution, environ, target)
            for flags, params in product(asked.flags, values)
        ]
    return tuple(made)


def _command(program: Program, name: str) -> str:
    if not name:
        return next(iter(program.runs))
    if name not in program.runs:
        raise UsageError(
            f"{program.name} has no command {name!r}", hint=f"it has {', '.join(program.runs)}"
        )
    return name


# -- roles -----------------------------------------------------------------------------------


def _roles(program: Program, run: RunCommand, asked: Asked, target: Target) -> dict[str, Query]:
    """Role to what fills it must be, by the program, the target and the person."""
    own = dict(program.needs)
    if target.compiler and COMPILER in own:
        own[COMPILER] = target.compiler
    needs = _narrowed(program, "--with", own, asked.with_)
    return {**needs, **_narrowed(program, "--data", run.data, asked.data)}


def _narrowed(
    program: Program, option: str, roles: Mapping[str, str], said: Iterable[str]
) -> dict[str, Query]:
    queries = {role: Query.parse(text) for role, text in roles.items()}
    for text in said:
        role, query = _meant(program, option, queries, text)
        queries[role] = queries[role].both(query)
    return queries


def _meant(
    program: Program, option: str, roles: Mapping[str, Query], text: str
) -> tuple[str, Query]:
    """The role that *text* is about: the one it names, or the only one of its category."""
    name, sign, rest = text.partition("=")
    if sign and name in roles:
        return name, Query.parse(rest)
    if sign and text[len(name) - 1] not in "<>!~=":  # not the clause of a version
        raise UsageError(
            f"{option} {text}: {program.name} has no role {name!r}",
            hint=f"its roles are: {', '.join(roles) or 'none'}",
        )
    query = Query.parse(text)
    fitting = [role for role, need in roles.items() if _category(need) == _category(query)]
    if len(fitting) == 1:
        return fitting[0], query
    if len(roles) == 1 and not fitting:
        return next(iter(roles)), query
    known = ", ".join(f"{role} ({need})" for role, need in roles.items()) or "none"
    raise UsageError(
        f"{option} {text}: {program.name} has {len(fitting) or 'no'} such roles",
        hint=f"say {option} ROLE=QUERY; its roles are: {known}",
    )


def _category(query: Query) -> str:
    return query.wanted[0].partition(".")[0]


def _require_known(program: Program, roles: Mapping[str, Query], asked: Asked) -> None:
    known = (*roles, *program.params, DATA)
    for name in asked.each:
        if name not in known:
            raise UsageError(
                f"--each {name}: {program.name} has no such role or parameter",
                hint=f"it has {', '.join(known)}",
            )
    for name, _ in asked.params:
        if name not in program.params:
            raise UsageError(
                f"--param {name}: {program.name} has no such parameter",
                hint=f"it has {', '.join(program.params) or 'none'}",
            )


def _alternatives(
    workspace: Workspace,
    program: Program,
    command: str,
    roles: Mapping[str, Query],
    each: Sequence[str],
) -> Iterator[dict[str, Query]]:
    """The queries of each combination of entries that *each* asks for."""
    data = program.runs[command].data
    varied = [role for role in roles if role in each or (DATA in each and role in data)]
    found = [_every(workspace, roles[role]) for role in varied]
    for chosen in product(*found):
        yield {**roles, **dict(zip(varied, chosen, strict=True))}


def _every(workspace: Workspace, query: Query) -> list[Query]:
    """A query for each thing on this machine that fits *query*, the best first."""
    from envmgr.api.detect import detect

    if workspace.catalogue.detectors(query):
        detect(workspace, [query])
    entries = recorded.find(workspace, query)
    names = dict.fromkeys((e.name, e.version) for e in ranked(entries))
    exact = [Query.parse(f"{name}@=={version}") for name, version in names]
    return [query.both(one) for one in exact] or [query]  # what has none says why when resolved


def _opened(
    workspace: Workspace, queries: Mapping[str, Query], target: Target
) -> tuple[dict[str, Entry], Resolution, dict[str, str]]:

    def may_answer(entry: Entry) -> bool:
        """A compiler that builds for some machine builds for that of the target."""
        machine = entry.facts.get("target")
        return not (target.cross and machine) or machine == target.cross.triplet

    resolution = resolved(workspace, list(queries.values()), may_answer)
    chosen = (answer.chosen for answer in resolution.answers)
    entries = dict(zip(queries, chosen, strict=True))
    own = {role: one for role, one in entries.items() if isinstance(one, Entry)}
    return own, resolution, environ_of(workspace, resolution)


def environ_of(workspace: Workspace, resolution: Resolution) -> dict[str, str]:
    """The variables that programs are built and run with when they have *resolution*."""
    delta = Environment(resolution, workspace.layout).delta
    clean = clean_environ(workspace.environ)
    return {**clean, **delta.apply(clean, os.pathsep)}


# -- parameters ------------------------------------------------------------------------------


def _values(program: Program, run: RunCommand, asked: Asked) -> list[dict[str, str]]:
    """Every combination of the values of parameters."""
    said: dict[str, list[str]] = {}
    for name, value in asked.params:
        said.setdefault(name, []).append(value)
    columns = []
    for name, parameter in program.params.items():
        default = (run.params.get(name, parameter.default),)
        every = parameter.values if name in asked.each and parameter.values else default
        columns.append(tuple(dict.fromkeys(said.get(name, every))))
    return [dict(zip(program.params, row, strict=True)) for row in product(*columns)]
