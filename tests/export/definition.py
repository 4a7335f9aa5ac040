"""Apptainer definition files, read by the rules of Apptainer's own parser and carried out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .image import Box, Builder

SECTIONS = ("files", "post", "environment", "labels", "runscript", "test")
MOST_BYTES = 64 * 1024
"""The longest section that the parser reads."""


@dataclass(frozen=True)
class Stage:
    """One stage: its header and its sections, those of one name together."""

    header: Mapping[str, str]
    sections: Mapping[str, str]
    files: Mapping[str, str]
    """What is copied, and from which stage: path to path in both."""


def stages_of(text: str) -> list[Stage]:
    """The stages of a definition file. A line whose first word begins with `%` is a section."""
    assert not re.search(r"(?m)^(?!\s*#).*\{\{\s*\w+\s*\}\}", text), "it would be filled in"
    return [_stage(part) for part in re.split(r"(?mi)^(?=bootstrap:)", text)[1:]]


def _stage(text: str) -> Stage:
    head, *rest = re.split(r"(?m)^(?=[ \t]*%)", text)
    lines = [line.partition(":") for line in head.splitlines() if _says_something(line)]
    header = {key.strip().lower(): value.strip() for key, _, value in lines}
    sections: dict[str, str] = {}
    files: dict[str, str] = {}
    for part in rest:
        assert len(part.encode()) < MOST_BYTES
        title, _, body = part.partition("\n")
        name, _, arguments = title.strip().removeprefix("%").partition(" ")
        assert name in SECTIONS
        if name == "files":
            assert arguments == "from fetch"
            files |= dict(line.split() for line in body.splitlines() if _says_something(line))
        else:
            assert arguments == ("-c /bin/bash" if name == "post" else "")
            sections[name] = sections.get(name, "") + body
    return Stage(header, sections, files)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def labels_of(stage: Stage) -> dict[str, str]:
    """What it says of itself."""
    lines = stage.sections.get("labels", "").splitlines()
    return dict(line.strip().split(" ", 1) for line in lines if _says_something(line))


@contextmanager
def carried_out(stages: list[Stage], images: Builder) -> Iterator[Box]:
    """A container in which the last of *stages* has been made, as Apptainer makes it."""
    with images.box() as box:
        if len(stages) == 2:
            with images.box() as fetch:
                fetch.bash(stages[0].sections["post"])
                for at, to in stages[1].files.items():
                    images.copy(fetch, at, box, to)
        if "post" in stages[-1].sections:
            box.bash(stages[-1].sections["post"])
        yield box
