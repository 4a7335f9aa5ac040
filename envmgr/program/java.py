"""Java: sources become classes, and a launcher beside them is the program."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping

from envmgr.errors import ProgramError
from envmgr.program.request import BuildRequest, Procedure, Scratch, Step, filled_build

_MAIN = re.compile(r"\bstatic\s+(?:final\s+)?void\s+main\s*\(")
_PACKAGE = re.compile(r"(?m)^\s*package\s+([\w.]+)\s*;")
_CLASSES = "classes"


def java_procedure(request: BuildRequest, scratch: Scratch, files: tuple[str, ...]) -> Procedure:
    """Compile all *files* at once, and write the launcher that starts their main class."""
    request.compiler("JAVA_HOME", "Java")  # or it says that there is none
    home = request.environ["JAVA_HOME"]
    build = filled_build(request, scratch.places)
    target = os.path.join(scratch.build, request.program.target)
    flags = (*build.flags, *request.flags, *build.options)
    classes = os.path.join(os.path.relpath(scratch.build, scratch.source), _CLASSES)
    javac = os.path.join(home, "bin", "javac")
    argv = (javac, "-encoding", "UTF-8", "-d", classes, *flags, *(f"./{path}" for path in files))
    main = main_class({path: scratch.texts[path] for path in files}, request.program.target)
    text = launcher(os.path.join(home, "bin", "java"), main)
    return Procedure((Step(argv, scratch.source, build.env),), target, {target: text})


def main_class(texts: Mapping[str, str], target: str) -> str:
    """The class that a program starts with: the only one with a `main`, or the *target*'s.

    Raises ProgramError when there is none, or several.
    """
    found = {_class_name(path, text) for path, text in texts.items() if _MAIN.search(text)}
    named = {name for name in found if name.rpartition(".")[2] == os.path.basename(target)}
    (chosen, *more) = sorted(named or found) or [""]
    if not chosen or more:
        what = f"{', '.join([chosen, *more])} have" if more else "no class has"
        raise ProgramError(
            f"{target}: {what} a main method",
            hint="[build] target names the class to start with",
        )
    return chosen


def _class_name(path: str, text: str) -> str:
    """The public class of a file, by the rule that ties the two names."""
    name = os.path.basename(path).removesuffix(".java")
    package = _PACKAGE.search(text)
    return f"{package[1]}.{name}" if package else name


def launcher(java: str, main: str) -> str:
    """A program that starts the class *main* of the classes that lie beside it."""
    return f'#!/bin/sh\nexec {shlex.quote(java)} -cp "${{0%/*}}/{_CLASSES}" {main} "$@"\n'
