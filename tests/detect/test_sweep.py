from __future__ import annotations

import os
import random
import shutil
import sys
import venv
from pathlib import Path

import pytest

from envmgr.catalog.load import load
from envmgr.detect import sweep as module
from envmgr.detect.places import at, below, survey
from envmgr.detect.sweep import INTERPRETER, sweep
from envmgr.model.definition import Detector, Find, KnownPlace, VersionRule
from tests.conftest import ROOT
from tests.detect.mock import counted, detector, environ, found, program, script, text

GCC = """\
Target: x86_64-linux-gnu
Configured with: ../src/configure --host=x86_64-linux-gnu --target=x86_64-linux-gnu
Thread model: posix
gcc version {} (Debian)"""
NUMBERED = detector(find=Find(program=(r"thing(?P<suffix>-[\d.]+)?",)), alias="thing")


def shipped(name: str) -> Detector:
    """The shipped detector of that name."""
    value = load(str(ROOT / "detectors" / f"{name.replace('.', '/', 1)}.toml")).value
    assert isinstance(value, Detector)
    return value


def test_versions_side_by_side(tmp_path: Path) -> None:
    """As two packaged compilers lie in one directory: links, versioned names, parts of each."""
    bins = tmp_path / "bin"
    for major, version in (("11", "11.3.0"), ("12", "12.2.0")):
        program(bins / f"x86_64-linux-gnu-gcc-{major}", GCC.format(version))
        (bins / f"gcc-{major}").symlink_to(f"x86_64-linux-gnu-gcc-{major}")
        program(bins / f"g++-{major}", "g++")
    (bins / "gcc").symlink_to("gcc-12")
    (bins / "g++").symlink_to("g++-12")
    result = found(tmp_path, shipped("compiler.gcc"))
    assert [(e.version, os.path.basename(e.path)) for e in result.entries] == [
        ("11.3.0", "gcc-11"),
        ("12.2.0", "gcc"),
    ]
    old, new = result.entries
    assert old.delta.put == {"CC": f"{bins}/gcc-11", "CXX": f"{bins}/g++-11"}
    assert old.links == {"gcc": f"{bins}/gcc-11", "g++": f"{bins}/g++-11"}
    assert new.delta.put == {"CC": f"{bins}/gcc", "CXX": f"{bins}/g++"}
    assert result.aliases[new.id] == (f"{bins}/gcc-12",)


def test_one_version_twice_is_two_entries(tmp_path: Path) -> None:
    for prefix in ("a", "b"):
        program(tmp_path / prefix / "bin/thing", "thing 1.0")
    result = sweep([detector()], below([str(tmp_path)]), environ(), own_places=False)
    assert [e.prefix for e in result.entries] == [str(tmp_path / "a"), str(tmp_path / "b")]
    assert len({e.id for e in result.entries}) == 2


def test_entries_come_in_the_order_of_their_versions(tmp_path: Path) -> None:
    versions = ["1.2", "1.10", "1.9", "2.0rc1", "2.0", "10.0"]
    random.Random(1).shuffle(versions)
    for number, version in enumerate(versions):
        program(tmp_path / f"bin/thing-{number}", f"thing {version}")
    entries = found(tmp_path, NUMBERED).entries
    assert [e.version for e in entries] == ["1.2", "1.9", "1.10", "2.0rc1", "2.0", "10.0"]


def test_names_of_one_file_are_one_entry_and_one_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    counted(tmp_path / "bin/thing-1.2.3", "thing 1.2.3", log)
    for name, target in (("thing-1.2", "thing-1.2.3"), ("thing", "thing-1.2")):
        (tmp_path / "bin" / name).symlink_to(target)
    script(tmp_path / "sbin/thing", f'exec {tmp_path}/bin/thing "$@"')
    result = found(tmp_path, NUMBERED)
    (entry,) = result.entries
    assert entry.path == f"{tmp_path}/bin/thing"
    assert result.aliases[entry.id] == tuple(
        f"{tmp_path}/{name}" for name in ("bin/thing-1.2", "bin/thing-1.2.3", "sbin/thing")
    )
    assert log.read_text().splitlines() == ["started"]


def test_aliases_do_not_depend_on_the_order_of_search(tmp_path: Path) -> None:
    program(tmp_path / "a/bin/thing", "thing 1.0")
    (tmp_path / "b/bin").mkdir(parents=True)
    (tmp_path / "b/bin/thing").symlink_to("../../a/bin/thing")
    one = sweep([detector()], at([f"{tmp_path}/a", f"{tmp_path}/b"]), environ())
    two = sweep([detector()], at([f"{tmp_path}/b", f"{tmp_path}/a"]), environ())
    assert one.entries == two.entries and one.aliases == two.aliases
    assert [e.path for e in one.entries] == [f"{tmp_path}/a/bin/thing"]


def test_a_toolchain_in_a_place_that_only_a_glob_knows(tmp_path: Path) -> None:
    program(tmp_path / "opt/toolchains/12.2/bin/thing", "thing 12.2")
    known = KnownPlace("vendor", (f"{tmp_path}/opt/*/[0-9]*",))
    (entry,) = sweep([detector()], survey((known,), environ(PATH="")), environ()).entries
    assert entry.prefix == f"{tmp_path}/opt/toolchains/12.2"


def test_a_detectors_own_directories(tmp_path: Path) -> None:
    program(tmp_path / "odd/place/bin/thing", "thing 1.0")
    wanted = detector(find=Find(program=("thing",), dirs=("$ODD/*",)))
    where = environ(ODD=f"{tmp_path}/odd")
    assert len(sweep([wanted], at([]), where).entries) == 1
    assert sweep([wanted], at([]), where, own_places=False).entries == ()


def test_data_is_found_by_its_marker(tmp_path: Path) -> None:
    text(tmp_path / "data/images-2012/val/README", "the set of 2012")
    wanted = detector(
        find=Find(marker=("val/README",)),
        versions=(VersionRule(match=r"of (\d+)", file="{path}"),),
        env={"IMAGES": "{prefix}"},
    )
    (entry,) = sweep([wanted], at([]), environ(ENVMGR_DATA=f"{tmp_path}/data")).entries
    assert entry.version == "2012"
    assert entry.delta.put == {"IMAGES": f"{tmp_path}/data/images-2012"}


def test_a_broken_candidate_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROBE_TIMEOUT", 3.0)
    program(tmp_path / "bin/thing", "thing 1.0")
    script(tmp_path / "bin/thing-1", "sleep 60")
    program(tmp_path / "bin/thing-2", "")
    text(tmp_path / "bin/thing-3", "#!/nonexistent\n").chmod(0o755)
    (tmp_path / "bin/thing-4").symlink_to("thing-4")
    (tmp_path / "bin/thing-5").mkdir()
    result = found(tmp_path, NUMBERED)
    assert [e.version for e in result.entries] == ["1.0"]
    assert {os.path.basename(r.path): r.why.split()[0] for r in result.refusals} == {
        "thing-1": "`" + f"{tmp_path}/bin/thing-1",
        "thing-2": "no",
        "thing-3": "cannot",
    }


def test_a_name_that_is_not_text_is_a_name(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 1.0")
    os.rename(own, os.fsencode(tmp_path) + b"/bin/thing-\xff")
    odd = detector(find=Find(program=(r"thing.*",)))
    (entry,) = found(tmp_path, odd).entries
    assert os.fsencode(entry.path).endswith(b"thing-\xff") and len(entry.id) == 16


def test_a_program_sees_nothing_of_the_users_environment(tmp_path: Path) -> None:
    script(tmp_path / "bin/thing", 'echo "thing 1.0${CFLAGS}${PYTHONPATH}${LC_ALL}"; pwd')
    where = environ(CFLAGS="x", PYTHONPATH="/x", LC_ALL="de_DE")
    wanted = detector(versions=(VersionRule(match=r"thing (\S+)\n/$", run="{path}"),))
    (entry,) = sweep([wanted], at([str(tmp_path)]), where, own_places=False).entries
    assert entry.version == "1.0C"


def test_progress_tells_every_candidate(tmp_path: Path) -> None:
    for name in ("thing-1", "thing-2"):
        program(tmp_path / "bin" / name, f"thing {name[-1]}")
    seen: list[str] = []
    found(tmp_path, NUMBERED, progress=seen.append)
    assert sorted(map(os.path.basename, seen)) == ["thing-1", "thing-2"]


# -- interpreters and their packages ---------------------------------------------------------


def test_one_inside_a_virtual_environment(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", symlinks=True)
    site = tmp_path / "env/lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    text(site / "site-packages/numpy-2.1.0.dist-info/METADATA", "Name: numpy\nVersion: 2.1.0\n")
    program(tmp_path / "env/bin/thing", "thing 1.0")
    detectors = [shipped("python.numpy"), detector(), shipped(INTERPRETER)]
    where = environ(VIRTUAL_ENV=f"{tmp_path}/env", PATH="")
    known = KnownPlace("virtual environment", ("$VIRTUAL_ENV",))
    result = sweep(detectors, survey((known,), where), where)
    mine = {e.name: e for e in result.entries if e.prefix == f"{tmp_path}/env"}
    assert set(mine) == {INTERPRETER, "python.numpy", "tool.thing"}
    interpreter = mine[INTERPRETER]
    assert interpreter.version == ".".join(map(str, sys.version_info[:3]))
    assert interpreter.delta.put["VIRTUAL_ENV"] == f"{tmp_path}/env"
    assert mine["python.numpy"].needs == (interpreter.id,)


def test_known_interpreters_lend_their_packages(tmp_path: Path) -> None:
    program(tmp_path / "bin/python3.11", "Python 3.11.7")
    text(tmp_path / "lib/python3.11/site-packages/numpy-2.1.0.dist-info/METADATA")
    (interpreter,) = found(tmp_path, shipped(INTERPRETER)).entries
    result = sweep([shipped("python.numpy")], at([]), environ(), known=[interpreter])
    assert [(e.version, e.needs) for e in result.entries] == [("2.1.0", (interpreter.id,))]


@pytest.mark.needs("gcc")
def test_a_copy_of_a_real_compiler_is_another_one(tmp_path: Path) -> None:
    real = os.path.realpath(shutil.which("gcc") or "")
    (tmp_path / "bin").mkdir()
    shutil.copy(real, tmp_path / "bin/gcc")
    (entry,) = found(tmp_path, shipped("compiler.gcc")).entries
    (own,) = sweep([shipped("compiler.gcc")], at([real.rpartition("/")[0] + "/gcc"]),
                   environ(), own_places=False).entries  # fmt: skip
    assert entry.version == own.version and entry.id != own.id
