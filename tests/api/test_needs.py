"""What needs an entry keeps working when that entry is judged otherwise."""

from __future__ import annotations

from pathlib import Path

from envmgr.api import recorded
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace
from envmgr.model.entry import make_entry, with_needs


def _interpreter(root: Path) -> None:
    site = root / "lib" / "python3.11" / "site-packages" / "numpy-2.1.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Name: numpy\nVersion: 2.1.0\n")
    program = root / "bin" / "python3.11"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho Python 3.11.2\n")
    program.chmod(0o755)


def test_a_package_follows_its_interpreter_to_another_id(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    _interpreter(tmp_path / "python")
    workspace = Workspace(environ={**environ, "PATH": f"{tmp_path}/python/bin:/usr/bin:/bin"})
    detect(workspace, ["compiler.python@3.11.2", "python.numpy"])
    package = next(e for e in recorded.find(workspace, "python.numpy") if str(tmp_path) in e.path)
    interpreter = workspace.store.get(package.needs[0])

    # As an earlier definition of the detector would have recorded it.
    before = make_entry(
        interpreter.name,
        interpreter.version,
        tags=(*interpreter.tags, "earlier"),
        prefix=interpreter.prefix,
        path=interpreter.path,
        delta=interpreter.delta,
        origin=interpreter.origin,
        fingerprint=interpreter.fingerprint,
    )
    outdated = with_needs(package, (before.id,))
    workspace.store.replace([before, outdated], [interpreter.id, package.id])

    detect(workspace, ["compiler.python"])

    renewed = next(e for e in recorded.find(workspace, "python.numpy") if str(tmp_path) in e.path)
    assert renewed.needs == (interpreter.id,)
    assert renewed.id == package.id
    assert not recorded.find(workspace, "earlier")
