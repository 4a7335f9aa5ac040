"""What makes sense in known places and in shells."""

from __future__ import annotations

from collections.abc import Iterable

from envmgr.catalog import rules
from envmgr.catalog.problem import Spot, nearest
from envmgr.model.definition import KnownPlace
from envmgr.model.shell import Shell
from envmgr.model.template import holes


def check_places(places: Iterable[KnownPlace], spot: Spot) -> None:
    """Say everything that is wrong with known *places*."""
    for i, place in enumerate(places):
        at = spot.at("place", i)
        if not place.prefixes and not place.shims and at.is_clean:
            at.say("names neither prefixes nor shims")
        for key, globs in (("prefixes", place.prefixes), ("shims", place.shims)):
            for j, glob in enumerate(globs):
                rules.anywhere(glob, at.at(key, j))
        for key, below in (("bin", place.bin), ("lib", place.lib), ("include", place.include)):
            for j, path in enumerate(below):
                rules.inside(path, at.at(key, j))


def check_shell(shell: Shell, name: str, spot: Spot) -> None:
    """Say everything that is wrong with a *shell* in the file *name*`.toml`."""
    if shell.name and shell.name != name:
        spot.at("name").say(f"must be {name!r}, as the file is {name}.toml", name)
    if len(shell.quote) != 2:
        spot.at("quote").say("must be two strings: what opens and what closes")
    for i, pair in enumerate(shell.escapes):
        if len(pair) != 2 or not pair[0]:
            spot.at("escapes", i).say("must be two strings: what is replaced, and by what")
    _lines(shell, spot)
    _start(shell, spot)


def _lines(shell: Shell, spot: Spot) -> None:
    if shell.format not in ("lines", "json"):
        spot.at("format").say("must be lines or json", nearest(shell.format, ("lines", "json")))
    if shell.format == "lines":
        _exactly(shell.set, spot.at("set"), {"name", "value"})
        _exactly(shell.unset, spot.at("unset"), {"name"})


def _exactly(line: str, spot: Spot, names: set[str]) -> None:
    rules.template(line, spot, names)
    for name in sorted(names - set(holes(line))):
        spot.say(f"must hold {{{name}}}")


def _start(shell: Shell, spot: Spot) -> None:
    for i, word in enumerate(shell.argv):
        rules.template(word, spot.at("argv", i), ("rc",))
    rules.variables(shell.environ, spot.at("environ"))
    for name, value in shell.environ.items():
        rules.template(value, spot.at("environ", name), ("rc",))
    for path, content in shell.files.items():
        rules.inside(path, spot.at("files", path))
        rules.template(content, spot.at("files", path), ("rc", "restore", "script", "label"))
