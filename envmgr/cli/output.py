"""What verbs print: one JSON object for scripts, tables and colour for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

from envmgr._version import SCHEMA
from envmgr.errors import EnvmgrError

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any, TextIO

    from envmgr.model.entry import Entry

_TAGS = 6
"""Tags of an entry that a table has room for."""
_CONTROLS = (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0))
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPED = {code: ascii(chr(code))[1:-1] for code in (*_CONTROLS, *_DIRECTIONS)}
_CODES = {"bold": "1", "dim": "2", "bad": "31", "good": "32", "warn": "33", "note": "36"}


def plain(text: str) -> str:
    """*text* with what would command a terminal escaped: names and versions are not ours."""
    return text.translate(_ESCAPED)


def tell(text: str) -> None:
    """A line of the answer, or several, for people: on standard output."""
    print(plain(text))


def print_json(**form: Any) -> None:
    """One object, with the number of the schema it keeps to."""
    json.dump({"schema": SCHEMA, **form}, sys.stdout, indent=1)
    print()


def entries_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries as every listing gives them."""
    from envmgr.model.entry import to_json  # a warm start prints forms and has no entries

    return [to_json(entry) for entry in entries]


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns for people: a table on a terminal, aligned plain text elsewhere."""
    rows = [[plain(cell).replace("\n", r"\n") for cell in row] for row in rows]
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
    print_rows([entry_row(form) for form in entries_json(entries)])


def entry_row(form: Mapping[str, Any]) -> tuple[str, ...]:
    """The row of a table that an entry's JSON form makes."""
    tags = ",".join([*form.get("provides", ()), *form["tags"]][:_TAGS])
    return (
        form["name"], form["version"], form["id"][:8], form["origin"]["kind"], tags, form["path"]
    )  # fmt: skip


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """A table of rows that `entry_row` made."""
    if not rows:
        say("nothing recorded fits")
        return
    print_table(("NAME", "VERSION", "ID", "ORIGIN", "TAGS", "PATH"), rows)


def say(message: str, *, style: str = "") -> None:
    """A line about what is going on, for people: on standard error, so output stays clean."""
    print(styled(plain(message), style), file=sys.stderr)


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
    print(f"{styled('envmgr: error:', 'bad')} {plain(error.message)}", file=sys.stderr)
    for line in getattr(error, "lines", ()):
        say(f"  {line}")
    if log := getattr(error, "log", None):
        say(f"log: {log}")
    if error.hint:
        print(f"{styled('hint:', 'note')} {plain(error.hint)}", file=sys.stderr)
    return error.exit_code


def _error_json(error: EnvmgrError) -> Mapping[str, Any]:
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "lines": list(getattr(error, "lines", ())),
        "log": getattr(error, "log", None),
    }
