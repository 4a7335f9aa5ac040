"""The command line: one module a verb, each a thin layer over `envmgr.api`.

Only the module of the verb that was called is imported, and `--version` imports none.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from envmgr._version import __version__
from envmgr.errors import EnvmgrError

VERBS = {
    "detect": "find what the machine has and record it",
    "show": "list recorded entries",
    "install": "get what is missing, verified, into its own prefix",
    "init": "write a project file: what must be there to work in a directory",
    "add": "write into the project file what it needs",
    "drop": "take out of the project file what it no longer needs",
    "lock": "write down what the project's environments are made of",
    "sync": "make this machine match the lock",
    "diff": "say what differs between two locks, or a lock and this machine",
    "resolve": "say which entries answer queries, and why",
    "shell": "start a shell inside an environment",
    "exec": "run one command inside an environment",
    "env": "print what an environment sets, for a shell to read",
    "hook": "print what opens and closes the environments of projects at the prompt",
    "allow": "let the prompt hook use the project file of a directory",
    "export": "write an environment for another system: an image, a module, a bill",
    "import": "take over what files of other tools and modules say",
    "program": "build, run and check programs, and measure them",
    "experiment": "list, compare, plot and export what was measured",
    "replay": "do again what was measured, here, and say what is reproduced",
    "report": "write a report on what was measured, or an artifact appendix",
    "search": "look for detectors and recipes",
    "info": "say what a detector or a recipe finds, sets and needs",
    "refresh": "judge recorded entries again",
    "remove": "forget entries, and delete installed ones",
    "host": "describe this machine",
    "repo": "add, list, update and remove repositories of definitions",
    "lint": "name every mistake in detectors and recipes",
    "completion": "print the completion script of a shell",
}

_USAGE = """\
usage: envmgr VERB [options]        envmgr VERB --help tells more, with examples

"""
_FOOTER = """
  envmgr detect --tags=compiler          what compilers are here?
  envmgr install tool.cmake@4            get one that is not
  envmgr exec --tags=compiler,gcc -- make

options:
  --help, --version"""


def main(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    _prepare_output()
    try:
        return _run(arguments)
    except EnvmgrError as error:
        return _report(error, arguments)
    except KeyboardInterrupt:
        print("envmgr: interrupted; nothing half-done is left behind", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has what it wanted
        _drop_output()
        return 141
    except OSError as error:  # a full disk, a file that is not ours to write
        if error.filename is None:  # of the output itself, for all that can be told
            _drop_output()
        return _report(EnvmgrError(str(error)), arguments)


def _prepare_output() -> None:
    """Names of files that are no text go out as they came; what cannot be shown is escaped."""
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        nowhere = open(os.devnull, "w")  # noqa: SIM115  # until the process ends
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    if isinstance(sys.stdout, TextIOWrapper):
        is_utf8 = sys.stdout.encoding.lower() in ("utf-8", "utf8")
        sys.stdout.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")


def _drop_output() -> None:
    """Let what could not be written vanish, or the interpreter complains when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: EnvmgrError, arguments: list[str]) -> int:
    from envmgr.cli.output import report_error

    return report_error(error, as_json="--json" in _own(arguments))


def _own(arguments: list[str]) -> list[str]:
    """What was said to envmgr itself rather than to a command that it runs."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _run(arguments: list[str]) -> int:
    try:
        return _dispatch(arguments)
    finally:  # `--help` leaves by SystemExit; a reader that went away shows itself here
        sys.stdout.flush()


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else "--help"
    if first in ("--version", "-V"):
        print(f"envmgr {__version__}")
        return 0
    if first in ("--help", "-h", "help"):
        print(overview())
        return 0
    if first not in VERBS:
        raise _unknown(first)
    if first in ("env", "exec", "detect") and _answered(first, arguments[1:]):
        return 0
    from importlib import import_module

    verb = import_module(f"envmgr.cli.{first}_")
    code: int = verb.run(verb.parser().parse(arguments[1:]))
    return code


def _answered(verb: str, arguments: list[str]) -> bool:
    from envmgr.cli.warm import answered

    return answered(verb, arguments)


def overview() -> str:
    """The help of envmgr as a whole."""
    verbs = "".join(f"  {verb:<12}{what}\n" for verb, what in VERBS.items())
    return _USAGE + verbs + _FOOTER


def _unknown(word: str) -> EnvmgrError:
    from difflib import get_close_matches

    from envmgr.errors import UsageError

    near = get_close_matches(word, VERBS, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    return UsageError(f"no such verb: {word}{meant}", hint="envmgr --help lists them")
