"""Progress for people: on a terminal only, and only for what takes longer than a second."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(what: str, unit: str) -> Iterator[Callable[[str], None]]:
    """A counter of things done; the function it gives may be called from any thread."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm

    lock = threading.Lock()
    with tqdm(desc=what, unit=f" {unit}", leave=False, delay=1.0, file=sys.stderr) as bar:

        def done(_: str) -> None:
            with lock:
                bar.update()

        yield done


@contextmanager
def watching(what: str) -> Iterator[Callable[[str], None]]:
    """A line that says how far something is that has no known end."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm

    form = "{desc} {elapsed}{postfix}"
    with tqdm(desc=what, bar_format=form, leave=False, delay=1.0, file=sys.stderr) as line:
        yield line.set_postfix_str
