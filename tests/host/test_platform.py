"""The platform's name, from recorded descriptions of systems and from this one."""

from __future__ import annotations

import os
import platform as stdlib_platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.host import platform

_RELEASES = {
    "debian12": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
    "ubuntu22": "ID=ubuntu\nID_LIKE=debian\nVERSION_ID='22.04'\n",
    "alpine3": "NAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.19.1\n",
    "arch": 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
    "opensuse-leap15": 'ID="opensuse-leap"\nVERSION_ID="15.6"\n',
    "opensuse-tumbleweed": 'ID="opensuse-tumbleweed"\nVERSION_ID="20240419"\n',
    "amzn2023": 'ID="amzn"\r\nVERSION_ID="2023"\r\n',
    "rhel9": "# a comment\nID=RHEL\nVERSION_ID=9.4  \n",
}


def _machine(monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
    told = os.uname_result((system, "box", "6.1", "#1", machine))
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(os, "uname", lambda: told)


@pytest.mark.parametrize("expected", _RELEASES)
def test_linux_is_named_by_its_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: str
) -> None:
    _machine(monkeypatch, "linux", "aarch64")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(_RELEASES[expected])
    assert platform.platform_name(str(tmp_path)) == f"linux-aarch64-{expected}"


def test_the_second_place_of_the_description_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _machine(monkeypatch, "linux", "x86_64")
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "usr/lib/os-release").write_text("ID=fedora\nVERSION_ID=40\n")
    assert platform.platform_name(str(tmp_path)) == "linux-x86_64-fedora40"


def test_a_system_that_does_not_describe_itself_has_a_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _machine(monkeypatch, "linux", "x86_64")
    assert platform.platform_name(str(tmp_path)) == "linux-x86_64"


def test_macos_is_named_by_its_major_version(monkeypatch: pytest.MonkeyPatch) -> None:
    _machine(monkeypatch, "darwin", "arm64")
    monkeypatch.setattr(stdlib_platform, "mac_ver", lambda: ("14.5", ("", "", ""), "arm64"))
    assert platform.platform_name() == "macos-arm64-14"


def test_windows_is_named_by_its_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "uname")
    monkeypatch.setattr(stdlib_platform, "machine", lambda: "AMD64")
    monkeypatch.setattr(stdlib_platform, "release", lambda: "10")
    assert platform.platform_name() == "windows-x86_64-10"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(st.characters(exclude_categories=["Cs"])),
    key=st.sampled_from(["ID", "VERSION_ID"]),
)
def test_no_description_makes_a_name_that_is_not_a_plain_word(
    tmp_path_factory: pytest.TempPathFactory, text: str, key: str
) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text(f"ID=debian\n{key}={text}\n", encoding="utf-8")
    assert re.fullmatch(
        r"[a-z0-9_]+-[a-z0-9_]+(-[a-z0-9._+-]*)?", platform.platform_name(str(root))
    )


def test_the_name_of_this_machine_agrees_with_the_standard_library() -> None:
    name = platform.platform_name()
    assert name.split("-")[1] == {"AMD64": "x86_64"}.get(
        stdlib_platform.machine(), stdlib_platform.machine()
    )
    if sys.platform == "linux":
        release = stdlib_platform.freedesktop_os_release()
        major = release.get("VERSION_ID", "").partition(".")[0]
        assert name.split("-", 2)[2].startswith(release["ID"])
        assert name.endswith(major) or len(major) == 8


def test_asking_for_the_name_imports_nothing_heavy() -> None:
    code = (
        "import sys, envmgr; before = set(sys.modules); from envmgr.host import platform;"
        "platform.platform_name(); print(*(set(sys.modules) - before))"
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    ).stdout.split()
    heavy = {"platform", "subprocess", "pathlib", "distro", "argparse", "typing", "shutil"}
    assert "envmgr.host.platform" in said
    assert not heavy & set(said)


def test_glibc_says_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.36")
    assert platform.libc() == platform.Libc("glibc", "2.36")
    assert str(platform.libc()) == "glibc 2.36"


def _loader(root: Path, text: str) -> None:
    (root / "lib").mkdir()
    loader = root / "lib/ld-musl-x86_64.so.1"
    loader.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{text}\nEND\nexit 1\n")
    loader.chmod(0o755)


def _no_glibc(name: str) -> str:
    raise ValueError("unrecognized configuration name")


@pytest.mark.skipif(sys.platform != "linux", reason="musl is a C library of Linux")
def test_musl_says_its_version_through_its_loader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "confstr", _no_glibc)
    _loader(tmp_path, "musl libc (x86_64)\nVersion 1.2.4\nDynamic Program Loader")
    assert platform.libc(str(tmp_path)) == platform.Libc("musl", "1.2.4")


def test_an_unknown_c_library_is_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "confstr", _no_glibc)
    assert platform.libc(str(tmp_path)) is None
    _loader(tmp_path, "something else")
    assert platform.libc(str(tmp_path)) is None


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of macOS has no version")
def test_the_c_library_of_this_machine_agrees_with_the_standard_library() -> None:
    name, version = stdlib_platform.libc_ver()
    found = platform.libc()
    assert found is not None
    assert name in ("", found.name)
    assert version in ("", found.version)
