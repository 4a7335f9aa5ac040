"""Programs that are run elsewhere in tests, and what is still running of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from envmgr.host.measured import Usage


def program(directory: Path, text: str) -> str:
    """An executable script of sh."""
    directory.mkdir(exist_ok=True)
    path = directory / "pro gram"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def started(start: Any, argv: list[str], cwd: Path, **more: Any) -> tuple[Usage, str, str]:
    """Start *argv* in *cwd*; how it ended and what it said on both streams."""
    cwd.mkdir(exist_ok=True)
    out, err = cwd / ".stdout", cwd / ".stderr"
    asked = {"env": {"GREETING": "it's me"}, "stdin": None, "timeout": 60.0, **more}
    usage = start(argv, cwd=str(cwd), stdout=str(out), stderr=str(err), cpus=None, **asked)
    return usage, out.read_text(), err.read_text()


def is_running(words: str) -> bool:
    """Whether a process with exactly these words runs, or still does a moment later."""
    for _ in range(100):
        if not any(_command(pid) == words for pid in os.listdir("/proc") if pid.isdigit()):
            return False
        time.sleep(0.05)
    return True


def _command(pid: str) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return words.decode(errors="replace").replace("\0", " ").strip()


def some_time() -> str:
    """A time to sleep that no other test sleeps."""
    return f"{3600 + int.from_bytes(os.urandom(2), 'big')}.{os.getpid()}"
