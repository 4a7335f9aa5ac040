"""Documents as sections of LaTeX, to be included in an article; pictures are named, not drawn."""

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
    Table,
    label,
)

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
_SPECIALS = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_SECTIONS = {1: "section*", 2: "section*", 3: "subsection*", 4: "subsubsection*"}


def latex(document: Document) -> str:
    """*document*, to be put where an article has its appendix."""
    parts = [rf"\section*{{{_text(document.title)}}}"]
    parts += [_written(block) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(text: str) -> str:
    """*text* as it is read: nothing of it is a command."""
    plain = text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode()
    escaped = _SPECIALS.sub(lambda found: _SPECIAL[found[0]], plain)
    return re.sub("-(?=-)", "-{}", escaped)  # two of them are no dash


@singledispatch
def _written(block: Block) -> str:
    raise AssertionError(block)


@_written.register
def _(block: Heading) -> str:
    return rf"\{_SECTIONS[min(block.level + 1, 4)]}{{{_text(block.text)}}}"


@_written.register
def _(block: Paragraph) -> str:
    return _text(block.text)


def _list(items: list[str]) -> str:
    inner = "\n".join(rf"  \item {item}" for item in items)
    return f"\\begin{{itemize}}\n{inner}\n\\end{{itemize}}" if items else ""


@_written.register
def _(block: Items) -> str:
    return _list([f"{{}}{_text(item)}" for item in block.items])


@_written.register
def _(block: Facts) -> str:
    return _list([rf"\textbf{{{_text(label(name))}}} {_text('; '.join(value.splitlines()))}"
                  for name, value in block.pairs])  # fmt: skip


@_written.register
def _(block: Drawing) -> str:
    return _text(f"{block.caption} Drawn by: envmgr experiment plot -o FILE.pdf")


@_written.register
def _(block: Code) -> str:
    lines = (rf"\texttt{{{_text(line)}}}" for line in block.text.splitlines() if line.strip())
    return "\\begin{flushleft}\n" + "\\\\\n".join(lines) + "\n\\end{flushleft}"


@_written.register
def _(block: Table) -> str:
    form = "".join("r" if at in block.numbers else "l" for at in range(len(block.headers)))
    rows = [" & ".join(map(_text, row)) for row in (block.headers, *block.rows)]
    body = " \\\\\n".join(
        [f"{rows[0]} \\\\ \\hline\n{rows[1]}" if rows[1:] else rows[0], *rows[2:]]
    )
    return f"\\begin{{tabular}}{{{form}}}\n{body} \\\\\n\\end{{tabular}}"
