"""Locks carried to other stores and other machines: the same ids, or the right words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.api.lock import project_lock
from envmgr.api.observe import this_machine
from envmgr.errors import ChangedRecipeError, FetchError, LockError, OtherMachineError
from envmgr.lock.difference import differences
from tests.acceptance.shop import BUILD, GREET, Shop, archive, ready
from tests.api.locks import GCC, Person, ids
from tests.detect.mock import program

MakePerson = Callable[..., Person]


@pytest.fixture
def ada(shop: Shop, person: MakePerson, tools: Path) -> Person:
    """Somebody who locked a compiler that is found and a tool that is installed by its recipe."""
    program(tools / "gcc-5", GCC.format("5.1.0"))
    shop.define("tool.saw", "1.0", ready("saw", "1.0"))
    ada = person("ada")
    ada.wants("compiler.gcc@5", "tool.saw")
    ada.lock()
    return ada


@pytest.fixture
def bob(ada: Person, person: MakePerson) -> Person:
    """Somebody else, with an empty store and another place for prefixes, who has the checkout."""
    bob = person("bob", prefix_root=str(ada.home.parent / "shared prefixes"))
    for name in ("envmgr.toml", "envmgr.lock"):
        shutil.copy(ada.checkout / name, bob.checkout)
    return bob


# -- restoring -------------------------------------------------------------------------------


def test_another_store_gets_entries_with_the_same_ids(ada: Person, person: MakePerson) -> None:
    mine = ada.sync(frozen=False)
    bob = person("bob", prefix_root=str(ada.home.parent / "shared prefixes"))
    for name in ("envmgr.toml", "envmgr.lock"):
        shutil.copy(ada.checkout / name, bob.checkout)
    theirs = bob.sync()
    assert ids(theirs.entries) == ids(mine.entries) and len(mine.entries) == 2
    saw = bob.locked.entries["tool.saw@1.0"]
    assert saw.id in ids(theirs.made)
    assert theirs.made[0].prefix.startswith(str(ada.home.parent / "shared prefixes"))
    assert bob.text == ada.text
    assert ids(bob.opened()) == ids(ada.opened())
    assert not bob.decide().differences and not bob.decide().notes


@pytest.mark.needs("gcc", "make")
def test_what_is_built_is_built_with_what_is_locked(
    shop: Shop, person: MakePerson, tmp_path: Path
) -> None:
    sources = {f"greet-1.2.3/{name}": text for name, text in GREET.items()}
    shop.define("tool.greet", "1.2.3", archive(sources), BUILD)
    ada = person("ada")
    ada.wants("tool.greet")
    ada.lock()
    greet = ada.locked.entries["tool.greet@1.2.3"]
    assert set(greet.built_with) == {"cc", "make"} and not greet.needs
    mine = ada.sync(frozen=False)
    bob = person("bob", prefix_root=str(tmp_path / "shared"))
    for name in ("envmgr.toml", "envmgr.lock"):
        shutil.copy(ada.checkout / name, bob.checkout)
    theirs = bob.sync()
    assert ids(theirs.entries) == ids(mine.entries) == ids(mine.made)
    assert ids(bob.opened()) == ids(mine.entries)


def test_nothing_is_left_to_do_the_second_time(ada: Person) -> None:
    assert len(ada.sync().made) == 1
    again = ada.decide()
    assert not again.plans and not again.differences
    assert len(again.here) == 2


def test_a_frozen_lock_is_not_touched(ada: Person) -> None:
    before = ada.text
    assert not ada.sync(frozen=True).is_written
    assert ada.text == before
    assert not ada.locked.entries["tool.saw@1.0"].id
    assert ada.sync(frozen=False).is_written
    assert ada.text != before
    assert not ada.sync(frozen=False).is_written
    assert ada.locked.entries["tool.saw@1.0"].id


def test_deciding_changes_nothing(bob: Person) -> None:
    before = bob.text
    decided = bob.decide(frozen=False)
    assert [str(plan) for plan in decided.plans.values()] == ["tool.saw@1.0"]
    assert bob.text == before
    assert not any(e.origin.kind == "installed" for e in bob.workspace.store.all())


def test_one_environment_alone(ada: Person, shop: Shop) -> None:
    shop.define("tool.axe", "3.1", ready("axe", "3.1"))
    ada.wants(
        "compiler.gcc@5", more='[features.w]\nneeds = ["tool.axe"]\n[environments]\nw = ["w"]\n'
    )
    ada.lock()
    assert not ada.sync("default").made
    assert [str(entry) for entry in ada.sync("w").made] == ["tool.axe@3.1"]


# -- a lock that the project has outgrown ----------------------------------------------------


def test_a_stale_lock_is_made_to_fit_or_refused(ada: Person, shop: Shop) -> None:
    shop.define("tool.axe", "3.1", ready("axe", "3.1"))
    ada.wants("compiler.gcc@5", "tool.saw", "tool.axe")
    with pytest.raises(LockError) as stale:
        ada.decide(frozen=True)
    assert stale.value.exit_code == 6
    assert "tool.axe" in "".join(stale.value.lines)
    assert ada.decide(frozen=False).is_new
    assert {str(entry) for entry in ada.sync(frozen=False).made} == {"tool.saw@1.0", "tool.axe@3.1"}
    assert "tool.axe@3.1" in ada.locked.entries


def test_without_a_lock(ada: Person) -> None:
    (ada.checkout / "envmgr.lock").unlink()
    with pytest.raises(LockError, match="has no lock"):
        ada.decide(frozen=True)
    assert ada.sync(frozen=False).entries
    assert ada.locked.entries


# -- recipes that changed --------------------------------------------------------------------


def test_a_changed_checksum_is_told_before_anything_is_fetched(bob: Person, shop: Shop) -> None:
    (locked,) = bob.locked.entries["tool.saw@1.0"].sources.values()
    shop.define("tool.saw", "1.0", ready("saw", "1.0") + b"more")
    shop.files.clear()  # a fetch would fail in other words
    with pytest.raises(ChangedRecipeError) as changed:
        bob.sync()
    assert changed.value.exit_code == 7
    assert "the checksum of saw-1.0.tar.gz" in changed.value.message
    assert f"is {locked} in the lock and sha256:" in changed.value.message
    assert str(shop.root / "recipes/tool/saw.toml") in changed.value.message
    assert "nothing was fetched" in (changed.value.hint or "")
    assert not any(e.origin.kind == "installed" for e in bob.workspace.store.all())


def test_a_version_that_is_gone_is_told_with_those_there_are(bob: Person, shop: Shop) -> None:
    shop.define("tool.saw", "1.1", ready("saw", "1.1"))
    with pytest.raises(ChangedRecipeError, match=r"tool\.saw@1\.0 is locked") as gone:
        bob.sync()
    assert gone.value.exit_code == 7
    assert "1.1" in gone.value.lines[0]


def test_a_recipe_that_is_gone(bob: Person, shop: Shop) -> None:
    (shop.root / "recipes/tool/saw.toml").unlink()
    with pytest.raises(ChangedRecipeError, match=r"no recipe tool\.saw"):
        bob.sync()


def test_bytes_that_are_not_the_locked_ones(bob: Person, shop: Shop) -> None:
    shop.files["/saw-1.0.tar.gz"] = ready("saw", "1.0")[:-20] + b"x" * 20
    with pytest.raises(FetchError) as other:
        bob.sync()
    assert other.value.exit_code == 4
    assert not any(e.origin.kind == "installed" for e in bob.workspace.store.all())


def test_a_recipe_that_says_the_same_in_other_words_is_noted(bob: Person, shop: Shop) -> None:
    recipe = shop.root / "recipes/tool/saw.toml"
    recipe.write_text(recipe.read_text().replace("A program for tests", "Cuts wood"))
    decided = bob.decide()
    assert any("tool.saw has changed" in note for note in decided.notes)
    assert not decided.differences
    assert [str(entry) for entry in bob.sync().made] == ["tool.saw@1.0"]


def test_other_steps_with_the_same_checksums_are_noted(bob: Person, shop: Shop) -> None:
    with (shop.root / "recipes/tool/saw.toml").open("a") as recipe:
        recipe.write('[build]\nlinks = { "saw" = "bin/saw" }\n')
    assert any("other steps" in note for note in bob.decide().notes)


# -- another machine -------------------------------------------------------------------------


def fields(person: Person) -> dict[str, str]:
    """Field of the compiler that differs, to what that can change."""
    decided = person.decide()
    assert {d.subject for d in decided.differences} <= {"compiler.gcc"}
    return {d.field: d.effect for d in decided.differences}


def test_another_patch_level_of_a_compiler(bob: Person, tools: Path) -> None:
    program(tools / "gcc-5", GCC.format("5.4.0"))
    told = fields(bob)
    assert "version" in told and "code generation" in told["version"]
    with pytest.raises(OtherMachineError, match=r"compiler\.gcc@5\.1\.0") as other:
        bob.opened()
    assert "5.4.0" in "".join(other.value.lines)
    assert [str(entry) for entry in bob.sync().made] == ["tool.saw@1.0"]


def test_other_bytes_of_the_same_version(bob: Person, tools: Path) -> None:
    program(tools / "gcc-5", GCC.format("5.1.0") + "\nwith a patch")
    told = fields(bob)
    assert set(told) == {f"files.{tools / 'gcc-5'}"}
    bob.sync()
    assert any(entry.name == "compiler.gcc" for entry in bob.opened())


def test_the_same_version_in_another_place(bob: Person, tools: Path) -> None:
    (tools / "gcc-5").rename(tools / "gcc-5.1")
    assert set(fields(bob)) == {"path"}


def test_what_is_nowhere(shop: Shop, person: MakePerson, tools: Path) -> None:
    program(tools / "axe", "axe 3.1")
    shop.define("tool.axe", "3.1", ready("axe", "3.1"))
    ada = person("ada")
    ada.wants("tool.axe")
    ada.lock()
    (tools / "axe").unlink()
    (gone,) = ada.decide().differences
    assert (gone.subject, gone.what, gone.before) == ("tool.axe", "gone", "tool.axe@3.1")


def test_what_needs_something_that_is_not_here_is_not_installed(
    shop: Shop, person: MakePerson, tools: Path
) -> None:
    program(tools / "axe", "axe 3.1")
    shop.define("tool.axe", "3.1", ready("axe", "3.1"))
    shop.define("tool.saw", "1.0", ready("saw", "1.0"), '[needs]\naxe = "tool.axe"')
    ada = person("ada")
    ada.wants("tool.saw")
    ada.lock()
    assert ada.locked.entries["tool.saw@1.0"].needs == {"axe": "tool.axe@3.1"}
    (tools / "axe").unlink()
    decided = ada.decide()
    assert not decided.plans
    assert ["which is not here" in d.effect for d in decided.differences][-1]
    assert {d.subject for d in decided.differences} == {"tool.axe", "tool.saw"}


def test_a_path_of_a_lock_is_never_run(bob: Person, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap/gcc-5", tmp_path / "sprung"
    program(trap, GCC.format("5.1.0"))
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n{trap.read_text().partition(chr(10))[2]}")
    lock = bob.checkout / "envmgr.lock"
    text = lock.read_text().replace(bob.locked.entries["compiler.gcc@5.1.0"].path, str(trap))
    lock.write_text(text)
    bob.decide()
    assert not sprung.exists()


def test_a_lock_and_this_machine(ada: Person, tools: Path) -> None:
    ada.sync()
    lock = project_lock(ada.project)
    assert lock is not None
    assert differences(*this_machine(ada.workspace, lock)) == ()
    program(tools / "gcc-5", GCC.format("5.4.0"))
    found = differences(*this_machine(ada.workspace, lock))
    assert {(d.subject, d.what) for d in found} == {("compiler.gcc", "changed")}


def test_a_definition_that_changed_changes_no_thing(ada: Person, shop: Shop) -> None:
    ada.sync(frozen=False)
    detector = shop.root / "detectors/tool/saw.toml"
    detector.write_text(detector.read_text().replace("SAW =", "WOOD = '{prefix}'\nSAW ="))
    ada.workspace.store.remove(ids(ada.opened()))
    assert ["its detector says it otherwise" in note for note in ada.sync().notes] == [True]
    assert {str(entry) for entry in ada.opened()} == {"compiler.gcc@5.1.0", "tool.saw@1.0"}
    decided = ada.decide()
    assert not decided.differences
    assert ["tool.saw: id: " in note for note in decided.notes] == [True]
