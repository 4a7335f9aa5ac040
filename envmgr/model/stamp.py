"""What a file looked like when something was judged by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stamp:
    """What one file looked like when it was judged; any difference makes the judgement void."""

    path: str
    size: int
    mtime_ns: int
    inode: int
