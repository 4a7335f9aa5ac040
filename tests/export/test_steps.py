"""Steps as commands of a shell: quoted, verified, below their directories."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.steps import Chunk, Place, chunks, is_built, programs, shell, tools
from envmgr.export.words import UnwritableError
from envmgr.model.plan import (
    Checkout,
    CopyFile,
    Download,
    Link,
    MakeExecutable,
    NodePackage,
    Run,
    Script,
    Step,
    Unpack,
    Wheel,
)

from .things import SHA, plan

PLACE = Place(
    "/opt/x/1", "/tmp/scratch", {"cc.CC": "/usr/bin/gcc", "python.path": "/usr/bin/python3"}
)
HEX = "ab" * 32
GET = "curl -fsSL --retry 5 -o x.tar.gz"
TAGS = (
    "--implementation=cp --python-version=3.8 --abi=abi3"
    " --platform=linux_x86_64 --platform=manylinux1_x86_64"
)
WHEEL = "a_b-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("step", "commands"),
    [
        (
            Download("x.tar.gz", ("https://a.example/x?y&z", "http://b.example/x"), SHA),
            [
                f"{{ {GET} 'https://a.example/x?y&z' || {GET} http://b.example/x; }}",
                f"echo '{HEX}  x.tar.gz' | sha256sum -c -",
            ],
        ),
        (Wheel(WHEEL, "a_b", "1.0", SHA), [f"envmgr-step get_wheel 'a_b==1.0 --hash={SHA}'"]),
        (
            Wheel("a-1.0-cp38-abi3-linux_x86_64.manylinux1_x86_64.whl", "a", "1.0", SHA),
            [f"envmgr-step get_wheel 'a==1.0 --hash={SHA}' {TAGS}"],
        ),
        (
            NodePackage("s-p-1.2.3.tgz", "@s/p", "1.2.3", "sha512:" + "cd" * 64),
            [
                "npm pack --silent --ignore-scripts -- @s/p@1.2.3",
                f"echo '{'cd' * 64}  s-p-1.2.3.tgz' | sha512sum -c -",
            ],
        ),
        (Unpack("x.zip", "prefix", "."), ["envmgr-step unpack x.zip /opt/x/1"]),
        (Unpack("x.tgz", "work", "source", 2), ["envmgr-step unpack x.tgz source 2"]),
        (
            Unpack(WHEEL, "prefix", "site", wheel=True),
            [f"envmgr-step unpack_wheel {WHEEL} /opt/x/1/site /opt/x/1"],
        ),
        (
            Unpack("words.txt.gz", "prefix", "data"),
            ["mkdir -p /opt/x/1/data", "bsdcat words.txt.gz > /opt/x/1/data/words.txt"],
        ),
        (CopyFile("f", "data/f"), ["install -D -m 644 f /opt/x/1/data/f"]),
        (
            Run(("make", "-j{jobs}", "CC={cc.CC}", "D={destdir}", "a b"), "s", {"X": "{work}"}),
            ["X=/tmp/scratch make -j\"$(nproc)\" CC=/usr/bin/gcc D= 'a b'"],
        ),
        (Link("bin/x", "site/x-*"), ["envmgr-step link /opt/x/1/bin/x /opt/x/1/site/x-*"]),
        (Link("lib/*", "s/lib*.so"), ["envmgr-step link /opt/x/1/lib/ /opt/x/1/s/lib*.so"]),
        (MakeExecutable("bin/*"), ["envmgr-step executable /opt/x/1/bin/*"]),
        (
            MakeExecutable("b in/**/x"),
            ["bash -O globstar -c 'envmgr-step executable '\"'\"'/opt/x/1/b in/'\"'\"'**/x'"],
        ),
    ],
)  # fmt: skip
def test_each_step_is_these_commands(step: Step, commands: list[str]) -> None:
    assert shell(step, PLACE) == commands


def test_a_checkout_takes_the_commit_alone_and_only_its_tree() -> None:
    init, fetch, take, clean = shell(Checkout("git+https://g.example/x", "a" * 40, "s"), PLACE)
    assert init == "git init --quiet -- s"
    assert f"--depth=1 -- https://g.example/x {'a' * 40} ||" in fetch
    assert take.endswith(f"--detach {'a' * 40} --")
    assert clean == "rm -rf s/.git"


@pytest.mark.parametrize(
    "step",
    [
        Download("x", ("file:///etc/passwd",), SHA),
        Download("x", ("https://a.example/x\nRUN y",), SHA),
        Download("../x", ("https://a.example/x",), SHA),
        Download("-x", ("https://a.example/x",), SHA),
        Download("x", ("https://a.example/x",), "sha1:" + "a" * 40),
        Download("x", ("https://a.example/x",), "sha256:abc"),
        Download("x", ("https://a.example/x",), "sha512:" + "a" * 86 + "é="),
        Wheel(WHEEL, "a --index-url=x", "1.0", SHA),
        Wheel(WHEEL, "a_b", "1.0 b", SHA),
        Wheel("a-1.0-py3-none-any;x.whl", "a", "1.0", SHA),
        NodePackage("p.tgz", "--registry=x", "1.0.0", SHA),
        NodePackage("p.tgz", "p", "1.0.0 q", SHA),
        Checkout("ssh://git@g.example/x", "a" * 40, "s"),
        Checkout("https://g.example/x", "main", "s"),
        Checkout("https://g.example/x", "a" * 40, "../s"),
        Unpack("x.zip", "prefix", "../y"),
        Unpack("$(x)/y", "prefix", "."),
        CopyFile("x", "/etc/x"),
        Run(("echo", "{no.such}")),
        Run(("echo", "a\nb")),
        Run(("echo",), env={"A;B": "x"}),
        Link("../x", "y"),
        Link("x", "../../y"),
        MakeExecutable("../*"),
        Script("bin/x", "a:b", "{other.path}", "site"),
    ],
)  # fmt: skip
def test_what_a_dockerfile_cannot_have_is_refused(step: Step) -> None:
    with pytest.raises(UnwritableError):
        shell(step, PLACE)


@given(st.binary(min_size=64, max_size=64))
def test_a_checksum_is_the_same_however_it_is_written(digest: bytes) -> None:
    def command(value: str) -> str:
        return shell(Download("x", ("https://a.example/x",), f"sha512:{value}"), PLACE)[1]

    assert command(base64.b64encode(digest).decode()) == command(digest.hex().upper())
    assert digest.hex() in command(digest.hex())


@pytest.mark.needs("bash")
def test_words_of_a_command_arrive_as_they_are(tmp_path: Path) -> None:
    words = ("printf", "[%s]", "a b", "$HOME", "it's", '"', "\\", "*", "-j{jobs}", "#", "~")
    (command,) = shell(Run(words), PLACE)
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    jobs = len(os.sched_getaffinity(0))
    assert done.stdout == f"[a b][$HOME][it's][\"][\\][*][-j{jobs}][#][~]"


@pytest.mark.needs("bash", "sh")
def test_a_deep_pattern_means_the_same_to_every_shell(tmp_path: Path) -> None:
    (tmp_path / "b in" / "c").mkdir(parents=True)
    (tmp_path / "b in" / "c" / "x").touch()
    (tmp_path / "envmgr-step").write_text("#!/bin/sh\nprintf '[%s]' \"$@\"\n")
    (tmp_path / "envmgr-step").chmod(0o755)
    place = Place(str(tmp_path), "/tmp/scratch", {})
    (command,) = shell(MakeExecutable("b in/**/x"), place)
    for program in ("sh", "bash"):
        done = subprocess.run([program, "-c", command], capture_output=True, text=True,
                              env={"PATH": f"{tmp_path}:/usr/bin:/bin"})  # fmt: skip
        assert done.stdout == f"[executable][{tmp_path}/b in/c/x]"


@pytest.mark.needs("bash")
def test_a_launcher_is_written_as_install_writes_it(tmp_path: Path) -> None:
    place = Place(str(tmp_path), "/tmp/scratch", {"python.path": "/usr/bin/python3"})
    step = Script("bin/hello", "hello.main:run", "{python.path}", "site")
    subprocess.run(["bash", "-c", " && ".join(shell(step, place))], check=True)
    program = tmp_path / "bin" / "hello"
    assert program.read_text().startswith("#!/usr/bin/python3\nimport os, sys\n")
    assert "'../site'" in program.read_text()
    assert os.access(program, os.X_OK)


def test_commands_are_gathered_by_directory_and_only_builds_see_the_needs() -> None:
    steps = (
        Unpack("x.zip", "work", "source"),
        Run(("make",), "source"),
        Run(("make", "install"), "source"),
        Link("a", "b"),
    )
    assert chunks(plan("lib.x", steps), PLACE, ["export CC=gcc"]) == (
        Chunk("/tmp/scratch", ("envmgr-step unpack x.zip source",)),
        Chunk("/tmp/scratch/source", ("export CC=gcc", "make", "make install")),
        Chunk("/tmp/scratch", ("envmgr-step link /opt/x/1/a /opt/x/1/b",)),
    )


def test_what_plans_take() -> None:
    wheel = plan(
        "a", (Wheel(WHEEL, "a_b", "1.0", SHA), Unpack(WHEEL, "prefix", "site", wheel=True))
    )
    build = plan("b", (Run(("make",)), Run(("./configure",)), Run(("{cc.CC}", "x")), Run(("sed",))))
    assert tools([wheel]) == ("ca-certificates", "libarchive-tools", "python3-pip")
    assert tools([build]) == ()
    assert (programs(wheel), programs(build)) == ((), ("make", "sed"))
    assert (is_built(wheel), is_built(build)) == (False, True)
