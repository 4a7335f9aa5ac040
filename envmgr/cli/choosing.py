"""What command lines say of a program and of the choices to make for it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from envmgr.api.choosing import Asked
from envmgr.cli.parser import Arguments, Parser
from envmgr.errors import UsageError
from envmgr.program.target_definition import LOCAL


def program_argument(parser: Parser) -> Parser:
    """`NAME[:COMMAND]`."""
    return parser.add("program", metavar="NAME[:COMMAND]",
                      help="a program by its name, or by the path of its directory")  # fmt: skip


def choice_options(parser: Parser) -> Parser:
    """Everything by which a person narrows or widens what is chosen."""
    for option, metavar, what in (
        ("--with", "[ROLE=]QUERY", "what a need must be: compiler.llvm@>=14, compiler=tcc"),
        ("--data", "[ROLE=]QUERY", "what a data set or model must be"),
        ("--param", "NAME=VALUE", "the value of a parameter; several values mean all of them"),
        ("--flags", "OPTIONS", "options for the compiler; given several times, all are taken"),
        ("--each", "WHAT", "take all there is of a role (compiler), of a parameter, or of data"),
    ):  # fmt: skip
        parser.add(option, action="append", default=[], metavar=metavar, help=what)
    return parser.add("--target", default=LOCAL, metavar="TARGET",
                      help="where it runs: local, emulator:COMMAND, ssh://USER@HOST, adb:SERIAL, or"
                      " a name of the store's targets.toml")  # fmt: skip


def named_program(text: str) -> tuple[str, str]:
    """The program and the command (or nothing) that *text* names. Raises UsageError."""
    name, sign, command = text.rpartition(":")
    if not sign or os.sep in command or os.path.isdir(text):
        name, command = text, ""
    if not name:
        raise UsageError("no program is named", hint="envmgr program list shows them")
    return name, command


def asked_of(arguments: Arguments, command: str = "") -> Asked:
    """The choices that the command line asks for. Raises UsageError."""
    said: Mapping[str, list[str]] = vars(arguments)
    return Asked(
        command=command,
        with_=tuple(said["with"]),
        data=tuple(arguments.data),
        params=tuple(map(_parameter, arguments.param)),
        flags=tuple(map(_options, arguments.flags)) or ((),),
        target=arguments.target,
        each=tuple(name for text in arguments.each for name in text.split(",")),
    )


def _parameter(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise UsageError(f"--param {text}: say NAME=VALUE")
    return name, value


def _options(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"--flags {text!r} cannot be split into words: {error}") from error
