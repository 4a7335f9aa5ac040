"""`envmgr experiment pack`."""

from __future__ import annotations

import os
from dataclasses import asdict

from envmgr.api.experiment import records_of
from envmgr.api.pack import ALL, NONE, SMALL, gather
from envmgr.cli.output import print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "experiment pack",
            "Write one file with everything that it takes to do measurements again: the"
            " measurements, the programs as they were, a lock for each environment, references,"
            " and the data sets that no recipe fetches. `envmgr replay` does it again.",
            (
                "envmgr experiment pack 019ab3",
                "envmgr experiment pack 019ab3 019ab7 -o figure-3.envpack",
                "envmgr experiment pack 019ab3 --data none",
            ),
        )
        .add("ids", nargs="+", metavar="ID",
             help="an experiment, a point or a measurement, by the first digits of its id")
        .add("-o", "--output", metavar="FILE", help="write FILE, as a whole or not at all")
        .add("--data", choices=(SMALL, ALL, NONE), default=SMALL, metavar="WHICH",
             help="which data sets travel that no recipe fetches: small ones (up to 50 MiB; the"
             " default), all or none")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Gather everything, write it, and name what stays behind."""
    workspace = workspace_of(arguments)
    with records_of(workspace) as records:
        material = gather(workspace, records, arguments.ids, data=arguments.data)
    path = arguments.output or material.name
    material.write(path)
    content = material.content
    if arguments.json:
        print_json(
            file=os.path.abspath(path),
            bytes=os.path.getsize(path),
            measurements=len(content.measurements),
            points=len({one.point.id for one in content.measurements}),
            members=sorted(material.files),
            left_out=[asdict(one) for one in content.left_out],
        )
        return 0
    tell(path)
    say(f"{len(content.measurements)} measurements and {len(material.files)} files")
    for one in content.left_out:
        say(f"does not travel: {one.name} ({one.digest[:23]}): {one.why}", style="warn")
    return 0
