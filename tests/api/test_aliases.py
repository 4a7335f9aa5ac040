"""Links and wrappers that a sweep of a few places comes upon are not other things."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.api import recorded
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("kind", ["link", "wrapper"])
def test_another_path_to_a_recorded_program_is_told_by_its_entry(
    tmp_path: Path, environ: dict[str, str], kind: str
) -> None:
    workspace = Workspace(environ=environ)
    before = {entry.id for entry in detect(workspace, ["compiler.gcc"]).entries}
    gcc = recorded.find(workspace, "compiler.gcc")[0]
    other = tmp_path / "bin" / "gcc-99"
    other.parent.mkdir()
    if kind == "link":
        other.symlink_to(gcc.path)
    else:
        other.write_text(f'#!/bin/sh\nexec {gcc.path} "$@"\n')
        other.chmod(0o755)

    result = detect(workspace, ["compiler.gcc"], paths=[str(tmp_path)])

    assert [entry.id for entry in result.entries] == [gcc.id]
    assert str(other) in result.aliases[gcc.id]
    assert {entry.id for entry in recorded.find(workspace, "compiler.gcc")} == before
