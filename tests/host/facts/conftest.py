"""Recorded machines: small trees of the files that describe them, and programs that answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from envmgr.host.facts.reading import Machine

Record = Callable[..., Machine]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """A function that writes a machine and gives it.

    *files* maps paths to texts, or to a `Path` for a link to it; *programs* names to the shell
    script each is. Nothing else is on its PATH but `/bin/sh` by its full name.
    """

    def write(
        files: Mapping[str, str | Path],
        programs: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Machine:
        root, bin_dir = tmp_path / "machine", tmp_path / "bin"
        root.mkdir()
        bin_dir.mkdir()
        for name, content in files.items():
            file = root / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                file.symlink_to(content)
            else:
                file.write_text(content)
        for name, script in (programs or {}).items():
            (bin_dir / name).write_text(f"#!/bin/sh\n{script}\n")
            (bin_dir / name).chmod(0o755)
        return Machine({"PATH": str(bin_dir), **(environ or {})}, str(root))

    return write
