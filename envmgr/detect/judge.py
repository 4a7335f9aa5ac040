"""Judging: from a candidate to an entry, or to the reason why it is none."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envmgr.detect.candidates import Candidate, Refusal
from envmgr.detect.places import system_directories
from envmgr.errors import HostError
from envmgr.host.files import stamp
from envmgr.model.definition import Detector, Part, VersionRule
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.stamp import Stamp
from envmgr.model.template import MissingValueError, fill
from envmgr.model.version import version_values

if TYPE_CHECKING:
    from envmgr.host.process import Finished

Probe = Callable[[tuple[str, ...]], "Finished"]
"""Runs a command in a clean environment with a time limit. Raises HostError."""

_VERSION = re.compile(r"\w\S{0,99}")
"""What a version looks like anywhere: one word of some length, that queries can name."""
_PIECES = ("major", "minor", "patch")
"""Groups that are joined with dots: many headers define each part of a version by itself."""
_FILE_LIMIT = 1024 * 1024
"""Bytes of a header or metadata file that are searched for a version."""


class RefusedError(Exception):
    """The candidate is not the thing; the message says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an install knows of the prefix it made, for the entry that describes it."""

    origin: Origin
    needs: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    """More for the detector's templates: the interpreter that packages were installed for."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry, with the candidate it came from and what tells it apart from its aliases."""

    entry: Entry
    candidate: Candidate
    identity: str


def judge(
    detector: Detector, candidate: Candidate, probe: Probe, made: Made | None = None
) -> Judged | Refusal:
    """The verdict on one candidate. Never raises for anything the candidate does."""
    made = made or Made(Origin("detected", detector.name))
    try:
        return _judged(detector, candidate, probe, made)
    except RefusedError as refused:
        why = str(refused)
    except MissingValueError as missing:
        why = f"{detector.name} uses {{{missing.args[0]}}}, which this candidate does not have"
    except HostError as error:
        why = error.message
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
    return Refusal(detector.name, candidate.path, why, candidate.directory.source)


def initial_values(detector: Detector, candidate: Candidate) -> dict[str, str]:
    """What templates may use before the version is known."""
    values = {
        "path": candidate.path,
        "real": candidate.real,
        "name": os.path.basename(candidate.path),
        "bin": os.path.dirname(candidate.path),
        "lib": candidate.directory.path,
        "prefix": candidate.directory.prefix,
        **candidate.values,
    }
    if detector.prefix:
        values["prefix"] = os.path.normpath(fill(detector.prefix, values))
    return values


def consulted(detector: Detector, candidate: Candidate, facts: Mapping[str, str]) -> list[str]:
    """The files beside the candidate that decide a judgement, whether they are there or not."""
    values = {**initial_values(detector, candidate), **facts}
    templates = [rule.file for rule in detector.versions if rule.file is not None]
    paths = []
    for template in (*templates, *(part.file for part in detector.parts)):
        with suppress(MissingValueError):  # what needs more than is known decides nothing
            paths.append(fill(template, values))
    return paths


def _judged(detector: Detector, candidate: Candidate, probe: Probe, made: Made) -> Judged:
    _refuse(detector, "real", candidate.real)
    values = {**made.values, **initial_values(detector, candidate)}
    facts, seen = _version(detector, values, probe)
    values |= facts | version_values(facts["version"])
    tags, delta, part_files = _with_parts(detector, values)
    links = _links(detector, values)
    if "site" in values and not candidate.needs:
        delta += Delta(prepend={"PYTHONPATH": (values["site"],)})
    entry = make_entry(
        detector.name,
        facts["version"],
        tags=tags,
        prefix=values["prefix"],
        path=candidate.path,
        delta=delta,
        origin=made.origin,
        needs=candidate.needs or made.needs,
        fingerprint=_stamps([candidate.path, candidate.real, *seen, *part_files]),
        facts={**made.values, **candidate.values, **facts, **_directory(values)},
        provides=detector.provides,
        conflicts=detector.conflicts,
        links=links,
    )
    return Judged(entry, candidate, fill(detector.identity, values))


def _directory(values: Mapping[str, str]) -> dict[str, str]:
    """Where the libraries are, unless the path itself says so."""
    lib = values["lib"]
    return {} if lib == os.path.dirname(values["path"]) else {"lib": lib}


# -- the version -----------------------------------------------------------------------------


def _version(
    detector: Detector, values: Mapping[str, str], probe: Probe
) -> tuple[dict[str, str], list[str]]:
    """The named groups of the rule that matched (`version` among them) and the files it read."""
    tried = []
    for rule in detector.versions:
        text, read = _evidence(rule, values, probe)
        if text is None:
            continue
        if rule.run:
            _refuse(detector, "output", text)
        found = re.search(rule.match, text, re.MULTILINE)
        if found:
            return _facts(found), read
        tried.append(_glimpse(text))
    raise RefusedError(f"no version in {' or in '.join(tried)}" if tried else "nothing to read")


def _evidence(
    rule: VersionRule, values: Mapping[str, str], probe: Probe
) -> tuple[str | None, list[str]]:
    """The text that a rule searches, None when it is not there, and the files it came from."""
    if rule.text is not None:
        return fill(rule.text, values), []
    if rule.file is not None:
        path = fill(rule.file, values)
        return (_read(path), [path]) if os.path.isfile(path) else (None, [])
    words = tuple(fill(word, values) for word in shlex.split(rule.run or ""))
    return _said(probe, words), []


def _said(probe: Probe, words: tuple[str, ...]) -> str:
    finished = probe(words)
    if finished.timed_out:
        raise RefusedError(f"`{shlex.join(words)}` did not end in time")
    return finished.output


def _facts(found: re.Match[str]) -> dict[str, str]:
    groups = {name: value or "" for name, value in found.groupdict().items()}
    pieces = [groups[name] for name in _PIECES if groups.get(name)]
    joined = ".".join(pieces) if "major" in groups else found[1] or ""
    groups["version"] = (groups.get("version") or joined).strip()
    if not groups["version"]:
        raise RefusedError("its version is empty")
    if not (_VERSION.fullmatch(groups["version"]) and groups["version"].isprintable()):
        raise RefusedError(f"this is no version: {groups['version'][:80]!r}")
    return groups


def _read(path: str) -> str:
    with open(path, "rb") as stream:
        return stream.read(_FILE_LIMIT).decode("utf-8", "replace")


def _glimpse(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return repr(line[:80]) if line else "an empty answer"


def _refuse(detector: Detector, key: str, text: str) -> None:
    for rule in detector.refusals:
        pattern = rule.real if key == "real" else rule.output
        if pattern is not None and re.search(pattern, text, re.MULTILINE):
            raise RefusedError(rule.why)


# -- what it sets ----------------------------------------------------------------------------


def _with_parts(
    detector: Detector, values: Mapping[str, str]
) -> tuple[tuple[str, ...], Delta, list[str]]:
    """Tags, delta and files of the thing with those of its parts that are there."""
    tags = list(detector.tags)
    delta = _delta(detector.env, detector.prepend, values)
    files = []
    for part in detector.parts:
        path = fill(part.file, values)
        if os.path.exists(path):
            tags += part.tags
            delta += _part_delta(part, {**values, "file": path})
            files.append(path)
    return tuple(tags), delta, files


def _links(detector: Detector, values: Mapping[str, str]) -> dict[str, str]:
    """Plain names for the programs that are there under other ones: `gcc` for `gcc-12`."""
    programs = [(detector.alias, values["path"])]
    programs += [(part.alias, fill(part.file, values)) for part in detector.parts]
    return {
        alias: path
        for alias, path in programs
        if alias and alias != os.path.basename(path) and os.path.isfile(path)
    }


def _part_delta(part: Part, values: Mapping[str, str]) -> Delta:
    return _delta(part.env, part.prepend, values)


def _delta(
    env: Mapping[str, str], prepend: Mapping[str, tuple[str, ...]], values: Mapping[str, str]
) -> Delta:
    lists = {
        name: tuple(_worth_prepending(fill(path, values) for path in paths))
        for name, paths in prepend.items()
    }
    return Delta(
        {name: fill(value, values) for name, value in env.items()},
        {name: paths for name, paths in lists.items() if paths},
    )


def _worth_prepending(paths: Iterable[str]) -> list[str]:
    """Directories that exist and are not searched anyway: those would hide all others."""
    system = system_directories()
    real = dict.fromkeys(map(os.path.normpath, paths))
    return [path for path in real if path not in system and os.path.isdir(path)]


def _stamps(paths: Iterable[str]) -> tuple[Stamp, ...]:
    found = {s.path: s for path in dict.fromkeys(paths) for s in stamp(path)}
    return tuple(found.values())
