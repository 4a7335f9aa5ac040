"""What envmgr costs: ratios taken in one run, each against a peer or the physical limit.

    python benchmarks/run.py [--json] [--ck-env DIR] [--mlperf-automations DIR] [--no-peers]

Run it with the interpreter of the environment that envmgr is installed in (`make benchmark`).
Everything is processor time, user and system, of a process and all that it waited for; the
contenders take turns and medians count. The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import detect, env, resolve, startup
from benchmarks.measure import compile_all, print_json, print_table
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
    (print_json if chosen.json else print_table)(figures, absent)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
