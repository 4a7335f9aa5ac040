"""What looking costs: one thing and everything, in a new store and in one that knows."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.measure import Contender, Figure, bare_python, clean_environ, envmgr, medians
from benchmarks.peers import Peer

_ALL_ROUNDS = 5
"""Fewer rounds for what takes seconds."""


def figures(place: Path, ck: Peer | None, mlcflow: Peer | None) -> list[Figure]:
    """Measure in *place*, an empty directory."""
    return [*_one(place, ck, mlcflow), *_everything(place)]


def _one(place: Path, ck: Peer | None, mlcflow: Peer | None) -> list[Figure]:
    cold, warm = _cold_and_warm(place / "one", "compiler.gcc")
    limit = Contender("gcc -v", (shutil.which("gcc") or "gcc", "-v"), warm.environ)
    contenders = [cold, warm, limit]
    if ck:
        contenders.append(ck.contender("ck detect", "ck", "detect", "soft:compiler.gcc", "--quiet"))
    if mlcflow:
        contenders.append(mlcflow.contender("mlcr get,gcc", "mlcr", "get,gcc", "--quiet"))
    cpu = medians(contenders)
    found = [
        Figure("detect compiler.gcc, new store", cpu[cold.name], limit.name, cpu[limit.name]),
        Figure("detect compiler.gcc, again", cpu[warm.name], limit.name, cpu[limit.name]),
    ]
    for peer, most in (("ck detect", 0.1), ("mlcr get,gcc", 0.1)):
        if peer in cpu:
            again = Figure("detect compiler.gcc, again", cpu[warm.name], peer, cpu[peer])
            found.append(replace(again, most_ratio=most))
    return found


def _everything(place: Path) -> list[Figure]:
    cold, warm = _cold_and_warm(place / "all", "--all")
    python = bare_python(warm.environ)
    cpu = medians([python, cold, warm], _ALL_ROUNDS)
    bare = cpu[python.name]
    return [
        Figure("detect --all, new store", cpu[cold.name], python.name, bare),
        Figure("detect --all, again", cpu[warm.name], python.name, bare, most_cpu=0.5),
    ]


def _cold_and_warm(place: Path, what: str) -> tuple[Contender, Contender]:
    """`envmgr detect` of *what*, in a store that is new each time and in one that is not."""
    new, known = clean_environ(place / "new"), clean_environ(place / "known")
    forget = partial(shutil.rmtree, place / "new", ignore_errors=True)
    cold = envmgr(f"{what} cold", "detect", what, environ=new)
    return replace(cold, prepare=forget), envmgr(f"{what} warm", "detect", what, environ=known)
