"""The definition file, read by two parsers and carried out section by section."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spython.main.parse.parsers import SingularityParser  # type: ignore[import-untyped]

from envmgr.export.apptainer import render
from envmgr.export.carry import Image, decide
from envmgr.model.delta import Delta

from .definition import Stage, carried_out, labels_of, stages_of
from .image import Builder
from .test_dockerfile import MATERIALS
from .trips import Envmgr, Trip, asked, exported, read, set_out, told

PIECES = st.lists(
    st.sampled_from(["%post", "%", "{{ x }}", "{{", "{{{y}}}", "'", "$HOME", "\\", " ", "#", "é"])
)


def image(delta: Delta) -> Image:
    return Image(base="debian:12.11", platform="linux-x86_64", delta=delta)


@pytest.mark.parametrize("name", MATERIALS)
def test_another_parser_reads_the_same(name: str, tmp_path: Path) -> None:
    text = render(decide(MATERIALS[name])).text
    (tmp_path / "x.def").write_text(text, encoding="utf-8")
    parsed = SingularityParser(str(tmp_path / "x.def")).parse()
    stages = stages_of(text)
    assert list(parsed) == [stage.header["stage"] for stage in stages]
    assert {stage.fromHeader for stage in parsed.values()} == {"debian:12.11"}
    copies = [f"{at} {to}" for at, to in stages[-1].files.items()]
    assert parsed["last"].layer_files.get("fetch", []) == copies
    assert len(parsed["last"].labels) == len(labels_of(stages[-1]))


@pytest.mark.needs("bash")
@pytest.mark.parametrize("name", MATERIALS)
def test_shells_can_read_every_section(name: str) -> None:
    for stage in stages_of(render(decide(MATERIALS[name])).text):
        for title, body in stage.sections.items():
            shell = {"post": "bash", "labels": "true"}.get(title, "sh")
            told(subprocess.run([shell, "-n", "-c", body], capture_output=True, text=True))


@pytest.mark.needs("sh")
@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_values_arrive_as_they_are(pieces: list[str]) -> None:
    value = "".join(pieces)
    delta = Delta({"PUT": value}, {"LIST": ("/a", f"/{value}")})
    (stage,) = stages_of(render(image(delta)).text)
    body = stage.sections["environment"] + 'printf "%s\\n" "$PUT" "$LIST"'
    done = subprocess.run(["sh", "-ec", body], capture_output=True, encoding="utf-8",
                          env={"LIST": "/before", "PATH": "/usr/bin:/bin"})  # fmt: skip
    assert done.stdout == f"{value}\n/a:/{value}:/before\n"


def test_no_line_of_a_command_is_a_section() -> None:
    everything = decide(MATERIALS["everything"])
    (install,) = everything.installs
    chunk = replace(install.chunks[0], commands=("%post x", "make \\\n    %files"))
    odd = replace(everything, installs=(replace(install, chunks=(chunk,)),))
    post = stages_of(render(odd).text)[0].sections["post"]
    words = shlex.split(post[post.index("  \\%post") :].replace("\\\n", ""))
    assert words[:4] == ["%post", "x", "make", "%files"]


def test_it_says_what_it_is() -> None:
    locked = replace(decide(MATERIALS["packages"]), lock="ab" * 32, name="bench")
    (stage,) = stages_of(render(locked).text)
    assert labels_of(stage) == {
        "org.opencontainers.image.title": "bench",
        "org.opencontainers.image.base.name": "debian:12.11",
        "envmgr.entries": "compiler.gcc@1.0",
        "envmgr.lock": f"sha256:{'ab' * 32}",
    }


def inside(stage: Stage, commands: str) -> str:
    """A script that runs *commands* as Apptainer does: after the environment, by the runscript."""
    body = f"{stage.sections['environment']}\nset -- bash -ec {shlex.quote(commands)}\n"
    return f"exec sh -ec {shlex.quote(body + stage.sections['runscript'])}"


@pytest.mark.needs("root", "buildah", "mmdebstrap", "dpkg-query", "make", "pypi")
@pytest.mark.timeout(900)
def test_inside_it_is_as_here(envmgr: Envmgr, tmp_path: Path, images: Builder) -> None:
    commands = "make --version; ninja --version"
    trip = Trip(("tool.make", "tool.ninja@1"), commands, ("tool.ninja@1",))
    here = set_out(envmgr, trip, tmp_path)
    stages = stages_of(
        (exported(here, "apptainer", tmp_path / "out") / "apptainer.def").read_text()
    )
    expected, last = here.variables(), stages[-1]
    with carried_out(stages, images) as box:
        assert box.bash(inside(last, commands)) == here.bash(commands)
        assert read(box.bash(inside(last, asked(expected))), expected) == expected
        check = f"sh -c {shlex.quote(last.sections['test'])} 2>&1 && echo fine || echo wrong"
        assert box.bash(check) == "fine\n"
        box.bash("dpkg --purge --force-all make")
        message, verdict = box.bash(check).splitlines()[-2:]
        assert message.startswith("not as it was") and message.endswith("make")
        assert verdict == "wrong"
