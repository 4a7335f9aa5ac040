"""Data sets of CK as detectors that find them in the repository that they come along with."""

from __future__ import annotations

import re
from typing import Any

from envmgr.importers.ck_command import variable_of
from envmgr.importers.ck_draft import Draft
from envmgr.importers.ck_meta import CkEntry, is_plain, valid_name, valid_tags
from envmgr.importers.reading import Note, UntranslatableError

CK = "ck"
"""The tag of every data set that comes from a collection."""
_VALUES_ONLY = "meta.txt"
"""What is written for a data set that has no file: it is only said to a command."""
_VALUE = re.compile(r"[a-z][a-z0-9_]*")


DATASETS = "datasets"
"""The directory of data sets among the programs of a repository."""


def several(count: int) -> str:
    """The tag of data sets with at least *count* files."""
    return f"ck-files-{count}"


def read_dataset(entry: CkEntry) -> tuple[Draft, tuple[Note, ...]]:
    """The detector of a data set, and what was lost on the way.

    Raises UntranslatableError for one that cannot be taken over.
    """
    short = f"{CK}-{valid_name(entry.name)}"
    if short == f"{CK}-":
        raise UntranslatableError("its name cannot be a name here")
    files, notes = _files(entry)
    values = _values(entry, files)
    more = {} if files else {_VALUES_ONLY: f"{entry.name} has values, and no files.\n".encode()}
    own = valid_tags(entry.meta.texts("tags"))
    counted = tuple(several(n) for n in range(2, len(files) + 1))
    tags = list(dict.fromkeys(("dataset", short, CK, *own, *counted)))
    draft = Draft(
        name=f"dataset.{short}",
        where=entry.where,
        file=f"detectors/dataset/{short}.toml",
        document=_document(entry.name, short, tags, files[0] if files else _VALUES_ONLY, values),
        directory=f"programs/{DATASETS}/{short}",
        source=entry.directory,
        files=entry.files,
        more=more,
    )
    return draft, notes


def _files(entry: CkEntry) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """The files that are the data, the first of which is what commands are given."""
    said = entry.meta.texts("dataset_files")
    there = tuple(name for name in said if name in entry.files)
    if said and said[0] not in there:
        raise UntranslatableError(f"its file {said[0]} is not there")
    if there and "/" in there[0]:
        raise UntranslatableError(f"its file {there[0]} lies in a directory")
    lost = (entry.note(name, "the file is not there") for name in said if name not in there)
    return there, tuple(lost)


def _values(entry: CkEntry, files: tuple[str, ...]) -> dict[str, str]:
    """The variables of a data set: its files, and what else commands may ask of it."""
    values = {}
    if files:
        values = {variable_of("dataset_path"): "{bin}/", variable_of("dataset_filename"): files[0]}
    for number, name in enumerate(files[1:], 1):
        values[variable_of(f"dataset_filename_{number}")] = name
    runs = entry.meta.table("cm_properties").table("run_time").pairs("run_cmd_main")
    for name, value in runs.items():
        if _VALUE.fullmatch(name) and is_plain(value):
            values.setdefault(variable_of(name), value)
    if not values:
        raise UntranslatableError("it has neither files nor values")
    return values


def _document(
    name: str, short: str, tags: list[str], marker: str, values: dict[str, str]
) -> dict[str, Any]:
    expected = {key: value.replace("{bin}", "{root}") for key, value in values.items()}
    return {
        "name": f"dataset.{short}",
        "description": f"Data set {name} of a CK collection",
        "tags": tags,
        "find": {"marker": [marker], "dirs": [f"{{repository}}/programs/{DATASETS}/{short}"]},
        "version": [{"text": "1", "match": "(.+)"}],
        "env": values,
        "check": {"files": {marker: 1}},
        "case": [{"tree": {marker: "data"}, "expect": {"version": "1", "env": expected}}],
    }
