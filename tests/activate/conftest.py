"""The shells that come with envmgr, and a way to let a real one read what was rendered."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shutil import which

import pytest

from envmgr.catalog.load import load
from envmgr.model.shell import Shell

SHELLS = Path(__file__).parents[2] / "shells"

COMMANDS = {
    "bash": ["bash", "--norc"],
    "csh": ["tcsh", "-f"],
    "fish": ["fish", "--no-config"],
    "nu": ["nu", "--no-config-file"],
    "sh": ["dash"],
    "zsh": ["zsh", "-f"],
}
"""How each shell reads a file without the start-up files of this machine."""

READ = {
    ("bash", "eval"): 'eval "$({cat} {step})"',
    ("bash", "source"): ". ./{step}",
    ("csh", "eval"): 'eval "`{cat} {step}`"',
    ("csh", "source"): "source {step}",
    ("fish", "eval"): "{cat} {step} | source",
    ("fish", "source"): "source {step}",
    ("nu", "source"): "source {step}",
    ("sh", "eval"): 'eval "$({cat} {step})"',
    ("sh", "source"): ". ./{step}",
    ("zsh", "eval"): 'eval "$({cat} {step})"',
    ("zsh", "source"): ". ./{step}",
}
"""How a person lets each shell read rendered text."""

DUMP = {"nu": "^{env} -0 out> {file}\n"}
"""How a shell writes what its child processes see, where it is not as POSIX has it."""

Environs = list[dict[str, str]]
Speak = Callable[[str, str, Mapping[str, str], Sequence[str]], Environs]


def parsed(path: Path) -> Shell:
    loaded = load(str(path))
    assert loaded.problems == ()
    assert isinstance(loaded.value, Shell)
    return loaded.value


@pytest.fixture(scope="session")
def shells() -> dict[str, Shell]:
    return {path.stem: parsed(path) for path in sorted(SHELLS.glob("*.toml"))}


@pytest.fixture(scope="session")
def speak(tmp_path_factory: pytest.TempPathFactory) -> Speak:
    """Lets one process of a real shell read *steps* in turn, by `eval` or `source`.

    Returns its environment before the first step and after each.
    """

    def run(name: str, how: str, environ: Mapping[str, str], steps: Sequence[str]) -> Environs:
        place = tmp_path_factory.mktemp("shell")
        dump, cat = DUMP.get(name, "{env} -0 > {file}\n"), which("cat")
        lines = [dump.format(env=which("env"), file="0.env")]
        for number, text in enumerate(steps, 1):
            (place / f"{number}.step").write_bytes(os.fsencode(text))
            lines.append(READ[name, how].format(cat=cat, step=f"{number}.step") + "\n")
            lines.append(dump.format(env=which("env"), file=f"{number}.env"))
        (place / "main").write_text("".join(lines))
        program = which(COMMANDS[name][0])
        assert program is not None
        done = subprocess.run(
            [program, *COMMANDS[name][1:], "main"],
            env={**environ, "HOME": str(place)},
            cwd=place,
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return [environ_in(place / f"{number}.env") for number in range(len(steps) + 1)]

    return run


def environ_in(path: Path) -> dict[str, str]:
    """What `env -0` wrote, without the variable in which a shell notes its last command."""
    items = os.fsdecode(path.read_bytes()).split("\0")[:-1]
    environ = dict(item.split("=", 1) for item in items)
    environ.pop("_", None)
    return environ
