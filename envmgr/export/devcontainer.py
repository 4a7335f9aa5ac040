"""A development container: an image, and how editors are to use it."""

from __future__ import annotations

import json

from envmgr.export.carry import Image
from envmgr.export.dockerfile import USER, text
from envmgr.export.header import header
from envmgr.export.result import Export


def render(image: Image) -> Export:
    """*image* as devcontainer.json and the Dockerfile that it names. A pure function."""
    files = {"devcontainer.json": _settings(image), "Dockerfile": text(image, "devcontainer")}
    return Export(files, image.wanted, image.left_out)


def _settings(image: Image) -> str:
    """The settings. A login shell sets some variables anew, so they are said to be the image's."""
    form: dict[str, object] = {
        "name": image.name,
        "build": {"dockerfile": "Dockerfile"},
        "remoteUser": USER,
    }
    names = image.delta.names()
    if names:
        form["remoteEnv"] = {name: f"${{containerEnv:{name}}}" for name in names}
    lines = [f"//{line[1:]}" for line in header(image, "devcontainer")]
    return "\n".join([*lines, json.dumps(form, indent=2)]) + "\n"
