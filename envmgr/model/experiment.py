"""Experiments: measurements that were made together, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Experiment:
    """What a set of measurements belongs to. Its id sorts by time, as those of measurements do."""

    id: str
    created: float
    """Seconds since 1970, UTC."""
    title: str = ""
    argv: tuple[str, ...] = ()
    """The command line that it came from."""
    context: str = ""
    """The digest of what holds for all of it; the context of a measurement says more."""
