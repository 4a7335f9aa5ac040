"""Locks as they are made: what is in them, what stays of an old one, what other platforms get."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.api.detect import detect
from envmgr.api.lock import project_lock
from envmgr.api.locking import unfit
from envmgr.errors import (
    ChangedRecipeError,
    LockError,
    OtherMachineError,
    ResolutionError,
    UsageError,
)
from tests.acceptance.shop import Shop, ready
from tests.api.locks import GCC, Person, ids
from tests.detect.mock import program

MakePerson = Callable[..., Person]
ELSEWHERE = "linux-riscv64-debian13"


@pytest.fixture
def ada(shop: Shop, person: MakePerson, tools: Path) -> Person:
    """Somebody whose project wants a compiler that is found and a tool that can be installed."""
    program(tools / "gcc-5", GCC.format("5.1.0"))
    shop.define("tool.saw", "1.0", ready("saw", "1.0"))
    shop.define("tool.axe", "3.1", ready("axe", "3.1"))
    ada = person("ada")
    ada.wants("compiler.gcc@5", "tool.saw")
    return ada


def test_what_is_here_and_what_would_be_installed(ada: Person, tools: Path) -> None:
    ada.lock()
    part = ada.locked
    gcc, saw = part.entries["compiler.gcc@5.1.0"], part.entries["tool.saw@1.0"]
    assert list(part.environments["default"].answers.values()) == [
        "compiler.gcc@5.1.0",
        "tool.saw@1.0",
    ]
    assert (gcc.kind, gcc.path) == ("detected", str(tools / "gcc-5"))
    assert gcc.id and list(gcc.files) == [str(tools / "gcc-5")]
    assert (saw.kind, saw.id, list(saw.sources)) == ("installed", "", ["saw-1.0.tar.gz"])
    assert saw.recipe_digest and saw.plan and not saw.files
    assert ada.workspace.store.all() and not any(
        e.origin.kind == "installed" for e in ada.workspace.store.all()
    )


def test_twice_and_by_somebody_else_gives_the_same_bytes(ada: Person, person: MakePerson) -> None:
    ada.lock()
    first = ada.text
    ada.lock()
    assert ada.text == first
    bob = person("bob", prefix_root=str(ada.home / "shared"))
    shutil.copy(ada.checkout / "envmgr.toml", bob.checkout)
    bob.lock()
    assert bob.text == first
    assert str(ada.home) not in first and str(ada.checkout) not in first


def test_an_installed_one_is_locked_without_its_place(ada: Person) -> None:
    ada.lock()
    before = ada.text
    ada.sync(frozen=False)
    with_ids = ada.text
    assert [line for line in with_ids.splitlines() if line not in before.splitlines()] == [
        f'id = "{ada.locked.entries["tool.saw@1.0"].id}"'
    ]
    (ada.checkout / "envmgr.lock").unlink()
    ada.lock()
    assert ada.text == with_ids


def test_what_is_locked_stays_while_it_fits(ada: Person, tools: Path) -> None:
    ada.lock()
    before = ada.text
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    ada.lock()
    assert ada.text == before
    ada.wants("compiler.gcc@5", "tool.saw", "tool.axe")
    ada.lock()
    assert "compiler.gcc@5.1.0" in ada.locked.entries
    assert "tool.axe@3.1" in ada.locked.entries


def test_what_is_to_be_chosen_anew_is(ada: Person, tools: Path, shop: Shop) -> None:
    ada.lock()
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    shop.define("tool.saw", "2.0", ready("saw", "2.0"))
    ada.lock(update=["compiler.gcc"])
    assert {"compiler.gcc@5.4.0", "tool.saw@1.0"} != set(ada.locked.entries)
    assert "compiler.gcc@5.4.0" in ada.locked.entries
    ada.lock(update=[])
    assert set(ada.locked.entries) == {"compiler.gcc@5.4.0", "tool.saw@2.0"}
    with pytest.raises(UsageError, match=r"nothing that is locked fits tool\.axe"):
        ada.lock(update=["tool.axe"])


def test_a_range_that_excludes_what_is_locked_is_heeded(ada: Person, tools: Path) -> None:
    ada.lock()
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    ada.wants("compiler.gcc@>=5.4,<6", "tool.saw")
    ada.lock()
    assert "compiler.gcc@5.4.0" in ada.locked.entries
    assert "tool.saw@1.0" in ada.locked.entries


def test_what_is_gone_is_chosen_anew(ada: Person, tools: Path) -> None:
    ada.lock()
    (tools / "gcc-5").unlink()
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    ada.lock()
    assert "compiler.gcc@5.4.0" in ada.locked.entries


def test_one_environment_anew_leaves_the_others(ada: Person, tools: Path) -> None:
    more = '[features.wood]\nneeds = ["tool.axe"]\n[environments]\nwood = ["wood"]\n'
    ada.wants("compiler.gcc@5", more=more)
    ada.lock()
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    (tools / "gcc-5").unlink()
    ada.lock(environments=["wood"])
    environments = ada.locked.environments
    assert environments["default"].answers["compiler.gcc,=5"] == "compiler.gcc@5.1.0"
    assert environments["wood"].answers["compiler.gcc,=5"] == "compiler.gcc@5.4.0"
    with pytest.raises(UsageError, match="no environment"):
        ada.lock(environments=["stone"])


def test_an_environment_without_an_answer_is_named(ada: Person) -> None:
    ada.wants("tool.saw", more='[features.w]\nneeds = ["tool.axe@9"]\n[environments]\nw = ["w"]\n')
    with pytest.raises(ResolutionError, match="environment w: "):
        ada.lock()
    ada.lock(environments=["default"])
    assert list(ada.locked.environments) == ["default"]


def test_nothing_is_wanted_and_that_is_locked(ada: Person) -> None:
    ada.wants()
    ada.lock()
    assert ada.opened() == () and unfit(ada.project, project_lock(ada.project)) == ()


def test_what_a_link_leads_to_now_is_told_by_its_bytes(ada: Person, tools: Path) -> None:
    ada.lock()
    program(tools.parent / "other/gcc-5", GCC.format("5.1.0"))
    part = ada.locked
    old = part.entries["compiler.gcc@5.1.0"]
    (tools / "gcc-5").unlink()
    (tools / "gcc-5").symlink_to(tools.parent / "other/gcc-5")
    ada.lock(update=[])
    assert set(ada.locked.entries) == set(part.entries)
    assert ada.locked.entries["compiler.gcc@5.1.0"].files != old.files


# -- other platforms -------------------------------------------------------------------------


def test_elsewhere_only_recipes_answer(ada: Person) -> None:
    here = ada.workspace.platform
    made = ada.lock(platforms=[here, ELSEWHERE])
    away = made.lock.platforms[ELSEWHERE].environments["default"]
    assert "compiler.gcc" in away.not_locked
    assert any(ELSEWHERE in note for note in made.notes)
    ada.wants("tool.saw")
    made = ada.lock()
    assert set(made.lock.platforms) == {here, ELSEWHERE}
    part = made.lock.platforms[ELSEWHERE]
    assert part.environments["default"].answers == {"tool.saw": "tool.saw@1.0"}
    assert not part.cpu and not made.notes


def test_what_another_machine_locked_stays(ada: Person) -> None:
    ada.lock()
    lock = ada.checkout / "envmgr.lock"
    lock.write_text(ada.text.replace(ada.workspace.platform, ELSEWHERE))
    away = project_lock(ada.project)
    made = ada.lock()
    assert away is not None
    assert made.lock.platforms[ELSEWHERE] == away.platforms[ELSEWHERE]
    assert not made.notes
    ada.wants("compiler.gcc@5", "tool.saw", "tool.axe")
    made = ada.lock()
    assert made.lock.platforms[ELSEWHERE] == away.platforms[ELSEWHERE]
    assert ["is kept" in note and "tool.axe" in note for note in made.notes] == [True]


def test_platforms_of_the_project_are_locked_and_no_others(ada: Person) -> None:
    platforms = f'platforms = ["{ada.workspace.platform}", "{ELSEWHERE}"]\n'
    (ada.checkout / "envmgr.toml").write_text(f'{platforms}needs = ["tool.saw"]\n')
    assert set(ada.lock().lock.platforms) == {ada.workspace.platform, ELSEWHERE}
    ada.wants("tool.saw", more=f'platforms = ["{ELSEWHERE}"]\n')
    assert set(ada.lock().lock.platforms) == {ELSEWHERE}


# -- fitting ---------------------------------------------------------------------------------


def test_what_makes_a_lock_stale(ada: Person) -> None:
    assert unfit(ada.project, None) == ("there is no lock",)
    ada.lock()
    assert unfit(ada.project, project_lock(ada.project)) == ()
    ada.wants("compiler.gcc@5", "tool.saw", "tool.axe")
    (reason,) = unfit(ada.project, project_lock(ada.project))
    assert "tool.axe" in reason
    ada.wants("compiler.gcc@5")
    (reason,) = unfit(ada.project, project_lock(ada.project))
    assert "tool.saw" in reason and "no longer" in reason
    ada.wants("tool.saw", "compiler.gcc@5")
    (reason,) = unfit(ada.project, project_lock(ada.project))
    assert "order" in reason


def test_a_preference_is_part_of_a_wish(ada: Person) -> None:
    ada.lock()
    ada.wants("compiler.gcc@5", "tool.saw", more='prefer = ["oldest"]\n')
    assert unfit(ada.project, project_lock(ada.project)) != ()


# -- opening ---------------------------------------------------------------------------------


def test_exactly_what_is_locked_is_opened(ada: Person, tools: Path) -> None:
    ada.lock()
    with pytest.raises(OtherMachineError, match=r"tool\.saw@1\.0") as missing:
        ada.opened()
    assert missing.value.exit_code == 8 and "envmgr sync" in (missing.value.hint or "")
    ada.sync()
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    assert {str(entry) for entry in ada.opened()} == {"compiler.gcc@5.1.0", "tool.saw@1.0"}


def test_more_is_resolved_around_what_is_locked(ada: Person, tools: Path) -> None:
    ada.wants("compiler.gcc@5")
    ada.lock()
    locked = ids(ada.opened())
    program(tools / "gcc-5.4", GCC.format("5.4.0"))
    program(tools / "axe", "axe 3.1")
    detect(ada.workspace, ["tool.axe", "compiler.gcc"])
    opened = ada.opened("default", "tool.axe")
    assert {str(entry) for entry in opened} == {"compiler.gcc@5.1.0", "tool.axe@3.1"}
    assert set(locked) < set(ids(opened))


def test_a_stale_lock_is_not_opened(ada: Person) -> None:
    ada.lock()
    ada.wants("compiler.gcc@5")
    with pytest.raises(LockError) as stale:
        ada.opened()
    assert stale.value.exit_code == 6 and "envmgr lock" in (stale.value.hint or "")


def test_the_order_is_that_of_a_resolution(ada: Person, tools: Path) -> None:
    program(tools / "axe", "axe 3.1")
    ada.wants("compiler.gcc@5", "tool.axe")
    free = ids(ada.opened())
    ada.lock()
    assert ids(ada.opened()) == free


def test_what_cannot_be_installed_again_cannot_be_locked(ada: Person, shop: Shop) -> None:
    ada.wants("tool.saw")
    ada.lock()
    ada.sync(frozen=False)
    (ada.checkout / "envmgr.lock").unlink()
    shop.define("tool.saw", "2.0", ready("saw", "2.0"))
    with pytest.raises(ChangedRecipeError, match=r"no longer has its version 1\.0"):
        ada.lock()
