"""Commands of a CK program as run commands: data, outputs, checks, figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envmgr.importers.ck_build import REPEAT
from envmgr.importers.ck_command import DATA, Command, Own, translate
from envmgr.importers.ck_dataset import CK, several
from envmgr.importers.ck_meta import CkEntry, Table, is_plain, valid_tags
from envmgr.importers.ck_rtl import Library
from envmgr.importers.ck_sources import Sources
from envmgr.importers.reading import Note, UntranslatableError

RUNS_JAVA = "CK_JAVA_RT"
"""CK's variable for what runs the classes of Java; here the built program does."""
_STREAMS = {"run_cmd_out1": "stdout", "run_cmd_out2": "stderr"}
"""CK's keys for the files that the two streams go to."""
_FIGURE = "execution_time"
"""What CK's libraries call the time of the kernel, in seconds."""
_ANY_STATUS = range(256)
_PREPARED = ("pre_process_cmd", "pre_process_cmds", "pre_process_via_ck")
"""Keys of steps before a run, without which it is another."""
_KNOWN = frozenset(
    {"hot_functions", "run_time", "dataset_tags", "dataset_classes_uoa", "ignore_return_code"}
)
_KNOWN_OF_RUN = frozenset(
    {
        *("run_cmd_main", "run_correctness_output_files", "run_output_files", "run_input_files"),
        *("fine_grain_timer_file", "need_compute_device", *_STREAMS, *_PREPARED),
    }
)
"""Keys that are read here, or that say nothing of how to run it."""


@dataclass(frozen=True, slots=True)
class Running:
    """What all commands of a program share."""

    entry: CkEntry
    own: Own
    sources: Sources
    libraries: Sequence[Library]
    environ: Mapping[str, str]
    notes: list[Note]
    """Gets what is lost on the way."""

    def lose(self, what: str, why: str) -> None:
        """Note that something is not taken over."""
        self.notes.append(self.entry.note(what, why))


def read_runs(program: Running) -> dict[str, dict[str, Any]]:
    """The run commands by name. Raises UntranslatableError when none can be taken over."""
    runs: dict[str, dict[str, Any]] = {}
    whys = []
    for name, meta in program.entry.meta.tables("run_cmds").items():
        short = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "default"
        try:
            if short in runs:
                raise UntranslatableError(f"there is another command {short}")
            runs[short] = _run(program, name, meta)
        except UntranslatableError as error:
            whys.append(str(error))
            program.lose(f"run_cmds.{name}", str(error))
    if not runs:
        raise UntranslatableError(f"none of its commands can be run: {'; '.join(whys) or 'none'}")
    return runs


def _run(program: Running, name: str, meta: Table) -> dict[str, Any]:
    how = meta.table("run_time")
    if prepared := next((key for key in _PREPARED if how.has(key)), None):
        raise UntranslatableError(f"{prepared} does something before it")
    command = _command(program, how)
    _note_unknown(program, name, meta, how)
    outputs = _outputs(program, name, how, command)
    timer = _timer(program, how)
    checked = [file for file in _checked(how) if file in (*_STREAMS.values(), *outputs)]
    status = _ANY_STATUS if meta.text("ignore_return_code") == "yes" else ()
    parts = {
        "command": command.text,
        "data": _data(meta, command),
        "copies": [DATA] if command.data_files else [],
        "inputs": _inputs(program, name, how, command),
        "stdin": command.stdin,
        "outputs": [*outputs, timer] if timer else outputs,
        "env": {key: value for key, value in program.environ.items() if key != REPEAT},
        "exit_codes": list(status),
        "repeat": REPEAT if _repeats(program) else None,
        "check": [_check(file) for file in checked],
        "figures": {_FIGURE: {"file": timer, "key": _FIGURE, "unit": "s"}} if timer else {},
    }
    return {key: value for key, value in parts.items() if value}


def _command(program: Running, how: Table) -> Command:
    command = translate(how.text("run_cmd_main"), program.own)
    first = command.words[0]
    if program.own.runtimes.get(RUNS_JAVA) == first and len(command.words) > 1:
        return replace(command, words=(first, *command.words[2:]))  # it knows its class itself
    if first != "{exe}" and not (first == "{compiler}" and program.own.scripts):
        raise UntranslatableError(f"it starts {first}, which is not the program")
    return command


# -- what it reads ---------------------------------------------------------------------------


def _data(meta: Table, command: Command) -> dict[str, str]:
    """The query for its data set: CK's tags, among the data sets of collections."""
    if not command.uses_data:
        return {}
    tags = valid_tags(meta.texts("dataset_tags"))
    if not tags:
        raise UntranslatableError("it asks for a data set, and dataset_tags says nothing of which")
    more = (several(command.data_files),) if command.data_files > 1 else ()
    return {DATA: ",".join(dict.fromkeys(("dataset", CK, *tags, *more)))}


def _inputs(program: Running, name: str, how: Table, command: Command) -> list[str]:
    """Files of the program that it reads where it runs."""
    inputs = dict.fromkeys(command.inputs)
    for file in how.texts("run_input_files"):
        if is_plain(file) and file in program.entry.files:
            inputs[file] = None
        else:
            program.lose(f"run_cmds.{name}: {file}", "its input is no file of the program")
    return list(inputs)


def _repeats(program: Running) -> bool:
    """Whether the program repeats its work itself: it must look at the variable."""
    return REPEAT in program.environ and program.sources.mention(REPEAT)


# -- what it writes --------------------------------------------------------------------------


def _outputs(program: Running, name: str, how: Table, command: Command) -> list[str]:
    """The files that it writes, those among them that nothing in it can name left out."""
    outputs = []
    for file in dict.fromkeys((*_checked(how), *_written(how))):
        if file in _STREAMS.values() or file == how.text("fine_grain_timer_file"):
            continue
        if not is_plain(file):
            program.lose(f"run_cmds.{name}: {file}", "its output has no plain name")
        elif any(file in word for word in command.words) or program.sources.write(file):
            outputs.append(file)
        else:
            why = "neither the command nor the sources name this output, so it is never written"
            program.lose(f"run_cmds.{name}: {file}", why)
    return outputs


def _checked(how: Table) -> list[str]:
    """The files that CK compares, where its names of the two streams are ours."""
    return _named(how, "run_correctness_output_files")


def _written(how: Table) -> list[str]:
    return _named(how, "run_output_files")


def _named(how: Table, key: str) -> list[str]:
    streams = {how.text(key): stream for key, stream in _STREAMS.items()}
    return list(dict.fromkeys(streams.get(file, file) for file in how.texts(key)))


def _check(file: str) -> dict[str, Any]:
    """A check against what trusted builds gave.

    What a program prints is compared number by number, though exactly: the sign of what is not a
    number means nothing, and compilers differ in it.
    """
    exact = {} if file not in _STREAMS.values() else {"tolerance": 0.0}
    return {"file": file, "recorded": True, **exact}


def _timer(program: Running, how: Table) -> str:
    """The file of the kernel's time; empty where no library that is compiled along writes it."""
    name = how.text("fine_grain_timer_file")
    written = any(_writes(library, name, program.sources) for library in program.libraries)
    return name if is_plain(name) and written else ""


def _writes(library: Library, name: str, sources: Sources) -> bool:
    named = any(f'"{name}"'.encode() in library.files[file] for file in library.sources)
    return named and (not library.used_by or sources.call(library.used_by))


# -- what is not known -----------------------------------------------------------------------


def _note_unknown(program: Running, name: str, meta: Table, how: Table) -> None:
    """Nothing is dropped in silence: what this importer does not know is named."""
    for table, known in ((meta, _KNOWN), (how, _KNOWN_OF_RUN)):
        for key in table.content:
            if key not in known and table.has(key):
                program.lose(f"run_cmds.{name}: {key}", "it has no counterpart here")
