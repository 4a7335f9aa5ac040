"""`envmgr experiment export`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from envmgr.api.experiment import records_of
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.progress import counting
from envmgr.cli.selecting import filter_of, selecting
from envmgr.errors import HostError, UsageError
from envmgr.experiment.export import FORMATS, Tell, write_csv, write_json, write_parquet
from envmgr.experiment.records import Records
from envmgr.experiment.select import Filter


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "experiment export",
        "Write measurements for other programs: one row each with what was chosen and all figures,"
        " or JSON with everything, contexts included.",
        (
            "envmgr experiment export --program matmul-c > matmul.csv",
            "envmgr experiment export --since 7d -o week.parquet",
            "envmgr experiment export --experiment 019ab3 --format json",
        ),
    )
    return (
        selecting(parser)
        .add("--format", choices=FORMATS, metavar="FORMAT",
             help=f"one of {', '.join(FORMATS)}; by default as the name of FILE ends, else csv")
        .add("-o", "--output", metavar="FILE", help="write FILE, as a whole or not at all")
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Write what fits; exit status 1 when nothing does."""
    which, path = filter_of(arguments), arguments.output
    form = _format(arguments.format, path)
    with records_of(workspace_of(arguments)) as records, counting("export", "rows") as tell:
        written = _Counter(tell)
        if path is None:
            _write(records, which, form, sys.stdout, written)
        else:
            with _whole(path, text=form != "parquet") as stream:
                _write(records, which, form, stream, written)
    if path is not None:
        say(f"{written.number} {'measurement' if written.number == 1 else 'measurements'}: {path}")
    return 0 if written.number else 1


class _Counter:
    """Counts, and passes on."""

    def __init__(self, tell: Tell) -> None:
        self.number = 0
        self._tell = tell

    def __call__(self, id_: str) -> None:
        self.number += 1
        self._tell(id_)


def _format(said: str | None, path: str | None) -> str:
    ending = os.path.splitext(path or "")[1].removeprefix(".").lower()
    form = said or (ending if ending in FORMATS else "csv")
    if form == "parquet" and path is None:
        raise UsageError("Parquet is not for a terminal", hint="give a file: -o FILE")
    return form


def _write(
    records: Records, which: Filter, form: str, stream: IO[str] | IO[bytes], tell: Tell
) -> None:
    write = {"csv": write_csv, "json": write_json, "parquet": write_parquet}[form]
    write(records, which, stream, tell)  # type: ignore[operator]  # each has its kind of stream


@contextmanager
def _whole(path: str, *, text: bool) -> Iterator[IO[str] | IO[bytes]]:
    """A stream whose content is at *path* in the end, or nothing of it."""
    directory, name = os.path.split(os.path.abspath(path))
    temporary = os.path.join(directory, f".{name[:48]}.{os.urandom(6).hex()}.tmp")
    try:
        with open(temporary, "w" if text else "wb", encoding="utf-8" if text else None,
                  newline="" if text else None) as stream:  # fmt: skip
            yield stream
        os.replace(temporary, path)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)  # gone already unless something failed
