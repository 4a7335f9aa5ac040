"""Packs: experiments in one file, with everything of them that may travel.

A pack is a ZIP archive. `manifest.json` says the sha256 and the size of every other member; the
same content gives the same members in the same order, without dates. What is read comes from
somebody else: members are judged before any is seen, and every one must be what the manifest says.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from math import isfinite
from typing import IO, Any

from envmgr._version import __version__
from envmgr.errors import InstallError, StoreError
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point, from_json, to_json

FORMAT = 1
SUFFIX = ".envpack"
MANIFEST, RECORDS, CASES = "manifest.json", "records.json", "cases.json"
_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that ZIP can say."""
_CHUNK = 1 << 20
_LARGEST_DOCUMENT = 1 << 30
"""Bytes of a document of a pack; a million measurements take less."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_PLACE = re.compile(r"(?:(?:programs|environments|data)(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]*)+)?")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that does not travel."""

    name: str
    digest: str
    """What it must be to be the same."""
    why: str


@dataclass(frozen=True, slots=True)
class Data:
    """A data set that no recipe fetches."""

    name: str
    version: str
    digest: str
    """What it was when it was measured."""
    place: str = ""
    """The directory of the pack that holds it; empty where it does not travel."""
    entry: Mapping[str, Any] = field(default_factory=dict)
    """Its entry in the form of `envmgr.model.entry`, with `{prefix}` for its directory."""
    note: str = ""
    """Where it is from and under which licence, as far as its detector says."""


@dataclass(frozen=True, slots=True)
class Case:
    """Measurements of one point in one context: what is done again together."""

    point: str
    """The id of the point."""
    context: str
    program: str
    """The directory of the pack with the program."""
    environment: str = ""
    """The directory of the pack with a project and its lock; empty where nothing is locked."""
    data: Mapping[str, Data] = field(default_factory=dict)
    """Role to the data set, for those that no recipe fetches."""
    reference: str = ""
    """The key of what trusted builds gave; empty where no check asks for it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a pack says, beside the files in it."""

    experiments: tuple[Experiment, ...]
    measurements: tuple[Measurement, ...]
    contexts: Mapping[str, Mapping[str, Any]]
    """Digest to document."""
    cases: tuple[Case, ...]
    left_out: tuple[LeftOut, ...] = ()

    def of(self, case: Case) -> tuple[Measurement, ...]:
        """The measurements of *case*."""
        wanted = (case.point, case.context)
        return tuple(m for m in self.measurements if (m.point.id, m.context) == wanted)

    def point(self, case: Case) -> Point:
        """What was chosen for *case*."""
        return self.of(case)[0].point


@dataclass(frozen=True, slots=True)
class Pack:
    """An opened pack."""

    directory: str
    """Where its files are now."""
    envmgr: str
    """The version that wrote it."""
    content: Content

    def place(self, path: str) -> str:
        """Where something of the pack is."""
        return os.path.join(self.directory, *path.split("/"))


# -- writing ---------------------------------------------------------------------------------


def write(stream: IO[bytes], content: Content, files: Mapping[str, str | bytes]) -> None:
    """Write a pack to *stream*: *files* are its members, by their names, as bytes or as the paths
    of what they hold. Raises StoreError for a file that cannot be read.
    """
    documents = {RECORDS: _records(content), CASES: _cases(content)}
    every = {**files, **{name: _text(form) for name, form in documents.items()}}
    try:
        members = {name: _told(every[name]) for name in sorted(every)}
        head = {"format": FORMAT, "envmgr": __version__, "members": members}
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, MANIFEST, _text(head))
            for name in members:
                _add(archive, name, every[name])
    except OSError as error:
        raise StoreError(f"cannot write the pack: {error}") from error


def _records(content: Content) -> dict[str, Any]:
    """As `envmgr experiment export --format json` writes it."""
    return {
        "experiments": [asdict(one) for one in content.experiments],
        "measurements": [to_json(one) for one in content.measurements],
        "contexts": content.contexts,
    }


def _cases(content: Content) -> dict[str, Any]:
    return {
        "cases": [asdict(one) for one in content.cases],
        "left_out": [asdict(one) for one in content.left_out],
    }


def _text(form: Mapping[str, Any]) -> bytes:
    return (json.dumps(form, indent=1, sort_keys=True) + "\n").encode()


def _told(source: str | bytes) -> dict[str, Any]:
    """What the manifest says of a member."""
    total, size = sha256(), 0
    for chunk in _chunks(source):
        total.update(chunk)
        size += len(chunk)
    return {"sha256": total.hexdigest(), "size": size}


def _chunks(source: str | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with open(source, "rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _add(archive: zipfile.ZipFile, name: str, source: str | bytes) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
    runs = isinstance(source, str) and os.access(source, os.X_OK)
    info.external_attr = (0o100755 if runs else 0o100644) << 16
    with archive.open(info, "w", force_zip64=True) as member:
        for chunk in _chunks(source):
            member.write(chunk)


# -- reading ---------------------------------------------------------------------------------


def opened(path: str, into: str) -> Pack:
    """The pack at *path*, its files put into the directory *into*, which is empty.

    Raises StoreError for what is no pack, was damaged, or holds what no pack may.
    """
    from envmgr.install.unpack import unpack

    try:
        unpack(path, into, strip=0)
    except InstallError as error:
        raise _damaged(path, error.message) from error
    try:
        head = _document(into, MANIFEST)
        if head["format"] != FORMAT:
            raise StoreError(
                f"{path} has format {head['format']!r}; this envmgr reads {FORMAT}",
                hint="replay it with the envmgr that wrote it",
            )
        _require_members(into, head["members"])
        content = _content(_document(into, RECORDS), _document(into, CASES))
        return Pack(into, str(head["envmgr"]), content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(path, _reason(error)) from error


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)


def _damaged(path: str, reason: str) -> StoreError:
    return StoreError(
        f"{path} is damaged, or is no pack: {reason}",
        hint="get it again from whoever made it; `envmgr experiment pack` makes one",
    )


def _document(directory: str, name: str) -> dict[str, Any]:
    with open(os.path.join(directory, name), "rb") as file:
        data = file.read(_LARGEST_DOCUMENT + 1)
    if len(data) > _LARGEST_DOCUMENT:
        raise ValueError(f"{name} is larger than any")
    form = json.loads(data)
    if not isinstance(form, dict):
        raise ValueError(f"{name} is no object")
    return form


def _require_members(directory: str, members: Mapping[str, Mapping[str, Any]]) -> None:
    """Every file must be what the manifest says, and there must be no other."""
    there = set(_files(directory)) - {MANIFEST}
    for name in sorted(there ^ set(members)):
        raise ValueError(f"{name} is {'not in the manifest' if name in there else 'missing'}")
    for name, told in members.items():
        place = os.path.join(directory, *name.split("/"))
        if os.path.islink(place):
            raise ValueError(f"{name} is a link")
        if _told(place) != {"sha256": told["sha256"], "size": told["size"]}:
            raise ValueError(f"{name} does not have the sha256 that the manifest says")


def _files(directory: str) -> Iterator[str]:
    for top, below, names in os.walk(directory):
        links = [name for name in below if os.path.islink(os.path.join(top, name))]
        for name in (*names, *links):
            yield os.path.relpath(os.path.join(top, name), directory).replace(os.sep, "/")


def _content(records: Mapping[str, Any], cases: Mapping[str, Any]) -> Content:
    content = Content(
        tuple(Experiment(**{**one, "argv": tuple(one["argv"])}) for one in records["experiments"]),
        tuple(map(_measurement, records["measurements"])),
        dict(records["contexts"]),
        tuple(map(_case, cases["cases"])),
        tuple(LeftOut(**one) for one in cases["left_out"]),
    )
    for case in content.cases:
        if not content.of(case) or case.context not in content.contexts:
            raise ValueError(f"there is no measurement of the point {case.point}")
    return content


def _measurement(form: Mapping[str, Any]) -> Measurement:
    """A measurement, all of whose texts are texts and whose figures are numbers."""
    one = from_json(form)
    point = one.point
    texts: list[object] = [one.id, one.experiment, one.verdict, one.why, one.context, *one.empty]
    texts += [point.program, point.command, point.target, *point.flags]
    for table in (point.params, point.needs, point.data, one.inputs, one.outputs):
        texts += [*table.keys(), *table.values()]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"the measurement {one.id!r} has something else than text in it")
    if not all(
        isinstance(value, int | float) and isfinite(value) for value in one.figures.values()
    ):
        raise ValueError(f"the measurement {one.id!r} has figures that are no numbers")
    return one


def _case(form: Mapping[str, Any]) -> Case:
    data = {role: Data(**one) for role, one in form["data"].items()}
    case = Case(**{**form, "data": data})
    _require_places([case.program, case.environment, *(one.place for one in data.values())])
    _require_names([*data, *(one.name for one in data.values())])
    return case


def _require_places(places: Sequence[str]) -> None:
    for place in places:
        if not _PLACE.fullmatch(place):
            raise ValueError(f"{place!r} is no place in a pack")


def _require_names(names: Iterable[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name")
