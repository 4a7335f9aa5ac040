"""Module files loaded and unloaded by Environment Modules and by Lmod in a real shell."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from envmgr.activate.state import enter
from envmgr.export import module_lua, module_tcl
from envmgr.export.subject import Subject
from envmgr.model.delta import Delta
from tests.importers.module_systems import unpacked

from .subjects import OUTSIDE, environment, hurting, with_roles
from .things import detected

FORMATS = {"environment-modules": module_tcl, "lmod": module_lua}
OWN = re.compile(
    r"_|SHLVL|PWD|OLDPWD|(__)?MODULE.*|LOADEDMODULES|_LMFILES_|_ModuleTable.*|(__)?LMOD.*|MANPATH"
    r"|BASH_.*|BASH_ENV|ENV|FPATH|SUPPORT_KSH93|__ENVMGR_.*"
)
"""What module systems and shells keep for themselves."""
SCRIPT = """
cd /
. "$MODULESHOME/init/bash" >&2
before() { env -0; printf '\\1'; }
before
module load "$1" >&2
before
module unload "$1" >&2
before
"""

pytestmark = pytest.mark.needs("apt-get", "dpkg-deb", "tclsh", "bash")


@pytest.fixture(scope="module", params=FORMATS)
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MODULESHOME of each of the two; the directory is named after it."""
    return unpacked(request.param, tmp_path_factory.mktemp("modules"))


def format_of(system: Path) -> str:
    return next(name for name in FORMATS if name in system.parts)


def written(subject: Subject, system: Path, place: Path) -> None:
    """The module file of *subject* in the tree at *place*."""
    place.mkdir(exist_ok=True)
    for name, text in FORMATS[format_of(system)].render(subject).files.items():
        (place / name).write_text(text, "utf-8")


def shell(script: str, system: Path, tree: Path, environ: Mapping[str, str], *words: str) -> bytes:
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", *words],
        env={**environ, "MODULESHOME": str(system), "MODULEPATH": str(tree)},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert b"rror" not in done.stderr, done.stderr
    return done.stdout


def states(
    system: Path, tree: Path, environ: Mapping[str, str], module: str = "bench"
) -> list[dict[str, str]]:
    """The variables before loading, inside, and after unloading, less those of the systems."""
    printed = shell(SCRIPT, system, tree, environ, module).decode("utf-8", "surrogateescape")
    return [
        {name: value for name, _, value in pairs if not OWN.fullmatch(name)}
        for state in printed.split("\1")[:-1]
        for pairs in [[pair.partition("=") for pair in state.split("\0") if pair]]
    ]


def without_repeats(value: str) -> str:
    """A path list less what comes again: only the first place of a directory counts."""
    return ":".join(dict.fromkeys(value.split(":")))


@pytest.mark.parametrize("former", ["unset", "set"])
def test_inside_is_what_envmgr_makes_and_after_is_as_before(
    system: Path, tmp_path: Path, former: str
) -> None:
    subject = hurting()
    written(subject, system, tmp_path / "tree")
    environ = {**OUTSIDE, "LC_ALL": "C.UTF-8"}
    if former == "set":
        # What Lmod 8.6 keeps of a former value it reads back as it was only in ASCII.
        text = "a:b&c $x \\ " + ("é" if format_of(system) != "lmod" else "e")
        environ |= {name: f"{text} {name}" for name in subject.delta.put}
        environ["NEW_LIST"] = "/one:/two"
    before, inside, after = states(system, tmp_path / "tree", environ)
    wanted = enter(before, subject.delta, "", ()).values
    assert {name: inside[name] for name in subject.values} == {n: wanted[n] for n in subject.values}
    assert inside.keys() == before.keys() | subject.values.keys()
    assert after == before


def test_a_directory_that_is_in_a_list_already_comes_first(system: Path, tmp_path: Path) -> None:
    entry = detected("tool.x", delta=Delta(prepend={"PATH": ("/usr/bin", "/opt/x/bin")}))
    written(environment(entry), system, tmp_path / "tree")
    before, inside, after = states(system, tmp_path / "tree", OUTSIDE)
    wanted = enter(before, entry.delta, "", ()).values["PATH"]
    assert without_repeats(inside["PATH"]) == wanted
    assert sorted(after["PATH"].split(":")) == sorted(before["PATH"].split(":"))


def test_modules_with_one_role_exclude_each_other(system: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        entry = with_roles(detected("lib.openmpi", delta=Delta({"ROLE": name})), "mpi")
        written(environment(entry, name=name), system, tmp_path / "tree")
    script = '. "$MODULESHOME/init/bash"; module load one; module load two; module -t list; :'
    done = subprocess.run(
        ["bash", "--norc", "-c", f"{script} echo $ROLE"],
        env={**OUTSIDE, "MODULESHOME": str(system), "MODULEPATH": str(tmp_path / "tree")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded = {line for line in done.stderr.splitlines() if line in ("one", "two")}
    assert len(loaded) == 1  # Lmod takes the second for the first, Environment Modules refuses it


def test_help_names_what_is_inside(system: Path, tmp_path: Path) -> None:
    written(hurting(), system, tmp_path / "tree")
    script = '. "$MODULESHOME/init/bash"; module help bench 2>&1; module whatis bench 2>&1'
    said = shell(script, system, tmp_path / "tree", OUTSIDE).decode()
    assert "The environment bench of envmgr:\n    tool.trap 1.0-\\\n" in said
    assert said.count("tool.trap 1.0-\\") == 2
