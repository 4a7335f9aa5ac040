"""A sweep: many detectors over many places, in parallel, each outcome kept with its reason."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from envmgr.detect.candidates import Candidate, Refusal, candidates, forget
from envmgr.detect.judge import Judged, Made, Probe, judge
from envmgr.detect.memo import Memo
from envmgr.detect.places import Places, merged, of_data, of_patterns
from envmgr.model.definition import Detector
from envmgr.model.entry import Entry
from envmgr.model.version import Version

if TYPE_CHECKING:
    from envmgr.detect.watched import Witness
    from envmgr.host.process import Finished

_T = TypeVar("_T")
_R = TypeVar("_R")
INTERPRETER = "compiler.python"
"""The detector whose entries `find.python` looks into."""
PROBE_TIMEOUT = 10.0
"""Seconds a program may take to tell its version."""
_WORKERS = min(16, 4 * (os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came out: entries in order of name and version, aliases of each, refusals."""

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    aliases: Mapping[str, tuple[str, ...]]
    """Entry id to the other paths that turned out to be the same thing."""
    witness: Witness | None = None
    """What it depends on, where all of that can be named."""


def sweep(
    detectors: Iterable[Detector],
    places: Places,
    environ: Mapping[str, str],
    *,
    known: Iterable[Entry] = (),
    memo: Memo | None = None,
    made: Made | None = None,
    own_places: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Sweep:
    """Look for everything *detectors* describe.

    *known* entries lend their interpreters to detectors of Python packages; interpreters found
    in this sweep count too. *made* says that the places are a prefix an install made: its
    judgements are not remembered. *own_places* says whether a detector's `find.dirs` and
    ENVMGR_DATA are looked into besides *places*.
    """
    forget()
    memo = memo or Memo(None)
    probe = _prober(environ)
    interpreters = {e.path: e for e in known if e.name == INTERPRETER}
    judged: list[Judged] = []
    refused: list[Refusal] = []
    for batch in _batches(detectors):
        found = _candidates(batch, places, environ, tuple(interpreters.values()), own_places)
        refused += [item for _, item in found if isinstance(item, Refusal)]
        work = [(d, item) for d, item in found if isinstance(item, Candidate)]
        outcomes = _outcomes(_preferred(work), probe, memo, made, progress)
        judged += [item for item in outcomes if isinstance(item, Judged)]
        refused += [item for item in outcomes if isinstance(item, Refusal)]
        interpreters |= {j.entry.path: j.entry for j in judged if j.entry.name == INTERPRETER}
    return _merged(judged, refused)


def _batches(detectors: Iterable[Detector]) -> tuple[list[Detector], list[Detector]]:
    """Detectors that look into interpreters come after the one that finds them."""
    first: list[Detector] = []
    second: list[Detector] = []
    for detector in detectors:
        (second if detector.find.python else first).append(detector)
    return first, second


def _candidates(
    detectors: Iterable[Detector],
    places: Places,
    environ: Mapping[str, str],
    interpreters: tuple[Entry, ...],
    own_places: bool,
) -> list[tuple[Detector, Candidate | Refusal]]:
    found: list[tuple[Detector, Candidate | Refusal]] = []
    data = of_data(environ) if own_places else Places()
    for detector in detectors:
        more = []
        if own_places and detector.find.dirs:
            more.append(of_patterns(detector.find.dirs, environ))
        if own_places and detector.find.marker:
            more.append(data)
        there = merged((places, *more)) if more else places
        found += [(detector, item) for item in candidates(detector, there, interpreters)]
    return found


def _preferred(
    work: Sequence[tuple[Detector, Candidate]],
) -> list[tuple[Detector, list[Candidate]]]:
    """Candidates that are one file to one detector, best name first, so that one is probed."""
    groups: dict[tuple[str, ...], tuple[Detector, list[Candidate]]] = {}
    for detector, candidate in work:
        key = (detector.name, candidate.real, candidate.directory.prefix, *candidate.needs)
        groups.setdefault(key, (detector, []))[1].append(candidate)
    return [(detector, sorted(same, key=_preference)) for detector, same in groups.values()]


def _preference(candidate: Candidate) -> tuple[bool, bool, int, int, str]:
    """A shared library before an archive, then the real file's own directory, then the
    shortest name, then the order of search."""
    path = candidate.path
    away = os.path.dirname(path) != os.path.dirname(candidate.real)
    return (path.endswith(".a"), away, len(os.path.basename(path)), candidate.rank, path)


def _outcomes(
    work: Sequence[tuple[Detector, list[Candidate]]],
    probe: Probe,
    memo: Memo,
    made: Made | None,
    progress: Callable[[str], None],
) -> list[Judged | Refusal]:
    """The verdict on each group: remembered, or else judged now, in parallel."""

    def judged(item: tuple[Detector, Candidate]) -> Judged | Refusal:
        detector, candidate = item
        verdict = judge(detector, candidate, probe, made)
        if made is None:
            memo.remember(detector, candidate, verdict)
        progress(candidate.path)
        return verdict

    best = [(detector, same[0]) for detector, same in work]
    verdicts = [memo.recall(*item) if made is None else None for item in best]
    unknown = iter(_in_parallel(judged, [b for b, v in zip(best, verdicts, strict=True) if not v]))
    return [
        outcome
        for (_, same), verdict in zip(work, verdicts, strict=True)
        for outcome in _for_all(same, verdict or next(unknown))
    ]


def _for_all(same: Sequence[Candidate], verdict: Judged | Refusal) -> list[Judged | Refusal]:
    """The verdict on the first of candidates that are the same, as the verdict on each."""
    if isinstance(verdict, Refusal):
        return [verdict]
    return [Judged(verdict.entry, candidate, verdict.identity) for candidate in same]


def _in_parallel(act: Callable[[_T], _R], items: Sequence[_T]) -> list[_R]:
    if not items:
        return []
    from concurrent.futures import ThreadPoolExecutor  # a warm sweep has no use for it

    with ThreadPoolExecutor(_WORKERS) as pool:
        return list(pool.map(act, items))


def _prober(environ: Mapping[str, str]) -> Probe:
    def probe(words: tuple[str, ...]) -> Finished:
        from envmgr.host.process import clean_environ, run

        return run(words, env=clean_environ(environ), timeout=PROBE_TIMEOUT, cwd=os.sep)

    return probe


def _merged(judged: Iterable[Judged], refused: Iterable[Refusal]) -> Sweep:
    """One entry for each identity: the preferred candidate's, the others as its aliases."""
    groups: dict[tuple[str, str], list[Judged]] = {}
    for item in judged:
        groups.setdefault((item.entry.name, item.identity), []).append(item)
    chosen: dict[str, Entry] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for group in groups.values():
        best, *_ = sorted(group, key=lambda item: _preference(item.candidate))
        chosen[best.entry.id] = best.entry
        paths = {item.candidate.path for item in group} - {best.entry.path}
        aliases[best.entry.id] = tuple(sorted(paths))
    ordered = sorted(chosen.values(), key=lambda e: (e.name, Version(e.version), e.path))
    return Sweep(tuple(ordered), tuple(dict.fromkeys(refused)), aliases)
