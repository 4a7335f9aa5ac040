"""Documents as one HTML file that needs nothing else: no network, no script, light and dark."""

from __future__ import annotations

import re
from functools import singledispatch
from html import escape

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
)
from envmgr.experiment.plot import rendered

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --dim: #59636e;
  --line: #d1d9e0; --shade: #f4f6f8; --bad: #b3261e; --warn: #8a5a00; --warn-shade: #fff4dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181c; --dim: #9aa4af;
  --line: #363d45; --shade: #1e2328; --bad: #ff8a80; --warn: #f2c14e; --warn-shade: #2e2613; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 66rem; color: var(--ink);
  background: var(--paper); font: 16px/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1.5rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
p { margin: .6rem 0; max-width: 46rem; }
h1, h2, h3, p, li, td, th, dd, dt, pre, figcaption { unicode-bidi: isolate;
  overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; min-width: 60%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: normal; }
th { color: var(--dim); font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
td.bad { color: var(--bad); font-weight: 600; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .2rem 1.25rem;
  margin: .5rem 0; font-size: .95rem; }
dt { color: var(--dim); }
dd { margin: 0; white-space: pre-line; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: 6px;
  padding: .75rem 1rem; overflow-x: auto; overflow-wrap: normal; white-space: pre-wrap;
  font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
li { margin: .15rem 0; }
ul.warnings { list-style: none; padding: .75rem 1rem; border-left: 4px solid var(--warn);
  background: var(--warn-shade); border-radius: 0 6px 6px 0; }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figure svg, figure svg text { fill: var(--ink); }
figcaption { color: var(--dim); font-size: .9rem; }
@media print { body { max-width: none; padding: 0; } pre, table, figure { break-inside: avoid; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)), "\ufffd")
_ID = re.compile(r'(\bid="|href="#|url\(#)')
_INK = {"#000000": "var(--ink)", "#ffffff": "var(--paper)"}
_INKS = re.compile(r"(?<=: )(?:#000000|#ffffff)\b|\bblack\b(?=;|\")")


def html(document: Document) -> str:
    """*document* as a whole file."""
    title = _text(document.title)
    body = "\n".join(_drawn(block, at) for at, block in enumerate(document.blocks))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """*text* as it is read: nothing of it is markup, and what cannot be shown is seen to be so."""
    return escape(text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode())


def _drawn(block: Block, at: int) -> str:
    return _figure(block, at) if isinstance(block, Drawing) else _written(block)


@singledispatch
def _written(block: Block) -> str:
    raise AssertionError(block)


@_written.register
def _(block: Heading) -> str:
    return f"<h{block.level}>{_text(block.text)}</h{block.level}>"


@_written.register
def _(block: Paragraph) -> str:
    return f"<p>{_text(block.text)}</p>"


@_written.register
def _(block: Items) -> str:
    if not block.items:
        return ""
    kind = ' class="warnings"' if block.is_warning else ""
    items = "".join(f"<li>{_text(item)}</li>\n" for item in block.items)
    return f"<ul{kind}>\n{items}</ul>"


@_written.register
def _(block: Facts) -> str:
    pairs = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>\n"
                    for name, value in block.pairs)  # fmt: skip
    return f"<dl>\n{pairs}</dl>"


@_written.register
def _(block: Code) -> str:
    return f"<pre>{_text(block.text)}</pre>"


@_written.register
def _(block: Table) -> str:
    head = "".join(_cell("th", cell, block, at) for at, cell in enumerate(block.headers))
    rows = "".join(
        f"<tr>{''.join(_cell('td', cell, block, at) for at, cell in enumerate(row))}</tr>\n"
        for row in block.rows
    )
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>"
    )


def _cell(tag: str, text: str, table: Table, at: int) -> str:
    kinds = [kind for kind, holds in (("number", at in table.numbers),
             ("bad", tag == "td" and text in table.marks)) if holds]  # fmt: skip
    given = f' class="{" ".join(kinds)}"' if kinds else ""
    return f"<{tag}{given}>{_text(text)}</{tag}>"


def _figure(block: Drawing, at: int) -> str:
    """A picture inside the page: in the colours of the page, its ids its own."""
    svg = rendered(block.picture, "svg").decode()
    svg = _ID.sub(rf"\g<1>p{at}-", svg[svg.index("<svg") :])
    svg = _INKS.sub(lambda found: _INK.get(found[0], "var(--ink)"), svg)
    caption = _text(block.caption)
    return f"<figure>\n{svg}<figcaption>{caption}</figcaption>\n</figure>"
