"""Real shells with the prompt hook, walked through directories; each start of envmgr is counted."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from envmgr.host.files import stamp
from envmgr.model.delta import Delta
from envmgr.model.entry import Origin, make_entry
from envmgr.store.entries import EntryStore
from envmgr.store.layout import Layout

ROOT = Path(__file__).parents[2]
LONG_AGO_S = 1_500_000_000

COMMANDS = {
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish", "--no-config", "-i"),
}
"""How each shell reads a file as if a person typed it."""
PROMPT = {
    "bash": 'eval "${PROMPT_COMMAND[0]}"\n',
    "zsh": "for _each in $precmd_functions; do $_each; done\n",
    "fish": "emit fish_prompt\n",
}
"""What each shell does before it shows its prompt."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one walk showed: after each step the environment and how often envmgr was started."""

    environs: list[dict[str, str]]
    starts: list[int]
    said: list[str] = field(default_factory=list)

    def label(self, step: int) -> str | None:
        return self.environs[step].get("ENVMGR_ENVIRONMENT")


@dataclass(frozen=True, slots=True)
class Place:
    """A home directory with two recorded tools, and projects that need them."""

    home: Path
    environ: Mapping[str, str]

    @property
    def store(self) -> Path:
        return self.home / "envmgr"

    def record(self, name: str, version: str, **variables: str) -> Path:
        """Record a tool that lies below the store, whose parents no other test changes."""
        program = self.store / "opt" / f"{name}-{version}" / "bin" / name
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {name} {version}\n")
        program.chmod(0o755)
        os.utime(program, (LONG_AGO_S, LONG_AGO_S))
        entry = make_entry(
            f"tool.{name}",
            version,
            tags=("tool", name),
            prefix=str(program.parents[1]),
            path=str(program),
            delta=Delta(variables, {"PATH": (str(program.parent),)}),
            origin=Origin("detected", f"tool.{name}"),
            fingerprint=stamp(str(program)),
        )
        EntryStore(Layout(str(self.store), str(self.store / "cache"))).add([entry])
        return program

    def project(self, directory: str, text: str, *, allowed: bool = True) -> Path:
        """A project file, which nobody has touched for long."""
        path = self.home / directory
        path.mkdir(parents=True, exist_ok=True)
        (path / "envmgr.toml").write_text(text)
        if allowed:
            self.envmgr("allow", str(path))
        self.age()
        return path

    def envmgr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "envmgr", *arguments],
            env={**self.environ, "PYTHONPATH": str(ROOT)},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done

    def age(self) -> None:
        """Let everything have happened long ago: what has just changed is asked for again.

        Programs keep their time, which is in their entries, and directories come last.
        """
        for top, directories, files in os.walk(self.home, topdown=False):
            names = [name for name in files if name.endswith((".toml", ".json"))]
            for name in [*names, *directories, "."]:
                if "cache" not in top:
                    os.utime(os.path.join(top, name), (LONG_AGO_S, LONG_AGO_S))

    @staticmethod
    def quoted(shell: str, path: Path) -> str:
        """*path* as one word of *shell*."""
        text = str(path)
        if shell == "fish":
            text = text.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{text}'"
        return "'" + text.replace("'", "'\\''") + "'"

    def hook(self, shell: str, before: str = "") -> Path:
        """The hook of *shell*, with an interpreter that notes each start, then does *before*."""
        log, wrapper = self.home / "starts", self.home / "python"
        start = f'exec {sys.executable} "$@"'
        wrapper.write_text(f"#!/bin/sh\necho >> '{log}'\n{before}\n{start}\n")
        wrapper.chmod(0o755)
        log.write_bytes(b"")
        text = self.envmgr("hook", shell).stdout
        assert sys.executable in text
        file = self.home / f"hook.{shell}"
        file.write_text(text.replace(sys.executable, str(wrapper)))
        return file

    def walk(
        self, shell: str, steps: Sequence[str], environ: Mapping[str, str] | None = None
    ) -> Seen:
        """Let one shell take *steps*, with a prompt after each."""
        out = self.home / "out"
        out.mkdir(exist_ok=True)
        lines = [f"source '{self.hook(shell)}'\n"]
        for number, step in enumerate(steps):
            lines += [f"{step}\n", PROMPT[shell], _dump(out, number, self.home / "starts")]
        script = self.home / "script"
        script.write_bytes(os.fsencode("".join(lines)))
        done = subprocess.run(
            [*COMMANDS[shell], str(script)],
            env={**self.environ, **(environ or {})},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return _seen(out, len(steps), os.fsdecode(done.stderr))


def _dump(out: Path, number: int, starts: Path) -> str:
    return (
        f"{which('env')} -0 > '{out}/{number}.env'\n"
        f"{which('cp')} '{starts}' '{out}/{number}.starts'\n"
        "echo '=====' >&2\n"
    )


def _seen(out: Path, count: int, stderr: str) -> Seen:
    environs = [_environ(out / f"{number}.env") for number in range(count)]
    totals = [0, *(len((out / f"{n}.starts").read_bytes()) for n in range(count))]
    starts = [after - before for before, after in itertools.pairwise(totals)]
    return Seen(environs, starts, stderr.split("=====\n")[:count])


def _environ(file: Path) -> dict[str, str]:
    items = os.fsdecode(file.read_bytes()).split("\0")[:-1]
    environ = dict(item.split("=", 1) for item in items)
    for name in ("_", "OLDPWD", "PWD", "SHLVL"):
        environ.pop(name, None)
    return environ
