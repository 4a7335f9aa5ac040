"""Reports of measurements that other tools wrote: what one is, and reading JSON with suspicion.

Each reader takes a document and gives a `Report`. What is no single run, such as a mean, is never
made into one; it stays in the report's context.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envmgr.errors import UsageError
from envmgr.importers.reading import Note
from envmgr.model.measurement import FAILED, UNCHECKED, Point

MOST_BYTES = 256 * 1024 * 1024
"""More than any tool writes for one session."""
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Units of time to how many seconds they are."""
_OURS = ("wall", "user", "system", "cpu", "memory", "code_size", "repeats")
"""Figures with a meaning of ours, which no figure of another tool may take."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run that a report tells of."""

    point: Point
    number: int
    """The how-many-th of this point it is, from 0."""
    started: float
    """Seconds since 1970, UTC; of the whole session where the report says no more."""
    verdict: str
    why: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    """The unit of each figure that is not ours."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one file says."""

    tool: str
    created: float
    """Seconds since 1970, UTC."""
    runs: tuple[Run, ...]
    argv: tuple[str, ...] = ()
    """The command line that made it, where it says so."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What it says beside the runs."""
    left: tuple[Note, ...] = ()
    """Runs that were not taken over."""
    lost: tuple[Note, ...] = ()
    """What is no run of its own."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that holds a report."""

    path: str
    sha256: str
    changed: float
    """When it was written, in seconds since 1970."""
    document: Mapping[str, Any]


def read(path: str) -> Source:
    """The JSON object in the file at *path*. Raises UsageError."""
    from hashlib import sha256

    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
            changed = os.fstat(stream.fileno()).st_mtime
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path}: {reason}", hint="check the spelling") from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path} is larger than {MOST_BYTES >> 20} MiB", hint="name another")
    return Source(path, sha256(data).hexdigest(), changed, _parsed(data, path))


def _parsed(data: bytes, path: str) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is no JSON: {error}", hint="was it written to its end?"
        ) from error
    if not isinstance(document, dict):
        raise UsageError(f"{path} holds no report: it is no object", hint="name another")
    return document


# -- pieces of documents, whatever is there --------------------------------------------------


def mapping(value: Any) -> Mapping[str, Any]:
    """*value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [item for item in sequence(value) if isinstance(item, dict)]


def sequence(value: Any) -> list[Any]:
    """*value* if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """*value* as a text; empty for what is neither that nor a number.

    What no database takes, NUL and half characters, is escaped.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", r"\x00")
    return json.dumps(value) if isinstance(value, int | float) else ""


def number(value: Any) -> float | None:
    """*value* if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def moment(value: Any, otherwise: float) -> float:
    """A time as ISO 8601 has it, or ReFrame's shorter form, in seconds since 1970."""
    from datetime import datetime

    said = text(value).replace("Z", "+0000")
    if said[-3:-2] == ":":  # in a zone; only newer versions of Python read it with all formats
        said = said[:-3] + said[-2:]
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y%m%dT%H%M%S%z", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(said, form).timestamp()  # without a zone: local
        except (ValueError, OverflowError):
            continue
    return otherwise


def own_name(name: str, tool: str) -> str:
    """What a figure of *tool* is called here: as there, but never like one of ours."""
    return f"{tool}.{name}" if name in _OURS else name


def failed(why: str) -> dict[str, Any]:
    """What a run is that gave no figures."""
    return {"verdict": FAILED, "why": " ".join(why.split()) or "it failed"}


def measured(figures: Mapping[str, float | None], **more: Any) -> dict[str, Any]:
    """What a run is that gave *figures*, those that are None left out."""
    kept = {name: value for name, value in figures.items() if value is not None}
    return {"verdict": UNCHECKED, "figures": kept, **more}


def nothing_in(source: Source, tool: str) -> UsageError:
    """The error for a report without one run."""
    return UsageError(f"{source.path}: {tool} says nothing of any run", hint="name another file")
