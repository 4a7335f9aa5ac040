"""`envmgr program`."""

from __future__ import annotations

from envmgr.cli.group import Group
from envmgr.cli.parser import Arguments

_GROUP = Group(
    "program",
    "Build programs with any compiler, run them on any data set, and know that they are right.",
    {
        "list": "list programs",
        "info": "say what a program needs, runs, checks and measures",
        "build": "build a program",
        "run": "run a program, judge its output and record what was measured",
        "check": "show that programs are right: each compiler, each data set, each mutation",
    },
    (
        "envmgr program list --tags=kernel,lang-c",
        "envmgr program run matmul-c --with 'compiler.llvm@>=14' --flags='-O3 -march=native'",
        "envmgr program run matmul-c --each compiler --flags=-O0 --flags=-O3",
        "envmgr program check matmul-c",
    ),
)


def parser() -> Group:
    """Its actions."""
    return _GROUP


def run(arguments: Arguments) -> int:
    """Do what was asked; nothing that was started outlives it."""
    from envmgr.host.measured import ended_by_signals

    with ended_by_signals():
        return _GROUP.run(arguments)
