"""Builds, runs and checks that are ended in the middle leave nothing running."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("linux", "setsid")
ROOT = Path(__file__).resolve().parents[2]
TOML = """name = "endless"
description = "Never ends"
tags = ["probe"]
build.system = "script"
build.commands = ["sh {source}/build.sh"]
run.default.command = "{exe} run"
run.other.command = "{exe} run"
"""
ENDLESS = """#!/bin/sh
setsid sleep 600 &
touch "$HOME/started"
sleep 600
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The directory of a program that builds, and never ends."""
    place = tmp_path / "endless"
    place.mkdir()
    (place / "program.toml").write_text(TOML)
    (place / "build.sh").write_text("cp endless.sh endless\n")
    (place / "endless.sh").write_text(ENDLESS)
    return place


def until(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold."""
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.05)
    return False


def alive(home: str) -> list[int]:
    """Processes that have that home and sleep."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            here = f"HOME={home}".encode() in (place / "environ").read_bytes().split(b"\0")
            sleeps = (place / "cmdline").read_bytes().startswith(b"sleep\0")
        except OSError:
            continue
        if here and sleeps:
            found.append(int(place.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("action", ["build", "check"])
def test_what_is_ended_leaves_nothing_running(
    environ: dict[str, str], program: Path, action: str, number: signal.Signals
) -> None:
    if action == "build":
        (program / "build.sh").write_text(ENDLESS)
    with subprocess.Popen(
        [sys.executable, "-m", "envmgr", "program", action, str(program)],
        env={**environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert until((Path(environ["HOME"]) / "started").exists)
        process.send_signal(number)
        said = process.communicate(timeout=120)[1]
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -number)
    assert "Traceback" not in said
    assert until(lambda: alive(environ["HOME"]) == [])
