"""A lock that came along, matched by a machine as far as that can be done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.api.restore import Restored, answers_of, data_set, restore
from envmgr.api.workspace import Workspace
from envmgr.experiment.pack import Content, Data, Pack
from tests.acceptance.shop import Shop, ready
from tests.api.locks import GCC, Person
from tests.detect.mock import program

MakePerson = Callable[..., Person]


@pytest.fixture
def lock(shop: Shop, person: MakePerson, tools: Path) -> Path:
    """The directory of a lock with a compiler that is found and a tool that is installed."""
    program(tools / "gcc-5", GCC.format("5.1.0"))
    shop.define("tool.saw", "1.0", ready("saw", "1.0"))
    ada = person("ada")
    ada.wants("compiler.gcc@5", "tool.saw")
    ada.lock()
    return ada.checkout


@pytest.fixture
def bob(lock: Path, person: MakePerson) -> Person:
    """Somebody else, whose store is empty."""
    return person("bob")


def restored(person: Person, lock: Path, *, offline: bool = False) -> tuple[Restored, list[str]]:
    """What comes of it, and what was told."""
    told: list[str] = []
    found = restore(person.workspace, str(lock), offline=offline, tell=told.append)
    return found, told


def test_what_is_missing_is_installed_and_told(lock: Path, bob: Person) -> None:
    before = (lock / "envmgr.lock").read_text()
    found, told = restored(bob, lock, offline=True)
    assert found.reasons == ("tool.saw@1.0 is not here, and offline nothing is fetched",)
    assert not told
    assert not any(e.origin.kind == "installed" for e in bob.workspace.store.all())
    found, told = restored(bob, lock)
    assert sorted(found.entries) == ["compiler.gcc@5.1.0", "tool.saw@1.0"]
    assert not found.reasons and not found.changes
    assert len(told) == 1 and told[0].startswith("installing tool.saw@1.0")
    assert answers_of(str(lock), bob.workspace.platform)["tool.saw"] == "tool.saw@1.0"
    assert restored(bob, lock) == (found, [])
    assert (lock / "envmgr.lock").read_text() == before


def test_the_same_version_elsewhere_will_do_and_no_other(
    lock: Path, bob: Person, tools: Path
) -> None:
    (tools / "gcc-5").unlink()
    program(tools / "gcc-5.1", GCC.format("5.1.0"))
    found, _ = restored(bob, lock)
    assert found.entries["compiler.gcc@5.1.0"].path == str(tools / "gcc-5.1")
    assert not found.reasons
    assert any(change.startswith("compiler.gcc: path:") for change in found.changes)
    program(tools / "gcc-5.1", GCC.format("5.2.0"))
    found, _ = restored(bob, lock)
    (reason,) = found.reasons
    assert reason.startswith("compiler.gcc@5.1.0 was used, and here is compiler.gcc@")
    assert list(found.entries) == ["tool.saw@1.0"]


def test_a_recipe_or_a_lock_that_is_another_is_in_the_way(
    lock: Path, bob: Person, shop: Shop
) -> None:
    shop.define("tool.saw", "1.0", ready("saw", "1.0.1"))
    found, told = restored(bob, lock)
    assert "the checksum of" in found.reasons[0]
    assert not told and not found.entries
    (lock / "envmgr.lock").write_text("format = 1\n[platform.x]\nevil = 1\n")
    found, _ = restored(bob, lock)
    assert any("is no lock" in reason for reason in found.reasons)


# -- data sets -------------------------------------------------------------------------------

FORM = {
    "tags": ["dataset"],
    "path": "{prefix}/x.txt",
    "env": {"X": "{prefix}/x.txt", "Y": "as it is"},
    "prepend": {"PATH": ["{prefix}/bin"]},
    "detector": "dataset.x",
}


@pytest.fixture
def workspace(environ: dict[str, str]) -> Workspace:
    return Workspace(environ=environ)


def pack(tmp_path: Path) -> Pack:
    return Pack(str(tmp_path), "0.1.0", Content((), (), {}, ()))


def test_data_of_a_pack_is_where_the_pack_is(tmp_path: Path, workspace: Workspace) -> None:
    entry = data_set(workspace, pack(tmp_path), Data("dataset.x", "1", "", "data/x", FORM))
    assert entry is not None and entry.path == str(tmp_path / "data/x/x.txt")
    assert entry.delta.put == {"X": entry.path, "Y": "as it is"}
    assert entry.delta.prepend == {"PATH": (str(tmp_path / "data/x/bin"),)}


@pytest.mark.parametrize("path", ["{prefix}/../../etc/passwd", "/etc/passwd", "{prefix}x/y"])
def test_data_of_a_pack_is_nowhere_else(tmp_path: Path, workspace: Workspace, path: str) -> None:
    data = Data("dataset.x", "1", "", "data/x", {**FORM, "path": path})
    with pytest.raises(ValueError, match="leads out of the pack"):
        data_set(workspace, pack(tmp_path), data)


def test_data_that_stayed_behind_is_looked_for(tmp_path: Path, workspace: Workspace) -> None:
    found = data_set(workspace, pack(tmp_path), Data("dataset.sample-text-small", "1", ""))
    assert found is not None and Path(found.path).name == "sample-text-small.txt"
    other = Data("dataset.sample-text-small", "2", "")
    assert data_set(workspace, pack(tmp_path), other) is None
    assert data_set(workspace, pack(tmp_path), Data("dataset.nowhere", "1", "")) is None
