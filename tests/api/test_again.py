"""A sweep that is asked for again is answered from memory, and only while that is right."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.api.again import Again
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace
from envmgr.model.entry import to_json

_QUERY = ["tool.again"]
_DETECTOR = """
name = "tool.again"
description = "A tool that is looked for again"
tags = ["tool", "again"]

[find]
program = 'again(-\\d+)?'
dirs = ["$AGAIN_ROOT/versions/*"]

[[version]]
run = "{path}"
match = 'again (\\S+)'

[[part]]
file = "{prefix}/share/extra"
tags = ["extra"]

[[case]]
tree."bin/again" = "again 1.0"
expect = { version = "1.0" }
"""


def _program(path: Path, version: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho again {version}\n")
    path.chmod(0o755)


class World:
    """A machine with one program, a store, and an answer that was kept."""

    def __init__(self, root: Path, environ: dict[str, str]) -> None:
        self.root = root
        self.bin = root / "place" / "bin"
        _program(self.bin / "again", "1.0")
        self.detector = root / "repository" / "detectors" / "tool" / "again.toml"
        self.detector.parent.mkdir(parents=True)
        self.detector.write_text(_DETECTOR)
        (root / "versions").mkdir()
        self.environ = {**environ, "PATH": f"{self.bin}:/usr/bin:/bin", "AGAIN_ROOT": str(root)}
        self.workspace = Workspace(environ=self.environ)
        from envmgr.catalog.repositories import Repositories

        Repositories(self.workspace.layout.root).add(str(root / "repository"))
        self.again = Again(self.workspace.layout)
        self._age()
        self.keep()

    def keep(self) -> None:
        """Sweep as the command line does, and keep the answer."""
        began = time.time_ns() + 10_000_000_000  # as if everything had been still for long
        result = detect(self.workspace, _QUERY)
        assert result.witness is not None
        forms = [to_json(entry) for entry in result.entries]
        witness = result.witness
        self.again.remember(_QUERY, forms, witness.paths, witness.variables, began)

    def versions(self, **changed: str) -> list[str] | None:
        """What is remembered, or None."""
        found = self.again.recall(_QUERY, {**self.environ, **changed})
        return None if found is None else [form["version"] for form in found]

    def _age(self) -> None:
        for path in (self.bin, self.root / "versions"):
            os.utime(path, ns=(0, 1_000_000_001))


@pytest.fixture
def world(tmp_path: Path, environ: dict[str, str]) -> World:
    """See `World`."""
    return World(tmp_path, environ)


def test_nothing_changed(world: World) -> None:
    assert world.versions() == ["1.0"]


def _another(world: World) -> None:
    _program(world.bin / "again-2", "2.0")


def _upgraded(world: World) -> None:
    _program(world.bin / "again", "1.1")


def _gone(world: World) -> None:
    (world.bin / "again").unlink()


def _managed(world: World) -> None:
    _program(world.root / "versions" / "3" / "bin" / "again", "3.0")


def _part(world: World) -> None:
    (world.root / "place" / "share").mkdir()
    (world.root / "place" / "share" / "extra").touch()


def _redefined(world: World) -> None:
    world.detector.write_text(_DETECTOR.replace('"again"]', '"again", "more"]'))


def _redefined_before(world: World) -> None:
    Path(world.workspace.layout.root, "repositories.json").write_text("{}")


def _forgotten(world: World) -> None:
    (entry,) = world.workspace.store.all()
    world.workspace.store.remove([entry.id])


@pytest.mark.parametrize(
    "change",
    [_another, _upgraded, _gone, _managed, _part, _redefined, _redefined_before, _forgotten],
)
def test_a_change_ends_the_answer(world: World, change: Callable[[World], None]) -> None:
    change(world)
    assert world.versions() is None


def test_a_program_that_becomes_executable_ends_the_answer(world: World) -> None:
    late = world.bin / "again-4"
    _program(late, "4.0")
    late.chmod(0o644)
    world.keep()
    assert world.versions() == ["1.0"]
    late.chmod(0o755)
    assert world.versions() is None


@pytest.mark.parametrize("name", ["PATH", "AGAIN_ROOT", "HOME"])
def test_another_variable_is_another_question(world: World, name: str) -> None:
    assert world.versions(**{name: "/elsewhere"}) is None


def test_what_changed_just_now_is_not_remembered(tmp_path: Path, environ: dict[str, str]) -> None:
    world = World(tmp_path, environ)
    _program(world.bin / "again-5", "5.0")
    result = detect(world.workspace, _QUERY)
    assert result.witness is not None
    forms = [to_json(entry) for entry in result.entries]
    world.again.remember(_QUERY, forms, result.witness.paths, {}, time.time_ns())
    assert world.versions() is None


def test_a_damaged_memory_is_no_answer(world: World) -> None:
    Path(world.workspace.layout.cache, "sweeps.json").write_text('{"answers": []}')
    assert world.versions() is None
