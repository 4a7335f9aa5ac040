"""Engines: what carries out units elsewhere: workers that Dask knows of, or that Slurm starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Protocol

from envmgr.api.unit import Delivered, Refused, Unit, deliver
from envmgr.errors import EnvmgrError, UsageError
from envmgr.experiment.extra import library
from envmgr.store.layout import Layout, default_layout

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCAL, DASK, SLURM = "local", "dask", "slurm"
"""The first is this process, which needs no engine."""
FILE = "engines.toml"
"""Its name in the root of the store: a table for each engine, with its options."""
_SCHEMES = {"dask://": "tcp://", "dask+tls://": "tls://"}
_AHEAD = 2
"""Units that are handed out for each worker, so that none waits for the next."""
_MOST_TRIES = 4
"""How often a unit is handed out that is lost without a word of what it did to its worker."""
_PATIENCE = {DASK: 60.0, SLURM: 24 * 3600.0}
"""Seconds without any worker after which there is no point in waiting: jobs stand in queues."""
_LOOK = 1.0

Answer = tuple[Unit, "Delivered | Refused"]


class Engine(Protocol):
    """What carries out units."""

    def run(self, units: Iterator[Unit]) -> Iterator[Answer]:
        """Carry out *units*, each of which is taken when there is somebody to do it; every one is
        answered, in the order in which they are done. Raises EnvmgrError when nobody is left."""


@contextmanager
def open_engine(
    text: str, layout: Layout, options: Mapping[str, object] | None = None
) -> Iterator[Engine]:
    """The engine that a person calls *text*: `dask://HOST:PORT`, `dask` or `slurm`.

    *options* come before those of `engines.toml`. Raises UsageError for what is no engine or no
    option of it, and EnvmgrError when it cannot be reached.
    """
    name = DASK if text.startswith(tuple(_SCHEMES)) else text
    if name not in (DASK, SLURM):
        raise UsageError(
            f"there is no engine {text!r}", hint="local, dask://HOST:PORT, dask or slurm"
        )
    told = {**_of_file(layout, name), **(options or {})}
    patience = _seconds(told.pop("patience", _PATIENCE[name]))
    opened = _slurm(told, layout) if name == SLURM else _dask(text, told, layout)
    with opened as client:
        yield Workers(client, patience)


# -- workers of Dask -------------------------------------------------------------------------


@dataclass(slots=True)
class Workers:
    """Workers that a client of Dask knows of. What a lost worker had is done by another."""

    client: Any
    patience: float
    _done: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    _flying: dict[Any, tuple[Unit, int]] = field(default_factory=dict)
    """Each future to its unit, and the how manieth try it is."""
    _seen: float = 0.0
    """When there was a worker last."""

    def run(self, units: Iterator[Unit]) -> Iterator[Answer]:
        """Carry out *units*. Those of lost workers are handed out again."""
        self._seen = monotonic()
        try:
            while self._hand_out(units) or self._flying:
                future = self._next()
                if future is None:
                    continue
                unit, number = self._flying.pop(future)
                answer = self._answer(future)
                future.release()
                if answer is not None:
                    yield unit, answer
                elif number < _MOST_TRIES:
                    self._submit(unit, number + 1)
                else:
                    yield unit, Refused(f"it was lost {number} times")
        finally:
            self.client.cancel(list(self._flying))
            self._flying.clear()

    def _hand_out(self, units: Iterator[Unit]) -> bool:
        """Give the workers as much as they can have; whether anything was left to give."""
        room = max(1, _AHEAD * len(self.client.nthreads())) - len(self._flying)
        for _ in range(room):
            unit = next(units, None)
            if unit is None:
                return False
            self._submit(unit, 1)
        return True

    def _submit(self, unit: Unit, number: int) -> None:
        key = f"envmgr-{unit.id}-{number}"
        future = self.client.submit(deliver, unit, key=key, pure=False)
        self._flying[future] = unit, number
        future.add_done_callback(self._done.put)

    def _next(self) -> Any:
        """The next future that is done; None when it is time to look around again."""
        try:
            return self._done.get(timeout=_LOOK)
        except Empty:
            if self.client.nthreads():
                self._seen = monotonic()
            elif monotonic() - self._seen > self.patience:
                raise EnvmgrError(
                    f"there was no worker for {self.patience:g} s; {len(self._flying)} runs wait",
                    hint="start workers, and the same again with --resume and the experiment's id",
                ) from None
            return None

    def _answer(self, future: Any) -> Delivered | Refused | None:
        """What came of it; None when nothing is known, so that it is to be tried again."""
        try:
            answer: Delivered | Refused = future.result(timeout=self.patience)
        except Exception as error:  # whatever a worker raises, the others go on
            if type(error).__name__ in ("CancelledError", "FutureCancelledError", "TimeoutError"):
                return None
            return Refused(f"{type(error).__name__}: {error}".partition("\n")[0])
        return answer


@contextmanager
def _dask(text: str, options: dict[str, object], layout: Layout) -> Iterator[Any]:
    """A client of the scheduler at an address; of the one that Dask is set up for; or of workers
    that are started here."""
    distributed = library("distributed", "dask")
    scheme = next((one for one in _SCHEMES if text.startswith(one)), None)
    if scheme:
        address = _SCHEMES[scheme] + text.removeprefix(scheme)
    else:
        address = library("dask.config", "dask").get("scheduler-address", None)
    _require_known(DASK, options, () if address else ("workers",))
    if address:
        with _connected(distributed, address) as client:
            yield client
        return
    workers = options.get("workers", max(1, (os.cpu_count() or 1) // 2))
    own = {} if layout == default_layout(os.environ) else {"ENVMGR_HOME": layout.root}
    cluster = distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, env=own
    )
    with cluster, _connected(distributed, cluster) as client:
        yield client


@contextmanager
def _connected(distributed: Any, where: Any) -> Iterator[Any]:
    try:
        client = distributed.Client(where, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise EnvmgrError(
            f"cannot reach the scheduler of Dask at {where}: {error}",
            hint="`dask scheduler` starts one, and says its address",
        ) from error
    with client:
        yield client


# -- workers that Slurm starts ---------------------------------------------------------------


@contextmanager
def _slurm(options: dict[str, object], layout: Layout) -> Iterator[Any]:
    """A client of workers each of which is a job of Slurm."""
    distributed = library("distributed", "dask")
    jobs = options.pop("jobs", 1)
    cluster = slurm_cluster(options, layout)
    with cluster, _connected(distributed, cluster) as client:
        cluster.scale(jobs=jobs)
        yield client


def slurm_cluster(options: Mapping[str, object], layout: Layout) -> Any:
    """A cluster whose jobs do one unit at a time; *options* are those of dask-jobqueue.

    `job_cpu` is how many cores a job has. Raises UsageError for what is no option.
    """
    jobqueue = library("dask_jobqueue", "dask")
    logs = os.path.join(layout.cache, "slurm")
    os.makedirs(logs, exist_ok=True)
    own = {"memory": "4GB", "log_directory": logs, **options, "cores": 1, "processes": 1}
    try:
        return jobqueue.SLURMCluster(**own)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"Slurm: {error}", hint=f"its options are those of dask-jobqueue, in {FILE} or said"
        ) from error


# -- options ---------------------------------------------------------------------------------


def option(text: str) -> tuple[str, object]:
    """`NAME=VALUE` as a name and what it is: a number, a list, `true`, or else text."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"--engine-option {text}: say NAME=VALUE")
    try:
        found = tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return name, value
    return name, found if isinstance(found, (bool, int, float, str, list)) else value


def _of_file(layout: Layout, name: str) -> dict[str, object]:
    """What `engines.toml` says of an engine. Raises UsageError."""
    file = os.path.join(layout.root, FILE)
    try:
        with open(file, "rb") as stream:
            found = tomllib.load(stream).get(name, {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{file}: {name} must be a table: [{name}]")
    return found


def _require_known(name: str, options: Mapping[str, object], known: tuple[str, ...]) -> None:
    for one in options:
        if one not in known:
            what = f"it has {', '.join((*known, 'patience'))}"
            raise UsageError(f"{name} has no option {one!r} here", hint=what)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise UsageError(f"patience = {value}: say a number of seconds")
    return float(value)
