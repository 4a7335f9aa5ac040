"""`envmgr resolve`."""

from __future__ import annotations

from collections import Counter

from envmgr.cli.asked import environment_of
from envmgr.cli.output import entries_json, print_entries, print_json, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.model.resolution import Resolution

_FEW = 3
"""Candidates that were refused for the same reason are named one by one up to this number."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "resolve",
            "Say which entries answer queries, in the order they are activated.",
            (
                "envmgr resolve --tags=compiler,lang-c --tags=tool,cmake",
                "envmgr resolve 'compiler.gcc@>=12' --explain",
                "envmgr resolve compiler,lang-c --prefer compiler.llvm --prefer oldest",
            ),
        )
        .queries("what the environment must have; by default what the project here needs")
        .project()
        .prefer()
        .explain("say why each was taken and why the others were not")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Print the resolution."""
    resolution = environment_of(arguments, workspace_of(arguments)).resolution
    if arguments.json:
        print_json(entries=entries_json(resolution.entries), answers=answers_json(resolution))
        return 0
    print_entries(resolution.entries)
    if arguments.explain:
        tell("\n" + "\n".join(explanation(resolution)))
    return 0


def explanation(resolution: Resolution) -> list[str]:
    """Lines that say why each entry was taken and why the others were not."""
    lines = []
    for answer in resolution.answers:
        lines.append(f"{answer.query}: {answer.chosen}")
        lines += [f"  + {v.subject}: {v.why}" for v in answer.verdicts if v.taken]
        refused = [v for v in answer.verdicts if not v.taken]
        alike = Counter(verdict.why for verdict in refused)
        lines += [f"  - {v.subject}: {v.why}" for v in refused if alike[v.why] <= _FEW]
        lines += [f"  - {n} others: {why}" for why, n in alike.items() if n > _FEW]
    return lines


def answers_json(resolution: Resolution) -> list[dict[str, object]]:
    """The reasons, for scripts."""
    return [
        {
            "query": str(answer.query),
            "chosen": str(answer.chosen),
            "verdicts": [
                {"subject": v.subject, "taken": v.taken, "why": v.why} for v in answer.verdicts
            ],
        }
        for answer in resolution.answers
    ]
