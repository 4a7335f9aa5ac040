"""`envmgr program build`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envmgr.api.choosing import choices
from envmgr.api.program import Ready, find_program
from envmgr.api.sweep import Unbuilt, build_all
from envmgr.cli.choosing import asked_of, choice_options, named_program, program_argument
from envmgr.cli.output import print_json, print_table, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.progress import counting
from envmgr.errors import ProgramError
from envmgr.experiment.samples import labels


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "program build",
        "Build a program, or say where the same build is already. Prints where the program is.",
        (
            "envmgr program build matmul-c",
            "envmgr program build matmul-c --with 'compiler.llvm@>=14' --flags='-O3 -march=native'",
            "envmgr program build ./mine --each compiler --flags=-O0 --flags=-O3",
        ),
    )
    return choice_options(program_argument(parser)).json()


def run(arguments: Arguments) -> int:
    """Build everything that was asked for; exit status 9 when something cannot be built."""
    workspace = workspace_of(arguments)
    name, command = named_program(arguments.program)
    program = find_program(workspace, name)
    wanted = choices(workspace, program, asked_of(arguments, command))
    with counting("building", "builds") as progress:
        prepared = build_all(workspace, wanted, tell=progress)
    if arguments.json:
        print_json(
            builds=list(map(build_json, prepared.ready)),
            failures=list(map(failure_json, prepared.unbuilt)),
        )
    else:
        _print(prepared.ready)
        say_unbuilt(prepared.unbuilt)
    return ProgramError.exit_code if prepared.unbuilt else 0


def build_json(ready: Ready) -> dict[str, Any]:
    """A build as every listing gives it."""
    point, built = ready.choice.point, ready.built
    return {
        "program": point.program,
        "flags": list(point.flags),
        "params": dict(point.params),
        "needs": dict(point.needs),
        "executable": built.executable,
        "digest": built.digest,
        "code_size": built.code_size,
        "seconds": built.seconds,
        "cached": built.was_cached,
        "log": built.log,
    }


def failure_json(one: Unbuilt) -> dict[str, Any]:
    """A build that failed."""
    point = one.choice.point
    return {
        "program": point.program,
        "flags": list(point.flags),
        "params": dict(point.params),
        "needs": dict(point.needs),
        "message": one.error.message,
        "log": one.error.log,
    }


def say_unbuilt(unbuilt: Sequence[Unbuilt]) -> None:
    """Tell a person what could not be built, and where it says why."""
    for one in unbuilt:
        say(one.error.message, style="bad")
        if one.error.log:
            say(f"  log: {one.error.log}")


def _print(ready: Sequence[Ready]) -> None:
    if len(ready) == 1:
        tell(_place(ready[0]))
        return
    names = labels([one.choice.point for one in ready])
    rows = [
        (
            names[one.choice.point.id],
            "kept" if one.built.was_cached else f"{one.built.seconds:.1f} s",
            f"{one.built.code_size:,}",
            _place(one),
        )
        for one in ready
    ]
    if rows:
        print_table(("BUILD", "TIME", "CODE BYTES", "PROGRAM"), rows)


def _place(ready: Ready) -> str:
    """Where the program is; for one that something else runs, where its files are."""
    return ready.built.executable or ready.tree.root
