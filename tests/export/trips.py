"""Environments that travel: what they are here, to be compared with what they are elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
"""Where every system has its programs, so that nothing of a person's own is found."""


@dataclass(frozen=True)
class Trip:
    """An environment, and what is asked of it here and there."""

    queries: tuple[str, ...]
    script: str
    """Commands of bash: they print versions, and what becomes of a program made there."""
    install: tuple[str, ...] = ()
    """What is installed before; the rest must be found."""
    left_out: tuple[str, ...] = ()
    """What cannot be carried over."""


@dataclass(frozen=True)
class Here:
    """An environment on this machine."""

    envmgr: Envmgr
    queries: tuple[str, ...]
    entries: tuple[Mapping[str, Any], ...]
    """In their JSON form, needs first."""
    place: Path
    """Where scripts are run."""

    def bash(self, script: str) -> str:
        """What *script* prints in the environment; its first failure ends it."""
        words = ("bash", "-ec", f"cd {self.place}\n{script}")
        return told(self.envmgr("exec", *self.queries, "--", *words, PATH=SYSTEM_PATH))

    def variables(self, root: str = "/opt/envmgr") -> dict[str, str | list[str]]:
        """Its variables as they must be where prefixes lie below *root*.

        Of path lists, the directories of the environment, which stand before all others.
        """
        names = sorted({n for e in self.entries for n in (*e["env"], *e["prepend"])} | {"PATH"})
        moved = self._moved(self.bash(asked(names)), root).splitlines()
        values = dict(zip(names, moved, strict=True))
        return {n: self._own(n, v, root) if self._is_list(n) else v for n, v in values.items()}

    def _is_list(self, name: str) -> bool:
        return name == "PATH" or any(name in entry["prepend"] for entry in self.entries)

    def _own(self, name: str, value: str, root: str) -> list[str]:
        own = {self._moved(d, root) for e in self.entries for d in e["prepend"].get(name, ())}
        own |= {f"{root}/names/{e['name']}-{e['version']}" for e in self.entries if e["links"]}
        return [part for part in value.split(":") if part in own]

    def _moved(self, text: str, root: str) -> str:
        for entry in self.entries:
            if entry["origin"]["kind"] == "installed":
                slug = "/".join(entry["prefix"].split("/")[-2:])
                text = text.replace(entry["prefix"], f"{root}/{slug}")
            views = rf"[^:\n]*/views/{entry['id']}(?=[:\n]|$)"
            text = re.sub(views, f"{root}/names/{entry['name']}-{entry['version']}", text)
        return text


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed, which has succeeded."""
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def set_out(envmgr: Envmgr, trip: Trip, place: Path) -> Here:
    """The environment of *trip*, with all that has to be installed for it."""
    if trip.install:
        told(envmgr("install", *trip.install, PATH=SYSTEM_PATH))
    form = json.loads(told(envmgr("resolve", *trip.queries, "--json", PATH=SYSTEM_PATH)))
    work = place / "work"
    work.mkdir()
    return Here(envmgr, trip.queries, tuple(form["entries"]), work)


def exported(here: Here, format: str, place: Path, left_out: tuple[str, ...] = ()) -> Path:
    """The directory with the files of *format*; all was carried over but for *left_out*."""
    place.mkdir(exist_ok=True)
    command = ("export", format, *here.queries, "-o", str(place), "--json")
    form = json.loads(told(here.envmgr(*command, PATH=SYSTEM_PATH)))
    assert [
        (item["what"], item["why"]) for item in form["left_out"] if item["what"] not in left_out
    ] == []
    assert len(form["left_out"]) == len(left_out)
    return place


def asked(names: Iterable[str]) -> str:
    """A script that prints the variables called *names*, a line each."""
    return "".join(f"printf '%s\\n' \"${{{name}-}}\"\n" for name in names)


def read(text: str, expected: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
    """What `asked` printed for the names of *expected*, as it is to be compared with them.

    Of a path list, as many of its first directories as are expected.
    """
    values = dict(zip(expected, text.splitlines(), strict=True))
    return {
        name: value.split(":")[: len(wanted)]
        if isinstance(wanted := expected[name], list)
        else value
        for name, value in values.items()
    }
