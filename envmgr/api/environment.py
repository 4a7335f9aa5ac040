"""Environments: entries chosen for queries, as variables, as a process, as a `with` block."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from envmgr.activate.state import enter, leave
from envmgr.api import recorded
from envmgr.api.workspace import Workspace
from envmgr.errors import ResolutionError
from envmgr.model.delta import Change, Delta, combined
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Resolution
from envmgr.model.shell import Shell
from envmgr.resolve.resolve import resolve
from envmgr.store.layout import Layout
from envmgr.store.views import with_view


@dataclass(slots=True)
class Environment:
    """What a resolution makes of an environment. Use it as a context manager to be inside:

    with envmgr.environment("compiler,gcc") as inside:
        subprocess.run([inside.variables["CC"], "--version"])
    """

    resolution: Resolution
    layout: Layout
    environ: MutableMapping[str, str] = field(default_factory=lambda: os.environ)
    name: str = ""
    """What its project calls it: `bench`, `bench:gpu`; empty for one of queries alone."""
    extra: Delta = field(default_factory=Delta)
    """What is set besides: the variables of a project, which win."""
    lock: str | None = None
    """sha256 of the lock file that it is from."""
    _entered: list[bool] = field(default_factory=list, repr=False)
    """For each `with` block: whether it changed anything, or was inside already."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it consists of, needs first."""
        return self.resolution.entries

    @property
    def delta(self) -> Delta:
        """What it changes; programs are found by their plain names."""
        own = combined(with_view(entry, self.layout) for entry in self.entries)
        return own + self.extra

    @property
    def label(self) -> str:
        """What prompts show: its name, or what was asked for."""
        return self.name or ",".join(str(answer.chosen) for answer in self.resolution.answers)

    @property
    def ids(self) -> tuple[str, ...]:
        """What tells it apart: the ids of its entries, and one of what is set besides."""
        own = (_digest(self.extra),) if self.extra else ()
        return (*(entry.id for entry in self.entries), *own)

    @property
    def change(self) -> Change:
        """The step from *environ* into this environment."""
        return enter(self.environ, self.delta, self.label, self.ids, os.pathsep)

    @property
    def variables(self) -> dict[str, str]:
        """Every variable of the environment, those of *environ* included."""
        return self.change.applied_to(self.environ)

    def __enter__(self) -> Environment:
        change = self.change
        self._entered.append(bool(change.values or change.unset))
        _apply(change, self.environ)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._entered.pop():
            _apply(leave(self.environ), self.environ)


def open_environment(
    workspace: Workspace,
    queries: Iterable[str | Query],
    *,
    environ: MutableMapping[str, str] | None = None,
) -> Environment:
    """The environment that answers *queries*. Raises ResolutionError when there is none.

    When nothing recorded fits, what the queries may mean is looked for before giving up: on a
    new machine the first question needs no `detect` before it.
    """
    wanted = [Query.parse(query) if isinstance(query, str) else query for query in queries]
    environ = dict(workspace.environ) if environ is None else environ
    return Environment(resolved(workspace, wanted), workspace.layout, environ)


def resolved(
    workspace: Workspace, wanted: list[Query], may_answer: Callable[[Entry], bool] | None = None
) -> Resolution:
    """The resolution of *wanted* over what is recorded, looking for what nobody looked for yet.

    Only entries that *may_answer*, where it is given, are taken.
    """

    def known() -> Iterable[Entry]:
        entries = recorded.entries(workspace)
        return entries if may_answer is None else tuple(filter(may_answer, entries))

    try:
        return resolve(wanted, known(), platform=workspace.platform)
    except ResolutionError:
        _look_for(workspace, wanted)
    return resolve(
        wanted,
        known(),
        platform=workspace.platform,
        known=workspace.catalogue.known_tags(),
        available=tuple(workspace.catalogue.recipes()),
    )


def _look_for(workspace: Workspace, wanted: list[Query]) -> None:
    from envmgr.api.detect import detect

    known = recorded.entries(workspace)
    missing = [query for query in wanted if not recorded.fitting(known, query)]
    possible = [query for query in missing if workspace.catalogue.detectors(query)]
    if possible:
        detect(workspace, possible)


def keep_warm(
    workspace: Workspace,
    queries: Sequence[str],
    environment: Environment,
    shell: Shell,
    began_ns: int,
) -> None:
    """Let the next start with the same *queries* and *shell* find its answer ready.

    *began_ns* is when the *environment* began to be decided.
    """
    from envmgr.api.warm import Answer, Warm

    stamps = [stamp for entry in workspace.store.all() for stamp in entry.fingerprint]
    answer = Answer(environment.delta, environment.label, environment.ids)
    Warm(workspace.layout).remember(queries, answer, shell, stamps, began_ns)


def _digest(delta: Delta) -> str:
    """An id of *delta*: deltas that say the same have the same one."""
    from hashlib import sha256

    said = repr((sorted(delta.put.items()), sorted(delta.prepend.items())))
    return sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _apply(change: Change, environ: MutableMapping[str, str]) -> None:
    for name in change.unset:
        environ.pop(name, None)
    environ.update(change.values)
