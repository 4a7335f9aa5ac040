"""`envmgr init`."""

from __future__ import annotations

import os

from envmgr.api.project import check_meant, init_project
from envmgr.cli.asked import here
from envmgr.cli.output import print_json, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import UsageError
from envmgr.model.query import Query


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "init",
            "Write a project file that explains itself. It asks nothing and overwrites nothing.",
            (
                "envmgr init",
                "envmgr init compiler.gcc 'tool.cmake@>=3.20'",
                "envmgr init ./bench --name bench",
            ),
        )
        .add("queries", nargs="*", metavar="QUERY",
             help="what the project needs; one with a slash is its DIR, by default this one")
        .add("--name", metavar="TEXT", help="what the project is called; by default as DIR")
        .add("--force", action="store_true", help="write also what the catalogue does not know")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Write the file and say where."""
    places = [word for word in arguments.queries if _is_place(word)]
    if len(places) > 1:
        raise UsageError(f"these are several directories: {', '.join(places)}")
    queries = [Query.parse(word) for word in arguments.queries if word not in places]
    if not arguments.force:
        check_meant(workspace_of(arguments), queries)
    directory = os.path.join(here(), *(os.path.expanduser(place) for place in places))
    project = init_project(directory, name=arguments.name, queries=queries)
    if arguments.json:
        print_json(file=project.file, project=project.name)
    else:
        tell(f"wrote {project.file}: envmgr add QUERY says what it needs, envmgr shell has it")
    return 0


def _is_place(word: str) -> bool:
    """Whether *word* names a directory: no query is a dot or has a slash."""
    return word in (os.curdir, os.pardir) or "/" in word or os.sep in word
