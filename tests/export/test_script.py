"""Pieces of scripts, run by the shells that they are for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envmgr.export.carry import Install
from envmgr.export.script import (
    STRICT,
    checks,
    exports,
    install_lines,
    making,
    path_lists,
    program_lines,
)
from envmgr.export.steps import Chunk
from envmgr.model.delta import Delta


def bash(lines: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", "\n".join(lines)], env=environ, capture_output=True, text=True
    )


@pytest.mark.needs("bash")
def test_a_failure_ends_the_making(tmp_path: Path) -> None:
    chunks = (
        Chunk(f"{tmp_path}/a/b", ("pwd", "export X=1", "echo $X")),
        Chunk(f"{tmp_path}/a", ("echo x${X-}", "false", "echo not this")),
        Chunk(str(tmp_path), ("echo nor this",)),
    )
    done = bash([STRICT, *making(Install("x", "/p", chunks))], PATH="/usr/bin:/bin")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [f"{tmp_path}/a/b", "1", "x"]


@pytest.mark.needs("bash")
def test_the_program_is_written_if_it_is_used(tmp_path: Path) -> None:
    place = f"{tmp_path}/bin/envmgr-step"
    assert program_lines(["make"], place) == []
    lines = program_lines(["envmgr-step executable x"], place)
    (tmp_path / "x").touch(mode=0o644)
    done = bash([STRICT, *lines, f"{place} executable {tmp_path}/x"], PATH="/usr/bin:/bin")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "x").stat().st_mode & 0o111


def test_packages_are_pinned_and_may_be_older_on_a_system_in_use() -> None:
    pins = ["gcc=4:12.2.0-3", "make=1~x"]
    update, install = install_lines(pins)
    assert update == "apt-get update"
    assert install.startswith("DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install")
    assert install.splitlines()[1:] == ["    gcc=4:12.2.0-3 \\", "    make=1~x"]
    update, install = install_lines(pins, as_root=True)
    assert update == "as_root apt-get update"
    assert install.startswith("as_root env DEBIAN_FRONTEND=noninteractive apt-get install")
    assert "--allow-downgrades" in install
    assert install_lines([]) == []


@pytest.mark.needs("bash")
def test_lists_go_on_with_what_they_were() -> None:
    delta = Delta({"A": "a b"}, {"L": ("/x", "", "/y z"), "E": ("",)})
    assert path_lists(delta) == {"L": ("/x", "/y z")}
    show = [*exports(delta), 'printf "%s\\n" "$A" "$L" "${E-unset}"']
    assert bash(show).stdout == "a b\n/x:/y z\nunset\n"
    assert bash(show, L="/before").stdout == "a b\n/x:/y z:/before\nunset\n"


@pytest.mark.needs("bash", "dpkg-query")
def test_what_is_wrong_is_called_by_its_name(tmp_path: Path) -> None:
    lines = ['wrong() { echo "$1"; }', *checks({"dpkg": "0.1", "no-such": "1"}, ["/", "/no/f"])]
    assert bash(lines, PATH="/usr/bin:/bin").stdout.splitlines() == ["dpkg", "no-such", "/no/f"]
