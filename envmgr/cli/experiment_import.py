"""`envmgr experiment import`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from envmgr.api.experiment import records_of
from envmgr.api.reports import ImportedReport, import_reports
from envmgr.cli.measured import experiment_json, when
from envmgr.cli.output import print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "experiment import",
            "Record what other tools measured: the JSON of hyperfine (--export-json), Google"
            " Benchmark (--benchmark_out) and ReFrame (--report-file). Each file becomes an"
            " experiment; the same file again adds nothing. Nothing says that the outputs were"
            " right, so the verdict is unchecked.",
            (
                "envmgr experiment import hyperfine.json",
                "envmgr experiment import bench-*.json ~/.reframe/reports/run-report.json",
            ),
        )
        .add("files", nargs="+", metavar="FILE", help="reports of any of the three")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Record them, and say what was and was not taken over."""
    with records_of(workspace_of(arguments), write=True) as records:
        imported = import_reports(records, arguments.files)
    if arguments.json:
        _print_json(imported)
    else:
        _print_text(imported)
    return 0


def _print_json(imported: Sequence[ImportedReport]) -> None:
    print_json(
        imported=[
            {
                "file": one.path,
                "tool": one.tool,
                "experiment": experiment_json(one.experiment),
                "added": one.added,
                "failures": one.failures,
            }
            for one in imported
        ],
        left=[asdict(note) for one in imported for note in one.left],
        lost=[asdict(note) for one in imported for note in one.lost],
    )


def _print_text(imported: Sequence[ImportedReport]) -> None:
    rows = [
        (one.experiment.id, when(one.experiment.created), one.experiment.title,
         str(one.added) if one.added else "there already", str(one.failures or "-"))
        for one in imported
    ]  # fmt: skip
    print_table(("EXPERIMENT", "WHEN", "WHAT", "ADDED", "FAILURES"), rows)
    for one in imported:
        for note in one.lost:
            say(f"note: {note}", style="note")
        for note in one.left:
            say(f"not taken over: {note}", style="warn")
