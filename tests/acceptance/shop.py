"""A user's repository of definitions, and the server that its recipes fetch from."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.install.server import send

DETECTOR = """\
name = "{name}"
description = "A program for tests"
tags = ["tool", "{short}"]
[find]
program = "{short}"
[[version]]
run = "{{path}} --version"
match = '{short} (\\d[\\d.]*)'
[env]
{variable} = "{{path}}"
[prepend]
PATH = ["{{bin}}"]
[[case]]
tree."bin/{short}" = "{short} 1.0"
expect = {{ version = "1.0" }}
"""
RECIPE = """\
name = "{name}"
description = "A program for tests"
tags = ["tool", "{short}"]
detector = "{name}"
[versions]
"{version}" = "{digest}"
[source]
urls = ["{url}"]
{more}
"""

MAKEFILE = """\
OBJECTS = main.o one.o two.o three.o
greet: $(OBJECTS)
\t$(CC) -o $@ $(OBJECTS)
install: greet
\tmkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share
\tcp greet $(DESTDIR)$(PREFIX)/bin/greet
\tcp Makefile $(DESTDIR)$(PREFIX)/share/Makefile
"""
MAIN = """\
#include <stdio.h>
int one(void); int two(void); int three(void);
int main(void) { printf("greet %d.%d.%d\\n", one(), two(), three()); return 0; }
"""
GREET: dict[str, bytes | str] = {
    "Makefile": MAKEFILE,
    "main.c": MAIN,
    "one.c": "int one(void) { return 1; }\n",
    "two.c": "int two(void) { return 2; }\n",
    "three.c": "int three(void) { return 3; }\n",
}
"""Sources of a program that takes a compiler to make, version 1.2.3."""
BUILD = '[needs]\ncc = "compiler.gcc"\nmake = "tool.make"\n[build]\nsystem = "make"'


def archive(files: Mapping[str, bytes | str], *more: tarfile.TarInfo) -> bytes:
    """A tar of *files*, those below `bin` executable, and of members without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755 if "bin/" in name else 0o644
            tar.addfile(member, io.BytesIO(data))
        for member in more:
            tar.addfile(member)
    return buffer.getvalue()


def ready(short: str, version: str) -> bytes:
    """An archive with a program that needs no build."""
    says = f"#!/bin/sh\necho {short} {version}\n"
    return archive({f"{short}-{version}/bin/{short}": says, f"{short}-{version}/README": ""})


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass
class Shop:
    """One user's store and repository."""

    root: Path
    url: str
    environ: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)
    """What the server has, by path."""

    @property
    def store(self) -> Path:
        """The user's store."""
        return Path(self.environ["ENVMGR_HOME"])

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Serve one file."""
        data = self.files.get(request.path)
        if data is None:
            send(request, 404, {})
        else:
            send(request, 200, {"Content-Length": str(len(data))}, data)

    def define(
        self,
        name: str,
        version: str,
        data: bytes,
        more: str = "",
        *,
        digest: str | None = None,
        file: str | None = None,
    ) -> None:
        """Publish *data* and write the detector and the recipe of *name*."""
        short = name.partition(".")[2]
        path = f"/{file or f'{short}-{version}.tar.gz'}"
        self.files[path] = data
        values = {
            "name": name,
            "short": short,
            "version": version,
            "variable": short.upper(),
            "digest": digest or sha256(data),
            "url": self.url + path,
            "more": more,
        }
        for kind, form in (("detectors", DETECTOR), ("recipes", RECIPE)):
            place = self.root / kind / f"{name.replace('.', '/')}.toml"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(form.format(**values))

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """The command line in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "envmgr", *arguments],
            env={**self.environ, "PYTHONPATH": str(ROOT), **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command line to its end."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=280)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def install(self, *arguments: str) -> dict[str, Any]:
        """Install what must succeed; the entry of what was asked for."""
        done = self.run("install", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        (entry,) = json.loads(done.stdout)["entries"]
        found: dict[str, Any] = entry
        return found

    def installed(self) -> list[dict[str, Any]]:
        """The installed entries that `show` tells of."""
        shown = self.run("show", "--json")
        assert shown.returncode == 0, shown.stderr
        return [
            e for e in json.loads(shown.stdout)["entries"] if e["origin"]["kind"] == "installed"
        ]

    def prefixes(self) -> list[str]:
        """The directories where prefixes are, whole or not."""
        return sorted(map(str, (self.store / "prefixes").glob("*/*")))

    def left_in_staging(self) -> list[str]:
        """What lies in the staging directory beside its own lock."""
        top = self.store / "staging"
        return sorted(path.name for path in top.glob("*") if path.name != ".lock")

    def is_untouched(self) -> bool:
        """Whether nothing of any install is there, whole or half."""
        return not (self.prefixes() or self.installed() or self.left_in_staging())


def kill_group(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process and everything in its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Until *condition* holds; fail when it does not in so many seconds."""
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "it never came to pass"
        time.sleep(0.02)
