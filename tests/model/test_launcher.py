"""Launchers: programs that really start the function they name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from envmgr.model.launcher import launcher


def test_a_launcher_calls_its_function_and_exits_with_what_it_returns(tmp_path: Path) -> None:
    (tmp_path / "site dir").mkdir(parents=True)
    site = tmp_path / "site dir"
    (site / "hello.py").write_text("def main():\n    print('hello')\n    return 7\n")
    program = tmp_path / "bin" / "hello"
    program.parent.mkdir()
    program.write_text(launcher("hello:main", sys.executable, "../site dir"))
    program.chmod(0o755)
    done = subprocess.run([str(program)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("hello\n", 7)
