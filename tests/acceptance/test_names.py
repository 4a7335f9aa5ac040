"""Inside an environment with `gcc-13`, `gcc` is that one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

Envmgr = Callable[..., subprocess.CompletedProcess[str]]


def test_a_program_answers_to_its_plain_name(envmgr: Envmgr, tmp_path: Path) -> None:
    tools = tmp_path / "tools" / "bin"
    tools.mkdir(parents=True)
    for version in ("13.1.0", "14.2.0"):
        program = tools / f"gcc-{version[:2]}"
        said = f"Target: x86_64-linux-gnu\ngcc version {version} (Mock)"
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
    path = f"{tools}:/usr/bin:/bin"
    assert envmgr("detect", "compiler.gcc", PATH=path).returncode == 0
    for version in ("13.1.0", "14.2.0"):
        done = envmgr("exec", f"compiler.gcc@{version}", "--", "gcc", "-v", PATH=path)
        assert f"gcc version {version}" in done.stdout, done.stderr
