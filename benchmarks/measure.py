"""Processor time of commands, taken in turn so that a busy machine is busy for all of them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15
_KEPT = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Contender:
    """A command that is measured. `prepare` runs before each time, outside of the measurement."""

    name: str
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Figure:
    """What something costs against a peer or a limit, both measured in one run."""

    what: str
    cpu: float
    """Seconds of processor time, the median."""
    peer: str
    peer_cpu: float
    most_ratio: float | None = None
    """The target: at most this many times the peer."""
    most_cpu: float | None = None
    """The target in seconds, where a person waits for it."""

    @property
    def ratio(self) -> float:
        """How many times the peer's cost."""
        return self.cpu / self.peer_cpu

    @property
    def target(self) -> str:
        """The target in words; empty when there is none."""
        if self.most_ratio is not None:
            return f"at most {self.most_ratio:g}x"
        return f"at most {self.most_cpu:g} s" if self.most_cpu is not None else ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None when there is none."""
        if self.most_ratio is not None:
            return self.ratio <= self.most_ratio
        return self.cpu <= self.most_cpu if self.most_cpu is not None else None


def medians(contenders: Sequence[Contender], rounds: int = ROUNDS) -> dict[str, float]:
    """The median processor time of each, by name; the contenders take turns. One round is lost."""
    taken: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            contender.prepare()
            cpu = cpu_seconds(contender)
            if number:
                taken[contender.name].append(cpu)
    return {name: statistics.median(times) for name, times in taken.items()}


def cpu_seconds(contender: Contender) -> float:
    """User and system time of one run, with that of every process it waited for."""
    quiet = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    argv = contender.argv
    child = os.posix_spawn(argv[0], argv, dict(contender.environ), file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    if status:
        code = os.waitstatus_to_exitcode(status)
        raise RuntimeError(f"{' '.join(argv)} ended with status {code}")
    return used.ru_utime + used.ru_stime


def clean_environ(home: Path) -> dict[str, str]:
    """A new user's environment: nothing of this machine but PATH, and byte code is kept."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "HOME": str(home), "ENVMGR_HOME": str(home / "store")}


def envmgr(name: str, *arguments: str, environ: Mapping[str, str]) -> Contender:
    """`envmgr` as it is installed beside this interpreter."""
    return Contender(name, (str(Path(sys.executable).parent / "envmgr"), *arguments), environ)


def bare_python(environ: Mapping[str, str]) -> Contender:
    """This interpreter doing nothing: what every program in Python costs at least."""
    return Contender("python -c pass", (sys.executable, "-c", "pass"), environ)


def compile_all() -> None:
    """Byte code of envmgr, without which a start would measure the compiler."""
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(ROOT / "envmgr")],
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        check=True,
    )


def print_json(figures: Sequence[Figure], absent: Mapping[str, str]) -> None:
    """One object: every figure, and why some peers are *absent*, by name."""
    forms = [{**asdict(f), "ratio": f.ratio, "is_met": f.is_met} for f in figures]
    form = {"python": platform.python_version(), "figures": forms, "absent": dict(absent)}
    json.dump(form, sys.stdout, indent=1)
    print()


def print_table(figures: Sequence[Figure], absent: Mapping[str, str]) -> None:
    """A line a figure, in milliseconds, and why some peers are *absent*, by name."""
    print(f"Python {platform.python_version()}; processor time in milliseconds\n")
    print(f"{'WHAT':<32}{'MS':>10}  {'AGAINST':<20}{'MS':>10}{'RATIO':>9}  {'TARGET':<16}VERDICT")
    for f in figures:
        verdict = {True: "met", False: "MISSED", None: ""}[f.is_met]
        print(
            f"{f.what:<32}{f.cpu * 1000:>10.3f}  {f.peer:<20}{f.peer_cpu * 1000:>10.3f}"
            f"{f.ratio:>8.3f}x  {f.target:<16}{verdict}"
        )
    for name, why in absent.items():
        print(f"\nnot measured against {name}: {why}")
