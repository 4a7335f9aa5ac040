"""Commands of CK, which a shell reads with `$#name#$` filled in, as commands that need no shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from envmgr.importers.ck_meta import is_plain
from envmgr.importers.reading import UntranslatableError

DATA = "dataset"
"""The role of the data set of a command."""
_FIXED = {
    "$#dir_sep#$": "/",
    "$#os_dir_separator#$": "/",
    "$#up_dir#$": "../",
    "$#previous_dir#$": "../",
    "$#BIN_FILE#$": "{exe}",
    "$#dataset_path#$$#dataset_filename#$": f"{{{DATA}}}",
}
"""What CK fills in that is always the same here."""
_HOLE = re.compile(r"\$#(\w+?)#\$")
_VARIABLE = re.compile(r"\$<<(\w+)>>\$|\$#env1#\$(\w+)\$#env2#\$")
_OWN_FILE = re.compile(r"(\$#src_path(?:_local)?#\$|(?<![\w./])\.\./)([\w./+-]+)")
_SHELL = re.compile(r"[|&;`$()*?\[\]~]|[<>]")
_NUMBERED = re.compile(r"dataset_filename_(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Own:
    """What the commands of a program may name."""

    files: Collection[str]
    scripts: Collection[str] = ()
    """Those of the files that are run where they lie, for nothing is compiled."""
    runtimes: Mapping[str, str] = field(default_factory=dict)
    """What CK's variables for an interpreter mean here."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command in our words."""

    words: tuple[str, ...]
    stdin: str | None = None
    inputs: tuple[str, ...] = ()
    """Files of the program that it names."""
    data_files: int = 0
    """How many files of its data set it names; each is a variable of the data set, the first the
    data set itself."""
    values: frozenset[str] = frozenset()
    """What else it asks of its data set: names of variables."""

    @property
    def text(self) -> str:
        """The command as a definition has it: words that are split and filled, in this order."""
        return " ".join(map(quoted, self.words))

    @property
    def uses_data(self) -> bool:
        """Whether it asks for a data set."""
        return bool(self.data_files or self.values)


def translate(text: str, program: Own) -> Command:
    """*text* in our words. Raises UntranslatableError with the reason."""
    if "{" in text or "}" in text:
        raise UntranslatableError("it has braces, which are placeholders here")
    for name, meaning in _FIXED.items():
        text = text.replace(name, meaning)
    inputs: dict[str, None] = {}
    text = _VARIABLE.sub(lambda found: _variable(found[1] or found[2], program), text)
    text = _OWN_FILE.sub(lambda found: _own_file(found[2], program, inputs), text)
    asked = _Asked(text.replace("$#src_path#$", "{source}/"))
    words, stdin = _redirected(_split(asked.text))
    return Command(words, stdin, tuple(inputs), asked.data_files, frozenset(asked.values))


def variable_of(name: str) -> str:
    """The variable of a data set that holds what commands call `$#name#$`."""
    return f"CK_{name.upper()}"


def quoted(word: str) -> str:
    """*word* so that it is one again when the command is split; placeholders stay readable."""
    return word if re.fullmatch(r"[^\s'\"\\]+", word) else shlex.quote(word)


def _variable(name: str, program: Own) -> str:
    if name not in program.runtimes:
        raise UntranslatableError(f"it asks for the variable {name}")
    return program.runtimes[name]


def _own_file(name: str, program: Own, inputs: dict[str, None]) -> str:
    """A file of the program: a source where it lies, any other copied to where it runs."""
    if name not in program.files or not is_plain(name):
        raise UntranslatableError(f"{name} is no file of the program")
    if name in program.scripts:
        return f"{{source}}/{name}"
    inputs[name] = None
    return name


class _Asked:
    """A text with CK's placeholders as ours, and what it asks of a data set."""

    def __init__(self, text: str) -> None:
        self.data_files = 1 if f"{{{DATA}}}" in text else 0
        self.values: dict[str, None] = {}
        self.text = _HOLE.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        if name in ("dataset_path", "dataset_filename"):
            self.data_files = max(self.data_files, 1)
        elif numbered := _NUMBERED.fullmatch(name):
            self.data_files = max(self.data_files, int(numbered[1]) + 1)
        elif re.fullmatch(r"[a-z][a-z0-9_]*", name):
            self.values[variable_of(name)] = None
        else:
            raise UntranslatableError(f"nothing here is what $#{name}#$ stands for")
        return f"{{{DATA}.{variable_of(name)}}}"


def _split(text: str) -> list[str]:
    """The words of a command and its redirections. Raises UntranslatableError for other shell."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="<>|&;()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError as error:
        raise UntranslatableError(f"it cannot be split: {str(error).lower()}") from error
    if not words:
        raise UntranslatableError("it is empty")
    for word in words:
        if word != "<" and _SHELL.search(word):
            raise UntranslatableError(f"it needs a shell for {word}")
    return words


def _redirected(words: list[str]) -> tuple[tuple[str, ...], str | None]:
    """The words without `< file`, and that file."""
    if "<" not in words:
        return tuple(words), None
    at = words.index("<")
    rest = [*words[:at], *words[at + 2 :]]
    if at + 1 >= len(words) or "<" in rest or not rest:
        raise UntranslatableError("its < names no file, or there are several")
    return tuple(rest), words[at + 1]
