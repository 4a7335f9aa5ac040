"""`envmgr program info`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from envmgr.api.program import find_program
from envmgr.cli.choosing import named_program, program_argument
from envmgr.cli.output import heading, print_json, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.program_list import program_json
from envmgr.model.program import OutputCheck, Program, RunCommand


def parser() -> Parser:
    """Its arguments."""
    return program_argument(
        Parser(
            "program info",
            "Say what a program needs, how it is built and run, what is right and measured.",
            ("envmgr program info matmul-c", "envmgr program info ./mine --json"),
        )
    ).json()


def run(arguments: Arguments) -> int:
    """Print it."""
    name, _ = named_program(arguments.program)
    program = find_program(workspace_of(arguments), name)
    if arguments.json:
        print_json(program=_whole(program))
        return 0
    tell(f"{program.name}: {program.description}")
    for title, lines in _sections(program):
        if lines:
            print(heading(title))
            tell("\n".join(f"  {line}" for line in lines))
    return 0


def _whole(program: Program) -> dict[str, Any]:
    more = ("source", "build", "params", "runs", "mutations")
    form = asdict(program)
    return {**program_json(program), **{name: form[name] for name in more}}


def _sections(program: Program) -> Iterator[tuple[str, list[str]]]:
    yield "definition", [program.file]
    yield "tags", [", ".join(program.tags)]
    yield "needs", [f"{role}: {query}" for role, query in program.needs.items()]
    yield "build", [f"{program.build.system}, gives {program.target}"]
    yield (
        "parameters",
        [
            f"{name} = {one.default}"
            + (f" of {', '.join(one.values)}" if one.values else "")
            + (f": {one.description}" if one.description else "")
            for name, one in program.params.items()
        ],
    )
    for name, command in program.runs.items():
        yield f"command {name}", _command(command)
    count = len(program.mutations)
    yield "mutations", [f"{count} mistakes that the checks must catch"] if count else []


def _command(run: RunCommand) -> list[str]:
    lines = [run.command]
    lines += [f"data {role}: {query}" for role, query in run.data.items()]
    lines += [f"checks {one.file}: {_way(one)}" for one in run.checks]
    lines += [
        f"figure {name}: {one.unit or 'number'}, {one.better} is better"
        for name, one in run.figures.items()
    ]
    return lines


def _way(check: OutputCheck) -> str:
    near = f", numbers within {check.tolerance:g}" if check.tolerance is not None else ""
    if check.expect:
        return f"is {check.expect}{near}"
    if check.text is not None:
        return f"is {check.text!r}{near}"
    if check.match:
        return f"holds {check.match}"
    return f"as {check.run} says" if check.run else f"is what trusted builds gave{near}"
