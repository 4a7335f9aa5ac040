"""Android devices: archives are pushed and pulled, and a shell of the device runs the script."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from shlex import quote

from envmgr.errors import HostError
from envmgr.host.process import Finished, clean_environ
from envmgr.host.process import run as run_process
from envmgr.program.target_definition import TargetDefinition
from envmgr.program.target_script import begin, end

_TRANSFER = 600.0
"""Seconds that sending or bringing back may take."""
_STOP = 60.0
_SERVER = ("ANDROID_ADB_SERVER_PORT", "ANDROID_ADB_SERVER_ADDRESS", "ADB_SERVER_SOCKET")


@dataclass(frozen=True, slots=True)
class Adb:
    """The way to a device by adb."""

    target: TargetDefinition
    environ: Mapping[str, str]
    """The user's own, of which adb sees where its server is."""

    def carry(self, archive: str, result: str, token: str, seconds: float) -> None:
        """Push *archive*, run it, and pull what came of it to *result*. Raises HostError."""
        place = self.target.directory
        sent, came = f"run.{token}.sent", f"run.{token}.result"
        try:
            self._done("shell", f"mkdir -p {quote(place)}")
            self._done("push", archive, f"{place}/{sent}")
            command = begin(place, token, archive=sent, output=came)
            self._done("shell", command, timeout=seconds + _TRANSFER)
            self._done("pull", f"{place}/{came}", result)
        finally:
            with suppress(HostError):  # what went wrong first says more
                self._adb("shell", f"cd {quote(place)} && rm -f {sent} {came}", timeout=_STOP)

    def stop(self, token: str) -> None:
        """End a run on the device. Raises HostError."""
        self._adb("shell", end(self.target.directory, token), timeout=_STOP)

    def _done(self, *words: str, timeout: float = _TRANSFER) -> None:
        done = self._adb(*words, timeout=timeout)
        if done.timed_out:
            raise HostError(f"adb {words[0]} did not end within {timeout:g} s")
        if done.code:
            said = done.output.strip().splitlines() or [f"status {done.code}"]
            raise HostError(
                f"adb {words[0]}: {said[-1].strip()}",
                hint=f"`adb -s {self.target.serial} get-state` must say device",
            )

    def _adb(self, *words: str, timeout: float = _TRANSFER) -> Finished:
        server = {name: self.environ[name] for name in _SERVER if name in self.environ}
        return run_process(
            ["adb", "-s", self.target.serial, *words],
            env=clean_environ(self.environ, **server),
            timeout=timeout,
        )
