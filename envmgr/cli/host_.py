"""`envmgr host`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envmgr.cli.output import heading, print_json
from envmgr.cli.parser import Arguments, Parser
from envmgr.host.facts import HostFacts, gather
from envmgr.host.platform import platform_name

_INDENT = "  "
_WIDTH = 96
"""Characters of a line; longer lists of words are broken."""


def parser() -> Parser:
    """Its arguments."""
    return Parser(
        "host",
        "Describe this machine. What cannot be read is absent, with the reason; never guessed.",
        ("envmgr host", "envmgr host --json"),
    ).json()


def run(arguments: Arguments) -> int:
    """Print the facts."""
    found = gather(os.environ)
    if arguments.json:
        print_json(platform=platform_name(), **found.to_json())
    else:
        _print_text(found)
    return 0


def _print_text(found: HostFacts) -> None:
    for section, facts in found.facts.items():
        print(heading(section))
        print("\n".join(lines_of(facts, 1)) or f"{_INDENT}none")
    if found.absent:
        print(heading("not known"))
        for name, why in found.absent.items():
            print(f"{_INDENT}{name}: {why}")


def lines_of(value: Any, depth: int = 0) -> Iterator[str]:
    """*value*, a tree of facts, as indented lines."""
    indent = _INDENT * depth
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _named(key, inner, depth)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(item, str) for item in value):
            yield from _words(value, indent)
            return
        for item in value:
            yield indent + "- " + _row(item)
    else:
        yield indent + str(value)


def _named(key: str, value: Any, depth: int) -> Iterator[str]:
    indent = _INDENT * depth
    if isinstance(value, Mapping | list) and value:
        yield f"{indent}{_spoken(key)}:"
        yield from lines_of(value, depth + 1)
    else:
        yield f"{indent}{_spoken(key)}: {_figure(key, value)}"


def _row(item: Any) -> str:
    """One of many like it, on one line."""
    if not isinstance(item, Mapping):
        return str(item)
    return ", ".join(f"{_spoken(key)} {_figure(key, value)}" for key, value in item.items())


def _words(words: Sequence[str], indent: str) -> list[str]:
    import textwrap

    return textwrap.wrap(
        " ".join(words), _WIDTH, initial_indent=indent, subsequent_indent=indent,
        break_on_hyphens=False,
    )  # fmt: skip


def _spoken(key: str) -> str:
    return key.removesuffix("_bytes").replace("_", " ")


def _figure(key: str, value: Any) -> str:
    if value in ([], {}, ""):
        return "none"
    return size(value) if key.endswith("_bytes") and isinstance(value, int) else str(value)


def size(count: int) -> str:
    """A number of bytes for people: `512 B`, `1.5 GiB`."""
    amount, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while amount >= 1024 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    return f"{amount:.0f} {units[0]}" if amount == int(amount) else f"{amount:.1f} {units[0]}"
