"""Two things to install whose archives this machine serves: one is built, one only unpacked."""

from __future__ import annotations

import functools
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


@contextmanager
def definitions_in(place: Path) -> Iterator[Path]:
    """A repository of two things below *place*, whose archives a server here has."""
    files = place / "served"
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
    root = place / "definitions"
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
