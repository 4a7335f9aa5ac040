"""Judgements remembered by fingerprint, so that a second sweep starts no program at all.

A remembered judgement counts only while the detector's definition and every file it was read
from look the same, and no file appeared that was looked for in vain. The memo is derived data
and may be deleted at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from envmgr._version import SCHEMA, __version__
from envmgr.detect.candidates import Candidate, Refusal
from envmgr.detect.judge import Judged, consulted
from envmgr.errors import HostError
from envmgr.host.files import atomic_write, stamp, unchanged
from envmgr.model.definition import Detector
from envmgr.model.entry import from_json, to_json
from envmgr.model.stamp import Stamp
from envmgr.model.version import version_values

_FILE = "judgements.json"
_MADE_BY = {"schema": SCHEMA, "envmgr": __version__}
"""Another envmgr may judge otherwise."""


class Memo:
    """Judgements by detector and candidate; empty when there is no *directory* to keep them in."""

    def __init__(self, directory: str | None) -> None:
        self._path = os.path.join(directory, _FILE) if directory else None
        self._known: dict[str, Any] = _load(self._path) if self._path else {}
        self._new: dict[str, Any] = {}

    def recall(self, detector: Detector, candidate: Candidate) -> Judged | Refusal | None:
        """What was judged before, while nothing it was judged by has changed."""
        key = _key(detector, candidate)
        try:
            kept = self._known[key]
            if kept["digest"] != detector.digest or not _holds(kept):
                return None
            self._new[key] = kept
            if "why" in kept:
                return Refusal(
                    detector.name, candidate.path, kept["why"], candidate.directory.source
                )
            return Judged(from_json(kept["entry"]), candidate, kept["identity"])
        except (KeyError, TypeError, AttributeError):
            return None  # never judged, or the file was damaged

    def remember(self, detector: Detector, candidate: Candidate, outcome: Judged | Refusal) -> None:
        """Keep *outcome* for the next sweep."""
        try:
            kept = _kept(detector, candidate, outcome)
        except HostError:
            return  # it changed or vanished meanwhile; the next sweep will look again
        self._new[_key(detector, candidate)] = kept

    def looked_at(self) -> set[str]:
        """Every path that the judgements of this sweep depend on, there or not."""
        there = {stamp[0] for kept in self._new.values() for stamp in kept["stamps"]}
        return there | {path for kept in self._new.values() for path in kept["absent"]}

    def save(self, swept: Iterable[Detector], *, whole: bool) -> None:
        """Write what was judged; what a *whole* sweep of a detector did not meet is forgotten."""
        if self._path is None:
            return
        names = {detector.name for detector in swept} if whole else set()
        rest = {k: v for k, v in self._known.items() if k.partition(" ")[0] not in names}
        judgements = {**rest, **self._new}
        if judgements == self._known:
            return
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            form = {**_MADE_BY, "judgements": judgements}
            atomic_write(self._path, json.dumps(form, separators=(",", ":")))
        except (HostError, OSError):
            return  # a cache that cannot be written costs time, nothing else


def _key(detector: Detector, candidate: Candidate) -> str:
    return " ".join((detector.name, *candidate.needs, candidate.directory.prefix, candidate.path))


def _holds(kept: dict[str, Any]) -> bool:
    """Whether all that was there looks the same, and what was not there still is not."""
    stamps = tuple(Stamp(*fields) for fields in kept["stamps"])
    return unchanged(stamps) and not any(os.path.exists(path) for path in kept["absent"])


def _kept(detector: Detector, candidate: Candidate, outcome: Judged | Refusal) -> dict[str, Any]:
    verdict: dict[str, Any]
    if isinstance(outcome, Judged):
        entry = outcome.entry
        facts = {**entry.facts, **version_values(entry.version)}
        beside = consulted(detector, candidate, facts)
        stamps = entry.fingerprint  # taken when it was judged: the files may be others by now
        verdict = {"identity": outcome.identity, "entry": to_json(entry)}
    else:
        beside = consulted(detector, candidate, {})
        there = [candidate.path, candidate.real, *filter(os.path.exists, beside)]
        stamps = tuple(item for path in there for item in stamp(path))
        verdict = {"why": outcome.why}
    return {
        "digest": detector.digest,
        "stamps": [[s.path, s.size, s.mtime_ns, s.inode] for s in stamps],
        "absent": [path for path in beside if not os.path.exists(path)],
        **verdict,
    }


def _load(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            form = json.load(stream)
        made_by = {name: form[name] for name in _MADE_BY}
        return dict(form["judgements"]) if made_by == _MADE_BY else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
