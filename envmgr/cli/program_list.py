"""`envmgr program list`."""

from __future__ import annotations

from typing import Any

from envmgr.cli.output import print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.model.program import Program
from envmgr.model.query import Query


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "program list",
            "List programs: those of added repositories and those that ship with envmgr.",
            ("envmgr program list", "envmgr program list --tags=kernel,lang-c --json"),
        )
        .queries("the tags that they must have")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Print them; exit status 1 when none fits."""
    catalogue = workspace_of(arguments).catalogue
    queries = [Query.parse(text) for text in queries_of(arguments)]
    programs = [
        program
        for program in catalogue.programs()
        if all(query.misfit_tags(program.all_tags) is None for query in queries)
    ]
    if arguments.json:
        print_json(programs=list(map(program_json, programs)))
    elif programs:
        print_table(("NAME", "COMMANDS", "TAGS", "WHAT"), map(_row, programs))
    else:
        say("no program fits")
    return 0 if programs else 1


def program_json(program: Program) -> dict[str, Any]:
    """A program as listings give it."""
    return {
        "name": program.name,
        "description": program.description,
        "tags": list(program.tags),
        "license": program.license,
        "file": program.file,
        "needs": dict(program.needs),
        "commands": list(program.runs),
    }


def _row(program: Program) -> tuple[str, ...]:
    return (program.name, ",".join(program.runs), ",".join(program.tags), program.description)
