"""The shape of every definition: which keys there are, and what each holds.

This is structure only; whether a pattern compiles or a digest has its length is for the rules.
So a file that was found good once is read again from the index at the price of its shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from glob import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from envmgr.catalog.fields import (
    COMMON,
    Key,
    Table,
    any_text,
    as_table,
    boolean,
    count,
    one_or_several,
    several,
    table_of,
    text,
    texts,
)
from envmgr.catalog.problem import Spot
from envmgr.catalog.scan import root_of
from envmgr.model.definition import (
    Build,
    Case,
    CaseFile,
    Check,
    Detector,
    Find,
    KnownPlace,
    Need,
    Part,
    Recipe,
    RecipeVersion,
    RefuseRule,
    Source,
    SourceFile,
    VersionRule,
)
from envmgr.model.names import SYSTEMS, Renamed
from envmgr.model.shell import Shell
from envmgr.model.template import MissingValueError, fill
from envmgr.model.version import version_values

if TYPE_CHECKING:
    from envmgr.model.program import Program  # few starts read programs

_REPOSITORY = "{repository}"
_ENV = Key(table_of(any_text))
_PREPEND = Key(table_of(texts))

_FIND = Table(
    Find,
    {
        way: Key(one_or_several)
        for way in (
            "program",
            "library",
            "header",
            "pkgconfig",
            "cmake",
            "python",
            "marker",
            "dirs",
        )
    },
)
_VERSION_RULE = Table(
    VersionRule,
    {"run": Key(text), "file": Key(text), "text": Key(text), "match": Key(text, required=True)},
)
_REFUSE_RULE = Table(
    RefuseRule, {"output": Key(text), "real": Key(text), "why": Key(text, required=True)}
)
_PART = Table(
    Part,
    {
        "file": Key(text, required=True),
        "tags": Key(texts),
        "env": _ENV,
        "prepend": _PREPEND,
        "alias": Key(text),
    },
)
_CHECK = Table(
    Check,
    {
        "run": Key(text),
        "source": Key(text),
        "suffix": Key(text),
        "expect": Key(text),
        "needs": Key(table_of(text)),
        "files": Key(table_of(count)),
    },
)
_CASE_FILE = Table(CaseFile, {"text": Key(any_text), "run": Key(any_text), "link": Key(text)})


def _tree(value: object, spot: Spot) -> dict[str, CaseFile]:
    """The files of a mock tree; a bare string is a program below `bin`, else a text."""
    tree = {}
    for path, content in as_table(value, spot).items():
        if isinstance(content, str):
            is_program = not {"bin", "sbin"}.isdisjoint(path.split("/")[:-1])
            tree[path] = CaseFile(run=content) if is_program else CaseFile(text=content)
        else:
            tree[path] = _CASE_FILE(content, spot.at(path))
    return tree


_EXPECT: Table[dict[str, Any]] = Table(
    dict,
    {
        "version": Key(text),
        "tags": Key(texts),
        "env": _ENV,
        "prepend": _PREPEND,
        "refused": Key(text),
        "count": Key(count),
    },
)


def _case(tree: dict[str, CaseFile], expect: dict[str, Any]) -> Case:
    return Case(tree, **expect)


_CASE = Table(_case, {"tree": Key(_tree, required=True), "expect": Key(_EXPECT, required=True)})
_DETECTOR = Table(
    Detector,
    {
        **COMMON,
        "alias": Key(text),
        "identity": Key(text),
        "prefix": Key(text),
        "provides": Key(texts),
        "conflicts": Key(texts),
        "find": Key(_FIND, required=True),
        "version": Key(several(_VERSION_RULE), required=True, into="versions"),
        "refuse": Key(several(_REFUSE_RULE), into="refusals"),
        "env": _ENV,
        "prepend": _PREPEND,
        "part": Key(several(_PART), into="parts"),
        "check": Key(_CHECK),
        "case": Key(several(_CASE), required=True, into="cases"),
    },
)


def _placed(detector: Detector) -> Detector:
    """The *detector* with `{repository}` in its places filled: data that came along with it."""
    root = root_of(detector.file)
    if root is None or not any(path.startswith(_REPOSITORY) for path in detector.find.dirs):
        return detector
    here = escape(root)
    dirs = tuple(path.replace(_REPOSITORY, here, 1) for path in detector.find.dirs)
    return replace(detector, find=replace(detector.find, dirs=dirs))


_SOURCE = Table(
    Source,
    {
        "urls": Key(texts),
        "pypi": Key(text),
        "npm": Key(text),
        "git": Key(text),
        "unpack": Key(boolean),
        "strip": Key(count),
        "into": Key(text),
    },
)
_BUILD = Table(
    Build,
    {
        "system": Key(text),
        "options": Key(texts),
        "commands": Key(texts),
        "env": _ENV,
        "links": Key(table_of(text)),
        "scripts": Key(table_of(text)),
        "executable": Key(texts),
    },
)


_NEED = Table(
    Need,
    {"query": Key(text, required=True), "versions": Key(text), "platforms": Key(texts)},
)


def _need(value: object, spot: Spot) -> Need:
    """A query, or a table of one with its conditions."""
    return Need(value) if isinstance(value, str) else _NEED(value, spot)


def _row(digest: str = "", **fields: Any) -> RecipeVersion:
    files = (SourceFile("", digest),) if digest else ()
    return RecipeVersion(version="", files=files, **fields)


_ROW = Table(_row, {"digest": Key(text), "commit": Key(text), "values": Key(table_of(any_text))})


def _release(value: object, spot: Spot) -> RecipeVersion:
    """A row of `[versions]`: a digest, a table of files (their names hold a dot), or a table."""
    if isinstance(value, str):
        return _row(text(value, spot))
    if isinstance(value, dict) and any("." in name for name in value):
        digests = table_of(text)(value, spot)
        return RecipeVersion("", tuple(SourceFile(*item) for item in digests.items()))
    return _ROW(value, spot)


def _recipe(
    versions: dict[str, RecipeVersion], source: Source | None = None, **fields: Any
) -> Recipe:
    source = source or Source()
    rows = tuple(_named(replace(row, version=text), source) for text, row in versions.items())
    return Recipe(source=source, versions=rows, **fields)


def _named(row: RecipeVersion, source: Source) -> RecipeVersion:
    """The row with its single file named as its address or its package names it."""
    if [file.name for file in row.files] != [""]:
        return row
    name = ""
    if source.npm:
        name = f"{source.npm.rpartition('/')[2]}-{row.version}.tgz"
    elif source.urls:
        name = _name_in(source.urls[0], {**version_values(row.version), **row.values})
    return replace(row, files=(SourceFile(name, row.files[0].digest),))


def _name_in(address: str, values: Mapping[str, str]) -> str:
    path = address.partition("?")[0].partition("#")[0]
    try:
        return fill(path.rpartition("/")[2], values)
    except MissingValueError:
        return ""  # the rules name the placeholder


_RECIPE = Table(
    _recipe,
    {
        **COMMON,
        "detector": Key(text, required=True),
        "platforms": Key(texts),
        "versions": Key(table_of(_release), required=True),
        "source": Key(_SOURCE, required=True),
        "needs": Key(table_of(_need)),
        "build": Key(_BUILD),
    },
)


def _place(prefixes: tuple[str, ...] = (), **fields: Any) -> KnownPlace:
    return KnownPlace(prefixes=prefixes, **fields)


_PLACE = Table(
    _place,
    {
        "manager": Key(text, required=True),
        "prefixes": Key(texts),
        "bin": Key(texts),
        "lib": Key(texts),
        "include": Key(texts),
        "shims": Key(texts),
    },
)


def _only_places(place: tuple[KnownPlace, ...]) -> tuple[KnownPlace, ...]:
    return place


_PLACES = Table(_only_places, {"place": Key(several(_PLACE), required=True)})

_NAMES = Table(Renamed, {system: Key(table_of(one_or_several)) for system in SYSTEMS})

_pair = several(any_text)
_SHELL = Table(
    Shell,
    {
        "name": Key(text, required=True),
        "description": Key(text, required=True),
        "program": Key(text),
        "format": Key(text),
        "quote": Key(_pair),
        "escapes": Key(several(_pair)),
        "forbidden": Key(any_text),
        "text_only": Key(boolean),
        "set": Key(text),
        "sets": Key(table_of(any_text)),
        "unset": Key(text),
        "after": Key(any_text),
        "argv": Key(texts),
        "files": Key(table_of(any_text)),
        "environ": Key(table_of(any_text)),
        "hook": Key(table_of(any_text)),
    },
)


Value: TypeAlias = "Detector | Recipe | Program | Shell | Renamed | tuple[KnownPlace, ...]"


def decode(kind: str, document: object, spot: Spot, file: str, digest: str) -> Value:
    """The value of a TOML *document* of a *kind*: `detector`, `recipe`, `program` and so on.

    *digest* is the sha256 of the file. What has the wrong shape is said to *spot* and left out.
    """
    if kind == "detector":
        return _placed(_DETECTOR(document, spot, file=file, digest=digest))
    if kind == "recipe":
        return _RECIPE(document, spot, file=file, digest=digest)
    if kind == "program":
        from envmgr.catalog.program_schema import PROGRAM

        return PROGRAM(document, spot, file=file, digest=digest)
    if kind == "shell":
        return _SHELL(document, spot, file=file)
    if kind == "names":
        return _NAMES(document, spot)
    return _PLACES(document, spot)
