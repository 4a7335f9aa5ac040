"""Development containers: settings that the reference implementation reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envmgr.export import dockerfile
from envmgr.export.carry import decide
from envmgr.export.devcontainer import render

from .image import npm_install, run
from .test_dockerfile import MATERIALS

READER = "@devcontainers/cli@0.89.0"


@pytest.mark.needs("npm", "sh")
@pytest.mark.timeout(120)
def test_the_reference_implementation_reads_it(tmp_path: Path) -> None:
    npm_install(tmp_path, READER)
    settings = write(tmp_path / "project" / ".devcontainer", "everything")
    engine = tmp_path / "engine"  # it only asks which containers there are
    engine.write_text("#!/bin/sh\n", encoding="utf-8")
    engine.chmod(0o755)
    reader = tmp_path / "node_modules" / ".bin" / "devcontainer"
    said = run(reader, "read-configuration", "--docker-path", engine,
               "--workspace-folder", tmp_path / "project")  # fmt: skip
    found = json.loads(said)["configuration"]
    del found["configFilePath"]
    assert found == settings
    assert found["remoteEnv"]["PATH"] == "${containerEnv:PATH}"


def write(place: Path, name: str) -> dict[str, object]:
    """The files of an image in *place*; what the settings say."""
    place.mkdir(parents=True)
    files = render(decide(MATERIALS[name])).files
    for file, text in files.items():
        (place / file).write_text(text, encoding="utf-8")
    lines = files["devcontainer.json"].splitlines()
    form: dict[str, object] = json.loads(
        "\n".join(line for line in lines if not line.startswith("//"))
    )
    return form


@pytest.mark.parametrize("name", MATERIALS)
def test_its_dockerfile_is_the_one_of_the_image(name: str) -> None:
    image = decide(MATERIALS[name])
    own = render(image).files["Dockerfile"].splitlines()
    assert own[1:] == dockerfile.render(image).text.splitlines()[1:]
    assert "`envmgr export devcontainer`" in own[0]


def test_variables_are_those_of_the_image(tmp_path: Path) -> None:
    settings = write(tmp_path / "a", "packages")
    names = decide(MATERIALS["packages"]).delta.names()
    assert settings["remoteEnv"] == {name: f"${{containerEnv:{name}}}" for name in names}
    assert settings["remoteUser"] == dockerfile.USER
    assert "remoteEnv" not in write(tmp_path / "b", "nothing")
