"""Counters of the processor and the kernel, by perf, where it is there and the kernel lets it."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from envmgr.errors import HostError

EVENTS = (
    *("instructions", "cycles", "branches", "branch-misses", "cache-references", "cache-misses"),
    *("page-faults", "context-switches", "cpu-migrations"),
)
"""What is worth counting of any program."""
_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Counted:
    """Events to how often they happened, and those that could not be counted to the reason."""

    values: Mapping[str, float] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)


NOTHING = Counted()


def usable(events: Sequence[str], path: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Those *events* that perf on *path* can count here, and why it cannot count the others.

    It is tried on a program that does nothing, because where the kernel forbids it, perf does not
    even start the program that it should count.
    """
    return _usable(tuple(events), path) if events else ((), {})


@functools.cache
def _usable(events: tuple[str, ...], path: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    import shutil
    import tempfile

    from envmgr.host.process import run

    perf, nothing = shutil.which("perf", path=path), shutil.which("true", path=path)
    if perf is None or nothing is None:
        return (), dict.fromkeys(events, "there is no perf on PATH")
    with tempfile.TemporaryDirectory(prefix="envmgr-perf-") as scratch:
        file = os.path.join(scratch, "counters")
        env = {"PATH": path, "LC_ALL": "C"}
        try:
            done = run(wrapped([nothing], events, file), env=env, timeout=_TIMEOUT)
        except HostError as error:
            return (), dict.fromkeys(events, error.message)
        if done.code:
            return (), dict.fromkeys(events, _refusal(done.output))
        tried = read(file)
    absent = {e: tried.absent.get(e, "perf does not know it") for e in events}
    found = tuple(event for event in events if event in tried.values)
    return found, {event: why for event, why in absent.items() if event not in found}


def wrapped(argv: Sequence[str], events: Sequence[str], file: str) -> tuple[str, ...]:
    """The command that runs *argv* and writes how often *events* happened into *file*."""
    return ("perf", "stat", "-x,", "-o", file, "-e", ",".join(events), "--", *argv)


def read(file: str) -> Counted:
    """What perf wrote into *file*; nothing when it was ended before."""
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            return parse(stream.read())
    except OSError:
        return NOTHING


def parse(text: str) -> Counted:
    """Lines of `perf stat -x,`: the number, its unit, the event, and more that is not needed."""
    values: dict[str, float] = {}
    absent: dict[str, str] = {}
    for line in text.splitlines():
        fields = line.split(",")
        if line.startswith("#") or len(fields) < 3:
            continue
        number, _, event = fields[:3]
        event = event.partition(":")[0]  # `:u` says that only the program itself was counted
        try:
            values[event] = float(number)
        except ValueError:
            absent[event] = f"perf says {number.strip('<> ')}: {event} on this machine"
    return Counted(values, absent)


def _refusal(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "paranoid" in line or "ermission" in line] or lines
    return f"perf refuses: {telling[0][:200]}" if telling else "perf refuses, and does not say why"
