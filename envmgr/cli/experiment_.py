"""`envmgr experiment`."""

from __future__ import annotations

from envmgr.cli.group import Group
from envmgr.cli.parser import Arguments

_GROUP = Group(
    "experiment",
    "What was measured: every run is recorded, with all that is needed to do it again.",
    {
        "list": "list what was measured, or experiments",
        "show": "print everything that is recorded of one thing",
        "compare": "say what is faster, slower, or not distinguishable",
        "plot": "draw what was measured, in the terminal or into a file",
        "export": "write measurements for other programs: CSV, Parquet, JSON",
        "pack": "write one file with all that it takes to do measurements again",
        "import": "record what hyperfine, Google Benchmark or ReFrame report",
    },
    (
        "envmgr experiment list --program matmul-c --compiler 'compiler.gcc@>=12'",
        "envmgr experiment show 019ab3",
        "envmgr experiment compare --program matmul-c --by needs.compiler",
        "envmgr experiment export --since 7d -o week.csv",
        "envmgr experiment pack 019ab3 -o figure-3.envpack",
    ),
)


def parser() -> Group:
    """Its actions."""
    return _GROUP


def run(arguments: Arguments) -> int:
    """Do what was asked."""
    return _GROUP.run(arguments)
