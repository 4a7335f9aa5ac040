"""What makes sense in a program."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from envmgr.catalog import rules
from envmgr.catalog.problem import Spot, nearest
from envmgr.model.program import (
    BUILD_SYSTEMS,
    MEASURED,
    STREAMS,
    Figure,
    OutputCheck,
    Program,
    ProgramBuild,
    ProgramSource,
    RunCommand,
)
from envmgr.model.query import is_tag
from envmgr.model.template import holes

_OWN = frozenset({"source", "build", "jobs", "exe", "file"})
"""Placeholders that envmgr fills, so that nothing else may be called so."""
_BUILDING = frozenset({"source", "build", "jobs"})
_RUNNING = frozenset({"source", "build", "exe"})
_IDENTIFIER = re.compile("[a-z][a-z0-9_]*")
_VARIABLE = re.compile("[A-Z][A-Z0-9_]*")
_COMMIT = re.compile("[0-9a-f]{40}")


def check_program(program: Program, name: str, spot: Spot) -> None:
    """Say everything that is wrong with a *program* whose directory is called *name*."""
    _name(program, name, spot)
    _source(program.source, spot.at("source"))
    rules.queries(program.needs, spot.at("needs"))
    _identifiers(program, spot)
    known = {*program.params, *program.needs}
    _build(program, known | _BUILDING, spot.at("build"))
    if not program.runs and spot.at("run").is_clean:
        spot.at("run").say("holds no command")
    for command, run in program.runs.items():
        _run(run, program, known | _RUNNING | run.data.keys(), spot.at("run", command))
    _mutations(program, spot)


def _name(program: Program, name: str, spot: Spot) -> None:
    if program.name and program.name != name:
        spot.at("name").say(f"must be {name!r}, as its directory is", name)
    elif not is_tag(name):
        spot.at("name").say("may hold only lower case letters, digits and ._+-")
    rules.tags(program.tags, spot.at("tags"))
    if "\n" in program.description:
        spot.at("description").say("must be one line")
    if program.homepage:
        rules.address(program.homepage, spot.at("homepage"), ("https", "http"))


def _source(source: ProgramSource, spot: Spot) -> None:
    for i, glob in enumerate(source.files):
        rules.inside(glob, spot.at("files", i))
    if source.url and source.git:
        spot.say("has both a url and a git repository")
    if source.url:
        rules.address(source.url, spot.at("url"))
        if not source.digest:
            spot.at("digest").say("is missing: nothing unverified is unpacked")
    if source.digest:
        rules.digest(source.digest, spot.at("digest"))
    if source.git:
        rules.address(source.git, spot.at("git"), ("https", "ssh", "file"))
        if not _COMMIT.fullmatch(source.commit or ""):
            spot.at("commit").say("must be a commit: 40 hexadecimal digits in lower case")


def _identifiers(program: Program, spot: Spot) -> None:
    """Parameters and roles fill placeholders, so no two may have one name."""
    named: list[tuple[tuple[str, ...], str]]
    named = [(("params", name), name) for name in program.params]
    named += [(("needs", name), name) for name in program.needs]
    once = {name for _, name in named}
    for command, run in program.runs.items():
        named += [(("run", command, "data", name), name) for name in run.data]
    seen: set[str] = set()
    for path, name in named:
        if not _IDENTIFIER.fullmatch(name):
            spot.at(*path).say("may hold only lower case letters, digits and _")
        elif name in _OWN:
            spot.at(*path).say(f"{{{name}}} has a meaning of its own")
        elif name in seen and name in once:
            spot.at(*path).say("is the name of something else here")
        seen.add(name)


def _build(program: Program, known: Collection[str], spot: Spot) -> None:
    build = program.build
    if build.system not in BUILD_SYSTEMS:
        close = nearest(build.system, BUILD_SYSTEMS)
        spot.at("system").say(f"must be one of {', '.join(BUILD_SYSTEMS)}", close)
    if build.target:
        rules.inside(build.target, spot.at("target"))
    for i, path in enumerate(build.include):
        rules.inside(path, spot.at("include", i))
    _commands(build, spot)
    rules.variables(build.env, spot.at("env"))
    texts = {"flags": build.flags, "libs": build.libs, "options": build.options}
    for key, values in {**texts, "commands": build.commands, "include": build.include}.items():
        for i, value in enumerate(values):
            _template(value, known, spot.at(key, i))
    for name, value in build.env.items():
        _template(value, known, spot.at("env", name))


def _commands(build: ProgramBuild, spot: Spot) -> None:
    if (build.system == "script") != bool(build.commands):
        spot.at("commands").say("are for the system script, which has nothing else")
    for i, command in enumerate(build.commands):
        rules.command(command, spot.at("commands", i))


def _run(run: RunCommand, program: Program, known: Collection[str], spot: Spot) -> None:
    rules.command(run.command, spot.at("command"))
    rules.queries(run.data, spot.at("data"))
    for name in run.params:
        if name not in program.params:
            spot.at("params", name).say("is no parameter", nearest(name, program.params))
    for i, glob in enumerate(run.inputs):
        rules.inside(glob, spot.at("inputs", i))
    for i, role in enumerate(run.copies):
        if role not in run.data:
            spot.at("copies", i).say(f"{role!r} is no role of data", nearest(role, run.data))
    for i, path in enumerate(run.outputs):
        rules.inside(path, spot.at("outputs", i))
        _template(path, known, spot.at("outputs", i))
    rules.variables(run.env, spot.at("env"))
    rules.variables([run.repeat] if run.repeat else [], spot.at("repeat"))
    for name, value in run.env.items():
        _template(value, known, spot.at("env", name))
    _template(run.command, known, spot.at("command"))
    _template(run.stdin or "", known, spot.at("stdin"))
    if run.timeout <= 0 and spot.at("timeout").is_clean:
        spot.at("timeout").say("must be more than nothing")
    for i, check in enumerate(run.checks):
        _check(check, run, known, spot.at("check", i))
    for name, figure in run.figures.items():
        _figure(name, figure, run, spot.at("figures", name))


def _check(check: OutputCheck, run: RunCommand, known: Collection[str], spot: Spot) -> None:
    ways = {
        "expect": check.expect,
        "text": check.text,
        "match": check.match,
        "run": check.run,
        "recorded": check.recorded or None,
    }
    rules.exactly_one(ways, spot)
    _output(check.file, run, spot)
    if check.expect:
        rules.inside(check.expect, spot.at("expect"))
    if check.match:
        rules.pattern(check.match, spot.at("match"))
    if check.run:
        rules.command(check.run, spot.at("run"))
    for i, pattern in enumerate(check.ignore):
        rules.pattern(pattern, spot.at("ignore", i))
    if check.tolerance is not None and (check.match or check.run):
        spot.at("tolerance").say("has no meaning for a pattern or a checker")
    if check.absolute and check.tolerance is None:
        spot.at("absolute").say("needs a tolerance")
    for key, value in (("expect", check.expect), ("text", check.text), ("run", check.run)):
        _template(value or "", {*known, "file"}, spot.at(key))


def _figure(name: str, figure: Figure, run: RunCommand, spot: Spot) -> None:
    if not _IDENTIFIER.fullmatch(name):
        spot.say("may hold only lower case letters, digits and _")
    if name in MEASURED:
        spot.say("is measured of every run: call it otherwise")
    rules.exactly_one({"match": figure.match, "key": figure.key}, spot)
    _output(figure.file, run, spot)
    if figure.better not in ("lower", "higher"):
        spot.at("better").say("must be lower or higher")
    pattern = rules.pattern(figure.match, spot.at("match")) if figure.match else None
    if pattern and not pattern.groups:
        spot.at("match").say("has no group for the number")


def _output(name: str, run: RunCommand, spot: Spot) -> None:
    if name not in (*STREAMS, *run.outputs):
        spot.at("file").say(f"{name!r} is none of its outputs", nearest(name, run.outputs))


def _mutations(program: Program, spot: Spot) -> None:
    for i, mutation in enumerate(program.mutations):
        at = spot.at("mutation", i)
        rules.inside(mutation.file, at.at("file"))
        if mutation.command and mutation.command not in program.runs:
            close = nearest(mutation.command, program.runs)
            at.at("command").say("is no command of the program", close)
        if mutation.replace == mutation.by:
            at.at("with").say("changes nothing")


def _template(value: str, known: Iterable[str], spot: Spot) -> None:
    """Placeholders are names of *known*, something of one (`cc.version`), or a variable."""
    names = set(known)
    for name in holes(value):
        if _VARIABLE.fullmatch(name) or name in names or _of(name) in names - _OWN:
            continue
        close = nearest(name, names)
        spot.say(f"unknown placeholder {{{name}}}", f"{{{close}}}" if close else None)


def _of(name: str) -> str:
    """What `cc.version` is something of."""
    return name.partition(".")[0]
