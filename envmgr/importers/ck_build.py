"""How a CK program is built: its sources, its options, and what of them may be varied."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envmgr.importers.ck_meta import CkEntry, Table, is_plain
from envmgr.importers.ck_needs import Needs
from envmgr.importers.ck_sources import (
    Sources,
    dialect,
    headers_there,
    replaced_by_the_system,
)
from envmgr.importers.reading import Note, UntranslatableError

REPEAT = "CT_REPEAT_MAIN"
"""The variable by which programs of CK repeat their kernel."""
JAVA = "java"
SCRIPTS = ("python", "julia")
"""Languages in which nothing is built."""
_RTL = "rtl"
"""The directory of what is compiled along, unless the program has one of that name."""
_MATH = "$<<CK_EXTRA_LIB_M>>$"
_LINKER = re.compile(r"-l[\w+.-]+|-pthread")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_HEADERS = (".h", ".hh", ".hpp", ".inc")
_MOST_BYTES = 4 << 20
"""Above that a file is no source that a person wrote, and is not looked into."""
_RESERVED = frozenset({"source", "build", "jobs", "exe", "file", "dataset"})
"""What no parameter may be called."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A program of CK with what was found out about it."""

    entry: CkEntry
    needs: Needs
    sources: Sources
    language: str
    """As CK calls it, in lower case."""
    left_out: tuple[str, ...]
    """Sources that are not compiled."""
    params: Mapping[str, str]
    """Name of each macro or variable that can be varied, to the parameter that holds it."""

    @property
    def meta(self) -> Table:
        """What CK says of it."""
        return self.entry.meta

    @property
    def is_script(self) -> bool:
        """Whether nothing is built."""
        return self.language in SCRIPTS

    @property
    def rtl(self) -> str:
        """The directory of what is compiled along."""
        name = _RTL
        while any(file.partition("/")[0] == name for file in self.entry.files):
            name += "_"
        return name

    @property
    def files(self) -> list[str]:
        """What is compiled."""
        own = [name for name in self.sources.compiled if name not in self.left_out]
        return [*own, *(f"{self.rtl}/{name}" for name in self.sources.along)]

    def value(self, name: str, value: str) -> str:
        """The value of a macro or variable in a definition: its parameter, if it has one."""
        return f"{{{self.params[name]}}}" if name in self.params else value


def subject_of(entry: CkEntry, needs: Needs) -> Subject:
    """Look into the sources of a program. Raises UntranslatableError for one that is not there."""
    language = entry.meta.text("main_language").lower()
    _require_simple_build(entry.meta, language)
    sources = _sources(entry, needs)
    return Subject(
        entry=entry,
        needs=needs,
        sources=sources,
        language=language,
        left_out=replaced_by_the_system(sources),
        params=_params(entry.meta, needs),
    )


def build_of(subject: Subject, notes: list[Note]) -> dict[str, Any]:
    """The table `[build]`; *notes* get what is lost."""
    if subject.is_script:
        return {"system": "none"}
    if subject.language == JAVA:
        return {"target": subject.meta.text("target_file") or subject.entry.name}
    for name in subject.left_out:
        why = "not compiled: the C library has its functions, and declares them otherwise"
        notes.append(subject.entry.note(name, why))
    parts = {
        "flags": [*dialect(subject.sources), *headers_there(subject.sources), *_macros(subject)],
        "include": [".", subject.rtl] if subject.needs.libraries else ["."],
        "libs": [*subject.needs.libs, *_linker_options(subject.entry, notes)],
    }
    return {key: value for key, value in parts.items() if value}


def environ_of(subject: Subject, notes: list[Note]) -> dict[str, str]:
    """The variables of every run; *notes* get what is lost."""
    environ = {}
    for name, value in subject.meta.pairs("run_vars").items():
        if _NAME.fullmatch(name):
            environ[name] = subject.value(name, _without_braces(name, value))
        else:
            notes.append(subject.entry.note("run_vars", f"{name!r} is no name of a variable"))
    return environ


def params_of(subject: Subject) -> dict[str, int]:
    """The table `[params]`."""
    values = _numbers(subject.meta)
    return {param: values[name] for name, param in subject.params.items()}


def _require_simple_build(meta: Table, language: str) -> None:
    if meta.text("use_compile_script") == "yes" or meta.has("build_batch"):
        raise UntranslatableError("it is built by a script of its own, in CK's environment")
    if meta.has("compile_cmds") and language not in (*SCRIPTS, JAVA):
        raise UntranslatableError("it is compiled by commands of its own")
    if not meta.texts("source_files"):
        raise UntranslatableError("it names no source files")


# -- sources ---------------------------------------------------------------------------------


def _sources(entry: CkEntry, needs: Needs) -> Sources:
    named = dict.fromkeys(entry.meta.texts("source_files"))
    for name in named:
        if not is_plain(name) or name not in entry.files:
            raise UntranslatableError(f"its source {name} is not among its own files")
    headers = (name for name in entry.files if name.endswith(_HEADERS))
    return Sources(
        compiled={name: _text(entry, name) for name in named},
        others={name: _text(entry, name) for name in headers},
        along={
            name: library.files[name].decode("latin-1")
            for library in needs.libraries
            for name in library.sources
        },
    )


def _text(entry: CkEntry, name: str) -> str:
    with open(entry.path(name), "rb") as stream:
        return stream.read(_MOST_BYTES).decode("latin-1")


# -- options ---------------------------------------------------------------------------------


def _params(meta: Table, needs: Needs) -> dict[str, str]:
    """Macros and variables with upper case names and whole numbers as parameters."""
    taken = {*_RESERVED, *needs.queries}
    params: dict[str, str] = {}
    for name in _numbers(meta):
        param = name.lower()
        if name.isupper() and name[0] != "_" and param not in taken:
            params[name] = param
            taken.add(param)
    return params


def _numbers(meta: Table) -> dict[str, int]:
    """What is set to a whole number; a macro counts before a variable of its name."""
    both = {**meta.pairs("run_vars"), **meta.pairs("build_compiler_vars")}
    return {
        name: int(value)
        for name, value in both.items()
        if name != REPEAT and _NAME.fullmatch(name) and _NUMBER.fullmatch(value)
    }


def _macros(subject: Subject) -> Iterator[str]:
    for name, value in subject.meta.pairs("build_compiler_vars").items():
        if not _NAME.fullmatch(name):
            raise UntranslatableError(f"{name!r} in its build_compiler_vars is no name of a macro")
        value = subject.value(name, _without_braces(name, value))
        option = f"-D{name}={value}" if value else f"-D{name}"
        try:
            (word,) = shlex.split(option)
        except ValueError as error:
            raise UntranslatableError(f"{option} is not one word for a shell") from error
        yield word


def _without_braces(name: str, value: str) -> str:
    if "{" in value:
        raise UntranslatableError(f"{name} has braces, which are placeholders here")
    return value


def _linker_options(entry: CkEntry, notes: list[Note]) -> Iterator[str]:
    for word in entry.meta.text("extra_ld_vars").split():
        if word == _MATH:
            yield "-lm"
        elif _LINKER.fullmatch(word):
            yield word
        else:
            notes.append(entry.note("extra_ld_vars", f"{word} means nothing here"))
