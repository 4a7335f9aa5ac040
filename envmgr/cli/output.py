"""What verbs print: one JSON object for scripts, tables and colour for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from envmgr._version import SCHEMA
from envmgr.errors import EnvmgrError, InstallError, ResolutionError
from envmgr.model.entry import Entry, to_json

_CODES = {"bold": "1", "dim": "2", "bad": "31", "good": "32", "warn": "33", "note": "36"}


def print_json(**form: Any) -> None:
    """One object, with the number of the schema it keeps to."""
    json.dump({"schema": SCHEMA, **form}, sys.stdout, indent=1)
    print()


def entries_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries as every listing gives them."""
    return [to_json(entry) for entry in entries]


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns for people: a table on a terminal, aligned plain text elsewhere."""
    rows = [list(row) for row in rows]
    if sys.stdout.isatty():
        _rich_table(headers, rows)
        return
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for row in [list(headers), *rows]:
        print("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip())


def _rich_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    styles = ["bold cyan", "green", *[""] * len(headers)]
    for header, style in zip(headers, styles, strict=False):
        table.add_column(header, style=style, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def print_entries(entries: Sequence[Entry]) -> None:
    """A table of entries."""
    if not entries:
        say("nothing recorded fits")
        return
    rows = [
        (e.name, e.version, e.id[:8], e.origin.kind, ",".join(e.tags[:6]), e.path) for e in entries
    ]
    print_table(("NAME", "VERSION", "ID", "ORIGIN", "TAGS", "PATH"), rows)


def say(message: str, *, style: str = "") -> None:
    """A line about what is going on, for people: on standard error, so output stays clean."""
    print(styled(message, style), file=sys.stderr)


def heading(text: str) -> str:
    """The title of a section of the output."""
    return _coloured(text, "bold", sys.stdout)


def styled(text: str, style: str) -> str:
    """*text* in a colour when standard error is a terminal that wants colours."""
    return _coloured(text, style, sys.stderr)


def _coloured(text: str, style: str, stream: TextIO) -> str:
    import os

    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if not style or plain or not stream.isatty():
        return text
    return f"\033[{_CODES[style]}m{text}\033[0m"


def report_error(error: EnvmgrError, *, as_json: bool) -> int:
    """Tell what went wrong, where, and the next step; the exit status for it."""
    if as_json:
        print_json(error=_error_json(error))
    print(f"{styled('envmgr: error:', 'bad')} {error.message}", file=sys.stderr)
    for line in error.lines if isinstance(error, ResolutionError) else ():
        print(f"  {line}", file=sys.stderr)
    if isinstance(error, InstallError) and error.log:
        print(f"log: {error.log}", file=sys.stderr)
    if error.hint:
        print(f"{styled('hint:', 'note')} {error.hint}", file=sys.stderr)
    return error.exit_code


def _error_json(error: EnvmgrError) -> Mapping[str, Any]:
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "lines": list(getattr(error, "lines", ())),
        "log": getattr(error, "log", None),
    }
