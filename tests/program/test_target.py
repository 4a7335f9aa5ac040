"""Targets on this machine: itself, and emulators of others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.host.measured import measured
from envmgr.model.measurement import RIGHT
from envmgr.model.program import OutputCheck, RunCommand
from envmgr.program.check import judge
from envmgr.program.request import CrossTarget
from envmgr.program.run import RunRequest, run
from envmgr.program.target import open_target

from .elsewhere import program, started

SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    FILE *out = fopen("out.txt", "w");
    fprintf(out, "%s\n", getenv("WORD"));
#ifdef __aarch64__
    printf("arm64 %d\n", atoi(argv[1]) * 2);
#endif
    return fclose(out) || argc != 2;
}
"""
ARM = 'arm = {{ way = "emulator", command = "{command}", {more} }}'


def test_this_machine_is_a_target(tmp_path: Path) -> None:
    target = open_target("local", str(tmp_path))
    assert (target.name, target.is_here, target.compiler, target.cross) == ("local", True, "", None)
    assert target.start is measured


def test_what_builds_for_a_target_is_said_with_it(tmp_path: Path) -> None:
    more = 'compiler = "compiler.gcc-cross", triplet = "arm-linux-gnueabihf", flags = ["-static"]'
    (tmp_path / "targets.toml").write_text(ARM.format(command="env", more=more))
    target = open_target("arm", str(tmp_path))
    assert target.compiler == "compiler.gcc-cross"
    assert target.cross == CrossTarget("arm-linux-gnueabihf", ("-static",))
    assert target.is_here


@pytest.mark.needs("env")
def test_any_command_can_be_an_emulator(tmp_path: Path) -> None:
    exe = program(tmp_path / "built", 'echo "$A $GREETING $1"')
    target = open_target("emulator:env A='b c'", str(tmp_path))
    usage, out, _ = started(target.start, [exe, "x y"], tmp_path / "run")
    assert (usage.code, out) == (0, "b c it's me x y\n")


@pytest.mark.needs("env")
def test_a_target_has_variables_of_its_own(tmp_path: Path) -> None:
    exe = program(tmp_path / "built", 'echo "$GREETING"')
    more = 'env = { GREETING = "from there" }'
    (tmp_path / "targets.toml").write_text(ARM.format(command="env", more=more))
    target = open_target("arm", str(tmp_path))
    assert started(target.start, [exe], tmp_path / "run")[1] == "from there\n"


def test_an_emulator_that_is_not_here_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="no-such-emulator, is not on PATH"):
        open_target("emulator:no-such-emulator", str(tmp_path))


@pytest.mark.needs("qemu-aarch64", "aarch64-linux-gnu-gcc")
def test_a_program_of_another_architecture_runs_in_its_emulator(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(SOURCE)
    built = ["-o", str(tmp_path / "main"), str(tmp_path / "main.c")]
    subprocess.run(["aarch64-linux-gnu-gcc", *built], check=True)
    request = RunRequest(
        command=RunCommand(
            "{exe} {n}",
            outputs=("out.txt",),
            env={"WORD": "emulated"},
            checks=(OutputCheck(text="arm64 42"), OutputCheck(file="out.txt", text="emulated")),
        ),
        values={"exe": str(tmp_path / "main"), "n": "21"},
        environ={"PATH": os.environ["PATH"]},
        source=str(tmp_path),
        directory=str(tmp_path / "run"),
    )
    target = open_target("emulator:qemu-aarch64 -L /usr/aarch64-linux-gnu", str(tmp_path))
    found = judge(run(request, target.start), source=str(tmp_path))
    assert (found.verdict, found.why) == (RIGHT, "")
    assert found.checked == ("stdout", "out.txt")
