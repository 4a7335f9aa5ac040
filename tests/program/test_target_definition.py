"""Targets as they are named and defined, read with suspicion."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import EnvmgrError, TargetError, UsageError
from envmgr.program.target_definition import TargetDefinition, define, read_targets

GOOD = """
[pi]
way = "ssh"
host = "pi@raspberry"
port = 2222
directory = "/srv/runs"
compiler = "compiler.gcc-cross"
triplet = "aarch64-linux-gnu"
flags = ["-static"]
env = { LD_LIBRARY_PATH = "/opt/lib" }
[arm]
way = "emulator"
description = "What Debian has for ARM"
command = "qemu-aarch64 -L /usr/aarch64-linux-gnu"
[phone]
way = "adb"
serial = "emulator-5554"
"""


def written(tmp_path: Path, text: str) -> str:
    (tmp_path / "targets.toml").write_text(text)
    return str(tmp_path)


def test_a_target_is_found_by_its_name(tmp_path: Path) -> None:
    store = written(tmp_path, GOOD)
    assert define("pi", store) == TargetDefinition(
        name="pi",
        way="ssh",
        host="pi@raspberry",
        port=2222,
        directory="/srv/runs",
        compiler="compiler.gcc-cross",
        triplet="aarch64-linux-gnu",
        flags=("-static",),
        env={"LD_LIBRARY_PATH": "/opt/lib"},
    )
    assert define("arm", store).command == "qemu-aarch64 -L /usr/aarch64-linux-gnu"
    assert define("phone", store).directory == "/data/local/tmp/envmgr"
    assert define("local", store) == TargetDefinition("local")


def test_a_name_that_is_none_is_told_with_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean phone") as caught:
        define("phon", written(tmp_path, GOOD))
    assert "targets.toml" in str(caught.value.hint)
    with pytest.raises(UsageError, match="there is no target 'pi'"):
        define("pi", str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("text", "host", "port", "directory"),
    [
        ("ssh://pi", "pi", 0, ".cache/envmgr"),
        ("ssh://pi@rasp.local:22/srv/x/", "pi@rasp.local", 22, "/srv/x"),
        ("ssh://me@[fe80::1]:2022/srv", "me@[fe80::1]", 2022, "/srv"),
        ("ssh://10.0.0.2/~/runs", "10.0.0.2", 0, "runs"),
    ],
)
def test_a_machine_by_its_address(text: str, host: str, port: int, directory: str) -> None:
    made = define(text, "/nowhere")
    assert (made.name, made.way) == (text, "ssh")
    assert (made.host, made.port, made.directory) == (host, port, directory)


def test_an_emulator_and_a_device_in_a_word() -> None:
    assert define("emulator:qemu-arm -L /x", "/nowhere").command == "qemu-arm -L /x"
    assert define("adb:0A1B2C", "/nowhere").serial == "0A1B2C"


@pytest.mark.parametrize(
    "text",
    [
        "ssh://-oProxyCommand=touch",
        "ssh://-l@host",
        "ssh://me:secret@host",
        "ssh://host/a?b",
        "ssh://host:99999/",
        "ssh://host:x/",
        "ssh://ho st",
        "ssh:host",
        "ssh://host/../x",
        "ssh://host/~/-x/",
        "ssh://host/~/a\nb",
        "ssh://$(id)",
        "emulator:",
        "emulator:--version",
        "emulator:'",
        "adb:",
        "adb:-x",
        "adb:a b",
        "ftp://host",
    ],
)
def test_nothing_becomes_an_option_or_leaves_its_place(text: str) -> None:
    with pytest.raises(UsageError, match="target"):
        define(text, "/nowhere")


@given(st.text(max_size=30), st.sampled_from(["", "ssh://", "adb:", "emulator:"]))
def test_every_text_is_a_target_or_an_error(text: str, way: str) -> None:
    try:
        made = define(way + text, "/nowhere")
    except EnvmgrError:
        return
    assert not made.host.startswith("-") and not made.serial.startswith("-")
    assert made.name == way + text


def test_every_mistake_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    store = written(
        tmp_path,
        """
local = { way = "ssh", host = "pi" }
[a]
way = "telnet"
[b]
way = "ssh"
hots = "pi"
[c]
way = "ssh"
host = "-oProxyCommand=x"
port = 70000
directory = "../x"
compiler = "!!"
triplet = "A B"
env = { "a b" = "c" }
[d]
way = "adb"
serial = "x"
directory = "relative"
[e]
host = "pi"
""",
    )
    with pytest.raises(TargetError, match="has mistakes") as caught:
        read_targets(store)
    lines = [line.partition("targets.toml:")[2] for line in caught.value.lines]
    told = [(int(line.split(":")[0]), line.split(": ")[1]) for line in lines]
    assert told == [
        (2, "local"),
        (4, "a.way"),
        (5, "b.host"),
        (7, "b.hots"),
        (10, "c.host"),
        (11, "c.port"),
        (12, "c.directory"),
        (13, "c.compiler"),
        (14, "c.triplet"),
        (15, 'c.env."a b"'),
        (19, "d.directory"),
        (20, "e.way"),
    ]
    assert "did you mean host" in caught.value.lines[3]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"[a", "is not TOML"),
        (b"\xff", "is not UTF-8"),
        (b"#" * (1 << 20) + b"#", "larger than any"),
        (b"a = 1", "has mistakes"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "targets.toml").write_bytes(content)
    with pytest.raises(TargetError, match=word):
        read_targets(str(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="directories cannot be opened there at all")
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "targets.toml").mkdir()
    with pytest.raises(TargetError, match="cannot be read"):
        read_targets(str(tmp_path))
