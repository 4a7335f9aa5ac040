"""How much machine code a program has."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envmgr.program.codesize import code_size
from tests.program.workshop import write


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF" + b"\xff" * 200])
def test_of_what_is_no_program_all_bytes_count(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert code_size(str(tmp_path / "file")) == len(content)


@pytest.mark.needs("gcc")
def test_only_instructions_count(tmp_path: Path) -> None:
    body = "static char big[100000] = {1}; int main(void) { return big[1]; }"
    write(tmp_path, {"small.c": body, "large.c": body + "int f(int x) { return x * x * x; }"})
    sizes = {}
    for name, *flags in (("small",), ("small", "-g"), ("large",)):
        out = tmp_path / "-".join([name, *flags])
        subprocess.run(["gcc", *flags, tmp_path / f"{name}.c", "-o", out], check=True)
        sizes[out.name] = code_size(str(out))
    assert 0 < sizes["small"] == sizes["small--g"] < sizes["large"] < 10_000
