"""A shell script that makes an environment and opens it where there is no envmgr."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from envmgr.export.carry import ROOT, WORK, Image, Install
from envmgr.export.header import header
from envmgr.export.helper import PROGRAM
from envmgr.export.relocate import relocated
from envmgr.export.result import Export
from envmgr.export.script import STRICT, making, path_lists, program_lines
from envmgr.export.sh_parts import ACTIVATION, END, MAKING
from envmgr.export.words import comment, pin_word, shell_word
from envmgr.model.delta import Delta

_PLACES = {ROOT: "envmgr_root", WORK: "envmgr_work"}
_USE = (
    "#   ./FILE [COMMAND...]   runs COMMAND, or a shell, in the environment",
    "#   . ./FILE              changes the shell that reads it: sh, bash, zsh, ksh",
    "#",
)
_WHERE = (
    "What the system must have is checked. What it need not have is made once, verified, below"
    " ${ENVMGR_ROOT:-$HOME/.local/share/envmgr-env}."
)
_TOOLS = {
    "ca-certificates": "true",
    "curl": "curl --version",
    "git": "git --version",
    "libarchive-tools": "bsdtar --version",
    "npm": "npm --version",
    "python3-pip": "python3 -m pip --version",
}
"""What shows that the tool of a package is there, in whatever version: it only fetches."""


def render(image: Image) -> Export:
    """*image* as a script. A pure function of its argument."""
    blocks = [
        ["#!/bin/bash", *header(image, "sh"), "#", *_USE, *comment(_WHERE)],
        ["envmgr_make() {", "bash /dev/fd/3 \"$1\" 3<<'END_OF_MAKING'"],
        [STRICT, *_lines(MAKING)],
        *map(list, _functions(image.installs)),
        [*_checking(image), *_calling(image), *_linking(image.names)],
        ["END_OF_MAKING", "}"],
        _lines(ACTIVATION),
        ["envmgr_set() {", *(f"  {line}" for line in _setting(image.delta)), "}"],
        _lines(END),
    ]
    text = "\n\n".join("\n".join(block) for block in blocks) + "\n"
    return Export({"env.sh": text}, image.wanted, image.left_out)


def _lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


def _here(lines: Iterable[str]) -> list[str]:
    """*lines* for the places that the script is given."""
    return [relocated(line, _PLACES) for line in lines]


# -- making ----------------------------------------------------------------------------------


def _slug(prefix: str) -> str:
    return shell_word(prefix.removeprefix(f"{ROOT}/"))


def _functions(installs: Iterable[Install]) -> list[list[str]]:
    """A function for each of *installs*, which calls those of its needs."""
    names: dict[str, str] = {}
    functions = []
    for install in installs:
        names[install.prefix] = f"make_{len(names) + 1}"
        functions.append(_function(install, names))
    return functions


def _function(install: Install, names: Mapping[str, str]) -> list[str]:
    slug = _slug(install.prefix)
    body = [f"is_made {slug} && return", *(names[need] for need in install.needs)]
    body += [f"begin {slug}", *_here(making(install)), f"end {slug}"]
    name = names[install.prefix]
    return [*comment(install.title), f"{name}() {{", *(f"  {line}" for line in body), "}"]


def _checking(image: Image) -> list[str]:
    """What ends the script when the system lacks something."""
    lines: list[str] = []
    if image.packages:
        pins = [pin_word(str(package)) for package in image.packages]
        files = [shell_word(file) for file in image.files if not file.startswith(f"{ROOT}/")]
        lines += ["if command -v dpkg-query >/dev/null; then", f"  {_listed('has', pins)}"]
        lines += ["else", f"  {_listed('has_files', files)}", "fi"]
    if to_make := _checking_to_make(image):
        lines += [_unless_made(image), *(f"  {line}" for line in to_make), "fi"]
    return [*lines, "nothing_missing"]


def _checking_to_make(image: Image) -> list[str]:
    """What remembers what is missing of that which only making things takes."""
    known = {*_TOOLS, *(package.name for package in image.packages)}
    exact = [pin_word(str(pin)) for pin in image.fetch_packages if pin.name not in known]
    tools = [pin.name for pin in image.fetch_packages if pin.name in _TOOLS]
    lines = [_listed("has", exact)] if exact else []
    return lines + [f"runs {name} {_TOOLS[name]}" for name in tools]


def _calling(image: Image) -> list[str]:
    """What makes all that is not made yet."""
    if not image.installs:
        return []
    number = {install.prefix: n for n, install in enumerate(image.installs, 1)}
    program = _here(program_lines(image.commands, f"{WORK}/bin/{PROGRAM}"))
    calls = [f"  make_{number[prefix]}" for prefix in image.copies]
    return [_unless_made(image), "  alone", *program, *calls, "fi"]


def _unless_made(image: Image) -> str:
    return f"if ! {_listed('is_made', map(_slug, image.copies))}; then"


def _linking(names: Mapping[str, str]) -> list[str]:
    links = (f"link {shell_word(to)} {shell_word(at)}" for at, to in sorted(names.items()))
    return _here(links)


def _listed(command: str, words: Iterable[str]) -> str:
    return " \\\n    ".join([command, *words])


# -- setting ---------------------------------------------------------------------------------


def _setting(delta: Delta) -> list[str]:
    lines = [f"export {name}={shell_word(value)}" for name, value in sorted(delta.put.items())]
    for name, paths in path_lists(delta).items():
        lines += [f"envmgr_prepend {name} {shell_word(path)}" for path in reversed(paths)]
    return _here(lines) or [":"]
