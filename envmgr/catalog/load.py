"""One file of the catalogue: from its text to its definition and everything wrong with it."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from typing import Any

from envmgr.catalog import schema
from envmgr.catalog.detector_rules import check_detector
from envmgr.catalog.locate import lines_of, nearest_line
from envmgr.catalog.name_rules import check_names
from envmgr.catalog.place_rules import check_places, check_shell
from envmgr.catalog.problem import Finding, Problem, Spot, dotted
from envmgr.catalog.recipe_rules import check_recipe
from envmgr.catalog.scan import PROGRAM_FILE
from envmgr.model.definition import Detector, Recipe
from envmgr.model.names import Renamed
from envmgr.model.program import Program
from envmgr.model.shell import Shell

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SIZE_LIMIT = 1024 * 1024
"""Bytes of one file; a definition is far smaller, so more is something else."""

_FORMS = (
    "detectors/CATEGORY/NAME.toml, recipes/CATEGORY/NAME.toml, shells/NAME.toml,"
    f" programs/NAME/{PROGRAM_FILE}"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one file gave. With `problems` the value is partial and only good for more checks."""

    file: str
    kind: str
    """`detector`, `recipe`, `program`, `shell`, `places` or `names`; empty for a file that lies
    elsewhere."""
    name: str
    """The name that the place of the file gives: `compiler.gcc`, `bash`."""
    text: str = ""
    value: schema.Value | None = None
    raw: dict[str, Any] | None = None
    """The document as it was parsed."""
    digest: str = ""
    """sha256 of the text."""
    problems: tuple[Problem, ...] = ()


def load(file: str) -> Loaded:
    """Read the definition in *file*; what cannot be read is a problem like any other."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        return _failed(file, f"cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(data) > SIZE_LIMIT:
        return _failed(file, "is larger than any definition")
    try:
        return read(file, data.decode())
    except UnicodeDecodeError as error:
        return _failed(file, f"is not UTF-8: {error.reason}", data.count(b"\n", 0, error.start) + 1)


def read(file: str, text: str) -> Loaded:
    """The definition in *text*, the content of *file*, with every problem it has."""
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        return _failed(file, "is nested too deeply")
    except ValueError as error:  # which a number too long or a date that is none raise as they are
        return _failed(file, f"is not TOML: {error}", _line_of(str(error), text))
    kind, place = place_of(file)
    spot, digest = Spot(), hashlib.sha256(text.encode()).hexdigest()
    if not kind:
        return _failed(file, f"lies in none of {_FORMS}")
    value = schema.decode(kind, raw, spot, file, digest)
    _check(value, place, spot)
    problems = located(file, text, spot.found)
    return Loaded(file, kind, ".".join(place), text, value, raw, digest, problems)


def place_of(file: str) -> tuple[str, tuple[str, ...]]:
    """The kind that the place of *file* gives, and its path below the directory of that kind.

    `…/detectors/compiler/gcc.toml` is `detector` and `("compiler", "gcc")`.
    """
    path = os.path.abspath(file).removesuffix(".toml")
    *_, top, category, short = ("", "", *re.split(r"[\\/]", path))
    if f"{short}.toml" == PROGRAM_FILE:
        return "program", (category,)
    if category == "shells":
        return "shell", (short,)
    if category == "detectors" and short in ("places", "names"):
        return short, (short,)
    kind = {"detectors": "detector", "recipes": "recipe"}.get(top, "")
    return kind, (category, short) if kind else ()


def _check(value: schema.Value, place: tuple[str, ...], spot: Spot) -> None:
    if isinstance(value, Detector):
        check_detector(value, (place[0], place[1]), spot)
    elif isinstance(value, Recipe):
        check_recipe(value, (place[0], place[1]), spot)
    elif isinstance(value, Program):
        from envmgr.catalog.program_rules import check_program

        check_program(value, place[0], spot)
    elif isinstance(value, Shell):
        check_shell(value, place[0], spot)
    elif isinstance(value, Renamed):
        check_names(value, spot)
    else:
        check_places(value, spot)


def located(file: str, text: str, found: list[Finding]) -> tuple[Problem, ...]:
    """*found* with the lines they stand at in *text*, in the order of the lines."""
    if not found:
        return ()
    lines = lines_of(text)
    problems = [
        Problem(
            file,
            nearest_line(lines, finding.path),
            dotted(finding.path),
            finding.message,
            finding.suggestion,
        )
        for finding in found
    ]
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _line_of(message: str, text: str) -> int:
    """The line that the parser's message names; it names none at the end of the document."""
    found = re.search(r"at line (\d+)", message)
    if found:
        return int(found[1])
    return text.count("\n") + 1 if "end of document" in message else 0


def _failed(file: str, message: str, line: int = 0) -> Loaded:
    kind, place = place_of(file)
    problem = Problem(file, line, "", message)
    return Loaded(file, kind, ".".join(place), problems=(problem,))
