"""Whether what a run wrote is right."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from envmgr.errors import HostError, ProgramError
from envmgr.host.measured import measured
from envmgr.model.measurement import RIGHT, UNCHECKED, UNSTEADY, WRONG
from envmgr.model.program import OutputCheck
from envmgr.program.compare import compare
from envmgr.program.reference import Reference
from envmgr.program.run import Ran, digests, failure
from envmgr.program.rundirectory import is_below
from envmgr.program.values import words_of

CHECKER_TIMEOUT = 60.0
"""Seconds that a checker may take."""
_MOST_BYTES = 64 << 20
"""Bytes of an output that a pattern or a text of the definition is compared with."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What can be said of a run."""

    verdict: str
    """One of `envmgr.model.measurement.VERDICTS`."""
    why: str = ""
    """Why it is not right, in a line."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Each output that is there to its sha256."""
    empty: tuple[str, ...] = ()
    """Outputs with nothing in them, which prove nothing."""
    checked: tuple[str, ...] = ()
    """Outputs that a check has proved to be right."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one check says."""

    verdict: str
    why: str = ""
    is_open: bool = False
    """The check could not be made, so that no other can stand for it."""


_HOLDS = _Finding(RIGHT)


def judge(ran: Ran, *, source: str, reference: Reference | None = None) -> Judgement:
    """Judge a run of a program whose own files are below *source*.

    A run that did not end as it should is not looked at any further. The first check that fails
    says why. Where nothing fails the run is right, unless a check could not be made or all there
    was to compare was empty (unchecked), or never came out twice alike (not deterministic).
    *reference* is what trusted builds gave. Raises ProgramError for a check that cannot be read.
    """
    outputs = digests(ran)
    empty = tuple(name for name, path in ran.outputs.items() if not os.path.getsize(path))
    if failed := _failure(ran):
        return Judgement(*failed, outputs, empty)
    findings: list[_Finding] = []
    for check in ran.request.command.checks:
        findings.append(_found(check, ran, source, reference))
        if findings[-1].verdict == WRONG:
            break
    pairs = zip(ran.request.command.checks, findings, strict=False)
    checked = dict.fromkeys(check.file for check, finding in pairs if finding == _HOLDS)
    whole = _whole(findings)
    return Judgement(whole.verdict, whole.why, outputs, empty, tuple(checked))


def _failure(ran: Ran) -> tuple[str, str] | None:
    """The verdict on a run that did not end as it should or wrote too little, and why."""
    failed = failure(ran)
    if failed is None and ran.missing:
        return WRONG, f"it did not write {', '.join(ran.missing)}"
    return failed


def _whole(findings: Iterable[_Finding]) -> _Finding:
    """What all checks say together."""
    found = tuple(findings)
    for finding in found:
        if finding.verdict == WRONG:
            return finding
    for finding in found:
        if finding.is_open:
            return finding
    if _HOLDS in found:
        return _HOLDS
    nothing = _Finding(UNCHECKED, "no check says what is right")
    return next((one for one in found if one.verdict == UNSTEADY), next(iter(found), nothing))


# -- one check -------------------------------------------------------------------------------


def _found(check: OutputCheck, ran: Ran, source: str, reference: Reference | None) -> _Finding:
    if check.match is not None:
        return _by_pattern(check, ran.outputs[check.file])
    if check.run is not None:
        return _by_checker(check, check.run, ran)
    if check.recorded:
        return _by_reference(check, ran, reference)
    if check.text is not None:
        return _by_text(check, ran.request.filled(check.text), ran.outputs[check.file])
    return _by_file(check, ran, source)


def _by_pattern(check: OutputCheck, path: str) -> _Finding:
    assert check.match is not None
    content = _content(path)
    if content is None:
        return _too_much(check)
    text = content.decode("utf-8", "surrogateescape")
    if not re.search(check.match, text, re.MULTILINE):
        return _Finding(WRONG, f"{check.file}: nothing fits {check.match!r}")
    return _HOLDS if text else _nothing(check)


def _by_checker(check: OutputCheck, command: str, ran: Ran) -> _Finding:
    """Run the checker where the program ran; its first line says what it has against the output."""
    request = ran.request
    values = {**request.values, "file": os.path.abspath(ran.outputs[check.file])}
    words = words_of(command, values, request.name)
    where, said = request.directory, os.path.join(request.directory, ".checker")
    try:
        done = measured(
            words,
            env=request.environ,
            cwd=where,
            stdin=None,
            stdout=said,
            stderr=said,
            timeout=CHECKER_TIMEOUT,
        )
    except HostError as error:
        message = f"{request.name}: the checker of {check.file}: {error.message}"
        raise ProgramError(message, hint=error.hint) from error
    if done.timed_out:
        return _Finding(WRONG, f"{check.file}: no answer of the checker in {CHECKER_TIMEOUT:g} s")
    why = _first_line(said) or f"the checker ended with status {done.code}"
    return _Finding(WRONG, f"{check.file}: {why}") if done.code else _HOLDS


def _first_line(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(4096).decode("utf-8", "replace").strip().partition("\n")[0][:200]


def _by_reference(check: OutputCheck, ran: Ran, reference: Reference | None) -> _Finding:
    record = f"envmgr program check {ran.request.name} --record"
    if reference is None:
        return _Finding(UNCHECKED, f"no reference is recorded: {record}", is_open=True)
    if check.file in reference.unsteady:
        why = f"{check.file} differs from one run of a trusted build to the next"
        return _Finding(UNSTEADY, why)
    if check.file not in reference.outputs:
        return _Finding(UNCHECKED, f"the reference has no {check.file}: {record}", is_open=True)
    return _by_lines(check, ran, reference.outputs[check.file], "the reference")


def _by_text(check: OutputCheck, expected: str, path: str) -> _Finding:
    content = _content(path)
    if content is None:
        return _too_much(check)
    mine = content.strip().split(b"\n")
    theirs = expected.strip().encode("utf-8", "surrogateescape").split(b"\n")
    found = compare(mine, theirs, check, of="the text of the check")
    return _compared(check, found.difference, bool(mine[0]) and found.lines > 0)


def _by_file(check: OutputCheck, ran: Ran, source: str) -> _Finding:
    assert check.expect is not None
    name = ran.request.filled(check.expect)
    path = os.path.join(source, name)
    if not is_below(path, source):
        raise ProgramError(f"{name}, what {check.file} must be, is not below {source}")
    if not os.path.isfile(path):
        why = f"there is no {name} that says what {check.file} must be"
        return _Finding(UNCHECKED, why, is_open=True)
    return _by_lines(check, ran, path, name)


def _by_lines(check: OutputCheck, ran: Ran, path: str, of: str) -> _Finding:
    try:
        with open(ran.outputs[check.file], "rb") as mine, open(path, "rb") as theirs:
            found = compare(mine, theirs, check, of=of)
    except OSError as error:
        raise ProgramError(f"cannot read {error.filename}: {error.strerror}") from error
    return _compared(check, found.difference, found.lines > 0)


def _content(path: str) -> bytes | None:
    """What is in a file; None when it is more than anybody meant to look through."""
    with open(path, "rb") as file:
        is_much = os.fstat(file.fileno()).st_size > _MOST_BYTES
        return None if is_much else file.read()


def _too_much(check: OutputCheck) -> _Finding:
    return _Finding(WRONG, f"{check.file} has more than {_MOST_BYTES >> 20} MiB to look through")


def _compared(check: OutputCheck, difference: str, is_proof: bool) -> _Finding:
    if difference:
        return _Finding(WRONG, f"{check.file} {difference}")
    return _HOLDS if is_proof else _nothing(check)


def _nothing(check: OutputCheck) -> _Finding:
    """It is as it should be, and that is no proof: a program that does nothing is so too."""
    return _Finding(UNCHECKED, f"{check.file} has nothing in it that was compared")
