"""How fast a file comes: envmgr (fetched and verified) and pooch against curl (not verified).

    python benchmarks/fetch.py [--size MiB] [--rounds N] [--json]

A server in a process of its own hands the same file to everybody; every contender runs in a
fresh process, in turn, and the best of its rounds counts. `wall` and `cpu` are ratios to curl;
`cpu` is what the contender itself used, start of the interpreter included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MIB = 1 << 20

ENVMGR = """
import sys
from envmgr.install.fetch import download
from envmgr.model.plan import Download
url, sha256, into = sys.argv[1:]
download(Download("file", (url,), "sha256:" + sha256), into)
"""
POOCH = """
import sys
import pooch
url, sha256, into = sys.argv[1:]
pooch.retrieve(url, "sha256:" + sha256, fname="file", path=into)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that one download took, and seconds of processor time."""

    wall: float
    cpu: float


def serve(path: str, listener: socket.socket) -> None:
    """Answer every connection with the whole file, straight from the page cache."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(path, connection), daemon=True).start()


def answer(path: str, connection: socket.socket) -> None:
    """Answer one request with the file."""
    with connection, open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        sent = 0
        while sent < size:
            sent += os.sendfile(connection.fileno(), file.fileno(), sent, size - sent)


def make_file(path: str, size: int) -> str:
    """Write *size* MiB that do not compress; their sha256."""
    state = hashlib.sha256()
    with open(path, "wb") as file:
        for _ in range(size):
            chunk = os.urandom(MIB)
            state.update(chunk)
            file.write(chunk)
    return state.hexdigest()


def contenders(url: str, sha256: str) -> dict[str, list[str]]:
    """Name to command; `{into}` stands for an empty directory."""
    python = [sys.executable, "-c"]
    commands = {
        "curl": ["curl", "--silent", "--fail", "--output", "{into}/file", url],
        "envmgr": [*python, ENVMGR, url, sha256, "{into}"],
        "pooch": [*python, POOCH, url, sha256, "{into}"],
    }
    if subprocess.run([*python, "import pooch"], capture_output=True).returncode:
        print("pooch is left out: python -m pip install pooch", file=sys.stderr)
        del commands["pooch"]
    return commands


def measure(command: list[str]) -> Cost:
    """Run *command* with a fresh directory."""
    into = tempfile.mkdtemp()
    argv = [word.replace("{into}", into) for word in command]
    paths = [str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    before, start = os.times(), time.perf_counter()
    subprocess.run(argv, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, os.times()
    shutil.rmtree(into)
    used = after.children_user + after.children_system
    return Cost(wall, used - before.children_user - before.children_system)


def best(costs: list[Cost]) -> Cost:
    """The least of each: what the machine's other work adds is not the contender's."""
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs))


def compare(size: int, rounds: int) -> dict[str, Cost]:
    """Measure everybody in turn, so that slow moments of the machine hit all alike."""
    directory = tempfile.mkdtemp()
    try:
        path = os.path.join(directory, "file")
        sha256 = make_file(path, size)
        listener = socket.create_server(("127.0.0.1", 0))
        server = multiprocessing.get_context("fork").Process(
            target=serve, args=(path, listener), daemon=True
        )
        server.start()
        commands = contenders(f"http://127.0.0.1:{listener.getsockname()[1]}/file", sha256)
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(measure(command))
        server.terminate()
        server.join()
        return {name: best(measured) for name, measured in costs.items()}
    finally:
        shutil.rmtree(directory)


def report(costs: dict[str, Cost]) -> list[dict[str, object]]:
    """A row for each contender, in seconds and as ratios to curl."""
    curl = costs["curl"]
    return [
        {
            "name": name,
            "wall_s": round(cost.wall, 3),
            "cpu_s": round(cost.cpu, 3),
            "wall": round(cost.wall / curl.wall, 2),
            "cpu": round(cost.cpu / curl.cpu, 2),
        }
        for name, cost in costs.items()
    ]


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, metavar="MiB")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = report(compare(options.size, options.rounds))
    if options.json:
        print(json.dumps({"size_mib": options.size, "rounds": options.rounds, "rows": rows}))
        return
    for row in rows:
        print("{name:8} {wall_s!s:>8} s  x{wall!s:6} cpu {cpu_s!s:>8} s  x{cpu}".format(**row))


if __name__ == "__main__":
    main()
