"""dpkg-query against databases made for the test: diversions, states, names of paths."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.host import dpkg

pytestmark = pytest.mark.needs("dpkg-query")


MakeDatabase = Callable[..., str]


@pytest.fixture
def diverted(dpkg_database: MakeDatabase) -> str:
    """perf is packaged by linux-base too, but linux-perf moved that one out of its way."""
    return dpkg_database(
        {"linux-base": {}, "linux-perf": {}, "tool": {}},
        {
            "linux-base": ["/opt/bin/perf", "/opt/bin/kernel"],
            "linux-perf": ["/opt/bin/perf"],
            "tool": ["/opt/bin/tool"],
        },
        [
            ("/opt/bin/perf", "/opt/bin/perf.base", "linux-perf"),
            ("/opt/bin/tool", "/opt/bin/tool.distrib", ":"),
        ],
    )


@pytest.mark.parametrize(
    ("path", "packages"),
    [
        ("/opt/bin/kernel", ("linux-base",)),
        ("/opt/bin/perf", ("linux-perf",)),
        ("/opt/bin/perf.base", ("linux-base",)),
        ("/opt/bin/tool", ()),  # what lies there now is the administrator's
        ("/opt/bin/tool.distrib", ("tool",)),
        ("/opt/bin/nothing", ()),
    ],
)
def test_a_diverted_file_belongs_to_who_put_it_there(
    diverted: str, path: str, packages: tuple[str, ...]
) -> None:
    assert dpkg.search([path], os.environ, diverted).packages_at(path) == packages


@pytest.mark.parametrize("name", ["[", "a*", "a?", "a\\b", "a b", "a: b", "ä", "-x"])
def test_every_path_means_itself_and_is_no_pattern(dpkg_database: MakeDatabase, name: str) -> None:
    path = f"/opt/{name}"
    admindir = dpkg_database(
        {"odd": {}, "other": {}}, {"odd": [path], "other": ["/opt/abc", "/opt/axb"]}
    )
    claims = dpkg.search([path], os.environ, admindir)
    assert claims.listed == {path: ("odd",)}


def test_a_path_that_cannot_be_listed_is_not_asked_for(dpkg_database: MakeDatabase) -> None:
    admindir = dpkg_database({"tool": {}}, {"tool": ["/opt/tool"]})
    assert dpkg.search(["/opt\n/tool", "/opt/\0"], os.environ, admindir) == dpkg.Claims()


def test_more_paths_than_one_call_takes(dpkg_database: MakeDatabase) -> None:
    paths = [f"/opt/share/file-{number}" for number in range(2500)]
    admindir = dpkg_database({"many": {}}, {"many": paths})
    claims = dpkg.search(paths, os.environ, admindir)
    assert list(claims.listed) == paths


def test_a_file_of_several_architectures_names_them_all(dpkg_database: MakeDatabase) -> None:
    both = ["libz:amd64", "libz:i386"]
    admindir = dpkg_database(
        {name: {"Multi-Arch": "same"} for name in both}, {name: ["/opt/zlib.h"] for name in both}
    )
    claims = dpkg.search(["/opt/zlib.h"], os.environ, admindir)
    assert sorted(claims.packages_at("/opt/zlib.h")) == both
    assert sorted(dpkg.installed(os.environ, admindir)) == both


def test_only_packages_whose_files_are_there_are_installed(dpkg_database: MakeDatabase) -> None:
    packages = {
        "here": {},
        "held": {"Status": "hold ok installed"},
        "triggered": {"Status": "install ok triggers-pending", "Triggers-Pending": "ldconfig"},
        "removed": {"Status": "deinstall ok config-files", "Config-Version": "1"},
        "half": {"Status": "install reinstreq half-installed"},
        "never": {"Status": "unknown ok not-installed"},
    }
    admindir = dpkg_database(packages, {name: ["/etc"] for name in packages})
    assert sorted(dpkg.installed(os.environ, admindir)) == ["held", "here", "triggered"]


def test_relations_are_read_as_names(dpkg_database: MakeDatabase) -> None:
    gcc = {
        "Version": "4:12.2.0-3",
        "Provides": "c-compiler, gcc-x86-64-linux-gnu (= 4:12.2.0-3)",
        "Recommends": "libc6-dev | libc-dev (>= 2), python3:any",
    }
    admindir = dpkg_database({"gcc": gcc}, {"gcc": ["/opt/gcc"]})
    assert dpkg.installed(os.environ, admindir) == {
        "gcc": dpkg.Record(
            qualified="gcc",
            name="gcc",
            version="4:12.2.0-3",
            architecture="amd64",
            provides=("c-compiler", "gcc-x86-64-linux-gnu"),
            recommends=(("libc6-dev", "libc-dev"), ("python3",)),
        )
    }


def test_a_broken_database_is_an_error_that_tells_what_dpkg_said(
    dpkg_database: MakeDatabase,
) -> None:
    admindir = dpkg_database({}, {})
    Path(admindir, "status").write_text("this is not a status file\n")
    with pytest.raises(HostError, match=r"dpkg-query failed: .*status"):
        dpkg.installed(os.environ, admindir)
