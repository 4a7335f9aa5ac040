"""What a report is made of: what was recorded, and what was found by comparing it.

Contexts are documents from anywhere: an import may have made them, or another version of envmgr.
So nothing is taken for granted of their shape.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from envmgr.experiment.comparison import Comparison, Rule
from envmgr.experiment.pairing import Side
from envmgr.host.conditions import Conditions, Moment, standing_worries, worries
from envmgr.host.measured import Usage
from envmgr.model.measurement import Measurement

if TYPE_CHECKING:
    from envmgr.model.experiment import Experiment

Context = Mapping[str, Any]
_FACTS = {
    "processor": ("host.cpu.model", "host.cpu.microarchitecture.name"),
    "cores": ("host.cpu.cores.usable",),
    "memory": ("host.memory.total_bytes",),
    "system": (
        "host.system.distribution.name",
        "host.system.libc.name",
        "host.system.libc.version",
    ),
    "kernel": ("host.system.kernel.name", "host.system.kernel.release"),
    "virtual machine": ("host.virtualization.virtual_machine",),
    "governor": ("host.conditions.governor",),
    "platform": ("platform",),
}
"""What of a context says on what machine a measurement was made, by what it is called here."""
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class About:
    """What the catalogue says of a program."""

    description: str = ""
    license: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Points of one program that differ in one choice, compared."""

    program: str
    """And its command."""
    key: str
    unit: str
    rule: Rule
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """Everything that a report is about."""

    figure: str
    experiments: tuple[Experiment, ...]
    sides: tuple[Side, ...]
    """Each point of each experiment, with its measurements."""
    contexts: Mapping[str, Context] = field(default_factory=dict)
    """Digest to document."""
    units: Mapping[str, str] = field(default_factory=dict)
    """The unit of the figure by the digest of a context; empty where nothing says it."""
    compared: tuple[Compared, ...] = ()
    about: Mapping[str, About] = field(default_factory=dict)
    """Program to what is known of it here."""

    @cached_property
    def measurements(self) -> tuple[Measurement, ...]:
        """All of them, in the order of their ids."""
        found = (one for side in self.sides for one in side.measurements)
        return tuple(sorted(found, key=lambda one: one.id))

    @cached_property
    def programs(self) -> dict[str, list[Side]]:
        """Each program and command, with its points."""
        found: dict[str, list[Side]] = {}
        for side in self.sides:
            found.setdefault(side.point.name, []).append(side)
        return {name: found[name] for name in sorted(found)}

    @cached_property
    def workers(self) -> tuple[str, ...]:
        """What tells machines apart that are alike; none where no engine was used."""
        found = (words(one.conditions.get("worker")) for one in self.measurements)
        return tuple(sorted({*found} - {""}))

    def unit(self, side: Side) -> str:
        """The unit of the figure there."""
        return self.units.get(side.measurements[0].context, "")

    @cached_property
    def machines(self) -> dict[tuple[tuple[str, str], ...], tuple[str, ...]]:
        """What is known of each machine, to the digests of the contexts that were made on it."""
        found: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for digest in sorted(self.contexts):
            found.setdefault(machine_of(self.contexts[digest]), []).append(digest)
        return {machine: tuple(digests) for machine, digests in sorted(found.items())}


def value(document: object, path: str) -> Any:
    """What stands at `a.b.c` in a *document*; None where nothing does."""
    for name in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document


def words(found: object) -> str:
    """A plain value as text; empty for what is none."""
    if isinstance(found, (list, tuple)):
        return ", ".join(filter(None, map(words, found)))
    return str(found) if isinstance(found, (str, int, float)) else ""


def machine_of(context: Context) -> tuple[tuple[str, str], ...]:
    """What a context says of its machine, as far as that stays the same."""
    pairs = []
    for name, paths in _FACTS.items():
        found = [value(context, path) for path in paths]
        if name == "memory" and isinstance(found[0], (int, float)):
            text = f"{found[0] / _GIB:.1f} GiB"
        else:
            text = " ".join(filter(None, map(words, found)))
        if text:
            pairs.append((name, text))
    return tuple(pairs)


def entries_of(contexts: Sequence[Context]) -> list[tuple[str, str, str, str]]:
    """Name, version, origin and place of everything that was used, each once."""
    found = set()
    for context in contexts:
        entries = context.get("entries")
        for entry in entries if isinstance(entries, list) else ():
            keys = ("name", "version", "origin.kind", "path")
            found.add(tuple(words(value(entry, key)) for key in keys))
    return sorted(found)  # type: ignore[arg-type]


# -- what is doubtful ------------------------------------------------------------------------


def verdicts(side: Side) -> Counter[str]:
    """How many measurements came to which verdict."""
    return Counter(one.verdict for one in side.measurements)


def doubts(material: Material) -> list[str]:
    """Everything that makes figures worth less, each once, with how often it was so."""
    told = [text for context in material.contexts.values() for text in _standing(context)]
    often = Counter(text for one in material.measurements for text in _of_run(material, one))
    total = len(material.measurements)
    told += [f"{text} ({often[text]} of {total} runs)" for text in sorted(often)]
    empty = Counter(name for one in material.measurements for name in one.empty)
    told += [
        f"nothing in {name}: an empty output proves nothing ({empty[name]} of {total} runs)"
        for name in sorted(empty)
        if name != "stderr"
    ]
    for compared in material.compared:
        found = [text for one in compared.comparisons for text in one.warnings]
        told += [f"{compared.program}: {text}" for text in (*found, *compared.notes)]
    return list(dict.fromkeys(told))


def _standing(context: Context) -> Iterator[str]:
    """What was doubtful all the time; nothing where the context is of another shape."""
    conditions = value(context, "host.conditions")
    if isinstance(conditions, Mapping):
        try:
            yield from standing_worries(conditions)
        except TypeError:
            return


def _of_run(material: Material, one: Measurement) -> tuple[str, ...]:
    """What disturbed one run, worked out again of what is recorded of it."""
    try:
        numbers = {name: float(one.conditions[name])
                   for name in ("busy", "stolen", "seconds", "load", "running")}  # fmt: skip
        cores = int(value(material.contexts.get(one.context), "host.cpu.cores.usable"))
    except (KeyError, TypeError, ValueError):
        return ()
    running = int(numbers["running"])
    before = Moment(0.0, 0.0, 0.0, numbers["load"], running)
    after = Moment(numbers["seconds"], numbers["busy"], numbers["stolen"], 0.0, running)
    repeats = one.figures.get("repeats", 1.0)
    user, system = (one.figures.get(name, 0.0) * repeats for name in ("user", "system"))
    usage = Usage(0, False, numbers["seconds"], user, system, None)
    return worries(Conditions(before, after), usage, cores) if one.is_result else ()
