"""Reports: what was run, where, what came of it and how to do it again, as one document.

The same records give the same report, wherever and whenever it is made.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from envmgr.errors import UsageError
from envmgr.experiment.comparison import VERDICTS as JUDGED
from envmgr.experiment.comparison import Comparison
from envmgr.experiment.document import (
    Block,
    Code,
    Document,
    Drawing,
    Facts,
    Heading,
    Items,
    Paragraph,
    Said,
    Table,
)
from envmgr.experiment.material import (
    Compared,
    Context,
    Material,
    doubts,
    entries_of,
    value,
    verdicts,
    words,
)
from envmgr.experiment.pairing import Side
from envmgr.experiment.picture import STRIPS, picture
from envmgr.experiment.samples import labels, natural
from envmgr.experiment.statistics import summary
from envmgr.model.measurement import RESULTS

Judged = Callable[[Comparison, str], str]
"""The verdict of a comparison of a figure with a unit, in words."""
_DIGITS = 14
_HASH = 12
_MOST_DRAWN = 24
"""Points that one picture has room for."""


def report(material: Material, said: Said, judged: Judged) -> Document:
    """Everything that there is to say of *material*."""
    blocks = [
        *_summary(material),
        *_doubtful(material),
        *_results(material, said),
        *_comparisons(material, said, judged),
        *_failures(material),
        *_what(material),
        *_where(material),
        *again(material),
    ]
    return Document(title(material), tuple(blocks))


def title(material: Material) -> str:
    """What the document is called."""
    names = [one.title for one in material.experiments if one.title]
    return "Report: " + (", ".join(dict.fromkeys(names)) or ", ".join(material.programs))


def moment(seconds: float) -> str:
    """A time, the same wherever it is read."""
    try:
        at = datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return "-"
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _summary(material: Material) -> Iterator[Block]:
    runs = Counter(one.verdict for one in material.measurements)
    yield Facts(
        (
            ("programs", ", ".join(material.programs)),
            ("points", str(len(material.sides))),
            ("runs", ", ".join(f"{number} {verdict}" for verdict, number in runs.most_common())),
            ("machines", str(max(len(material.machines), len(material.workers)))),
            ("measured", _span(material)),
            ("figure", material.figure),
        )
    )


def _span(material: Material) -> str:
    times = [one.started for one in material.measurements]
    first, last = moment(min(times)), moment(max(times))
    return first if first == last else f"{first} to {last}"


def _doubtful(material: Material) -> Iterator[Block]:
    found = doubts(material)
    if found:
        yield Heading("Warnings")
        yield Items(tuple(found), is_warning=True)


# -- what came of it -------------------------------------------------------------------------


def _results(material: Material, said: Said) -> Iterator[Block]:
    yield Heading("Results")
    yield Paragraph(
        "The median of each point, and an interval that holds the true median with 95 %"
        " confidence, whatever the distribution; it takes six results. Runs that failed or whose"
        " output was wrong are counted, and never in a figure."
    )
    for name, sides in material.programs.items():
        ordered = sorted(sides, key=lambda side: natural(side.point))
        names = _names(ordered)
        yield Heading(name, 3)
        yield _points(material, ordered, names, said)
        yield from _pictures(material, name, ordered)


def _names(sides: Sequence[Side]) -> list[str]:
    """What tells each from the others: what is chosen otherwise, and the experiment if it must."""
    short = labels(list({side.point.id: side.point for side in sides}.values()))
    often = Counter(side.point.id for side in sides)
    return [
        short[side.point.id]
        + (f" in {side.experiments[:_DIGITS]}" if often[side.point.id] > 1 else "")
        for side in sides
    ]


def _points(material: Material, sides: Sequence[Side], names: Sequence[str], said: Said) -> Table:
    rows = tuple(
        (name, *_row(material, side, said)) for name, side in zip(names, sides, strict=True)
    )
    headers = ("point", "n", "median", "interval", "least", "most", "far off", "verdicts")
    bad = frozenset(row[-1] for row, side in zip(rows, sides, strict=True)
                    if not set(verdicts(side)) <= set(RESULTS))  # fmt: skip
    return Table(headers, rows, frozenset(range(1, 7)), bad)


def _row(material: Material, side: Side, said: Said) -> tuple[str, ...]:
    counts = verdicts(side)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts))
    values = [one.figures[material.figure] for one in side.measurements
              if one.is_result and material.figure in one.figures]  # fmt: skip
    if not values:
        return ("0", "-", "-", "-", "-", "-", told)
    found, unit = summary(values), material.unit(side)
    known = found.median
    between = f"{said(known.low, unit)} to {said(known.high, unit)}" if known.is_bounded else "-"
    return (
        str(found.count),
        said(known.middle, unit),
        between,
        said(found.least, unit),
        said(found.most, unit),
        str(len(found.outliers)),
        told,
    )


def _pictures(material: Material, name: str, sides: Sequence[Side]) -> Iterator[Block]:
    for at in range(0, len(sides), _MOST_DRAWN):
        some = sides[at : at + _MOST_DRAWN]
        try:
            drawn = picture(some, STRIPS, material.figure, material.unit(some[0]))
        except UsageError:  # nothing of it can be drawn, and the table says so
            continue
        yield Drawing(
            drawn,
            f"{material.figure} of {name}: every result, the median and its interval;"
            " rings are values far off the others.",
        )


def _comparisons(material: Material, said: Said, judged: Judged) -> Iterator[Block]:
    if material.compared:
        yield Heading("Comparisons")
    for compared in material.compared:
        rule = compared.rule
        yield Heading(f"{compared.program}, by {compared.key}", 3)
        if compared.comparisons:
            yield Table(
                (
                    "base",
                    "other",
                    f"base's {rule.figure}",
                    f"other's {rule.figure}",
                    "ratio",
                    "interval",
                    "p",
                    "verdict",
                ),
                tuple(_compared(one, compared, said, judged) for one in compared.comparisons),
                frozenset(range(2, 7)),
            )
            yield Paragraph(
                f"{rule.better.capitalize()} is better. Claimed is what differs by more than"
                f" {100 * rule.at_least:.3g} %, wrongly at most {100 * rule.alpha:.3g} % of the"
                f" time for all in this table together. A verdict is one of: {', '.join(JUDGED)}."
            )
            yield Items(tuple(f"{one.base.name} and {one.other.name}: {one.why}"
                              for one in compared.comparisons if one.why))  # fmt: skip
        yield Items(compared.notes, is_warning=True)


def _compared(one: Comparison, compared: Compared, said: Said, judged: Judged) -> tuple[str, ...]:
    ratio = one.ratio
    is_known = one.confidence > 0 and ratio.is_bounded and ratio.low > 0
    medians = (
        said(summary(sample.values).median.middle, compared.unit) if sample.runs else "-"
        for sample in (one.base, one.other)
    )
    return (
        one.base.name,
        one.other.name,
        *medians,
        f"{ratio.middle:.4f}" if one.confidence else "-",
        f"{ratio.low:.4f} to {ratio.high:.4f}" if is_known else "-",
        f"{one.adjusted:.2g}" if one.confidence else "-",
        judged(one, compared.unit),
    )


def _failures(material: Material) -> Iterator[Block]:
    why = Counter(
        (one.point.name, one.verdict, one.why) for one in material.measurements if not one.is_result
    )
    if why:
        yield Heading("What gave no result")
        rows = tuple((*key, str(why[key])) for key in sorted(why))
        yield Table(("program", "verdict", "why", "runs"), rows, frozenset([3]))


# -- what, where and how to do it again ------------------------------------------------------


def _what(material: Material) -> Iterator[Block]:
    yield Heading("What was run")
    for name, sides in material.programs.items():
        about = material.about.get(sides[0].point.program)
        contexts = contexts_of(material, sides)
        yield Heading(name, 3)
        if about and about.description:
            yield Paragraph(about.description)
        yield Facts(tuple(_program(contexts, sides)))
        commands = dict.fromkeys(text for one in contexts for text in _commands(one))
        if commands:
            yield Code("\n".join(commands))


def contexts_of(material: Material, sides: Sequence[Side]) -> list[Context]:
    """The contexts of *sides*, each once."""
    digests = {one.context for side in sides for one in side.measurements}
    return [material.contexts[digest] for digest in sorted(digests & material.contexts.keys())]


def _program(contexts: Sequence[Context], sides: Sequence[Side]) -> Iterator[tuple[str, str]]:
    for name, path in (("definition", "program.definition"), ("sources", "program.sources")):
        found = {words(value(one, path))[:_HASH] for one in contexts} - {""}
        if found:
            yield f"{name}, sha256", "\n".join(sorted(found))
    choices: dict[str, dict[str, None]] = {}
    for side in sorted(sides, key=lambda side: natural(side.point)):
        for key, told in _choices(side):
            choices.setdefault(key, {})[told] = None
    for key, values in choices.items():
        yield key, "\n".join(values)
    inputs = {f"{role} {digest[:_HASH]}" for side in sides for one in side.measurements
              for role, digest in one.inputs.items()}  # fmt: skip
    if inputs:
        yield "inputs, sha256", "\n".join(sorted(inputs))


def _choices(side: Side) -> Iterator[tuple[str, str]]:
    point = side.point
    tables: Mapping[str, Mapping[str, str]] = {"": point.needs, "data ": point.data}
    for prefix, table in tables.items():
        yield from ((f"{prefix}{role}", thing) for role, thing in table.items())
    yield "flags", shlex.join(point.flags) or "(none)"
    yield from ((f"parameter {name}", said) for name, said in point.params.items())
    yield "target", point.target


def _commands(context: Context) -> list[str]:
    found = value(context, "build.commands")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _where(material: Material) -> Iterator[Block]:
    yield Heading("Where it was run")
    for number, (machine, digests) in enumerate(material.machines.items(), 1):
        contexts = [material.contexts[digest] for digest in digests]
        if len(material.machines) > 1:
            yield Heading(f"Machine {number}", 3)
        versions = _versions(contexts)
        known = (*machine, ("envmgr", versions)) if versions else machine
        yield Facts(known) if known else Paragraph("Nothing is recorded of it.")
        entries = entries_of(contexts)
        if entries:
            yield Table(("what", "version", "origin", "where"), tuple(entries))


def _versions(contexts: Sequence[Context]) -> str:
    return ", ".join(sorted({words(one.get("envmgr")) for one in contexts} - {""}))


def again(material: Material) -> Iterator[Block]:
    """The commands that measured it, and those that do it elsewhere."""
    yield Heading("How to do it again")
    lines = []
    for one in material.experiments:
        lines.append(f"# {one.id}, {moment(one.created)}")
        lines.append(shlex.join(one.argv) if one.argv else "# nobody knows by what command")
    yield Code("\n".join(lines))
    ids = [one.id for one in material.experiments if _travels(material, one.id)]
    if not ids:
        return
    yield Paragraph(
        "The first command writes everything that may travel into one file; the second restores"
        " the environment on another machine, builds and runs again, and says what is reproduced."
    )
    yield Code(
        f"envmgr experiment pack {' '.join(ids)} -o experiment.envpack\n"
        "envmgr replay experiment.envpack"
    )


def _travels(material: Material, experiment: str) -> bool:
    """Whether it was measured by envmgr, which then knows how to do it again."""
    digests = {one.context for one in material.measurements if one.experiment == experiment}
    return any(value(material.contexts.get(one), "program.definition") for one in digests)
