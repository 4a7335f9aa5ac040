"""Arguments that verbs share, and a parser that says what went wrong as the rest of envmgr does."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.model.filenames import FILE
from envmgr.model.preference import checked
from envmgr.model.query import Query

Arguments = argparse.Namespace


class Parser:
    """The parser of one verb, built up in the words a reader of `--help` sees."""

    def __init__(self, verb: str, description: str, examples: Sequence[str]) -> None:
        self._verb = verb
        self._parser = _Quiet(
            prog=f"envmgr {verb}",
            description=description,
            epilog="examples:\n" + "\n".join(f"  {example}" for example in examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self._takes_command = False
        self._parser.add_argument("--store", metavar="DIR", help="use the store in DIR")

    def add(self, *names: str, **options: Any) -> Parser:
        """Add an argument, as `argparse` takes it."""
        self._parser.add_argument(*names, **options)
        return self

    def queries(self, what: str) -> Parser:
        """`QUERY…` and `--tags=…`, which mean the same."""
        self.add("queries", nargs="*", metavar="QUERY", help=what)
        return self.add(
            "--tags",
            action="append",
            default=[],
            metavar="QUERY",
            help="a query: tags, -refused tags and version clauses, with commas",
        )

    def project(self) -> Parser:
        """`--project` and `-e`: without queries, an environment of the project is meant."""
        self.add("--project", metavar="PATH", help="the project file or its directory")
        return self.add("-e", "--environment", metavar="ENVIRONMENT",
                        help="an environment of the project; queries add to it")  # fmt: skip

    def prefer(self) -> Parser:
        """`--prefer`, as often as wanted."""
        return self.add("--prefer", metavar="PREFERENCE", action="append", default=[],
                        help="what to take first of what fits: detected, installed, newest, oldest"
                        " or a query; earlier ones decide before later ones")  # fmt: skip

    def hidden(self, name: str) -> Parser:
        """An option with a value that `--help` does not show: scripts of envmgr's own use it."""
        return self.add(name, help=argparse.SUPPRESS)

    def json(self) -> Parser:
        """`--json`."""
        return self.add("--json", action="store_true", help="print one JSON object")

    def explain(self, what: str) -> Parser:
        """`--explain`."""
        return self.add("--explain", action="store_true", help=what)

    def command(self) -> Parser:
        """`-- COMMAND…`, which is left alone."""
        self._takes_command = True
        self._parser.usage = f"envmgr {self._verb} [options] [QUERY ...] -- COMMAND [ARGUMENT ...]"
        return self

    def parse(self, arguments: Sequence[str]) -> Arguments:
        """Read *arguments*. Raises UsageError; `--help` prints and exits."""
        own, command = list(arguments), []
        if self._takes_command and "--" in own:
            at = own.index("--")
            own, command = own[:at], own[at + 1 :]
        for word in own:
            if word.startswith("--") and word.endswith("=--"):  # argparse would drop the value
                raise UsageError(f"{self._parser.prog}: {word} gives no value")
        # Options may stand among the queries; argparse cannot do that and `--` at once.
        read = self._parser.parse_args if "--" in own else self._parser.parse_intermixed_args
        parsed = read(own)
        if self._takes_command:
            parsed.command = command
        return parsed

    @property
    def takes_command(self) -> bool:
        """Whether `-- COMMAND…` may follow."""
        return self._takes_command

    @property
    def inner(self) -> argparse.ArgumentParser:
        """The parser itself, for completion scripts."""
        return self._parser


class _Quiet(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}", hint=f"{self.prog} --help")


def workspace_of(arguments: Arguments) -> Workspace:
    """The workspace that the arguments name."""
    if arguments.store == "":  # an unset variable must not mean the user's own store
        raise UsageError("--store is empty", hint="give a directory, or leave --store out")
    return Workspace(arguments.store, prefix_root=getattr(arguments, "prefix_root", None))


def queries_of(arguments: Arguments, *, required: bool = False) -> list[str]:
    """Every query, positional ones first. Raises UsageError when none is there but one must be."""
    queries = [*arguments.queries, *arguments.tags]
    if required and not queries:
        raise UsageError(
            "no query was given",
            hint="say what you want by name or by tags: compiler.gcc, --tags=compiler,lang-c",
        )
    return queries


def preferring(arguments: Arguments) -> list[Query]:
    """Every query with the preferences of the command line. Raises UsageError."""
    prefer = tuple(map(checked, getattr(arguments, "prefer", ())))
    queries = [Query.parse(text) for text in queries_of(arguments)]
    if prefer and not queries:
        raise UsageError("--prefer is for queries", hint=f"{FILE} says what a project prefers")
    return [replace(query, prefer=prefer) for query in queries]
