"""Programs of CK as programs of envmgr."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envmgr.importers.ck_command import Own
from envmgr.importers.ck_dataset import CK, DATASETS
from envmgr.importers.ck_draft import Draft
from envmgr.importers.ck_meta import CkEntry, Table, is_plain, valid_name, valid_tags
from envmgr.importers.ck_needs import IsKnown, Needs, needs_of
from envmgr.importers.ck_rtl import Library
from envmgr.importers.ck_run import JAVA, REPEAT, Running, read_runs
from envmgr.importers.ck_sources import (
    Sources,
    dialect,
    headers_there,
    replaced_by_the_system,
)
from envmgr.importers.reading import Note, UntranslatableError

_MATH = "$<<CK_EXTRA_LIB_M>>$"
_LINKER = re.compile(r"-l[\w+.-]+|-pthread")
_DEFINE = re.compile(r"[A-Za-z_]\w*")
_HEADERS = (".h", ".hh", ".hpp", ".inc")
_JAVA = "java"
_SCRIPTS = ("python", "julia")
"""Languages in which nothing is built."""
_MOST_BYTES = 4 << 20
"""Above that a file is no source that a person wrote, and is not looked into."""
_MEANINGLESS = frozenset(
    {
        *("backup_data_uid", "data_name", "program", "process_in_tmp", "template"),
        *("template_type", "compiler_env", "source_files_templates", "print_files_after_run"),
        *("skip_add_prefix_for_target_file", "skip_bin_ext", "skip_md5sum", "skip_objdump"),
        *("skip_compiler_vars", "skip_local_include", "link_cmds", "compile_cmds"),
        *("main_language", "target_file"),
    }
)
"""Keys about CK's own ways, which say nothing that is not said here otherwise."""
_TAKEN = frozenset(
    {
        *("build_compiler_vars", "compile_deps", "run_deps", "extra_ld_vars", "run_cmds"),
        *("run_vars", "source_files", "tags", "use_compile_script"),
    }
)


@dataclass(slots=True)
class _Making:
    """A program on its way from one form to the other."""

    entry: CkEntry
    needs: Needs
    language: str
    notes: list[Note] = field(default_factory=list)
    params: dict[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Files that are named as sources and not compiled."""

    @property
    def meta(self) -> Table:
        return self.entry.meta

    @property
    def rtl(self) -> str:
        """The directory of what is compiled along."""
        taken = {name.partition("/")[0] for name in self.entry.files}
        return next(name for name in ("rtl", "rtl-ck", "rtl-of-ck") if name not in taken)

    @property
    def is_script(self) -> bool:
        return self.language in _SCRIPTS


def read_program(
    entry: CkEntry, libraries: Sequence[Library], is_known: IsKnown
) -> tuple[Draft, tuple[Note, ...]]:
    """The definition of a program with its files, and what was lost on the way.

    Raises UntranslatableError for one that cannot be taken over.
    """
    name = valid_name(entry.name)
    if not name or name == DATASETS:
        raise UntranslatableError("its name cannot be a name here")
    _require_simple_build(entry.meta)
    needs = needs_of(entry, libraries, is_known)
    making = _Making(entry, needs, entry.meta.text("main_language").lower(), [*needs.notes])
    document = _document(making, name)
    _note_unknown(making)
    more = {
        f"{making.rtl}/{file}": data
        for library in needs.libraries
        for file, data in library.files.items()
    }
    files = tuple(file for file in entry.files if file != "program.toml")
    file, directory = f"programs/{name}/program.toml", f"programs/{name}"
    draft = Draft(name, entry.where, file, document, directory, entry.directory, files, more)
    return draft, tuple(making.notes)


def _require_simple_build(meta: Table) -> None:
    if meta.text("use_compile_script") == "yes" or meta.has("build_batch"):
        raise UntranslatableError("it is built by a script of its own, in CK's environment")
    if meta.has("compile_cmds") and meta.text("main_language").lower() not in (*_SCRIPTS, _JAVA):
        raise UntranslatableError("it is compiled by commands of its own")
    if not meta.texts("source_files"):
        raise UntranslatableError("it names no source files")
    if not meta.has("run_cmds"):
        raise UntranslatableError("it has no run_cmds")


def _document(making: _Making, name: str) -> dict[str, Any]:
    sources = _sources(making)
    build = _build(making, sources)
    running = Running(
        entry=making.entry,
        own=_own(making),
        sources=sources,
        libraries=making.needs.libraries,
        env=_environment(making),
        notes=making.notes,
    )
    runs = read_runs(running)
    tags = valid_tags(making.meta.texts("tags"))
    return {
        "name": name,
        "description": f"Program {name} of a CK collection",
        "tags": list(dict.fromkeys((CK, *tags))),
        "source": {"files": _files(making)},
        "needs": making.needs.queries,
        "build": build,
        **({"params": making.params} if making.params else {}),
        "run": runs,
    }


# -- sources ---------------------------------------------------------------------------------


def _named(making: _Making) -> tuple[str, ...]:
    """The program's own sources. Raises UntranslatableError for one that is not there."""
    names = making.meta.texts("source_files")
    for name in names:
        if not is_plain(name) or name not in making.entry.files:
            raise UntranslatableError(f"its source {name} is not among its own files")
    return names


def _sources(making: _Making) -> Sources:
    """What the program is made of, as texts."""
    headers = (name for name in making.entry.files if name.endswith(_HEADERS))
    return Sources(
        compiled={name: _text(making.entry, name) for name in _named(making)},
        others={name: _text(making.entry, name) for name in headers},
        along={
            name: library.files[name].decode("latin-1")
            for library in making.needs.libraries
            for name in library.sources
        },
    )


def _text(entry: CkEntry, name: str) -> str:
    with open(entry.path(name), "rb") as stream:
        return stream.read(_MOST_BYTES).decode("latin-1")


def _files(making: _Making) -> list[str]:
    rtl = (f"{making.rtl}/{name}" for one in making.needs.libraries for name in one.sources)
    own = (name for name in _named(making) if name not in making.left_out)
    return [*own, *rtl]


def _own(making: _Making) -> Own:
    """What commands may name, and what stands for CK's interpreters."""
    scripts = making.meta.texts("source_files") if making.is_script else ()
    environ = making.meta.text("compiler_env")
    runtimes: Mapping[str, str] = {}
    if making.is_script:
        runtimes = dict.fromkeys((environ, f"{environ}_RT"), "{compiler}")
    elif making.language == _JAVA:
        runtimes = {JAVA: "{exe}"}
    return Own(making.entry.files, scripts, runtimes)


# -- building --------------------------------------------------------------------------------


def _build(making: _Making, sources: Sources) -> dict[str, Any]:
    if making.is_script:
        return {"system": "none"}
    if making.language == _JAVA:
        return {"target": making.meta.text("target_file") or making.entry.name}
    making.left_out = replaced_by_the_system(sources)
    for name in making.left_out:
        why = "not compiled: the C library has its functions, and declares them otherwise"
        making.notes.append(making.entry.note(name, why))
    flags = [*dialect(sources), *headers_there(sources), *_definitions(making)]
    include = [".", making.rtl] if making.needs.libraries else ["."]
    libs = [*making.needs.libs, *_linker_options(making)]
    parts = {"flags": flags, "include": include, "libs": libs}
    return {key: value for key, value in parts.items() if value}


def _definitions(making: _Making) -> Iterable[str]:
    """`-D` options; whole numbers become parameters, so that they can be varied."""
    for name, value in making.meta.pairs("build_compiler_vars").items():
        if not _DEFINE.fullmatch(name):
            raise UntranslatableError(f"{name!r} in its build_compiler_vars is no name of a macro")
        value = _varied(making, name, value)
        option = f"-D{name}={value}" if value else f"-D{name}"
        try:
            (word,) = shlex.split(option)
        except ValueError as error:
            raise UntranslatableError(f"{option} is not one word for a shell") from error
        yield word


def _varied(making: _Making, name: str, value: str) -> str:
    """The parameter that holds *value* when it is a whole number; else the value itself."""
    if "{" in value:
        raise UntranslatableError(f"{name} has braces, which are placeholders here")
    param = name.lower()
    reserved = {"source", "build", "jobs", "exe", "file", "dataset", *making.needs.queries}
    is_param = name.isupper() and name[0] != "_" and param not in reserved
    if not re.fullmatch(r"-?[0-9]{1,15}", value) or not is_param or param in making.params:
        return value
    making.params[param] = int(value)
    return f"{{{param}}}"


def _linker_options(making: _Making) -> Iterable[str]:
    for word in making.meta.text("extra_ld_vars").split():
        if word == _MATH:
            yield "-lm"
        elif _LINKER.fullmatch(word):
            yield word
        else:
            making.notes.append(making.entry.note("extra_ld_vars", f"{word} means nothing here"))


def _environment(making: _Making) -> dict[str, str]:
    """The variables of every run, but for what only CK reads."""
    env = {}
    for name, value in making.meta.pairs("run_vars").items():
        if _DEFINE.fullmatch(name):
            env[name] = _varied(making, name, value) if name != REPEAT else value
        else:
            making.notes.append(making.entry.note("run_vars", f"{name!r} is no name of a variable"))
    return env


def _note_unknown(making: _Making) -> None:
    """Nothing is dropped in silence: what this importer does not know is named."""
    for key in making.meta.content:
        if key not in _MEANINGLESS and key not in _TAKEN and making.meta.has(key):
            making.notes.append(making.entry.note(key, "it has no counterpart here"))
