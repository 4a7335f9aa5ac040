"""Saying how far a long step is: a protocol of three calls, a bar for terminals, and silence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing import NoReturn, TextIO

    from tqdm import tqdm


class Progress(Protocol):
    """What a long step reports to. A second `start` before `done` begins anew."""

    def start(self, label: str, total: int | None) -> None:
        """Begin: *total* is in bytes, or None when nobody knows."""

    def advance(self, n: int) -> None:
        """Another *n* bytes are done."""

    def done(self) -> None:
        """The step ended, well or not."""


class Silent:
    """Progress that nobody sees."""

    def start(self, label: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, n: int) -> None:
        """Say nothing."""

    def done(self) -> None:
        """Say nothing."""


class Bar:
    """Progress as a bar on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[NoReturn] | None = None

    def start(self, label: str, total: int | None) -> None:
        """Draw an empty bar in place of the one before."""
        from tqdm import tqdm

        self.done()
        self._bar = tqdm(
            desc=label, total=total, unit="B", unit_scale=True, file=self._stream, leave=False
        )

    def advance(self, n: int) -> None:
        """Let the bar grow by *n* bytes."""
        if self._bar is not None:
            self._bar.update(n)

    def done(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def progress_on(stream: TextIO | None = None) -> Progress:
    """A bar when *stream* (standard error by default) is a terminal, silence otherwise."""
    stream = sys.stderr if stream is None else stream
    return Bar(stream) if stream is not None and stream.isatty() else Silent()
