"""Checks: the proof that an entry works, not only that it is there."""

from __future__ import annotations

import glob
import os
import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envmgr.errors import HostError
from envmgr.host.process import Finished, clean_environ, run
from envmgr.model.definition import Check
from envmgr.model.delta import combined
from envmgr.model.entry import Entry
from envmgr.model.template import MissingValueError, fill

CHECK_TIMEOUT = 120.0
"""Seconds that one command of a check may take."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a check showed: `works` is None when it could not be tried, and `why` says so."""

    entry: Entry
    works: bool | None
    why: str


def _shown(check: Check) -> str:
    """What a check that held has shown."""
    if check.source:
        return "built and ran" if check.run and "{out}" in check.run else "ran a program"
    return "answers" if check.run else "is complete"


class _FailedError(Exception):
    """The check did not hold; the message says what happened."""


def prove(
    entry: Entry,
    check: Check,
    needs: Mapping[str, Entry],
    own: Iterable[Entry],
    environ: Mapping[str, str],
) -> Proof:
    """Try *entry* by its detector's *check*.

    *needs* fill the check's roles; *own* is the entry with everything it needs, in order. The
    commands run in a scratch directory, in a clean environment with these entries' deltas.
    """
    delta = combined(part.delta for part in (*needs.values(), *own))
    clean = clean_environ(environ)
    environ = {**clean, **delta.apply(clean, os.pathsep)}
    values = {**_values(entry), **delta.put}
    try:
        _files(entry, check)
        output = _commands(check, values, environ) if check.run else ""
    except (_FailedError, HostError) as failed:
        return Proof(entry, False, str(failed))
    except MissingValueError as missing:
        return Proof(entry, None, f"its check uses {{{missing.args[0]}}}, which is not known")
    if check.expect is not None and not re.search(check.expect, output, re.MULTILINE):
        return Proof(entry, False, f"its output lacks {check.expect!r}: {output.strip()[:200]!r}")
    return Proof(entry, True, _shown(check))


def _values(entry: Entry) -> dict[str, str]:
    return {
        "path": entry.path,
        "real": os.path.realpath(entry.path),
        "name": os.path.basename(entry.path),
        "bin": os.path.dirname(entry.path),
        "lib": os.path.dirname(entry.path),
        "prefix": entry.prefix,
        "version": entry.version,
        **entry.facts,
    }


def _files(entry: Entry, check: Check) -> None:
    for pattern, least in check.files.items():
        path = os.path.join(glob.escape(entry.prefix), pattern)
        count = sum(1 for _ in glob.iglob(path, recursive=True))
        if count < least:
            raise _FailedError(f"{entry.prefix} holds {count} of {pattern}, not {least}")


def _commands(check: Check, values: Mapping[str, str], environ: Mapping[str, str]) -> str:
    output = ""
    with tempfile.TemporaryDirectory(prefix="envmgr-check-") as scratch:
        places = {"out": os.path.join(scratch, "out"), "scratch": scratch}
        if check.source is not None:
            places["source"] = os.path.join(scratch, f"check{check.suffix}")
            with open(places["source"], "w", encoding="utf-8") as stream:
                stream.write(check.source)
        for words in _split(check.run or ""):
            argv = [word for part in words for word in _filled(part, {**values, **places})]
            finished = run(argv, env=environ, cwd=scratch, timeout=CHECK_TIMEOUT)
            if finished.code != 0 or finished.timed_out:
                raise _FailedError(_failure(finished))
            output += finished.output
    return output


def _failure(finished: Finished) -> str:
    """How a command failed, in one line: with the first that it said of an error, or its last."""
    how = "did not end in time" if finished.timed_out else f"failed (exit status {finished.code})"
    lines = [line.strip() for line in finished.output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines[-1:]
    said = f": {telling[0][:200]}" if telling else ""
    return f"`{shlex.join(finished.argv)}` {how}{said}"


def _split(text: str) -> list[list[str]]:
    """Commands joined with `&&`, each as words."""
    commands: list[list[str]] = [[]]
    for word in shlex.split(text):
        if word == "&&":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def _filled(word: str, values: Mapping[str, str]) -> list[str]:
    """A word with its values; one that is nothing but a variable may be several: `zig cc`."""
    filled = fill(word, values)
    alone = re.fullmatch(r"\{[A-Z][A-Z0-9_]*\}", word)
    if not alone or os.path.exists(filled):
        return [filled]
    try:
        return shlex.split(filled)
    except ValueError as error:
        raise _FailedError(f"{word[1:-1]} is not words: {filled!r}") from error
