"""Experiments: measurements that were made together, and what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envmgr.model.measurement import new_id


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

    @classmethod
    def new(cls, title: str, argv: Sequence[str], context: str = "") -> Experiment:
        """One that begins now."""
        import time

        now = time.time_ns()
        return cls(new_id(now), now / 1e9, title, tuple(argv), context)
