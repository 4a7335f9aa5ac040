"""Doing what was decided for a build: sources copied, commands run, everything said logged."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import NoReturn, TextIO

from envmgr.errors import HostError, ProgramError
from envmgr.host.measured import Usage, measured
from envmgr.program.request import BuildRequest, Procedure, Scratch, Step
from envmgr.program.source import SourceTree, file_digest

_TELLING = re.compile(
    r"\berror\b|undefined reference|undefined symbol|multiple definition|cannot find",
    re.IGNORECASE,
)
_LONGEST = 300


def copy_sources(tree: SourceTree, target: str) -> None:
    """Copy *tree*, with the times of its files. Raises ProgramError when it is another by now."""
    os.makedirs(target, exist_ok=True)
    for path, digest in tree.files.items():
        source, copy = tree.place(path), os.path.join(target, *path.split("/"))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(copy, "wb") as file:
            same = file_digest(source, file.write) == digest
        if not same:
            raise ProgramError(f"{source} changed while it was about to be built", hint="try again")
        shutil.copystat(source, copy)


def carry_out(
    procedure: Procedure, request: BuildRequest, scratch: Scratch, log: TextIO, timeout: float
) -> None:
    """Run the commands of *procedure*, each for at most *timeout* seconds; *log* gets all.

    Raises ProgramError with what the first command that failed said.
    """
    for place, text in procedure.files.items():
        with open(place, "w", encoding="utf-8") as file:
            file.write(text)
    doing = _Doing(request, scratch, log, timeout)
    for _, wave in groupby(procedure.steps, key=lambda step: step.wave):
        doing.wave(tuple(wave))


def described(step: Step, scratch: Scratch) -> str:
    """The command in words, the scratch directory as `{work}`, for that is never the same."""
    env = "".join(f"{name}={shlex.quote(value)} " for name, value in step.env.items())
    return f"{env}{shlex.join(step.argv)}".replace(scratch.root, "{work}")


@dataclass(frozen=True, slots=True)
class _Doing:
    request: BuildRequest
    scratch: Scratch
    log: TextIO
    timeout: float

    def wave(self, steps: tuple[Step, ...]) -> None:
        """Run *steps* at once, as far as there are processors, and tell of them in their order."""
        if len(steps) == 1:  # in this thread, where an interrupt ends it
            self._told(steps[0], *self._ran(steps[0], 0))
            return
        with ThreadPoolExecutor(self.scratch.jobs) as pool:
            running = [pool.submit(self._ran, step, i) for i, step in enumerate(steps)]
            try:
                for step, one in zip(steps, running, strict=True):
                    self._told(step, *one.result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _ran(self, step: Step, number: int) -> tuple[Usage, str]:
        """How a command ended, and the file with what it said."""
        environ = {"SOURCE_DATE_EPOCH": "0", **self.request.environ, **step.env}
        path = os.path.join(self.scratch.aside, f"{step.wave}-{number}.log")
        try:
            usage = measured(
                step.argv,
                env=environ,
                cwd=step.cwd,
                stdin=None,
                stdout=path,
                stderr=path,
                timeout=self.timeout,
            )
        except HostError as error:
            name = self.request.program.name
            raise ProgramError(f"{name}: {error.message}", hint=error.hint) from error
        return usage, path

    def _told(self, step: Step, usage: Usage, path: str) -> None:
        """Put what a command said into the log. Raises ProgramError when it failed."""
        self.log.write(f"$ {described(step, self.scratch)}\n")
        with open(path, encoding="utf-8", errors="replace") as own:
            shutil.copyfileobj(own, self.log)
        if usage.timed_out:
            self._fail(step, f"did not end within {self.timeout:g} s", path)
        if usage.code != 0:
            self._fail(step, f"exit status {usage.code}", path)

    def _fail(self, step: Step, how: str, path: str) -> NoReturn:
        compiler = self.request.needs.get("compiler")
        by = f" with {compiler}" if compiler else ""
        said = telling_line(path).replace(self.scratch.root, "{work}")
        raise ProgramError(
            f"{self.request.program.name} does not build{by}: {said or how}\n"
            f"  in `{described(step, self.scratch)}` ({how})",
            hint="the log has everything that was said",
        )


def telling_line(path: str) -> str:
    """The first line of a log that speaks of an error, or else its last.

    One that ends with a colon goes on in the next.
    """
    with open(path, encoding="utf-8", errors="replace") as log:
        lines = [line.strip() for line in log if not line.isspace()] or [""]
    telling = (
        i for i, line in enumerate(lines) if _TELLING.search(line) and "warning:" not in line
    )
    first = next(telling, len(lines) - 1)
    more = lines[first + 1 : first + 2] if lines[first].endswith(":") else []
    return " ".join([lines[first], *more])[:_LONGEST]
