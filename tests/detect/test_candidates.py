from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.detect.candidates import (
    Candidate,
    Refusal,
    _compiled,
    _starting_with,
    candidates,
    forget,
)
from envmgr.detect.places import Directory, Places, at, merged
from envmgr.model.definition import Find
from envmgr.model.delta import Delta
from envmgr.model.entry import Origin, make_entry
from tests.detect.mock import detector, program, text


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget()


def looked(find: Find, places: Places) -> list[Candidate]:
    """The candidates, none of which may be refused."""
    outcomes = list(candidates(detector(find=find), places))
    assert all(isinstance(item, Candidate) for item in outcomes), outcomes
    return [item for item in outcomes if isinstance(item, Candidate)]


def paths(find: Find, *roots: Path) -> list[str]:
    """What is found below *roots*, each once."""
    found = looked(find, at([str(root) for root in roots]))
    return list(dict.fromkeys(os.path.relpath(item.path, roots[0]) for item in found))


def test_a_program_matches_by_its_whole_name(tmp_path: Path) -> None:
    for name in ("gcc", "gcc-12", "gcc-ar", "xgcc", "gcc-12.old"):
        program(tmp_path / "bin" / name, "x")
    found = looked(Find(program=(r"gcc(?P<suffix>-[\d.]+)?",)), at([str(tmp_path)]))
    assert {(os.path.basename(c.path), c.values["suffix"]) for c in found} == {
        ("gcc", ""),
        ("gcc-12", "-12"),
    }


def test_a_program_must_be_an_executable_file(tmp_path: Path) -> None:
    (tmp_path / "sbin/thing").mkdir(parents=True)
    (tmp_path / "Scripts").mkdir()
    (tmp_path / "Scripts/thing").symlink_to("gone")
    (tmp_path / "thing").symlink_to("thing")
    assert paths(Find(program=("thing",)), tmp_path) == []


def test_a_file_that_is_not_executable_is_refused(tmp_path: Path) -> None:
    text(tmp_path / "bin/thing", "#!/bin/sh\necho thing 1.0\n")
    (refusal,) = candidates(detector(), at([str(tmp_path)]))
    assert isinstance(refusal, Refusal) and refusal.why == "not executable"


def test_ways_that_name_files(tmp_path: Path) -> None:
    text(tmp_path / "lib/libthing.so.1")
    text(tmp_path / "lib64/libthing.a")
    text(tmp_path / "include/thing/thing.h")
    text(tmp_path / "lib/pkgconfig/thing.pc")
    text(tmp_path / "share/pkgconfig/other.pc")
    text(tmp_path / "lib/cmake/Thing-1/ThingConfig.cmake")
    text(tmp_path / "lib/cmake/other/other-config.cmake")
    library = Find(library=(r"libthing\.(?:so(?:\.\d+)*|a)",))
    assert paths(library, tmp_path) == ["lib/libthing.so.1", "lib64/libthing.a"]
    assert paths(Find(header=("thing/thing.h",)), tmp_path) == ["include/thing/thing.h"]
    assert paths(Find(pkgconfig=("thing",)), tmp_path) == ["lib/pkgconfig/thing.pc"]
    assert paths(Find(pkgconfig=("other",)), tmp_path) == ["share/pkgconfig/other.pc"]
    assert paths(Find(cmake=("Thing",)), tmp_path) == ["lib/cmake/Thing-1/ThingConfig.cmake"]
    assert paths(Find(cmake=("Other",)), tmp_path) == ["lib/cmake/other/other-config.cmake"]
    assert paths(Find(header=("gone.h",), pkgconfig=("gone",), cmake=("gone",)), tmp_path) == []


def test_a_cmake_package_may_lie_under_share(tmp_path: Path) -> None:
    text(tmp_path / "share/cmake/Thing/ThingConfig.cmake")
    text(tmp_path / "lib/libother.so")
    assert paths(Find(cmake=("Thing",)), tmp_path) == ["share/cmake/Thing/ThingConfig.cmake"]


def test_a_marker_is_looked_for_in_roots_only(tmp_path: Path) -> None:
    text(tmp_path / "val/ILSVRC_1.JPEG")
    text(tmp_path / "val/ILSVRC_2.JPEG")
    find = Find(marker=("val/ILSVRC_*.JPEG",))
    assert paths(find, tmp_path) == ["val/ILSVRC_1.JPEG"]
    elsewhere = Places(bins=(Directory(str(tmp_path), str(tmp_path), "PATH"),))
    assert looked(find, elsewhere) == []


def test_a_root_with_magic_characters_is_taken_as_it_is(tmp_path: Path) -> None:
    text(tmp_path / "data[1]*/marker")
    text(tmp_path / "data1/marker")
    assert paths(Find(marker=("marker",)), tmp_path / "data[1]*") == ["marker"]


def test_a_package_belongs_to_its_interpreter(tmp_path: Path) -> None:
    site = tmp_path / "lib/python3.11/site-packages"
    text(site / "Scikit_Learn-1.4.0.dist-info/METADATA")
    text(site / "old_style-2.0-py3.11.egg-info/PKG-INFO")
    text(site / "numpy-2.1.0.dist-info.tmp")
    interpreter = make_entry(
        "compiler.python",
        "3.11.7",
        tags=(),
        prefix=str(tmp_path),
        path=f"{tmp_path}/bin/python",
        delta=Delta(),
        origin=Origin("detected", "compiler.python"),
    )
    wanted = detector(find=Find(python=("scikit-learn", "old.style", "numpy")))
    found = [c for c in candidates(wanted, Places(), [interpreter]) if isinstance(c, Candidate)]
    assert [(c.values["dist_version"], c.needs) for c in found] == [
        ("1.4.0", (interpreter.id,)),
        ("2.0", (interpreter.id,)),
    ]
    assert found[0].values["python"] == interpreter.path
    assert found[0].values["python_version"] == "3.11"
    assert found[0].values["site"] == str(site)


def test_a_package_in_a_prefix_of_its_own_needs_none(tmp_path: Path) -> None:
    text(tmp_path / "site/numpy-2.1.0.dist-info/METADATA")
    found = looked(Find(python=("numpy",)), at([str(tmp_path)]))
    assert [(c.values["dist_version"], c.needs) for c in found] == [("2.1.0", ())]


def test_a_shim_is_refused_and_named(tmp_path: Path) -> None:
    program(tmp_path / "shims/thing", "x")
    shims = Places(shims={str(tmp_path / "shims"): "pyenv"})
    places = merged((shims, at([str(tmp_path / "shims")])))
    outcomes = list(candidates(detector(), places))
    assert outcomes and all(isinstance(item, Refusal) for item in outcomes)
    assert "a shim of pyenv" in str(outcomes[0])


def test_a_link_to_ccache_is_refused_and_named(tmp_path: Path) -> None:
    program(tmp_path / "opt/ccache", "x")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/thing").symlink_to("../opt/ccache")
    (refusal,) = candidates(detector(), at([str(tmp_path)]))
    assert isinstance(refusal, Refusal) and "ccache" in refusal.why


def test_a_link_leads_to_the_home_of_the_real_file(tmp_path: Path) -> None:
    real = program(tmp_path / "lib/llvm-14/bin/clang", "x")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/clang-14").symlink_to(real)
    (found,) = looked(Find(program=(r"clang(?P<suffix>-\d+)?",)), at([str(tmp_path)]))
    assert (found.path, found.values["suffix"]) == (str(real), "")
    assert found.directory.prefix == str(tmp_path / "lib/llvm-14")


def test_a_link_to_another_name_stays_where_it_was_found(tmp_path: Path) -> None:
    program(tmp_path / "libexec/bin/thing-real", "x")
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin/thing"
    link.symlink_to("../libexec/bin/thing-real")
    (found,) = looked(Find(program=("thing",)), at([str(tmp_path)]))
    assert found.path == str(link) and found.real.endswith("thing-real")


def test_a_file_can_be_named_itself(tmp_path: Path) -> None:
    own = program(tmp_path / "build/thing", "x")
    (found,) = looked(Find(program=("thing",)), at([str(own)]))
    assert found.path == str(own)
    assert looked(Find(program=("other",)), at([str(own)])) == []


NAMES = st.lists(st.text("gc-+12.x_", min_size=1, max_size=6), max_size=20)
PATTERNS = (
    r"gcc(?P<suffix>-[\d.]+)?",
    r"gc?c",
    r"x|gcc",
    r"(?:g|x)cc",
    r"g(?:c|x)c",
    r"gc*1",
    r"gc{2}",
    r"c\+\+",
    r"[xg]cc",
    r"\w+-2",
)


@given(NAMES, st.sampled_from(PATTERNS))
def test_looking_names_up_by_their_start_loses_none(names: list[str], pattern: str) -> None:
    regex, literal = _compiled(pattern)
    kept = [name for name in _starting_with(sorted(names), literal) if regex.fullmatch(name)]
    assert kept == [name for name in sorted(names) if re.fullmatch(pattern, name)]
