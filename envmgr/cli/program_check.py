"""`envmgr program check`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envmgr.api.checking import Finding, check
from envmgr.api.program import find_program
from envmgr.cli.choosing import asked_of, choice_options, named_program
from envmgr.cli.output import print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.progress import counting
from envmgr.cli.running import status_of
from envmgr.experiment.samples import chosen
from envmgr.model.measurement import RIGHT


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "program check",
        "Show that programs are right: with every compiler at -O0, -O2 and -O3, on every data"
        " set that is here, and that their checks catch every mutation.",
        (
            "envmgr program check matmul-c",
            "envmgr program check matmul-c:default --with compiler.gcc --flags=-Ofast",
            "envmgr program check ./mine --record",
        ),
    ).add("program", nargs="+", metavar="NAME[:COMMAND]",
          help="programs by their names, or by the paths of their directories")  # fmt: skip
    parser.add(
        "--record",
        action="store_true",
        help="record anew what trusted builds give, where a check compares with that",
    )
    parser.add("--no-mutations", action="store_true", help="do not try the mutations")
    parser.add("--all", action="store_true", help="list what is right too")
    return choice_options(parser).json()


def run(arguments: Arguments) -> int:
    """Check them; exit status 10 when something is wrong, 9 when something cannot be run."""
    workspace = workspace_of(arguments)
    found: list[Finding] = []
    with counting("checking", "builds and runs") as progress:
        for text in arguments.program:
            name, command = named_program(text)
            found += check(
                workspace,
                find_program(workspace, name),
                asked_of(arguments, command),
                anew=arguments.record,
                mutations=not arguments.no_mutations,
                tell=progress,
            )
    if arguments.json:
        print_json(findings=list(map(_json, found)))
    else:
        _print(found, arguments.all)
    return status_of([one.verdict for one in found if not one.is_good])


def _json(one: Finding) -> dict[str, Any]:
    return {
        "good": one.is_good,
        "verdict": one.verdict,
        "why": one.why,
        "chosen": chosen(one.point),
        "empty": list(one.empty),
        "mutation": one.mutation and {
            "file": one.mutation.file, "replace": one.mutation.replace, "with": one.mutation.by,
        },
        "log": one.log,
    }  # fmt: skip


def _print(found: Sequence[Finding], everything: bool) -> None:
    shown = [one for one in found if everything or not one.is_good]
    if shown:
        print_table(("", "PROGRAM", "WITH", "VERDICT", "WHY"), map(_row, shown))
    for one in found:
        if one.log and not one.is_good:
            say(f"log: {one.log}")
    plain = [one for one in found if one.mutation is None]
    mutants = [one for one in found if one.mutation is not None]
    right = sum(one.verdict == RIGHT for one in plain)
    unproved = sum(one.is_good for one in plain) - right
    caught = sum(one.is_good for one in mutants)
    say(
        f"{right} of {len(plain)} runs right"
        + (f", {unproved} not proved" if unproved else "")
        + (f"; {caught} of {len(mutants)} mutations caught" if mutants else ""),
        style="" if all(one.is_good for one in found) else "bad",
    )


def _row(one: Finding) -> tuple[str, ...]:
    mark, point = "ok" if one.is_good else "BAD", one.point
    said = [f"{name}={value}" for name, value in point.params.items()]
    said += [*point.needs.values(), *point.data.values(), *point.flags]
    if one.mutation:
        said.append(f"with {one.mutation.replace!r} made {one.mutation.by!r}")
    why = one.why.partition("\n")[0]  # the log has the rest
    return (mark, point.name, " ".join(said), one.verdict, why)
