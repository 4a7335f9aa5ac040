"""Documents as Markdown, in the dialect that has tables."""

from __future__ import annotations

import re
from functools import singledispatch

from envmgr.experiment.document import (
    Block,
    Code,
    Document,
    Drawing,
    Facts,
    Heading,
    Items,
    Paragraph,
    Said,
    Table,
    label,
)
from envmgr.experiment.terminal_plot import drawn

_WIDTH = 90
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_MARK = re.compile(r"\\\[(to be written: [^\[\]]*)\\\](?![(\[:])")
"""A mark for what a person is to write, which people search for as it is; it is no link."""
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_FIRST = re.compile(r"^(?:([-+=])(?![A-Za-z0-9])|(\d+)(?=[.)](?:\s|$)))")
"""What at the beginning of a line makes it an item or a heading; of numbers, what is behind."""


def markdown(document: Document, said: Said) -> str:
    """*document* as a whole file; pictures are drawn with letters, their values as *said*."""
    parts = [f"# {_text(document.title)}"]
    parts += [
        _picture(block, said) if isinstance(block, Drawing) else _written(block)
        for block in document.blocks
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(text: str) -> str:
    """*text* on one line, as it is read."""
    plain = text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode()
    escaped = _MARKUP.sub(r"\\\1", plain.strip())
    escaped = _MARK.sub(r"[\1]", escaped)
    return _FIRST.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\", escaped)


def _picture(block: Drawing, said: Said) -> str:
    text = drawn(block.picture, _WIDTH, lambda value: said(value, block.picture.unit))
    return f"{_written(Code(text))}\n\n{_text(block.caption)}"


@singledispatch
def _written(block: Block) -> str:
    raise AssertionError(block)


@_written.register
def _(block: Heading) -> str:
    return f"{'#' * block.level} {_text(block.text)}"


@_written.register
def _(block: Paragraph) -> str:
    return _text(block.text)


@_written.register
def _(block: Items) -> str:
    return "\n".join(f"- {_text(item)}" for item in block.items)


@_written.register
def _(block: Facts) -> str:
    return "\n".join(f"- **{_text(label(name))}**{_lines(value)}" for name, value in block.pairs)


def _lines(value: str) -> str:
    """One line as it is, several as items of their own."""
    lines = value.splitlines()
    if len(lines) < 2:
        return f" {_text(value)}"
    return "".join(f"\n  - {_text(line)}" for line in lines)


@_written.register
def _(block: Code) -> str:
    longest = max(map(len, re.findall("`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    text = block.text.encode("utf-8", "backslashreplace").decode()
    return f"{fence}\n{text}\n{fence}"


@_written.register
def _(block: Table) -> str:
    rule = ["--:" if at in block.numbers else "---" for at in range(len(block.headers))]
    rows = [list(map(_text, row)) for row in (block.headers, *block.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))
