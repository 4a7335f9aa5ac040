"""What envmgr costs: ratios taken in one run, each against a peer or the physical limit.

    python benchmarks/run.py [--json] [--ck-env DIR] [--mlperf-automations DIR] [--no-peers]

Run it with the interpreter of the environment that envmgr is installed in (`make benchmark`).
Everything is processor time, user and system, of a process and all that it waited for; the
contenders take turns and medians count. The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import detect, env, resolve, startup
from benchmarks.measure import Figure, compile_all
from benchmarks.peers import AbsentError, Peer, ck, mlcflow

_MakePeer = Callable[[Path, "Path | None"], Peer]


def main(arguments: Sequence[str]) -> int:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--ck-env", type=Path, help="a checkout of CK's repository ck-env")
    parser.add_argument("--mlperf-automations", type=Path, help="a checkout of mlcflow's scripts")
    parser.add_argument("--no-peers", action="store_true", help="leave CK and mlcflow out")
    chosen = parser.parse_args(arguments)
    makers: dict[str, tuple[_MakePeer, Path | None]] = {
        "CK": (ck, chosen.ck_env),
        "mlcflow": (mlcflow, chosen.mlperf_automations),
    }
    compile_all()
    with tempfile.TemporaryDirectory(prefix="envmgr-benchmark-") as scratch:
        place = Path(scratch).resolve()
        peers, absent = _peers({} if chosen.no_peers else makers, place)
        figures = [
            *startup.figures(place / "startup"),
            *detect.figures(place / "detect", peers.get("CK"), peers.get("mlcflow")),
            *env.figures(place / "env", peers.get("CK")),
            *resolve.figures(place / "resolve"),
        ]
    (_print_json if chosen.json else _print_table)(figures, absent)
    return 1 if any(figure.is_met is False for figure in figures) else 0


def _peers(
    makers: dict[str, tuple[_MakePeer, Path | None]], place: Path
) -> tuple[dict[str, Peer], dict[str, str]]:
    """The peers that can be had, and why the others cannot."""
    peers: dict[str, Peer] = {}
    absent: dict[str, str] = {}
    for name, (make, repository) in makers.items():
        try:
            peers[name] = make(place / name, repository and repository.resolve())
        except AbsentError as error:
            absent[name] = str(error)
    return peers, absent


def _print_json(figures: Sequence[Figure], absent: dict[str, str]) -> None:
    forms = [{**asdict(f), "ratio": f.ratio, "is_met": f.is_met} for f in figures]
    json.dump(
        {"python": platform.python_version(), "figures": forms, "absent": absent},
        sys.stdout,
        indent=1,
    )
    print()


def _print_table(figures: Sequence[Figure], absent: dict[str, str]) -> None:
    print(f"Python {platform.python_version()}; processor time in milliseconds\n")
    print(f"{'WHAT':<32}{'MS':>8}  {'AGAINST':<16}{'MS':>8}{'RATIO':>9}  {'TARGET':<14}VERDICT")
    for f in figures:
        verdict = {True: "met", False: "MISSED", None: ""}[f.is_met]
        print(
            f"{f.what:<32}{f.cpu * 1000:>8.1f}  {f.peer:<16}{f.peer_cpu * 1000:>8.1f}"
            f"{f.ratio:>8.2f}x  {f.target:<14}{verdict}"
        )
    for name, why in absent.items():
        print(f"\nnot measured against {name}: {why}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
