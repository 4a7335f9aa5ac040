"""Walking below a directory, nearest first, so that a limit cuts off what lies deepest."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator


def walk(top: str, depth: int) -> Iterator[str]:
    """*top* and the directories at most *depth* levels below it that can be read.

    Links are not followed.
    """
    waiting = deque([(top, depth)])
    while waiting:
        path, left = waiting.popleft()
        try:
            below = _directories(path) if left else []
        except OSError:
            continue
        yield path
        waiting.extend((name, left - 1) for name in below)


def _directories(path: str) -> list[str]:
    with os.scandir(path) as items:
        return sorted(
            item.path
            for item in items
            if item.is_dir(follow_symlinks=False) and item.name != "__pycache__"
        )
