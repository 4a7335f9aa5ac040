"""Running a built program: its command filled, its inputs in place, its outputs found."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from envmgr.errors import HostError, ProgramError
from envmgr.host import counters, energy
from envmgr.host.facts.reading import Machine
from envmgr.host.measured import FILE_LIMIT, Usage, measured
from envmgr.model.measurement import FAILED, TIMED_OUT, UNSTEADY
from envmgr.model.program import STREAMS, RunCommand
from envmgr.program.rundirectory import RunDirectory, stream
from envmgr.program.source import file_digest
from envmgr.program.values import filled, words_of

Start = Callable[..., Usage]
"""What runs a program somewhere; called as `measured` is."""
_COUNTED = ".counters"
_LAST_WORDS = 8192
"""Bytes at the end of standard error in which the reason of a failure is looked for."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A command of a program, to be run in a directory of its own."""

    command: RunCommand
    values: Mapping[str, str]
    """What templates hold: `exe`, `source`, `build`, parameters, what fills roles, variables."""
    environ: Mapping[str, str]
    source: str
    """The directory of the sources, where `inputs` are."""
    directory: str
    """Where it runs: empty or not there yet."""
    repeats: int = 1
    """How often the work is done, by the program itself where it can."""
    program: str = ""
    """What it is called in messages; by default as the built file is."""
    cpus: tuple[int, ...] | None = None
    """The cores it may run on; None is as this process may."""
    events: tuple[str, ...] = ()
    """What perf counts meanwhile, as perf calls it. Times and memory then include perf's own."""
    energy: bool = False
    """Whether the energy of the whole processor is read before and after."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.program or os.path.basename(self.values.get("exe", "")) or "the program"

    @property
    def starts(self) -> int:
        """How often the program is started."""
        return 1 if self.command.repeat else self.repeats

    @property
    def timeout(self) -> float:
        """Seconds that one start may take."""
        return self.command.timeout * (self.repeats if self.command.repeat else 1)

    def filled(self, template: str) -> str:
        """*template* with its values. Raises ProgramError."""
        return filled(template, self.values, self.name)


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a request: what all its starts used together, and what they wrote."""

    request: RunRequest
    usage: Usage
    outputs: Mapping[str, str]
    """Each output that is there, the two streams among them, by its name in the definition, to
    its path."""
    missing: tuple[str, ...] = ()
    """Outputs that were not written."""
    unsteady: tuple[str, ...] = ()
    """Outputs that the last start wrote otherwise than the first."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """Counters that were asked for and could not be read, to the reason."""


def run(request: RunRequest, start: Start = measured) -> Ran:
    """Run the program as often as the request says, or until it fails.

    Raises ProgramError when it cannot be started, or its inputs and outputs are not where they may
    be. That it fails is no error here: `failure` tells.
    """
    data = [request.filled(f"{{{role}}}") for role in request.command.copies]
    request = _at_copies(request)
    place = RunDirectory.of(request.command, request.directory, request.filled, request.name)
    place.prepare(request.source, data)
    call = _Call(request, _words(request), _environ(request), _stdin(request), start)
    usages = [call.made()]
    first = place.digests() if request.starts > 1 else {}
    while len(usages) < request.starts and _is_well(usages[-1], request.command):
        place.renew()
        usages.append(call.made())
    last = place.digests() if _is_well(usages[-1], request.command) and first else first
    outputs = place.written()
    return Ran(
        request,
        _total(usages),
        outputs,
        missing=tuple(name for name in place.outputs if name not in outputs),
        unsteady=tuple(name for name in first if first[name] != last[name]),
        absent=call.absent,
    )


def failure(ran: Ran) -> tuple[str, str] | None:
    """The verdict on a run that did not end as it should, and why in a line; None if it did."""
    command, usage = ran.request.command, ran.usage
    if usage.timed_out:
        limit = ran.request.timeout
        return TIMED_OUT, f"it did not end within {limit:g} s, and was ended with its children"
    if usage.code not in command.exit_codes:
        return FAILED, _ending(usage.code) + _last_words(ran.outputs.get("stderr"))
    if ran.unsteady:
        return UNSTEADY, f"repeated, it wrote {', '.join(ran.unsteady)} otherwise than before"
    return None


def _at_copies(request: RunRequest) -> RunRequest:
    """The same request, where data that is copied to where it runs is called as its copy."""
    own = {role: os.path.basename(request.values[role]) for role in request.command.copies}
    return replace(request, values={**request.values, **own}) if own else request


def digests(ran: Ran) -> dict[str, str]:
    """Each output that is there to its sha256. Raises ProgramError for one that cannot be read."""
    try:
        return {name: file_digest(path) for name, path in ran.outputs.items()}
    except OSError as error:
        raise ProgramError(f"cannot read {error.filename}: {error.strerror}") from error


# -- starting --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Call:
    """One start after the other, and what could not be counted of them."""

    request: RunRequest
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    stdin: str | None
    start: Start
    absent: dict[str, str] = field(default_factory=dict)

    def made(self) -> Usage:
        """Start it and wait for its end."""
        request, file = self.request, os.path.join(self.request.directory, _COUNTED)
        usable, why = counters.usable(request.events, self.environ.get("PATH", ""))
        self.absent |= why
        argv = counters.wrapped(self.argv, usable, file) if usable else self.argv
        machine = Machine(self.environ)
        before = energy.read(machine) if request.energy else energy.NOTHING
        usage = self._started(argv)
        after = energy.read(machine) if request.energy else energy.NOTHING
        used = energy.between(before, after)
        self.absent |= after.absent
        counted = counters.read(file) if usable else counters.NOTHING
        self.absent |= counted.absent
        return _with(usage, {**counted.values, **used})

    def _started(self, argv: Sequence[str]) -> Usage:
        request = self.request
        out, err = (stream(request.directory, name) for name in STREAMS)
        try:
            return self.start(
                argv,
                env=self.environ,
                cwd=request.directory,
                stdin=self.stdin,
                stdout=out,
                stderr=err,
                timeout=request.timeout,
                cpus=request.cpus,
            )
        except HostError as error:
            raise ProgramError(f"{request.name}: {error.message}", hint=error.hint) from error


def _words(request: RunRequest) -> tuple[str, ...]:
    return words_of(request.command.command, request.values, request.name)


def _environ(request: RunRequest) -> dict[str, str]:
    command = request.command
    own = {name: request.filled(value) for name, value in command.env.items()}
    repeats = {command.repeat: str(request.repeats)} if command.repeat else {}
    return {**request.environ, **own, **repeats}


def _stdin(request: RunRequest) -> str | None:
    if request.command.stdin is None:
        return None
    path = os.path.join(request.directory, request.filled(request.command.stdin))
    if not os.path.isfile(path):
        raise ProgramError(f"{request.name}: there is no {path} for it to read")
    return path


def _is_well(usage: Usage, command: RunCommand) -> bool:
    return not usage.timed_out and usage.code in command.exit_codes


def _with(usage: Usage, counted: Mapping[str, float]) -> Usage:
    if not counted:
        return usage
    return replace(usage, counters={**usage.counters, **counted})


def _total(usages: Sequence[Usage]) -> Usage:
    """What all starts used together; how they ended is how the last did."""
    if len(usages) == 1:
        return usages[0]
    peaks = [usage.memory for usage in usages if usage.memory is not None]
    names = [name for name in usages[0].counters if all(name in u.counters for u in usages)]
    return Usage(
        code=usages[-1].code,
        timed_out=usages[-1].timed_out,
        wall=sum(usage.wall for usage in usages),
        user=sum(usage.user for usage in usages),
        system=sum(usage.system for usage in usages),
        memory=max(peaks, default=None),
        left=sum(usage.left for usage in usages),
        counters={name: sum(usage.counters[name] for usage in usages) for name in names},
    )


# -- how it ended ----------------------------------------------------------------------------


def _ending(code: int) -> str:
    if code >= 0:
        return f"it ended with status {code}"
    if code == -getattr(signal, "SIGXFSZ", 0):
        return f"it was ended by SIGXFSZ: it wrote a file of more than {FILE_LIMIT >> 30} GiB"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"


def _last_words(path: str | None) -> str:
    """The last line of standard error that names an error, or else its last."""
    if path is None:
        return ""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - _LAST_WORDS))
        said = file.read().decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in said if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines
    return f": {telling[-1][:200]}" if telling else ""
