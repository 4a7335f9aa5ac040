"""Machines that ssh leads to: one connection a run, through which an archive goes each way."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from envmgr.errors import HostError
from envmgr.host.measured import measured
from envmgr.host.process import clean_environ
from envmgr.host.process import run as run_process
from envmgr.program.target_definition import TargetDefinition
from envmgr.program.target_script import begin, end

_OPTIONS = (
    *("-T", "-x", "-a", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"),
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"),
    *("-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no", "-o", "RemoteCommand=none"),
    *("-o", "ControlMaster=no", "-o", "LogLevel=ERROR"),
)
"""Never a question, never a terminal, nothing that leads back here. A connection that is shared
already may be used, but none is left open."""
_TRANSFER = 600.0
"""Seconds that sending and bringing back may take."""
_STOP = 60.0
_FAILED = 255
"""The status of ssh itself, where it is none of what it ran."""


@dataclass(frozen=True, slots=True)
class Ssh:
    """The way to a machine by the user's own ssh."""

    target: TargetDefinition
    environ: Mapping[str, str]
    """The user's own, of which ssh sees where its agent is."""

    def carry(self, archive: str, result: str, token: str, seconds: float) -> None:
        """Send *archive*, run it, and write what comes back to *result*. Raises HostError."""
        said = f"{result}.said"
        usage = measured(
            self._command(begin(self.target.directory, token)),
            env=self._environ(),
            cwd=os.path.dirname(result),
            stdin=archive,
            stdout=result,
            stderr=said,
            timeout=seconds + _TRANSFER,
        )
        if usage.timed_out:
            raise HostError(f"no result {_TRANSFER:g} s after the run had to end")
        if usage.code == _FAILED:
            raise HostError(f"cannot be reached: {_last_line(said)}", hint=self._hint())
        if usage.code:
            raise HostError(f"cannot run programs: {_last_line(said)}")

    def stop(self, token: str) -> None:
        """End a run there over a connection of its own. Raises HostError."""
        command = self._command(end(self.target.directory, token))
        run_process(command, env=self._environ(), timeout=_STOP)

    def _command(self, remote: str) -> list[str]:
        return ["ssh", *_OPTIONS, *self._place(), remote]

    def _place(self) -> list[str]:
        """The words that say which machine; an address of IPv6 is without brackets here."""
        config = ["-F", os.path.expanduser(self.target.config)] if self.target.config else []
        port = ["-p", str(self.target.port)] if self.target.port else []
        return [*config, *port, "--", self.target.host.replace("[", "").replace("]", "")]

    def _environ(self) -> dict[str, str]:
        agent = {"SSH_AUTH_SOCK", "USERPROFILE"} & self.environ.keys()
        return clean_environ(self.environ, **{name: self.environ[name] for name in agent})

    def _hint(self) -> str:
        return f"`{shlex.join(['ssh', *self._place(), 'true'])}` must work without a question"


def _last_line(file: str) -> str:
    with open(file, "rb") as stream:
        lines = stream.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "ssh says nothing"
