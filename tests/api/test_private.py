"""What names a person or their places, found and taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.api.private import Private, private_of
from envmgr.api.workspace import Workspace

ADA = Private({"/home/ada": "/HOME", "/home/ada/.local/share/envmgr": "/STORE"}, "ada")


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("/home/ada", "/HOME"),
        ("-I/home/ada/include:/home/ada/lib", "-I/HOME/include:/HOME/lib"),
        ("/home/ada/.local/share/envmgr/prefixes", "/STORE/prefixes"),
        ("/home/adam/x", "/home/adam/x"),
        ("/home/ada-2/x", "/home/ada-2/x"),
        ("/scratch/ada/run", "/scratch/USER/run"),
        ("/scratch/ada.old/run", "/scratch/ada.old/run"),
        ("/usr/bin/gcc", "/usr/bin/gcc"),
    ],
)
def test_places_in_texts(text: str, public: str) -> None:
    assert ADA.text(text) == public


def test_documents_keep_their_shape() -> None:
    form = {
        "title": "what ada saw",
        "argv": ["envmgr", "/home/ada/x"],
        "files": {"/home/ada/y": "ada"},
        "number": 1.5,
        "none": None,
    }
    assert ADA.document(form) == {
        "title": "what USER saw",
        "argv": ["envmgr", "/HOME/x"],
        "files": {"/HOME/y": "ada"},  # a parameter may be called so
        "number": 1.5,
        "none": None,
    }


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'path = "/home/ada/x"', "/home/ada"),
        (b"cc -I/home/ada/include", "/home/ada"),
        (b"\x00\xff/home/ada\x00", "/home/ada"),
        (b"see tree/home/ada", None),
        (b"/home/adam", None),
        (b"", None),
    ],
)
def test_places_in_files(tmp_path: Path, content: bytes, found: str | None) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    assert ADA.found_in(str(file)) == ADA.found_in(content) == found


def test_nothing_private_is_nothing_found() -> None:
    nobody = Private({})
    assert nobody.text("/home/ada") == "/home/ada"
    assert nobody.found_in(b"/home/ada") is None


def test_of_a_workspace(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "real").mkdir()
    home.symlink_to("real")
    environ = {"HOME": str(home), "ENVMGR_HOME": str(tmp_path / "store"), "USER": "ada"}
    private = private_of(Workspace(environ=environ))
    assert private.text(f"{home}/x") == private.text(f"{tmp_path}/real/x") == "/HOME/x"
    assert private.text(str(tmp_path / "store/cache/x")) == "/CACHE/x"
    assert private.user == "ada"


def test_names_that_tell_nothing_stay(tmp_path: Path) -> None:
    environ = {"HOME": "/", "ENVMGR_HOME": str(tmp_path), "USER": "root"}
    private = private_of(Workspace(environ=environ))
    assert private.text("/root/x and /usr") == "/root/x and /usr"
