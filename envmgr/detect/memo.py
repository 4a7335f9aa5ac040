"""Judgements remembered by fingerprint, so that a second sweep starts no program at all.

A remembered judgement counts only while the detector's definition and every file it was read
from look the same; the file is derived data and may be deleted at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from envmgr._version import SCHEMA
from envmgr.detect.candidates import Candidate, Refusal
from envmgr.detect.judge import Judged
from envmgr.errors import HostError
from envmgr.host.files import atomic_write, stamp, unchanged
from envmgr.model.definition import Detector
from envmgr.model.entry import from_json, to_json
from envmgr.model.stamp import Stamp

_FILE = "judgements.json"


class Memo:
    """Judgements by detector and candidate; empty when there is no *directory* to keep them in."""

    def __init__(self, directory: str | None) -> None:
        self._path = os.path.join(directory, _FILE) if directory else None
        self._known: dict[str, Any] = _load(self._path) if self._path else {}
        self._new: dict[str, Any] = {}

    def recall(self, detector: Detector, candidate: Candidate) -> Judged | Refusal | None:
        """What was judged before, while nothing it was judged by has changed."""
        key = _key(detector, candidate)
        kept = self._known.get(key)
        if kept is None:
            return None
        try:
            stamps = tuple(Stamp(*fields) for fields in kept["stamps"])
            if not unchanged(stamps):
                return None
            self._new[key] = kept
            if "why" in kept:
                return Refusal(
                    detector.name, candidate.path, kept["why"], candidate.directory.source
                )
            return Judged(from_json(kept["entry"]), candidate, kept["identity"])
        except (KeyError, TypeError):
            return None

    def remember(self, detector: Detector, candidate: Candidate, outcome: Judged | Refusal) -> None:
        """Keep *outcome* for the next sweep."""
        try:
            kept = _kept(candidate, outcome)
        except HostError:
            return  # it changed or vanished meanwhile; the next sweep will look again
        self._new[_key(detector, candidate)] = kept

    def save(self, swept: Iterable[Detector], *, whole: bool) -> None:
        """Write what was judged; what a *whole* sweep of a detector did not meet is forgotten."""
        if self._path is None or self._new == self._known:
            return
        digests = {detector.digest for detector in swept} if whole else set()
        rest = {k: v for k, v in self._known.items() if k.partition(" ")[0] not in digests}
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            form = {"schema": SCHEMA, "judgements": {**rest, **self._new}}
            atomic_write(self._path, json.dumps(form, separators=(",", ":")))
        except (HostError, OSError):
            return  # a cache that cannot be written costs time, nothing else


def _key(detector: Detector, candidate: Candidate) -> str:
    return " ".join((detector.digest, *candidate.needs, candidate.directory.prefix, candidate.path))


def _kept(candidate: Candidate, outcome: Judged | Refusal) -> dict[str, Any]:
    if isinstance(outcome, Judged):
        return {
            "stamps": _fields(outcome.entry.fingerprint),
            "identity": outcome.identity,
            "entry": to_json(outcome.entry),
        }
    stamps = dict.fromkeys((*stamp(candidate.path), *stamp(candidate.real)))
    return {"stamps": _fields(tuple(stamps)), "why": outcome.why}


def _fields(stamps: tuple[Stamp, ...]) -> list[list[Any]]:
    return [[s.path, s.size, s.mtime_ns, s.inode] for s in stamps]


def _load(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            form = json.load(stream)
        return dict(form["judgements"]) if form["schema"] == SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
