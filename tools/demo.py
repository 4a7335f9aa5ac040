"""The demo: find what this machine has, get what is missing, build and measure with both, write it
down.

    python tools/demo.py [DIRECTORY]

Every command is printed and really run. Everything is kept in DIRECTORY, by default `.demo`
beside this project: the user's own store is not touched, and a second run fetches nothing.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TAGS = ("--tags=compiler,lang-c", "--tags=tool,ninja")
GREETING = "hello from a program that envmgr found a compiler for"

_PROGRAM = {
    "main.c": "void greet(void);\nint main(void) { greet(); return 0; }\n",
    "greet.c": f'#include <stdio.h>\nvoid greet(void) {{ puts("{GREETING}"); }}\n',
    "build.ninja": """\
rule compile
  command = $$CC -O2 -c $in -o $out
rule link
  command = $$CC $in -o $out
build main.o: compile main.c
build greet.o: compile greet.c
build hello: link main.o greet.o
""",
}
"""A small program; `$$CC` is what the environment says, not what this demo says."""


class DemoError(Exception):
    """A step did not do what it is here to show."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of envmgr, what it shows, and how much of what it says is printed."""

    title: str
    arguments: tuple[str, ...]
    expect: str = ""
    """A pattern that standard output must contain."""
    lines: int = 12

    @property
    def command(self) -> str:
        """The command as a person would type it."""
        return shlex.join(("envmgr", *self.arguments))


def steps(place: str) -> tuple[Step, ...]:
    """What the demo does; *place* is its directory, as the commands name it."""
    project, image = os.path.join(place, "hello"), os.path.join(place, "Dockerfile")
    return (
        Step("what is on this machine?", ("detect", "--all"), r"compiler\."),
        Step("get what is missing", ("install", "tool.ninja"), r"tool\.ninja.*installed"),
        Step(
            "an environment by tags: a C compiler that was here, a build tool that was not",
            ("resolve", *TAGS),
            r"(?s)tool\.ninja.*compiler\.|compiler\..*tool\.ninja",
        ),
        Step("build in it", ("exec", *TAGS, "--", "ninja", "-C", project)),
        Step("run what was built", ("exec", *TAGS, "--", f"{project}/hello"), re.escape(GREETING)),
        Step(
            "a program that ships: built, run, judged, measured, recorded",
            ("program", "run", "matmul-c", "--flags=-O2"),
            r"matmul-c:default\s+1\s.*\bright\b",
            lines=6,
        ),
        Step(
            "take the environment elsewhere",
            ("export", "dockerfile", *TAGS, "-o", image),
        ),
    )


def demo(place: Path) -> None:
    """Do every step with everything kept in *place*. Raises DemoError for one that fails."""
    write_program(place / "hello")
    environ = own_environ(place / "store", os.environ)
    for number, step in enumerate(steps(_short(place)), 1):
        print(f"\n{_bold(f'{number}. {step.title}')}\n$ {step.command}", flush=True)
        perform(step, environ)
    show_image(place / "Dockerfile")


def show_image(path: Path) -> None:
    """Show the last stage of the Dockerfile at *path*. Raises DemoError when there is none."""
    text = path.read_text(encoding="utf-8")
    stages = re.split(r"^(?=FROM \S+)", text, flags=re.MULTILINE)
    if len(stages) < 2:
        raise DemoError(f"{path} is not a Dockerfile")
    print(_head(stages[-1], 24), end="")


def write_program(project: Path) -> None:
    """The sources as if they were new, so that every run really builds."""
    project.mkdir(parents=True, exist_ok=True)
    (project / "hello").unlink(missing_ok=True)
    for name, text in _PROGRAM.items():
        (project / name).write_text(text, encoding="utf-8")


def own_environ(store: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """*environ* with a store of the demo's own, outside every active environment."""
    plain = {name: value for name, value in environ.items() if not name.startswith("ENVMGR_")}
    return {**plain, "ENVMGR_HOME": str(store)}


def perform(step: Step, environ: Mapping[str, str]) -> None:
    """Run one command and show what it says. Raises DemoError when it is not what it should be."""
    argv = [sys.executable, "-m", "envmgr", *step.arguments]
    done = subprocess.run(argv, env=environ, stdout=subprocess.PIPE, text=True, check=False)
    print(_head(done.stdout, step.lines), end="", flush=True)
    if done.returncode != 0:
        raise DemoError(f"`{step.command}` failed with exit status {done.returncode}")
    if not re.search(step.expect, done.stdout):
        raise DemoError(f"`{step.command}` did not print {step.expect!r}")


def _short(place: Path) -> str:
    """*place* as a person here would write it."""
    here = Path.cwd()
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(place)


def _head(text: str, most: int) -> str:
    lines = text.splitlines(keepends=True)
    if len(lines) <= most:
        return text
    return "".join(lines[:most]) + f"… and {len(lines) - most} more lines\n"


def _bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def main(arguments: Sequence[str]) -> int:
    """Run the demo and say how it ended: 0 when every step did what it is here to show."""
    place = Path(arguments[0] if arguments else ROOT / ".demo").resolve()
    began = time.monotonic()
    try:
        demo(place)
    except (DemoError, OSError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    print(f"\n{_bold('The demo is done')} in {time.monotonic() - began:.0f} s; see {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
