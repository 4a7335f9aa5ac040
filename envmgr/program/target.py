"""Targets: where a built program runs. Here, in an emulator, over ssh, or on a device."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envmgr.errors import HostError
from envmgr.host.measured import Usage, measured
from envmgr.program.request import CrossTarget
from envmgr.program.target_definition import ADB, EMULATOR, SSH, TargetDefinition, define
from envmgr.program.target_remote import Remote

Start = Callable[..., Usage]
"""What runs a program somewhere; called as `measured` is."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place where programs run."""

    definition: TargetDefinition
    start: Start
    """What runs a program there; called as `measured` is, and raises HostError as it does."""

    @property
    def name(self) -> str:
        """What a person called it; `local` is this machine."""
        return self.definition.name

    @property
    def is_here(self) -> bool:
        """Whether what runs there uses the cores and the files of this machine."""
        return self.definition.way not in (SSH, ADB)

    @property
    def compiler(self) -> str:
        """The query for compilers that build for it; empty means those that build for here."""
        return self.definition.compiler

    @property
    def cross(self) -> CrossTarget | None:
        """What programs are built for, where that is another kind of machine."""
        definition = self.definition
        return CrossTarget(definition.triplet, definition.flags) if definition.triplet else None


def open_target(text: str, store_root: str, environ: Mapping[str, str] = os.environ) -> Target:
    """The target that a person calls *text*: see `envmgr.program.target_definition.define`.

    Nothing is asked of another machine yet. Raises UsageError for one that there is not,
    TargetError for mistakes in the file of targets, HostError for an emulator that is not here.
    """
    definition = define(text, store_root)
    if definition.way == SSH:
        from envmgr.program.target_ssh import Ssh

        remote = Remote(definition.name, Ssh(definition, environ), definition.env)
        return Target(definition, remote.start)
    if definition.way == ADB:
        from envmgr.program.target_adb import Adb

        remote = Remote(definition.name, Adb(definition, environ), definition.env)
        return Target(definition, remote.start)
    if definition.way == EMULATOR:
        return Target(definition, _Emulator(_command(definition, environ), definition.env).start)
    return Target(definition, measured)


@dataclass(frozen=True, slots=True)
class _Emulator:
    """Starts programs of another machine here. What is measured is the emulator with them."""

    command: tuple[str, ...]
    env: Mapping[str, str]

    def start(self, argv: Sequence[str], *, env: Mapping[str, str], **how: Any) -> Usage:
        return measured([*self.command, *argv], env={**env, **self.env}, **how)


def _command(definition: TargetDefinition, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The words of the emulator, the first of which is where it is."""
    program, *rest = shlex.split(definition.command)
    found = shutil.which(program, path=environ.get("PATH", ""))
    if found is None:
        raise HostError(
            f"the emulator of target {definition.name}, {program}, is not on PATH",
            hint="qemu-aarch64 and its like are in the package qemu-user",
        )
    return (os.path.abspath(found), *rest)
