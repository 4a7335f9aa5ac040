"""What activation costs: at each prompt, at the border of a project, and for one command.

    python benchmarks/activate.py [--json] [--no-peers] [--install-peers DIR] [--spack DIR]

Run it with the interpreter of the environment that envmgr is installed in. Everything is
processor time, user and system, of a shell and all that it waited for. A prompt is measured as
the difference between a loop of prompts and a loop of calls of an empty function, in a real shell
whose environment is open already. The contenders take turns, one round is thrown away and
medians count: only ratios of one run mean anything. The exit status is 1 when a target is missed.

`--install-peers` fetches mise, direnv, lmod and Conan into a directory, or takes them from there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from benchmarks.activate_peers import MAKERS, Rival, fetch, spack
from benchmarks.measure import (
    Contender,
    Figure,
    bare_python,
    clean_environ,
    compile_all,
    envmgr,
    medians,
    print_json,
    print_table,
)
from benchmarks.peers import AbsentError

ROUNDS = 7
OWN_LOOPS = 1000
PEER_LOOPS = 20
MOST_PROMPT_S = 0.002
"""Above an empty function: what nobody can feel."""
_SETTLED_S = 2.5
"""Longer than files must rest before a snippet is believed."""
_PROJECT = 'name = "bench"\nneeds = ["compiler.gcc", "tool.make"]\n[variables]\nALPHA = "x"\n'


@dataclass(frozen=True, slots=True)
class Shell:
    """How a shell that is measured is started, and how it repeats something."""

    start: tuple[str, ...]
    loop: str
    """Repeats {body} {count} times."""
    empty: str
    prompt: str


_BASH_LOOP = "for ((each = 0; each < {count}; each++)); do {body}; done"
SHELLS = {
    "bash": Shell(("bash", "--norc"), _BASH_LOOP, "empty() { :; }", "_envmgr_prompt"),
    "zsh": Shell(("zsh", "-f"), _BASH_LOOP, "empty() { :; }", "_envmgr_prompt"),
    "fish": Shell(
        ("fish", "--no-config", "-i"),
        "for each in (string repeat -n {count} x | string split ''); {body}; end",
        "function empty; end",
        "_envmgr_prompt",
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--no-peers", action="store_true", help="measure envmgr alone")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help="fetch the peers")
    parser.add_argument("--spack", type=Path, metavar="DIR", help="a checkout of Spack")
    chosen = parser.parse_args(arguments)
    compile_all()
    with tempfile.TemporaryDirectory(prefix="envmgr-benchmark-") as scratch:
        place = Path(scratch).resolve()
        rivals: list[Rival] = []
        absent = {"the peers": "--no-peers"}
        if not chosen.no_peers:
            rivals, absent = _rivals(place, chosen.install_peers, chosen.spack)
        figures = measured(place, rivals)
    (print_json if chosen.json else print_table)(figures, absent)
    return 1 if any(figure.is_met is False for figure in figures) else 0


def measured(place: Path, rivals: Sequence[Rival]) -> list[Figure]:
    """All figures, taken in *place*."""
    environ = clean_environ(place)
    project = place / "project"
    project.mkdir()
    (project / "envmgr.toml").write_text(_PROJECT, "utf-8")
    own = {name: shell for name, shell in SHELLS.items() if which(shell.start[0])}
    _settle(place, environ, own)
    return [
        *_prompts(place, environ, own, rivals),
        *_borders(place, environ, own, rivals),
        *_commands(environ, rivals),
    ]


def _settle(place: Path, environ: Mapping[str, str], shells: Mapping[str, Shell]) -> None:
    """Let everything be known, so that what is measured afterwards is nothing but the hook."""
    project = str(place / "project")
    for arguments in (("allow", project), ("detect", "compiler.gcc", "tool.make")):
        _quietly(envmgr("", *arguments, environ=environ))
    for name in shells:
        hook = subprocess.run(
            envmgr("", "hook", name, environ=environ).argv,
            env=dict(environ),
            capture_output=True,
            check=True,
        )
        (place / f"hook.{name}").write_bytes(hook.stdout)
    time.sleep(_SETTLED_S)
    for name, shell in shells.items():
        _quietly(_looping(place, environ, name, shell, shell.prompt, 1))


def _prompts(
    place: Path, environ: Mapping[str, str], shells: Mapping[str, Shell], rivals: Sequence[Rival]
) -> list[Figure]:
    asked = [rival for rival in rivals if rival.prompt]
    contenders = [
        _looping(place, environ, name, shell, body, OWN_LOOPS)
        for name, shell in shells.items()
        for body in (shell.prompt, "empty")
    ] + [
        _peer_loop(rival, f"{rival.name} {body}", body, PEER_LOOPS)
        for rival in asked
        for body in (rival.prompt, "empty")
    ]
    cpu = medians(contenders, ROUNDS)
    figures, cost = [], {}
    for name, shell in shells.items():
        empty = cpu[f"{name} empty"] / OWN_LOOPS
        cost[name] = cpu[f"{name} {shell.prompt}"] / OWN_LOOPS - empty
        figures.append(
            Figure(f"prompt in {name}", cost[name], "empty loop", empty, most_cpu=MOST_PROMPT_S)
        )
    for rival in asked:
        peer = (cpu[f"{rival.name} {rival.prompt}"] - cpu[f"{rival.name} empty"]) / PEER_LOOPS
        figures.append(Figure("prompt in bash", cost["bash"], rival.name, peer, most_ratio=1))
    return figures


def _borders(
    place: Path, environ: Mapping[str, str], shells: Mapping[str, Shell], rivals: Sequence[Rival]
) -> list[Figure]:
    """Entering a directory and leaving it, with a prompt after each."""
    contenders, count = [], OWN_LOOPS // 10
    for name, shell in shells.items():
        there, back = f"cd '{place}/project'", f"cd '{place}'"
        for step in (shell.prompt, "empty"):
            body = f"{there}; {step}; {back}; {step}"
            contenders.append(_looping(place, environ, name, shell, body, count, step))
    movers = [rival for rival in rivals if rival.enter]
    for rival in movers:
        for step in (rival.prompt, "empty"):
            leave = "empty" if step == "empty" and rival.enter == ":" else rival.leave
            after = ":" if rival.enter == ":" else step
            body = f"{rival.enter}; {step}; {leave}; {after}"
            contenders.append(_peer_loop(rival, f"{rival.name} {step}", body, PEER_LOOPS))
    cpu = medians(contenders, ROUNDS)
    cost = {
        name: (cpu[f"{name} {shell.prompt}"] - cpu[f"{name} empty"]) / count
        for name, shell in shells.items()
    }
    figures = [
        Figure(f"enter and leave in {name}", cost[name], "cd alone", cpu[f"{name} empty"] / count)
        for name in shells
    ]
    for rival in movers:
        peer = (cpu[f"{rival.name} {rival.prompt}"] - cpu[f"{rival.name} empty"]) / PEER_LOOPS
        figures.append(Figure("enter and leave in bash", cost["bash"], rival.name, peer, 1))
    return figures


def _commands(environ: Mapping[str, str], rivals: Sequence[Rival]) -> list[Figure]:
    """One command inside an environment, from nothing."""
    inside = envmgr("exec", "exec", "compiler.gcc", "tool.make", "--", "true", environ=environ)
    python = bare_python(environ)
    runners = [rival for rival in rivals if rival.command]
    peers = [Contender(rival.name, rival.command, rival.environ) for rival in runners]
    for _ in range(2):
        _quietly(inside)
    cpu = medians([inside, python, *peers], ROUNDS)
    figures = [Figure("exec -- true", cpu["exec"], python.name, cpu[python.name])]
    for rival in runners:
        most = None if rival.native else 1
        figures.append(Figure("exec -- true", cpu["exec"], rival.name, cpu[rival.name], most))
    return figures


# -- contenders ------------------------------------------------------------------------------


def _looping(
    place: Path,
    environ: Mapping[str, str],
    name: str,
    shell: Shell,
    body: str,
    count: int,
    called: str = "",
) -> Contender:
    """A shell inside the project that does *body* many times; with the hook unless it is empty."""
    loop = shell.loop.format(body=body, count=count)
    is_hooked = (called or body) != "empty"
    hook = f"source '{place}/hook.{name}'\n{shell.prompt}\n" if is_hooked else ""
    text = f"cd '{place}/project'\n{shell.empty}\n{hook}"
    file = place / f"{name}-{abs(hash((body, count)))}"
    file.write_text(f"{text}{loop}\n", "utf-8")
    program = which(shell.start[0])
    if program is None:
        raise AbsentError(f"there is no {name}")
    argv = (program, *shell.start[1:], str(file))
    return Contender(f"{name} {called or body}", argv, {**environ, "ENVMGR_QUIET": "1"})


def _peer_loop(rival: Rival, name: str, body: str, count: int) -> Contender:
    loop = _BASH_LOOP.format(body=body, count=count)
    first = f"{rival.enter}\n{rival.prompt}" if rival.enter else ""
    text = f"empty() {{ :; }}\n{rival.setup}\n{first}\n{loop}\ntrue\n"
    return Contender(name, (which("bash") or "bash", "--norc", "-c", text), rival.environ)


def _quietly(contender: Contender) -> None:
    subprocess.run(contender.argv, env=dict(contender.environ), capture_output=True, check=True)


def _rivals(
    place: Path, fetched: Path | None, checkout: Path | None
) -> tuple[list[Rival], dict[str, str]]:
    """The peers that can be had, and why the others cannot."""
    rivals: list[Rival] = []
    absent: dict[str, str] = {}
    if fetched:
        fetched = fetched.resolve()
        if not (fetched / "conan/bin/conan").exists():
            fetch(fetched)
    given = {name: (make, fetched) for name, make in MAKERS.items()}
    given["Spack"] = (spack, checkout and checkout.resolve())
    for name, (make, source) in given.items():
        try:
            rivals.append(make(place / f"peer-{name}", source))
        except AbsentError as error:
            absent[name] = str(error)
    return rivals, absent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
