"""Owners of files: on this system where it is Debian's kind, and in databases made for the test."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.host import dpkg, packages
from envmgr.host.packages import SystemPackage, Unowned

MakeDatabase = Callable[..., str]


@pytest.mark.parametrize(
    ("database", "name"),
    [
        ("var/lib/dpkg/status", "dpkg"),
        ("usr/lib/sysimage/rpm/rpmdb.sqlite", "rpm"),
        ("var/lib/rpm/Packages", "rpm"),
        ("lib/apk/db/installed", "apk"),
        ("var/lib/pacman/local/ALPM_DB_VERSION", "pacman"),
    ],
)
def test_the_manager_is_the_one_with_a_database(tmp_path: Path, database: str, name: str) -> None:
    assert packages.manager(str(tmp_path)) is None
    (tmp_path / database).parent.mkdir(parents=True)
    (tmp_path / database).touch()
    assert packages.manager(str(tmp_path)) == name


def test_other_managers_are_named_in_the_answer(tmp_path: Path) -> None:
    assert packages.owners(["/bin/sh"], root=str(tmp_path)) == {
        "/bin/sh": Unowned("this system has no package manager that envmgr knows")
    }
    (tmp_path / "var/lib/rpm").mkdir(parents=True)
    assert packages.owners(["/bin/sh"], root=str(tmp_path)) == {
        "/bin/sh": Unowned("the owner cannot be named: rpm is not supported yet")
    }


@pytest.fixture
def system(tmp_path: Path, dpkg_database: MakeDatabase) -> Path:
    """A root that dpkg manages: gcc with its link, and `cc` made by the alternatives system."""
    dpkg_database(
        {
            "gcc": {"Version": "4:12.2.0-3", "Recommends": "libc6-dev | libc-dev"},
            "gcc-12": {"Version": "12.2.0-14", "Recommends": "absent, make"},
            "musl-dev": {"Provides": "libc-dev"},
            "make": {},
            "removed": {"Status": "deinstall ok config-files", "Config-Version": "1"},
        },
        {
            "gcc": [f"{tmp_path}/bin", f"{tmp_path}/bin/gcc"],
            "gcc-12": [f"{tmp_path}/bin", f"{tmp_path}/bin/gcc-12"],
            "musl-dev": [f"{tmp_path}/bin"],
            "make": [f"{tmp_path}/bin/make"],
            "removed": [f"{tmp_path}/bin/stray"],
        },
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "alternatives").mkdir()
    for file in ("gcc-12", "make", "stray", "mine"):
        (tmp_path / "bin" / file).touch()
    (tmp_path / "bin/gcc").symlink_to("gcc-12")
    (tmp_path / "alternatives/cc").symlink_to(tmp_path / "bin/gcc")
    (tmp_path / "bin/cc").symlink_to("../alternatives/cc")
    (tmp_path / "linked").symlink_to("bin")
    (tmp_path / "bin/circle").symlink_to("circle")
    return tmp_path


_GCC = SystemPackage("dpkg", "gcc", "4:12.2.0-3", "amd64")
_GCC_12 = SystemPackage("dpkg", "gcc-12", "12.2.0-14", "amd64")
_MAKE = SystemPackage("dpkg", "make", "1.0-1", "amd64")
_NOBODY = Unowned("no installed package owns it")


@pytest.mark.needs("dpkg-query")
@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("bin/gcc-12", _GCC_12),
        ("bin/gcc", _GCC),
        ("bin/cc", _GCC),
        ("alternatives/cc", _GCC),
        ("linked/cc", _GCC),
        ("linked/gcc-12", _GCC_12),
        ("bin/../bin/gcc", _GCC),
        ("bin/mine", _NOBODY),
        ("bin/stray", _NOBODY),
        ("bin/circle", _NOBODY),
        ("bin/gone", _NOBODY),
        ("bin/nul\0", _NOBODY),
    ],
)
def test_owners(system: Path, path: str, owner: SystemPackage | Unowned) -> None:
    asked = f"{system}/{path}"
    told = packages.owners([asked], root=str(system), admindir=f"{system}/var/lib/dpkg")
    assert told == {asked: owner}


@pytest.mark.needs("dpkg-query")
def test_a_directory_of_many_packages_has_no_owner(system: Path) -> None:
    asked = f"{system}/bin"
    told = packages.owners([asked], root=str(system), admindir=f"{system}/var/lib/dpkg")
    assert told == {asked: Unowned(f"3 packages share {asked}")}


@pytest.mark.needs("dpkg-query")
def test_recommended_are_those_that_are_installed(system: Path) -> None:
    admindir = f"{system}/var/lib/dpkg"
    musl = SystemPackage("dpkg", "musl-dev", "1.0-1", "amd64")
    assert packages.recommended([_GCC, _GCC_12], admindir=admindir) == (_MAKE, musl)
    assert packages.recommended([_GCC_12, _MAKE], admindir=admindir) == ()
    assert packages.recommended([], admindir=admindir) == ()
    foreign = SystemPackage("rpm", "gcc", "12", "x86_64")
    assert packages.recommended([foreign], admindir=admindir) == ()


@pytest.mark.needs("dpkg-query")
@pytest.mark.skipif(packages.manager() != "dpkg", reason="the files of this system are not dpkg's")
def test_files_of_this_system_have_one_owner_under_both_names() -> None:
    asked = ["/bin/ls", "/usr/bin/ls", "/usr/bin/dpkg-query", "/bin/dpkg-query", "/usr/bin/["]
    told = packages.owners(asked)
    named = [package.name for package in told.values() if isinstance(package, SystemPackage)]
    merged = os.path.realpath("/bin") == "/usr/bin"
    assert named == ["coreutils", "coreutils", "dpkg", "dpkg", "coreutils"] if merged else named
    record = dpkg.installed(os.environ)["dpkg"]
    assert told["/usr/bin/dpkg-query"] == SystemPackage(
        "dpkg", "dpkg", record.version, record.architecture
    )
