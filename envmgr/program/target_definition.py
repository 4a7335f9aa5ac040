"""What targets are: as a person names one, or as `targets.toml` in the store defines them."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from envmgr.catalog import rules
from envmgr.catalog.fields import Key, Table, any_text, as_table, count, table_of, text, texts
from envmgr.catalog.load import located
from envmgr.catalog.problem import Spot, nearest
from envmgr.errors import TargetError, UsageError
from envmgr.model.query import is_tag

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCAL, EMULATOR, SSH, ADB = "local", "emulator", "ssh", "adb"
FILE = "targets.toml"
"""Its name in the root of the store."""
_HOME = ".cache/envmgr"
"""Where runs happen on a machine that ssh leads to, below the home directory there."""
_ANDROID = "/data/local/tmp/envmgr"
_SIZE_LIMIT = 1024 * 1024
_MOST_PORTS = 65535
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_HOST = re.compile(
    rf"(?:{_USER}@)?(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
)
"""Never with a hyphen first, which would make it an option."""
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_TRIPLET = re.compile(r"[a-z0-9_]+(?:-[a-z0-9_.]+){1,3}")
_HINT = "local, emulator:COMMAND, ssh://USER@HOST:PORT/DIRECTORY, adb:SERIAL, or a name of {file}"


@dataclass(frozen=True, slots=True)
class TargetDefinition:
    """A place where programs can run, and what builds programs for it."""

    name: str
    way: str = LOCAL
    """`local`, `emulator`, `ssh` or `adb`."""
    description: str = ""
    command: str = ""
    """What is put before the command of a program to emulate another machine."""
    host: str = ""
    """`user@host`, or a name that the configuration of ssh knows."""
    port: int = 0
    """Zero means what ssh takes by itself."""
    config: str = ""
    """A configuration file for ssh instead of the user's own."""
    serial: str = ""
    """The device, as `adb devices` shows it."""
    directory: str = ""
    """Where runs happen there; a relative one is below the home directory."""
    compiler: str = ""
    """The query for compilers that build for it; empty means those that build for here."""
    triplet: str = ""
    """The kind of machine that it is, where that is another one: `aarch64-linux-gnu`."""
    flags: tuple[str, ...] = ()
    """Options of every compilation for it."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables that every run there sees."""


def define(text: str, store_root: str) -> TargetDefinition:
    """The target that a person calls *text*. Raises UsageError, TargetError.

    *text* is `local`, `emulator:COMMAND`, `ssh://USER@HOST:PORT/DIRECTORY`, `adb:SERIAL`, or a
    name of `targets.toml` in the root of the store.
    """
    if text == LOCAL:
        return TargetDefinition(LOCAL)
    if re.match("[a-z]+:", text):
        return _inline(text)
    known = read_targets(store_root)
    if text not in known:
        close = nearest(text, (LOCAL, *known))
        meant = f" (did you mean {close}?)" if close else ""
        file = os.path.join(store_root, FILE)
        raise UsageError(f"there is no target {text!r}{meant}", hint=_HINT.format(file=file))
    return known[text]


# -- in a word -------------------------------------------------------------------------------


def _inline(text: str) -> TargetDefinition:
    way, _, rest = text.partition(":")
    if not text.isprintable():
        raise UsageError(f"target {text!r} holds what cannot be printed")
    spot = Spot()
    if way == SSH:
        made = _of_address(text, spot)
    elif way == EMULATOR:
        made = TargetDefinition(text, way, command=rest)
    elif way == ADB:
        made = TargetDefinition(text, way, serial=rest, directory=_ANDROID)
    else:
        raise UsageError(f"unknown kind of target: {text!r}", hint=_HINT.format(file=FILE))
    _check(made, spot)
    if spot.found:
        problem = spot.found[0]
        raise UsageError(f"target {text!r}: {problem.path[0]} {problem.message}")
    return made


def _of_address(text: str, spot: Spot) -> TargetDefinition:
    try:
        parts = urlsplit(text)
        port = parts.port or 0
    except ValueError as error:
        raise UsageError(f"target {text!r} is not an address: {error}") from error
    if parts.password or parts.query or parts.fragment or not text.startswith("ssh://"):
        spot.at("host").say("must be ssh://USER@HOST:PORT/DIRECTORY, without a password")
    directory = parts.path.removeprefix("/~/").rstrip("/")
    host = parts.netloc.rpartition(":")[0] if port else parts.netloc.rstrip(":")
    return TargetDefinition(text, SSH, host=host, port=port, directory=directory or _HOME)


# -- in a file -------------------------------------------------------------------------------

_COMMON: dict[str, Key[Any]] = {
    "way": Key(text, required=True),
    "description": Key(text),
    "compiler": Key(text),
    "triplet": Key(text),
    "flags": Key(texts),
    "env": Key(table_of(any_text)),
}
_DIRECTORY = Key(text)
_TABLES = {
    EMULATOR: Table(TargetDefinition, {**_COMMON, "command": Key(text, required=True)}),
    SSH: Table(
        TargetDefinition,
        {
            **_COMMON,
            "host": Key(text, required=True),
            "port": Key(count),
            "config": Key(text),
            "directory": _DIRECTORY,
        },
    ),
    ADB: Table(
        TargetDefinition,
        {**_COMMON, "serial": Key(text, required=True), "directory": _DIRECTORY},
    ),
}
_PLACES = {SSH: _HOME, ADB: _ANDROID}


def read_targets(store_root: str) -> dict[str, TargetDefinition]:
    """The targets of `targets.toml` by their names; none without the file.

    Raises TargetError with every mistake in it.
    """
    file = os.path.join(store_root, FILE)
    text = _text_of(file)
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise TargetError(f"{file} is nested too deeply") from error
    except ValueError as error:
        raise TargetError(f"{file} is not TOML: {error}") from error
    spot = Spot()
    found = {name: _target(name, value, spot.at(name)) for name, value in document.items()}
    if spot.found:
        problems = located(file, text, spot.found)
        raise TargetError(f"{file} has mistakes", lines=tuple(map(str, problems)))
    return found


def _text_of(file: str) -> str:
    try:
        with open(file, "rb") as stream:
            data = stream.read(_SIZE_LIMIT + 1)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise TargetError(f"{file} cannot be read: {getattr(error, 'strerror', error)}") from error
    if len(data) > _SIZE_LIMIT:
        raise TargetError(f"{file} is larger than any file of targets")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise TargetError(f"{file} is not UTF-8: {error.reason}") from error


def _target(name: str, value: object, spot: Spot) -> TargetDefinition:
    if name == LOCAL or not is_tag(name):
        spot.say("is no name for a target: lower case letters, digits and ._+-, and not `local`")
    way = as_table(value, spot).get("way", "")
    if not isinstance(way, str) or way not in _TABLES:
        if isinstance(value, dict):
            close = nearest(str(way), _TABLES)
            spot.at("way").say(f"must be one of {', '.join(_TABLES)}", close)
        return TargetDefinition(name)
    place = (
        {}
        if way not in _PLACES or "directory" in as_table(value, spot)
        else {"directory": _PLACES[way]}
    )
    made = _TABLES[way](value, spot, name=name, **place)
    _check(made, spot)
    return made


# -- what makes sense ------------------------------------------------------------------------


def _check(target: TargetDefinition, spot: Spot) -> None:
    """Say what is wrong with a target beyond its shape; nothing of it may become an option."""
    if target.way == EMULATOR:
        _command(target.command, spot.at("command"))
    if target.way == SSH:
        _fit(target.host, _HOST, "HOST or USER@HOST", spot.at("host"))
    if target.port > _MOST_PORTS:
        spot.at("port").say(f"must not be more than {_MOST_PORTS}")
    if target.way == ADB:
        _fit(target.serial, _SERIAL, "a serial number of a device", spot.at("serial"))
    if target.way in _PLACES:
        _directory(target, spot.at("directory"))
    if target.compiler:
        rules.queries({"compiler": target.compiler}, spot)
    if target.triplet:
        _fit(target.triplet, _TRIPLET, "a kind of machine: x86_64-linux-gnu", spot.at("triplet"))
    rules.variables(target.env, spot.at("env"))


def _fit(value: str, pattern: re.Pattern[str], form: str, spot: Spot) -> None:
    if spot.is_clean and not pattern.fullmatch(value):
        spot.say(f"{value!r} is not {form}")


def _command(command: str, spot: Spot) -> None:
    if spot.is_clean:
        rules.command(command, spot)
    if spot.is_clean and not command.strip():
        spot.say("is a command without words")
    if spot.is_clean and shlex.split(command)[0].startswith("-"):
        spot.say("must begin with a program")


def _directory(target: TargetDefinition, spot: Spot) -> None:
    place = target.directory
    if ".." in place.split("/") or not place.strip("/.") or not place.isprintable():
        spot.say("must be a directory below others, without ..")
    elif place.startswith(("-", "~")):
        spot.say("must not begin with - or ~; a relative one is below the home directory")
    elif target.way == ADB and not place.startswith("/"):
        spot.say("must begin with /")
