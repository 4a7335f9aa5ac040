"""Modules: what loading one changes, with both systems really started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import HostError, UsageError
from envmgr.importers.modules import Loaded, check_name, difference, load

from .module_systems import PACKAGES, SAYS, tree, unpacked

real = pytest.mark.needs("apt-get", "dpkg-deb", "tclsh", "bash", "linux")
PATHS = st.lists(st.sampled_from(("/a/bin", "/b/bin", "/c d/bin", "/e")), unique=True, max_size=3)


@pytest.fixture(scope="module", params=sorted(PACKAGES))
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment of a person who has a module system and a module tree."""
    place = tmp_path_factory.mktemp("modules")
    prefix = place / "hello-1.2"
    (prefix / "bin").mkdir(parents=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "MODULESHOME": str(unpacked(request.param, place)),
        "MODULEPATH": str(tree(place, prefix)),
    }


def prefix_of(session: dict[str, str]) -> str:
    return f"{session['HOME']}/hello-1.2"


@real
def test_what_loading_changes(session: dict[str, str]) -> None:
    prefix = prefix_of(session)
    (loaded,) = load(["hello/1.2"], session)
    assert loaded == Loaded(
        "hello/1.2",
        put={"HELLO_ROOT": prefix},
        lists={"PATH": (f"{prefix}/bin",), "MANPATH": (f"{prefix}/share/man",)},
        brought=("hello/1.2",),
    )
    assert loaded.directories() == (f"{prefix}/bin", prefix)


@real
def test_each_module_has_its_own_changes(session: dict[str, str]) -> None:
    first, second = load(["hello", "needs-hello/2"], session)
    assert (first.brought, second.brought) == (("hello/1.2",), ("needs-hello/2",))
    assert dict(second.put) == {"SAYS": SAYS, "HELLO_ROOT": "/elsewhere"}


@real
def test_what_is_loaded_already_is_loaded_anew(session: dict[str, str]) -> None:
    prefix = prefix_of(session)
    script = '. "$MODULESHOME/init/bash"; module load hello/1.2; env -0'
    done = subprocess.run(
        ["bash", "-c", script], env=session, capture_output=True, text=True, timeout=60, check=True
    )
    before = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    assert before["HELLO_ROOT"] == prefix
    (loaded,) = load(["hello/1.2"], before)
    assert loaded.lists["PATH"] == (f"{prefix}/bin",)


@real
@pytest.mark.parametrize(
    ("name", "why"), [("broken/1", "out of licences"), ("missing/3", "missing/3")]
)
def test_what_cannot_be_loaded(session: dict[str, str], name: str, why: str) -> None:
    with pytest.raises(HostError, match=f"cannot load the module {name}; it said: .*{why}"):
        load([name], session)


@pytest.mark.needs("bash")
def test_what_is_no_module_command(tmp_path: Path) -> None:
    (tmp_path / "init").mkdir()
    (tmp_path / "init" / "bash").write_text("true\n")
    with pytest.raises(HostError, match="no module command"):
        load(["gcc"], {"PATH": os.environ["PATH"], "MODULESHOME": str(tmp_path)})


@pytest.mark.needs("bash")
def test_a_command_that_says_that_it_failed_and_ends_well(tmp_path: Path) -> None:
    (tmp_path / "init").mkdir()
    (tmp_path / "init" / "bash").write_text('module() { echo "$1 $2: no such thing"; }\n')
    with pytest.raises(HostError, match="load gcc: no such thing"):
        load(["gcc"], {"PATH": os.environ["PATH"], "MODULESHOME": str(tmp_path)})


@pytest.mark.needs("bash")
def test_names_are_arguments_whatever_the_command_does(tmp_path: Path) -> None:
    (tmp_path / "init").mkdir()
    text = (
        "module() { [ $1 = unload ] || export LOADEDMODULES=$2 SAYS=$#$'\\n;\\n'; }\nset -- gone\n"
    )
    (tmp_path / "init" / "bash").write_text(text)
    environ = {"PATH": os.environ["PATH"], "MODULESHOME": str(tmp_path), "BASH_ENV": "/nowhere"}
    (loaded,) = load(["a/b@1+2-3.4_5"], environ)
    assert loaded == Loaded("a/b@1+2-3.4_5", {"SAYS": "2\n;\n"}, brought=("a/b@1+2-3.4_5",))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "-r",
            "--help",
            "/etc/x",
            "./x",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "a b",
            "a;b",
            "$(a)",
        ),
        *("a\nb", "a'b", "`a`", "a*", "a\0", "~/x", "ä"),
    ],
)
def test_names_that_no_module_has(name: str) -> None:
    with pytest.raises(UsageError, match="not the name of a module"):
        check_name(name)


@given(st.text(max_size=20) | st.text("ab1./-@+", max_size=12))
def test_a_name_is_never_a_path_or_an_option(name: str) -> None:
    try:
        check_name(name)
    except UsageError:
        return
    pieces = name.split("/")
    assert name[0].isalnum() or name[0] == "_"
    assert all(pieces) and ".." not in pieces and "." not in pieces


@given(PATHS, PATHS, st.booleans())
def test_lists_grow_in_front_and_behind(before: list[str], more: list[str], front: bool) -> None:
    old, added = ":".join(before), [path for path in more if path not in before]
    new = ":".join([*added, *before] if front else [*before, *added])
    loaded = difference("m", {"PATH": old}, {"PATH": new})
    assert loaded == Loaded("m", lists={"PATH": tuple(added)} if added else {})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"A": "b"}, Loaded("m", {"A": "b"})),
        ({"A": "a"}, {"A": "b"}, Loaded("m", {"A": "b"})),
        ({"A": "a"}, {}, Loaded("m", unset=("A",))),
        ({"PATH": "/a:/b"}, {"PATH": "/c:/b"}, Loaded("m", {"PATH": "/c:/b"})),
        ({}, {"X_PATH": "/c::/b"}, Loaded("m", lists={"X_PATH": ("/c", "/b")})),
        (
            {"SHLVL": "1", "_LMFILES_": "/x", "MODULEPATH": "/a", "PWD": "/"},
            {
                "SHLVL": "2",
                "_ModuleTable001_": "x",
                "LMOD_CMD": "y",
                "__LMOD_Q": "",
                "_": "z",
                "MODULEPATH": "/a:/b",
                "__MODULES_LMTAG": "t",
                "PATH_modshare": "1",
            },
            Loaded("m"),
        ),
        ({"LOADEDMODULES": "a/1"}, {"LOADEDMODULES": "a/1:b/2"}, Loaded("m", brought=("b/2",))),
    ],
)
def test_differences(before: dict[str, str], after: dict[str, str], expected: Loaded) -> None:
    assert difference("m", before, after) == expected
