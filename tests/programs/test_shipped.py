"""Every program that ships is right: with gcc and clang, at -O0, -O2 and -O3, on each data set it
takes. And it is known to be: a mistake made in its sources is caught."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from envmgr.api import recorded
from envmgr.api.checking import Finding, check
from envmgr.api.choosing import COMPILER, Asked
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace
from envmgr.catalog.index import open_catalogue
from envmgr.catalog.scan import scan, shipped_root
from envmgr.model.measurement import RIGHT
from envmgr.model.program import Program
from envmgr.model.query import Query
from envmgr.resolve.rank import ranked

NAMES = [path.split("/")[1] for path, _, _ in scan(shipped_root()) if path.startswith("programs/")]
MAKERS = ("compiler.gcc", "compiler.llvm")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One store for all programs: what the machine has is the same for each."""
    place = tmp_path_factory.mktemp("programs")
    environ = {"PATH": os.environ["PATH"], "HOME": str(place), "ENVMGR_HOME": str(place / "store")}
    return Workspace(environ=environ)


def narrowed(workspace: Workspace, program: Program) -> Iterator[tuple[str, ...]]:
    """What `--with` says for the newest of each kind of compiler that fits the program."""
    if COMPILER not in program.needs:
        yield ()
        return
    need = Query.parse(program.needs[COMPILER])
    detect(workspace, [need])
    fitting = recorded.find(workspace, need)
    for maker in MAKERS:
        for one in ranked(entry for entry in fitting if entry.name == maker)[:1]:
            yield (f"{COMPILER}={one.name}@=={one.version}",)


def test_there_are_enough() -> None:
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.needs("gcc-12", "clang-14", "linux")
def test_it_is_right_and_known_to_be(name: str, workspace: Workspace) -> None:
    program = workspace.catalogue.program(name)
    assert program.mutations, "no mistake shows that its checks can fail"
    found: list[Finding] = []
    for said in narrowed(workspace, program):
        found += check(workspace, program, Asked(with_=said), mutations=not found)
    runs = [one for one in found if one.mutation is None]
    assert runs
    assert [(one.point, one.why) for one in runs if one.verdict != RIGHT] == []
    assert [one for one in found if not one.is_good] == []


def test_the_catalogue_has_them_all(tmp_path: object) -> None:
    programs = open_catalogue(f"{tmp_path}/home", f"{tmp_path}/cache").programs()
    assert [program.name for program in programs] == sorted(NAMES)
    assert {program.license for program in programs} == {"Apache-2.0"}
