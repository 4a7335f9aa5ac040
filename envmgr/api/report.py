"""Reports on what is recorded: everything that goes into one, gathered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from envmgr.api.comparing import Wanted, compare_recorded, selection
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, UsageError
from envmgr.experiment.comparison import Rule
from envmgr.experiment.material import About, Compared, Material
from envmgr.experiment.pairing import Side, differing, sides
from envmgr.experiment.picture import runs_of
from envmgr.experiment.records import Records
from envmgr.experiment.samples import full_key
from envmgr.experiment.select import EVERYTHING, Filter
from envmgr.experiment.summary import Units

_MOST = 100_000
"""Measurements that a report is made of: it holds each of them, and draws it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is to be about."""

    text: str = ""
    """What `envmgr.api.comparing.selection` reads."""
    within: Filter = EVERYTHING
    by: tuple[str, ...] = ()
    """The choices that are compared; none means each that does the same work otherwise."""
    better: str = ""
    """`lower` or `higher`, where the program does not say which way its figure is better."""


def gather(workspace: Workspace, records: Records, subject: Subject, rule: Rule) -> Material:
    """Everything that a report on *subject* is made of. Raises UsageError when that is nothing.

    The figure of *rule* may be empty: then it is the first of `cpu`, `wall` and those by name.
    """
    which = selection(records, subject.text, subject.within)
    if (count := records.count(which)) > _MOST:
        raise UsageError(
            f"{count} measurements are too many for a report",
            hint=f"narrow it down to {_MOST}: by an experiment, --program, --since",
        )
    found = runs_of(records.find(which))
    if not found:
        raise UsageError(
            "nothing recorded fits", hint="`envmgr experiment list` shows what there is"
        )
    rule = replace(rule, figure=_figure(rule.figure, found))
    ids = sorted({one.experiment for side in found for one in side.measurements})
    digests = sorted({one.context for side in found for one in side.measurements} - {""})
    units = Units(records)
    compared = tuple(_compared(workspace, records, which, subject, rule))
    if subject.by and not compared:
        raise UsageError(f"no points of one program differ in {' or '.join(subject.by)}")
    return Material(
        figure=rule.figure,
        experiments=tuple(
            one for id_ in ids for one in records.experiments(Filter(experiment=id_))
        ),
        sides=tuple(found),
        contexts={digest: records.document(digest) for digest in digests},
        units={digest: units.of(rule.figure, digest) for digest in (*digests, "")},
        compared=compared,
        about={side.point.program: _about(workspace, side.point.program) for side in found},
    )


def _figure(asked: str, found: Sequence[Side]) -> str:
    """The figure that is asked for; without one `cpu`, else `wall`, else the first by name.

    Raises UsageError when no result has the one that is asked for.
    """
    names = {name for side in found for one in side.measurements for name in one.figures}
    if asked and names and asked not in names:
        raise UsageError(
            f"no result has a figure {asked!r}", hint=f"they have {', '.join(sorted(names))}"
        )
    return asked or next((one for one in ("cpu", "wall", *sorted(names)) if one in names), "cpu")


def _compared(
    workspace: Workspace, records: Records, which: Filter, subject: Subject, rule: Rule
) -> Iterable[Compared]:
    """The points of each program by each key; those of one program and key are judged together."""
    asked = tuple(map(full_key, subject.by))
    for name, group in _programs(records, which).items():
        point = group[0].point
        within = replace(which, program=point.program, command=point.command)
        for key in [key for key in differing(group) if key in asked or _is_another_way(key, asked)]:
            wanted = Wanted(("",), by=key, within=within)
            try:
                one = compare_recorded(workspace, records, wanted, rule, subject.better)
            except EnvmgrError as error:  # the rest of the report is worth having
                yield Compared(name, key, "", rule, notes=(error.message,))
            else:
                yield Compared(name, key, one.unit, one.rule, one.comparisons, one.notes)


def _programs(records: Records, which: Filter) -> dict[str, list[Side]]:
    """Each program and command to its points, whatever experiments they are from."""
    groups: dict[str, list[Side]] = {}
    for side in sides(records.find(which)):
        groups.setdefault(side.point.name, []).append(side)
    return {name: groups[name] for name in sorted(groups)}


def _is_another_way(key: str, asked: Sequence[str]) -> bool:
    """Whether what differs in *key* does the same work in another way, if nothing was *asked* for:
    another size or another data set is other work."""
    return not asked and (key in ("flags", "target") or key.startswith("needs."))


def _about(workspace: Workspace, name: str) -> About:
    """What the catalogue says of a program, which may know it no longer."""
    try:
        program = workspace.catalogue.program(name)
    except EnvmgrError:
        return About()
    return About(program.description, program.license, tuple(program.tags))
