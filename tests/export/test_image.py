"""The promise itself: an image built from the file answers as the environment does here."""

from __future__ import annotations

import functools
import hashlib
import io
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from envmgr.api.export import distribution
from envmgr.export.base import base_image

from .image import base_tarball, builder

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = [
    pytest.mark.needs("root", "buildah", "mmdebstrap", "dpkg-query", "gcc"),
    pytest.mark.timeout(900),
]

PROGRAM = """\
#include <stdio.h>
int main(void) { printf("%d.%d.%d\\n", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__); return 0; }
"""
COMPILE = f"cat > t.c <<'END'\n{PROGRAM}END\n$CC t.c -o t && ./t && $CXX -x c++ t.c -o u && ./u"


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    own = tmp_path_factory.getbasetemp()
    return base_tarball(own if worker_id == "master" else own.parent)


def export(envmgr: Envmgr, file: Path, *queries: str) -> None:
    done = envmgr("export", "dockerfile", *queries, "-o", str(file), "--strict")
    assert done.returncode == 0, done.stderr


def test_a_compiler_is_the_same_inside(envmgr: Envmgr, tmp_path: Path, tarball: Path) -> None:
    here = envmgr("exec", "--tags=compiler,gcc", "--", "gcc", "--version").stdout.splitlines()[0]
    export(envmgr, tmp_path / "Dockerfile", "--tags=compiler,gcc")
    with builder(tmp_path / "images", tarball, base_image(distribution())) as images:
        box = images.build(tmp_path / "Dockerfile")
        assert images.run(box, "gcc", "--version").splitlines()[0] == here
        cc = envmgr("exec", "--tags=compiler,gcc", "--", "printenv", "CC").stdout
        assert images.run(box, "printenv", "CC") == cc
        version = images.run(box, "gcc", "-dumpfullversion")
        assert images.run(box, "sh", "-ec", COMPILE) == version * 2


@pytest.mark.needs("pypi")
def test_what_was_installed_is_made_again(
    envmgr: Envmgr, tmp_path: Path, tarball: Path, definitions: Path
) -> None:
    queries = ("tool.greet", "tool.words", "tool.ninja")
    for arguments in (("repo", "add", str(definitions)), ("install", *queries)):
        done = envmgr(*arguments)
        assert done.returncode == 0, done.stderr
    export(envmgr, tmp_path / "Dockerfile", *queries)
    with builder(tmp_path / "images", tarball, base_image(distribution())) as images:
        box = images.build(tmp_path / "Dockerfile")
        for command in (["greet"], ["words"], ["ninja", "--version"]):
            here = envmgr("exec", *queries, "--", *command)
            assert here.returncode == 0, here.stderr
            assert images.run(box, *command) == here.stdout
        listing = ("find", "-P", "/opt/envmgr", "-mindepth", "3", "-printf", "%M %P %l\\n")
        assert sorted(images.run(box, *listing).splitlines()) == installed(tmp_path)


def installed(tmp_path: Path) -> list[str]:
    """What is in the prefixes here, but for what envmgr says there of itself."""
    prefixes = tmp_path / "home" / "envmgr" / "prefixes"
    listing = ["find", "-P", str(prefixes), "-mindepth", "3", "-printf", "%M %P %l\\n"]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(line for line in lines if "/.envmgr" not in line)


# -- things to install, served from this machine ----------------------------------------------

GREET = b'#include <stdio.h>\nint main(void) { puts("greet 1.0"); return 0; }\n'
WORDS = b"#!/bin/sh\necho words 2.0 from its own directory\n"

RECIPES = {
    "greet": """
[versions]
"1.0" = "sha256:{greet}"
[source]
urls = ["{url}/no-such-place.tar.gz", "{url}/greet.tar.gz"]
[needs]
cc = "compiler,gcc"
[build]
system = "commands"
commands = [
    "{{cc.CC}} '-DQUOTED=\\"a $b\\"' -o {{work}}/greet greet.c",
    "install -D {{work}}/greet {{destdir}}{{prefix}}/bin/greet",
]
""",
    "words": """
[versions]
"2.0" = "sha256:{words}"
[source]
urls = ["{url}/words.zip"]
[build]
links = {{ "bin/words" = "scripts-*/words", "lib/*" = "notes/a note*" }}
executable = ["scripts-*/words"]
""",
}


def definition(name: str, version: str) -> str:
    return f"""
name = "tool.{name}"
description = "Says its name"
tags = ["tool", "{name}"]
[find]
program = "{name}"
[[version]]
run = "{{path}}"
match = '{name} (\\d[\\d.]*)'
[prepend]
PATH = ["{{bin}}"]
[[case]]
tree."bin/{name}" = "{name} {version}"
expect = {{ version = "{version}" }}
"""


@pytest.fixture
def definitions(tmp_path: Path) -> Iterator[Path]:
    """A repository of two things whose archives a server here has."""
    files = tmp_path / "served"
    files.mkdir()
    with tarfile.open(files / "greet.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("greet-1.0/greet.c")
        member.size, member.mode = len(GREET), 0o600
        tar.addfile(member, io.BytesIO(GREET))
    with zipfile.ZipFile(files / "words.zip", "w") as archive:
        archive.writestr("scripts-2.0/words", WORDS)
        archive.writestr("notes/a note.txt", "a note\n")
        archive.writestr(".hidden", "")
    digests = {path.stem.partition(".")[0]: path for path in files.iterdir()}
    values = {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in digests.items()}
    root = tmp_path / "definitions"
    with serving(files) as url:
        for name, version in (("greet", "1.0"), ("words", "2.0")):
            head = (
                f'name = "tool.{name}"\ndescription = "Says its name"\ntags = ["tool", "{name}"]\n'
            )
            recipe = f'{head}detector = "tool.{name}"\n' + RECIPES[name].format(url=url, **values)
            for kind, text in (("detectors", definition(name, version)), ("recipes", recipe)):
                (root / kind / "tool").mkdir(parents=True, exist_ok=True)
                (root / kind / "tool" / f"{name}.toml").write_text(text, encoding="utf-8")
        yield root


@contextmanager
def serving(directory: Path) -> Iterator[str]:
    """A server of the files in *directory*; its address."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(directory))
    )
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass
