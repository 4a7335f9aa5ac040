"""What is wrong with a definition, and where: every check says so to a spot and goes on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value: `("version", 1, "match")`."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one file."""

    file: str
    line: int
    """Counted from 1; 0 when it is about the file as a whole."""
    key: str
    """The dotted key, `version[1].match`; empty for the whole file."""
    message: str
    suggestion: str | None = None
    """What was probably meant."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        meant = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return ": ".join(filter(None, (place, self.key, self.message))) + meant


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake at a key, before the line is known."""

    path: Path
    message: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a definition, to which checks say what is wrong."""

    found: list[Finding] = field(default_factory=list)
    path: Path = ()

    def at(self, *steps: str | int) -> Spot:
        """The place that *steps* lead to from here."""
        return Spot(self.found, (*self.path, *steps))

    def say(self, message: str, suggestion: str | None = None) -> None:
        """Record a mistake here; saying the same twice records it once."""
        finding = Finding(self.path, message, suggestion)
        if finding not in self.found:
            self.found.append(finding)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was said about exactly this place."""
        return all(finding.path != self.path for finding in self.found)


def dotted(path: Path) -> str:
    """*path* as TOML writes it: `tree."bin/gcc"`, `version[1].match`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if _BARE_KEY.fullmatch(step) else f'"{step}"')
    return text


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that *word* is probably a misspelling of."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1)
    return close[0] if close else None
