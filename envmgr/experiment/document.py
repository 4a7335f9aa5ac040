"""Documents: what a report says, before it is known as what kind of file.

Texts are plain: whoever renders them makes sure that nothing in a name becomes markup.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from envmgr.experiment.picture import Picture

Said = Callable[[float | None, str], str]
"""A value with its unit, for people."""
TO_WRITE = "[to be written: {what}]"
"""What only a person knows."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows; level 1 is that of the document."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list; without items nothing is written."""

    items: tuple[str, ...]
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, each with what it is; several lines are several things."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below headers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    """Columns that hold numbers."""
    marks: frozenset[str] = frozenset()
    """Cells that say something bad."""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be typed, or a text to be left as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and what it shows."""

    picture: Picture
    caption: str


Block = Heading | Paragraph | Items | Facts | Table | Code | Drawing


@dataclass(frozen=True, slots=True)
class Document:
    """Everything, in order."""

    title: str
    blocks: tuple[Block, ...]


def to_write(what: str) -> str:
    """A mark for what only a person knows."""
    return TO_WRITE.format(what=what)


def label(name: str) -> str:
    """The name of a fact, before what it is."""
    return name if name.endswith("?") else f"{name}:"
