"""Programs of CK as programs of envmgr."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from envmgr.importers.ck_build import (
    JAVA,
    Subject,
    build_of,
    environ_of,
    params_of,
    subject_of,
)
from envmgr.importers.ck_command import Own
from envmgr.importers.ck_dataset import CK, DATASETS
from envmgr.importers.ck_draft import Draft
from envmgr.importers.ck_meta import CkEntry, valid_name, valid_tags
from envmgr.importers.ck_needs import IsKnown, needs_of
from envmgr.importers.ck_rtl import Library
from envmgr.importers.ck_run import RUNS_JAVA, Running, read_runs
from envmgr.importers.reading import Note, UntranslatableError

_FILE = "program.toml"
_READ = frozenset(
    {
        *("build_compiler_vars", "compile_deps", "run_deps", "extra_ld_vars", "run_cmds"),
        *("run_vars", "source_files", "tags", "use_compile_script", "build_batch"),
        *("compile_cmds", "compiler_env", "main_language", "target_file"),
    }
)
_MEANINGLESS = frozenset(
    {
        *("backup_data_uid", "data_name", "program", "process_in_tmp", "template"),
        *("template_type", "source_files_templates", "print_files_after_run", "link_cmds"),
        *("skip_add_prefix_for_target_file", "skip_bin_ext", "skip_md5sum", "skip_objdump"),
        *("skip_compiler_vars", "skip_local_include"),
    }
)
"""Keys about CK's own ways, which say nothing of the program."""


def read_program(
    entry: CkEntry, libraries: Sequence[Library], is_known: IsKnown
) -> tuple[Draft, tuple[Note, ...]]:
    """The definition of a program with its files, and what was lost on the way.

    Raises UntranslatableError for one that cannot be taken over.
    """
    name = valid_name(entry.name)
    if not name or name == DATASETS:
        raise UntranslatableError("its name cannot be a name here")
    if not entry.meta.has("run_cmds"):
        raise UntranslatableError("it has no run_cmds")
    needs = needs_of(entry, libraries, is_known)
    subject = subject_of(entry, needs)
    notes = [*needs.notes]
    draft = Draft(
        name=name,
        where=entry.where,
        file=f"programs/{name}/{_FILE}",
        document=_document(subject, name, notes),
        directory=f"programs/{name}",
        source=entry.directory,
        files=tuple(file for file in entry.files if file != _FILE),
        more={
            f"{subject.rtl}/{file}": data
            for library in needs.libraries
            for file, data in library.files.items()
        },
    )
    return draft, (*notes, *_unknown(entry))


def _document(subject: Subject, name: str, notes: list[Note]) -> dict[str, Any]:
    build = build_of(subject, notes)
    running = Running(
        entry=subject.entry,
        own=_own(subject),
        sources=subject.sources,
        libraries=subject.needs.libraries,
        environ=environ_of(subject, notes),
        notes=notes,
    )
    params = params_of(subject)
    tags = dict.fromkeys((CK, *valid_tags(subject.meta.texts("tags"))))
    return {
        "name": name,
        "description": f"Program {name} of a CK collection",
        "tags": list(tags),
        "source": {"files": subject.files},
        "needs": subject.needs.queries,
        "build": build,
        **({"params": params} if params else {}),
        "run": read_runs(running),
    }


def _own(subject: Subject) -> Own:
    """What commands may name, and what stands for CK's interpreters."""
    files, sources = subject.entry.files, tuple(subject.sources.compiled)
    if subject.is_script:
        variable = subject.meta.text("compiler_env")
        return Own(files, sources, dict.fromkeys((variable, f"{variable}_RT"), "{compiler}"))
    return Own(files, runtimes={RUNS_JAVA: "{exe}"} if subject.language == JAVA else {})


def _unknown(entry: CkEntry) -> Iterator[Note]:
    """Nothing is dropped in silence: what this importer does not know is named."""
    if _FILE in entry.files:
        yield entry.note(_FILE, "a definition has that name here")
    for key in entry.meta.content:
        if key not in _READ and key not in _MEANINGLESS and entry.meta.has(key):
            yield entry.note(key, "it has no counterpart here")
