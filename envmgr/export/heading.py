"""What a file says of itself in the comment at its top."""

from __future__ import annotations

from collections.abc import Iterable

from envmgr.export.material import LeftOut
from envmgr.export.subject import Subject
from envmgr.export.words import comment


def about(title: str, notes: Iterable[str], left_out: Iterable[LeftOut]) -> list[str]:
    """Lines of a comment: the *title*, *notes*, and what could not be carried over."""
    lines = [line for text in (title, *notes) for line in comment(text)]
    items = tuple(left_out)
    if items:
        lines += ["#", "# Could not be carried over as it is here:"]
        # Without the path: it says nothing elsewhere, and may name its owner.
        for item in items:
            lines += comment(f"{item.what}: {item.why}", indent="  - ")
    return lines


def heading(
    subject: Subject, format: str, left_out: Iterable[LeftOut] = (), mark: str = "#"
) -> list[str]:
    """Lines of a comment, each begun by *mark*: what made the file, what is in it and what is not.

    They hold printable characters only and no backslash, with which a comment may go on in Tcl.
    """
    contents = ", ".join(map(str, subject.entries)) or "nothing"
    title = f"Made by `envmgr export {format}` on {subject.platform}: {contents}."
    notes = (f"From a lock with the sha256 {subject.lock}.",) if subject.lock else ()
    lines = about(title, notes, left_out)
    return [mark + line[1:].replace("\\", "?") for line in lines]


def contents(subject: Subject) -> tuple[str, ...]:
    """Name and version of each entry, in characters that can be printed."""
    things = (f"{entry.name} {entry.version}" for entry in subject.entries)
    return tuple("".join(c if c.isprintable() else "?" for c in thing) for thing in things)
