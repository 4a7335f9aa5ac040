"""`envmgr lint`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

from envmgr.catalog.lint import files_of, lint
from envmgr.catalog.load import Loaded, load, located
from envmgr.catalog.problem import Finding, Problem
from envmgr.catalog.repositories import SHIPPED, Repositories
from envmgr.cli.output import print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.progress import counting
from envmgr.detect.cases import run_case
from envmgr.errors import EnvmgrError, UsageError
from envmgr.model.definition import Case, Detector

_WORKERS = min(8, 2 * (os.cpu_count() or 1))


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "lint",
            "Name every mistake in detectors, recipes and shells; without PATH in all there are.",
            (
                "envmgr lint",
                "envmgr lint ~/my-definitions",
                "envmgr lint detectors/compiler/gcc.toml --cases",
            ),
        )
        .add("paths", nargs="*", metavar="PATH", help="a file, a directory or a repository")
        .add("--cases", action="store_true", help="run the cases of the detectors too")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Print every mistake; exit status 1 when there is one."""
    if "" in arguments.paths:  # an unset variable must not mean the current directory
        raise UsageError("a path is empty", hint="leave it out to look at everything")
    paths, roots = arguments.paths or None, _roots(arguments)
    files = files_of(paths, roots)
    problems, cases = lint(paths, roots), 0
    if arguments.cases:
        failed, cases = _failed_cases(files)
        problems = sorted({*problems, *failed}, key=lambda one: (one.file, one.line, one.key))
    if arguments.json:
        forms = [asdict(problem) for problem in problems]
        print_json(files=len(files), cases=cases, problems=forms)
    else:
        _print_text(problems, len(files), cases)
    return 1 if problems else 0


def _print_text(problems: Sequence[Problem], files: int, cases: int) -> None:
    for problem in problems:
        tell(str(problem))
    looked_at = _count(files, "file") + (f", {_count(cases, 'case')}" if cases else "")
    if problems:
        say(f"{looked_at}, {_count(len(problems), 'problem')}", style="bad")
    else:
        print(f"{looked_at}, no problem")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _roots(arguments: Arguments) -> list[str]:
    """The user's repositories, besides which the shipped catalogue is always looked into."""
    repositories = Repositories(workspace_of(arguments).layout.root).all()
    return [repository.root for repository in repositories if repository.name != SHIPPED]


def _failed_cases(files: Sequence[str]) -> tuple[list[Problem], int]:
    """What is wrong with the cases of the detectors in *files*, and how many cases there are."""
    from concurrent.futures import ThreadPoolExecutor

    work = [
        (loaded, loaded.value, number)
        for loaded in map(load, files)
        if isinstance(loaded.value, Detector) and not loaded.problems
        for number in range(len(loaded.value.cases))
    ]
    with counting("checking", "cases") as progress, ThreadPoolExecutor(_WORKERS) as pool:
        problems = pool.map(partial(_of_case, progress), *zip(*work, strict=True))
        return [problem for found in problems for problem in found], len(work)


def _of_case(
    progress: Callable[[str], None], loaded: Loaded, detector: Detector, number: int
) -> tuple[Problem, ...]:
    """Everything wrong with one case, at the line where it stands."""
    wrong = _differences(detector, detector.cases[number])
    progress(loaded.file)
    found = [Finding(("case", number), message) for message in wrong]
    return located(loaded.file, loaded.text, found)


def _differences(detector: Detector, case: Case) -> list[str]:
    try:
        return run_case(detector, case)
    except (EnvmgrError, OSError, ValueError) as error:  # its tree cannot be made on this disk
        return [f"the case cannot be run: {error}"]
