"""`envmgr report`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from envmgr.api.experiment import records_of
from envmgr.api.report import Subject, gather
from envmgr.cli.experiment_compare import in_words
from envmgr.cli.measured import amount
from envmgr.cli.output import say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.running import share
from envmgr.cli.selecting import filter_of, selecting
from envmgr.errors import UsageError
from envmgr.experiment.appendix import appendix
from envmgr.experiment.comparison import Rule
from envmgr.experiment.document import Document
from envmgr.experiment.document_html import html
from envmgr.experiment.document_md import markdown
from envmgr.experiment.document_tex import latex
from envmgr.experiment.report import report
from envmgr.host.files import atomic_write

_FORMATS: dict[str, Callable[[Document], str]] = {
    "html": html,
    "md": lambda document: markdown(document, amount),
    "tex": latex,
}


def parser() -> Parser:
    """Its arguments."""
    parser = Parser(
        "report",
        "Write what was run, where, what came of it and how to do it again: one file with pictures"
        " that needs nothing else. Or the appendix that reviewers of artifacts ask for, with marks"
        " where a person has to write.",
        (
            "envmgr report 019ab3 -o report.html",
            "envmgr report --program matmul-c --since 7d --figure wall -o week.md",
            "envmgr report 019ab3 --appendix -o appendix.tex",
        ),
    )
    return (
        selecting(parser)
        .add("selections", nargs="*", metavar="SELECTION",
             help="an experiment or a point by the first digits of its id, a program, conditions")
        .add("--figure", default="", metavar="FIGURE",
             help="what it is about. Default: cpu, else wall, else the first by name")
        .add("--better", choices=("lower", "higher"), help="which way the figure is better")
        .add("--by", action="append", default=[], metavar="KEY",
             help="compare points that differ in this alone; as often as wanted. Default: each of"
             " what was needed, flags and target")
        .add("--at-least", default="1%", metavar="SHARE",
             help="the smallest difference that matters. Default 1%%")
        .add("--alpha", default="5%", metavar="RATE",
             help="how often a difference may be claimed where there is none. Default 5%%")
        .add("--appendix", action="store_true", help="write the appendix for artifact reviewers")
        .add("--format", choices=tuple(_FORMATS),
             help="by default as the name of FILE ends; else html, and md for an appendix")
        .add("-o", "--output", metavar="FILE", help="write FILE, as a whole or not at all")
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Write it."""
    write = _FORMATS[_format(arguments)]
    rule = Rule(
        figure=arguments.figure,
        alpha=share("--alpha", arguments.alpha),
        at_least=share("--at-least", arguments.at_least),
    )
    subject = Subject(
        " ".join(arguments.selections),
        filter_of(arguments),
        tuple(arguments.by),
        arguments.better or "",
    )
    workspace = workspace_of(arguments)
    with records_of(workspace) as records:
        material = gather(workspace, records, subject, rule)
    made = appendix(material, amount) if arguments.appendix else report(material, amount, in_words)
    text = write(made)
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        atomic_write(arguments.output, text)
        say(f"written: {os.path.abspath(arguments.output)}")
    return 0


def _format(arguments: Arguments) -> str:
    """The format that is asked for, or that the name of the file means. Raises UsageError."""
    if arguments.format:
        return str(arguments.format)
    if arguments.output is None:
        return "md" if arguments.appendix else "html"
    ending = os.path.splitext(str(arguments.output))[1].lstrip(".").lower()
    found = {"htm": "html", "markdown": "md"}.get(ending, ending)
    if found not in _FORMATS:
        raise UsageError(
            f"{arguments.output}: what kind of file?",
            hint=f"its name ends in {', '.join(_FORMATS)}, or say --format",
        )
    return found
