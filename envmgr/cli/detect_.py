"""`envmgr detect`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from envmgr.api.detect import detect
from envmgr.cli.output import entries_json, print_entries, print_json, print_table, say, tell
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.cli.progress import counting
from envmgr.errors import UsageError
from envmgr.model.entry import Entry
from envmgr.model.query import Query

if TYPE_CHECKING:
    from envmgr.api.workspace import Workspace
    from envmgr.detect.check import Proof
    from envmgr.detect.sweep import Sweep
    from envmgr.detect.watched import Witness


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "detect",
            "Find what the machine has and record it as entries.",
            (
                "envmgr detect compiler.gcc",
                "envmgr detect --tags=compiler,lang-c --json",
                "envmgr detect --all",
                "envmgr detect compiler.llvm --search-dir /opt/toolchains --explain",
                "envmgr detect compiler.gcc --check",
            ),
        )
        .queries("a detector's name, or tags that it can give")
        .add("--all", action="store_true", help="run every detector")
        .add("--path", action="append", default=[], metavar="PLACE",
             help="look at exactly this file or prefix")
        .add("--search-dir", action="append", default=[], metavar="DIR",
             help="look below this directory, a few levels deep")
        .explain("say what was looked at and why each candidate was refused")
        .add("--check", action="store_true",
             help="prove every entry by building, running, importing or opening it")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Detect, print, and tell by the exit status whether everything asked for works."""
    queries = queries_of(arguments)
    if bool(queries) == arguments.all:
        raise UsageError(
            "say what to detect: names, --tags or --all",
            hint="envmgr detect compiler.gcc; envmgr detect --all",
        )
    workspace = workspace_of(arguments)
    began = time.time_ns()
    with counting("looking", "candidates") as progress:
        result = detect(
            workspace,
            queries,
            paths=arguments.path,
            search_dirs=arguments.search_dir,
            progress=progress,
        )
    entries = _fitting(result.entries, queries)
    if result.witness is not None:
        _keep(workspace, queries, entries, result.witness, began)
    proofs = _proofs(workspace, entries) if arguments.check else []
    if arguments.json:
        _print_json(arguments, result, entries, proofs)
    else:
        _print_text(arguments, result, entries, proofs)
    return 0 if entries and all(proof.works is not False for proof in proofs) else 1


def _keep(
    workspace: Workspace,
    queries: Sequence[str],
    entries: Sequence[Entry],
    witness: Witness,
    began: int,
) -> None:
    """Let the same question find its answer ready while nothing that was looked at changes."""
    from envmgr.api.again import Again

    forms = entries_json(entries)
    again = Again(workspace.layout)
    again.remember(queries, forms, witness.paths, witness.variables, began)


def _proofs(workspace: Workspace, entries: Sequence[Entry]) -> list[Proof]:
    from envmgr.api.check import check  # most calls only look

    return check(workspace, entries)


def _fitting(entries: Sequence[Entry], queries: Sequence[str]) -> list[Entry]:
    """Those that were asked for: an interpreter found on the way to a package was not."""
    wanted = [Query.parse(query) for query in queries]
    return [
        entry
        for entry in entries
        if not wanted or any(q.misfit(entry.all_tags, entry.order) is None for q in wanted)
    ]


def _print_json(
    arguments: Arguments, result: Sweep, entries: Sequence[Entry], proofs: Sequence[Proof]
) -> None:
    form = {"entries": entries_json(entries)}
    if arguments.explain:
        form["refusals"] = [
            {"detector": r.detector, "path": r.path, "why": r.why, "source": r.source}
            for r in result.refusals
        ]
        form["aliases"] = [
            {"id": entry.id, "paths": list(result.aliases.get(entry.id, ()))} for entry in entries
        ]
    if arguments.check:
        form["checks"] = [{"id": p.entry.id, "works": p.works, "why": p.why} for p in proofs]
    print_json(**form)


def _print_text(
    arguments: Arguments, result: Sweep, entries: Sequence[Entry], proofs: Sequence[Proof]
) -> None:
    if entries:
        print_entries(entries)
    else:
        say("nothing was found; --explain says what was looked at", style="warn")
    if arguments.explain:
        _print_explanation(result)
    if proofs:
        verdicts = {True: "works", False: "FAILS", None: "not tried"}
        print()
        print_table(
            ("CHECKED", "VERDICT", "WHY"),
            [(f"{p.entry} ({p.entry.path})", verdicts[p.works], p.why) for p in proofs],
        )


def _print_explanation(result: Sweep) -> None:
    print("\nlooked at:")
    for entry in result.entries:
        others = result.aliases.get(entry.id, ())
        also = f"; the same as {', '.join(others)}" if others else ""
        tell(f"  {entry.path}: {entry}{also}")
    for refusal in result.refusals:
        tell(f"  {refusal.path}: not {refusal.detector}: {refusal.why}")
    sys.stdout.flush()
