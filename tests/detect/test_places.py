from __future__ import annotations

import glob
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.detect import places as module
from envmgr.detect.places import (
    Directory,
    Places,
    at,
    below,
    expand,
    merged,
    of_data,
    of_patterns,
    outside,
    prefix_of,
    survey,
    system_directories,
)
from envmgr.model.definition import KnownPlace
from tests.detect.mock import environ, program, text


def made(top: Path, *names: str) -> list[str]:
    """Directories below *top*."""
    for name in names:
        (top / name).mkdir(parents=True, exist_ok=True)
    return [str(top / name) for name in names]


def paths(directories: tuple[Directory, ...], top: Path) -> list[str]:
    """Those of *directories* below *top*, relative to it."""
    inside = str(top) + os.sep
    return [d.path.removeprefix(inside) for d in directories if d.path.startswith(inside)]


# -- PATH and the system ---------------------------------------------------------------------


def test_path_comes_first_and_in_its_order(tmp_path: Path) -> None:
    b, a = made(tmp_path, "b/bin", "a/bin")
    found = survey((), environ(PATH=os.pathsep.join([b, "relative", "", a, "/nonexistent"])))
    assert [d.path for d in found.bins[:2]] == [b, a]
    assert found.bins[0] == Directory(b, str(tmp_path / "b"), "PATH")
    assert "relative" not in {d.path for d in found.bins}


def test_bin_and_usr_bin_are_one() -> None:
    one = survey((), environ(PATH="/bin:/usr/bin"))
    two = survey((), environ(PATH="/usr/bin:/bin"))
    assert [d.path for d in one.bins].count(os.path.realpath("/bin")) == 1
    assert one == two


def test_a_linked_directory_counts_once(tmp_path: Path) -> None:
    (real,) = made(tmp_path, "12.2/bin")
    (tmp_path / "latest").symlink_to("12.2")
    path = os.pathsep.join([str(tmp_path / "latest/bin"), real])
    assert paths(survey((), environ(PATH=path)).bins, tmp_path) == ["12.2/bin"]


def test_variables_of_libraries_and_headers(tmp_path: Path) -> None:
    made(tmp_path, "a/lib", "b/lib64", "c/include")
    found = survey(
        (),
        environ(
            LD_LIBRARY_PATH=str(tmp_path / "a/lib"),
            LIBRARY_PATH=str(tmp_path / "b/lib64"),
            CPATH=str(tmp_path / "c/include"),
        ),
    )
    assert paths(found.libs, tmp_path) == ["a/lib", "b/lib64"]
    assert paths(found.includes, tmp_path) == ["c/include"]


def test_the_system_is_always_looked_at() -> None:
    found = survey((), environ(PATH=""))
    assert os.path.realpath("/usr/bin") in {d.path for d in found.bins}
    assert os.path.realpath("/usr/include") in {d.path for d in found.includes}
    assert any(d.prefix == "/usr" for d in found.libs)


def test_the_loaders_directories_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lib,) = made(tmp_path, "vendor/lib")
    text(tmp_path / "ld.so.conf.d/vendor.conf", f"# vendor\n{lib}\nrelative/lib\n\n/nonexistent\n")
    real = glob.glob
    configured = "/etc/ld.so.conf.d/*.conf"
    pattern = str(tmp_path / "ld.so.conf.d/*.conf")
    monkeypatch.setattr(
        glob, "glob", lambda p, **more: real(pattern if p == configured else p, **more)
    )
    found = survey((), environ())
    assert paths(found.libs, tmp_path) == ["vendor/lib"]
    assert not any("relative" in d.path or "nonexistent" in d.path for d in found.libs)


def test_directories_that_are_searched_anyway() -> None:
    known = system_directories()
    assert {"/usr/bin", "/bin", "/usr/include", "/usr/lib", "/usr"} <= known
    assert "/usr/local/bin" not in known and "/usr/local/lib" not in known


# -- known places ----------------------------------------------------------------------------

PYENV = KnownPlace(
    "pyenv", ("$PYENV_ROOT/versions/*", "~/.pyenv/versions/*"), shims=("~/.pyenv/shims",)
)
TOOLS = KnownPlace("tools", ("~/tools/*",), bin=("bin", "."), lib=(), include=())


def test_the_versions_of_a_manager_are_found(home: Path) -> None:
    made(home, ".pyenv/versions/3.11.7/bin", ".pyenv/versions/3.9.18/bin", ".pyenv/versions/empty")
    found = survey((PYENV,), environ(HOME=str(home)))
    assert paths(found.bins, home) == [".pyenv/versions/3.11.7/bin", ".pyenv/versions/3.9.18/bin"]
    mine = [d for d in found.bins if d.path.startswith(str(home))]
    assert {d.source for d in mine} == {"pyenv"}
    assert mine[0].prefix == str(home / ".pyenv/versions/3.11.7")


def test_a_variable_that_is_set_adds_its_places(home: Path, tmp_path: Path) -> None:
    made(tmp_path, "elsewhere[1]/versions/3.12/bin")
    where = environ(HOME=str(home), PYENV_ROOT=str(tmp_path / "elsewhere[1]"))
    assert paths(survey((PYENV,), where).bins, tmp_path) == ["elsewhere[1]/versions/3.12/bin"]


def test_a_place_says_what_it_has(home: Path) -> None:
    made(home, "tools/a/bin", "tools/a/lib", "tools/a/include")
    found = survey((TOOLS,), environ(HOME=str(home)))
    assert paths(found.bins, home) == ["tools/a/bin", "tools/a"]
    assert paths(found.libs, home) == [] == paths(found.includes, home)


def test_shims_are_known_by_their_real_path(home: Path) -> None:
    made(home, ".pyenv/real")
    (home / ".pyenv/shims").symlink_to("real")
    found = survey((PYENV,), environ(HOME=str(home), PATH=str(home / ".pyenv/shims")))
    assert found.shims == {str(home / ".pyenv/real"): "pyenv"}
    assert paths(found.bins, home) == [".pyenv/real"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("$TOP/*", ["a", "b"]),
        ("${TOP}/a", ["a"]),
        ("~/x*", ["home/x1", "home/x2"]),
        ("~", ["home"]),
        ("$TOP/file", []),
        ("$TOP/gone", []),
        ("$UNSET/*", []),
        ("$EMPTY/*", []),
        ("/nonexistent/*", []),
        ("$RELATIVE/*", []),
        ("relative/*", []),
    ],
)
def test_patterns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, expected: list[str]
) -> None:
    made(tmp_path, "top[x]/a", "top[x]/b", "home/x2", "home/x1", "cwd/relative/a")
    text(tmp_path / "top[x]/file")
    monkeypatch.chdir(tmp_path / "cwd")
    top = str(tmp_path / "top[x]")
    where = {"TOP": top, "HOME": str(tmp_path / "home"), "EMPTY": "", "RELATIVE": "relative"}
    found = [os.path.relpath(path, tmp_path) for path in expand(pattern, where)]
    assert found == [name if name.startswith("home") else f"top[x]/{name}" for name in expected]


def test_module_trees_add_prefixes(tmp_path: Path) -> None:
    made(tmp_path, "opt/gcc/bin", "opt/gcc/lib64", "opt/gcc/include")
    file = text(
        tmp_path / "modules/gcc", f"set root {tmp_path}/opt/gcc\nprepend-path PATH $root/bin"
    )
    found = survey((), environ(MODULEPATH=str(tmp_path / "modules")))
    assert paths(found.bins, tmp_path) == ["opt/gcc/bin"]
    assert paths(found.libs, tmp_path) == ["opt/gcc/lib64"]
    assert paths(found.includes, tmp_path) == ["opt/gcc/include"]
    assert f"module {file}" in {d.source for d in found.bins}


# -- named on purpose ------------------------------------------------------------------------


def test_a_prefix_named_itself(tmp_path: Path) -> None:
    made(tmp_path, "bin", "lib64", "include")
    found = at([str(tmp_path)])
    assert [d.path for d in found.bins] == [str(tmp_path / "bin"), str(tmp_path)]
    assert str(tmp_path / "lib64") in {d.path for d in found.libs}
    assert [d.path for d in found.roots] == [str(tmp_path)]


def test_a_file_named_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = program(tmp_path / "thing", "x")
    monkeypatch.chdir(tmp_path)
    assert at(["thing"]) == Places(files=(str(own),))


def test_below_a_directory_four_levels_deep(tmp_path: Path) -> None:
    made(tmp_path, "1/2/3/4/bin", "1/2/3/4/5/bin", "1/__pycache__/bin")
    (tmp_path / "1/loop").symlink_to(tmp_path)
    found = paths(below([str(tmp_path)]).bins, tmp_path)
    assert found == ["1/2/3/4/bin"]


def test_a_limit_cuts_off_what_lies_deepest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, *(f"aaa/{number}/x" for number in range(50)), "zzz/bin")
    monkeypatch.setattr(module, "_SEARCH_LIMIT", 10)
    assert paths(below([str(tmp_path)]).bins, tmp_path) == ["zzz/bin"]


def test_a_detectors_own_places(tmp_path: Path) -> None:
    made(tmp_path, "x/1/bin", "x/2/bin")
    found = of_patterns((f"{tmp_path}/x/*",), environ())
    assert paths(found.roots, tmp_path) == ["x/1", "x/2"]
    assert "x/1/bin" in paths(found.bins, tmp_path)


def test_data_is_looked_for_one_level_below(tmp_path: Path) -> None:
    made(tmp_path, "data/imagenet/val", "more")
    text(tmp_path / "data/file")
    listed = os.pathsep.join([str(tmp_path / "data"), "", str(tmp_path / "more"), "/nonexistent"])
    found = of_data({"ENVMGR_DATA": listed})
    assert paths(found.roots, tmp_path) == ["data", "data/imagenet", "more"]
    assert of_data({}) == Places()


def test_places_outside_a_directory(tmp_path: Path) -> None:
    made(tmp_path, "in/bin", "inner/bin")
    found = outside(merged([at([str(tmp_path / "in/x"), str(tmp_path / "inner")]),
                            below([str(tmp_path / "in")])]), str(tmp_path / "in"))  # fmt: skip
    assert paths(found.bins, tmp_path) == ["inner/bin", "inner", "in"]


@pytest.mark.parametrize(
    ("directory", "prefix"),
    [
        ("/usr/bin", "/usr"),
        ("/bin", "/"),
        ("/opt/gcc-12/bin", "/opt/gcc-12"),
        ("/usr/lib/x86_64-linux-gnu", "/usr"),
        ("/usr/lib/llvm-14/bin", "/usr/lib/llvm-14"),
        ("/srv/bin/tool/bin", "/srv/bin/tool"),
        ("/opt/tool", "/opt/tool"),
    ],
)
def test_prefixes(directory: str, prefix: str) -> None:
    assert prefix_of(directory) == prefix


PIECES = st.lists(st.sampled_from(("usr", "opt", "bin", "lib", "x")), min_size=1, max_size=5)


@given(PIECES)
def test_a_prefix_holds_its_directory(pieces: list[str]) -> None:
    directory = "/" + "/".join(pieces)
    prefix = prefix_of(directory)
    assert directory == prefix or directory.startswith(prefix.rstrip("/") + "/")


DIRECTORIES = st.lists(
    st.builds(Directory, st.sampled_from("abcd"), st.sampled_from("pq"), st.just("s")), max_size=6
)


@given(DIRECTORIES, DIRECTORIES)
def test_merging_keeps_the_first_of_every_path(one: list[Directory], two: list[Directory]) -> None:
    bins = merged((Places(bins=tuple(one)), Places(bins=tuple(two)))).bins
    assert [d.path for d in bins] == list(dict.fromkeys(d.path for d in [*one, *two]))
    assert all(d == next(x for x in [*one, *two] if x.path == d.path) for d in bins)
