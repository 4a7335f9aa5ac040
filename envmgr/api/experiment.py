"""Experiments: where they are recorded, and everything that is there of one thing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.select import Filter
from envmgr.experiment.summary import Summary, summaries
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement

VARIABLE = "ENVMGR_EXPERIMENTS"
"""The variable that names another place for records."""
_FILE = "experiments.sqlite"


def place_of(workspace: Workspace) -> str:
    """Where the records of *workspace* are: a file of its store, or what the variable says.

    Raises UsageError when that is a path that means another file in every directory.
    """
    place = workspace.environ.get(VARIABLE, "")
    if not place:
        return os.path.join(workspace.layout.root, _FILE)
    if "://" not in place and not os.path.isabs(place):
        raise UsageError(
            f"{VARIABLE} is neither an absolute path nor an address",  # which may hold a password
            hint="set it to a path that starts at the root, or to postgresql://…",
        )
    return place


@contextmanager
def records_of(workspace: Workspace, *, write: bool = False) -> Iterator[Records]:
    """The records of *workspace*, closed in the end. Raises StoreError."""
    with open_records(place_of(workspace), write=write) as records:
        yield records


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is recorded of an experiment, a point or a measurement."""

    kind: str
    id: str
    experiments: tuple[Experiment, ...]
    summaries: tuple[Summary, ...]
    measurements: tuple[Measurement, ...]
    contexts: Mapping[str, Mapping[str, Any]]
    """Digest to document."""


def show(records: Records, prefix: str) -> Shown:
    """What has an id that begins with *prefix*. Raises UsageError unless that is one thing."""
    kind, id_ = _named(records, prefix)
    which = {
        "experiment": Filter(experiment=id_),
        "point": Filter(point=id_),
        "measurement": Filter(measurement=id_),
    }[kind]
    measurements = tuple(records.find(which))
    experiments = tuple(records.experiments(which))
    digests = [one.context for one in experiments] + [one.context for one in measurements]
    return Shown(
        kind,
        id_,
        experiments,
        tuple(summaries(records, which)),
        measurements,
        {digest: records.document(digest) for digest in dict.fromkeys(filter(None, digests))},
    )


def _named(records: Records, prefix: str) -> tuple[str, str]:
    found = records.named(prefix) if all(c in "0123456789abcdef" for c in prefix) else []
    exact = [one for one in found if one[1] == prefix]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise UsageError(
            f"nothing recorded has the id {prefix!r}", hint="`envmgr experiment list` shows ids"
        )
    some = ", ".join(f"{kind} {id_}" for kind, id_ in found[:4])
    raise UsageError(f"{prefix!r} begins several ids: {some}", hint="give more digits")
