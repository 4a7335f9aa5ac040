"""Running on another machine: everything is sent, run there by a script, and brought back."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from envmgr.errors import HostError
from envmgr.host.measured import Usage
from envmgr.program.target_bundle import bundled, read_archive, write_archive
from envmgr.program.target_script import script

_MARK = "ENVMGR_RUN"
"""The variable by which processes of a run are known."""


class Way(Protocol):
    """How another machine is reached. Its methods raise HostError."""

    def carry(self, archive: str, result: str, token: str, seconds: float) -> None:
        """Have the run in the file *archive* done, and write what came of it to *result*.

        *seconds* are what the run itself may take.
        """

    def stop(self, token: str) -> None:
        """End a run with all its processes, and remove it."""


@dataclass(frozen=True, slots=True)
class Remote:
    """Starts programs on another machine, as `measured` does here."""

    name: str
    way: Way
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables that every run there sees."""

    def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        stdin: str | None,
        stdout: str,
        stderr: str,
        timeout: float,
        cpus: Collection[int] | None = None,  # noqa: ARG002 - they are those of this machine
    ) -> Usage:
        """Run *argv* there in a copy of *cwd*, and put what it wrote where it would be.

        Processor time is the program's and of those of its children that it waited for. Past
        *timeout* seconds, or when this is interrupted, it is ended there with all that it started.
        Raises HostError when the machine cannot be reached or does not do it.
        """
        token = secrets.token_hex(8)
        bundle = bundled(argv, {**env, **self.env}, os.path.abspath(cwd))
        text = script(
            bundle.words,
            bundle.env,
            mark=f"{_MARK}={token}",
            timeout=timeout,
            has_stdin=stdin is not None,
        )
        with tempfile.TemporaryDirectory(prefix="envmgr-") as aside:
            archive, result = (os.path.join(aside, name) for name in ("sent.tar", "result.tar"))
            write_archive(archive, bundle, text, cwd, stdin)
            try:
                self._carried(archive, result, token, timeout)
                return read_archive(result, cwd, stdout, stderr)
            except HostError as error:
                raise HostError(f"{self.name}: {error.message}", hint=error.hint) from error

    def _carried(self, archive: str, result: str, token: str, seconds: float) -> None:
        try:
            self.way.carry(archive, result, token, seconds)
        except BaseException:
            with suppress(HostError):  # what went wrong first says more
                self.way.stop(token)
            raise
