"""What is recorded is judged again where it is, however it was found."""

from __future__ import annotations

from pathlib import Path

from envmgr.api import recorded
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace


def data_set(top: Path) -> Path:
    """A small CIFAR-10 at *top*, and the file that marks it."""
    batches = top / "cifar-10-batches-py"
    batches.mkdir(parents=True)
    for name in ("batches.meta", "data_batch_1"):
        batches.joinpath(name).write_text("data")
    return batches / "batches.meta"


def test_what_changed_at_a_place_that_was_named_is_judged_there(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    marker = data_set(tmp_path / "mine")
    workspace = Workspace(environ=environ)
    (entry,) = detect(workspace, ["dataset.cifar-10"], paths=[str(tmp_path / "mine")]).entries
    marker.write_text("other data")

    (found,) = recorded.find(workspace, "dataset.cifar-10")

    assert (found.id, found.path) == (entry.id, str(marker))
    assert found.fingerprint != entry.fingerprint


def test_what_is_gone_from_such_a_place_is_forgotten(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    marker = data_set(tmp_path / "mine")
    workspace = Workspace(environ=environ)
    detect(workspace, ["dataset.cifar-10"], paths=[str(tmp_path / "mine")])
    marker.unlink()

    assert recorded.find(workspace, "dataset.cifar-10") == ()
