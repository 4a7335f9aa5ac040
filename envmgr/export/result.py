"""What an exporter gives: files, and what they could not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from envmgr.export.material import LeftOut
from envmgr.model.entry import Entry


@dataclass(frozen=True, slots=True)
class Export:
    """An environment written for another system."""

    files: Mapping[str, str]
    """Texts by file name, the main one first. Names may have directories, never `..`."""
    wanted: tuple[Entry, ...]
    """What the environment has here, needs first."""
    left_out: tuple[LeftOut, ...] = ()
    """What the other system does not get, or has otherwise."""

    @property
    def text(self) -> str:
        """The main file."""
        return next(iter(self.files.values()))
