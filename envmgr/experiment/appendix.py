"""The appendix that reviewers of artifacts ask for, filled in as far as records know.

Its headings are those of the appendix that conferences of the ACM use. What only a person knows
is marked, so that it is seen to be missing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from envmgr.experiment.document import (
    Block,
    Code,
    Document,
    Facts,
    Heading,
    Items,
    Paragraph,
    Said,
    to_write,
)
from envmgr.experiment.material import Material, doubts, entries_of, value, verdicts, words
from envmgr.experiment.pairing import Side, sides
from envmgr.experiment.report import contexts_of
from envmgr.experiment.samples import natural
from envmgr.experiment.statistics import median

_NONE = "none"
_FEW = 12


def appendix(material: Material, said: Said) -> Document:
    """The appendix of what *material* is about."""
    blocks = [
        Heading("Abstract"),
        *_abstract(material),
        Heading("Artifact check-list (meta-information)"),
        Facts(tuple(_checklist(material, said))),
        Heading("Description"),
        *_description(material),
        Heading("Installation"),
        *_installation(),
        Heading("Experiment workflow"),
        *_workflow(material),
        Heading("Evaluation and expected results"),
        *_expected(material, said),
        Heading("Experiment customization"),
        *_customization(material),
        Heading("Notes"),
        *_notes(),
    ]
    return Document("Artifact appendix", tuple(blocks))


def _abstract(material: Material) -> Iterator[Block]:
    yield Paragraph(to_write("what the paper claims and what of it this artifact shows"))
    runs = len(material.measurements)
    yield Paragraph(
        f"The artifact holds {runs} recorded runs of {len(material.sides)} points of"
        f" {', '.join(material.programs)}, each with its choices, its environment, the digests of"
        " its inputs and outputs, whether its output was right, and all that was measured."
    )


# -- the check-list --------------------------------------------------------------------------


def _checklist(material: Material, said: Said) -> Iterator[tuple[str, str]]:
    contexts = list(material.contexts.values())
    data = sorted({thing for side in material.sides for thing in side.point.data.values()})
    yield "Algorithm", _algorithm(material)
    yield "Program", "\n".join(_programs(material))
    yield "Compilation", "\n".join(_compilers(material)) or _NONE
    yield "Transformations", to_write("what is transformed, if anything is")
    yield "Binary", _binary(material)
    yield "Model", _some([thing for thing in data if thing.startswith("model")])
    yield "Data set", _some([thing for thing in data if not thing.startswith("model")])
    yield "Run-time environment", _facts(material, ("system", "kernel", "platform"))
    yield "Hardware", _facts(material, ("processor", "cores", "memory", "virtual machine"))
    yield (
        "Run-time state",
        "\n".join(doubts(material)) or "nothing that was seen disturbed the runs",
    )
    yield "Execution", _execution(material)
    yield "Metrics", ", ".join(_metrics(material))
    yield "Output", _outputs(material)
    yield "Experiments", "\n".join(_experiments(material))
    yield "How much disk space is required (approximately)?", to_write("disk space")
    yield "How much time is needed to prepare the workflow (approximately)?", _preparing(contexts)
    yield (
        "How much time is needed to complete the experiments (approximately)?",
        _time(material, said),
    )
    yield "Publicly available?", to_write("where: an archive that gives a DOI")
    yield "Licenses", _licenses(material)
    yield "Workflow framework used?", f"envmgr {_versions(contexts)}"


def _some(things: Sequence[str]) -> str:
    return "\n".join(things) or _NONE


def _algorithm(material: Material) -> str:
    told = [about.description for _, about in sorted(material.about.items()) if about.description]
    return "\n".join(dict.fromkeys(told)) or to_write("the algorithm")


def _programs(material: Material) -> Iterator[str]:
    for name, points in material.programs.items():
        found = {words(value(one, "program.sources")) for one in contexts_of(material, points)}
        digests = ", ".join(sorted(found - {""}))
        yield f"{name}, sources sha256:{digests}" if digests else name


def _compilers(material: Material) -> list[str]:
    found = {
        " ".join(filter(None, (*side.point.needs.values(), shlex.join(side.point.flags))))
        for side in material.sides
    }
    return sorted(found - {""})


def _binary(material: Material) -> str:
    """Built each time; what is recorded is from what."""
    sizes = {
        int(one.figures["code_size"])
        for one in material.measurements
        if one.figures.get("code_size")
    }
    if not sizes:
        return "built from source each time; none is included"
    between = f"{min(sizes)}" if len(sizes) == 1 else f"{min(sizes)} to {max(sizes)}"
    return f"built from source each time; none is included ({between} bytes of code)"


def _facts(material: Material, names: Sequence[str]) -> str:
    told = ["; ".join(f"{name} {found[name]}" for name in names if name in found)
            for found in map(dict, material.machines)]  # fmt: skip
    return "\n".join(dict.fromkeys(filter(None, told))) or to_write(names[0])


def _execution(material: Material) -> str:
    rounds = max((one.number for one in material.measurements), default=0)
    targets = sorted({side.point.target for side in material.sides})
    return (
        f"up to {rounds} rounds, each of which runs every point once in an order of chance;"
        f" on: {', '.join(targets)}"
    )


def _metrics(material: Material) -> list[str]:
    names = {name for one in material.measurements for name in one.figures}
    return [material.figure, *sorted(names - {material.figure})]


def _outputs(material: Material) -> str:
    names = sorted({name for one in material.measurements for name in one.outputs})
    seen = sorted({verdict for side in material.sides for verdict in verdicts(side)})
    return f"{', '.join(names) or _NONE}; verdicts: {', '.join(seen)}"


def _experiments(material: Material) -> Iterator[str]:
    for one in material.experiments:
        yield f"{one.id} {one.title}".rstrip()


def _preparing(contexts: Sequence[object]) -> str:
    """Only builds are known: what was installed may have been there for long."""
    times = [value(one, "build.seconds") for one in contexts]
    known = [float(one) for one in times if isinstance(one, (int, float))]
    if not known:
        return to_write("time to prepare")
    return f"builds take {sum(known):.0f} s; {to_write('time to install what is missing')}"


def _time(material: Material, said: Said) -> str:
    walls = [one.figures["wall"] * one.figures.get("repeats", 1.0)
             for one in material.measurements if "wall" in one.figures]  # fmt: skip
    if not walls:
        return to_write("time to complete")
    return f"{said(sum(walls), 's')} of runs, on the machine that they were recorded on"


def _licenses(material: Material) -> str:
    told = {f"{name}: {about.license}" for name, about in material.about.items() if about.license}
    names = {side.point.program for side in material.sides}
    without = names - {name for name, about in material.about.items() if about.license}
    missing = [to_write(f"licence of {name}") for name in sorted(without)]
    return "\n".join([*sorted(told), *missing])


def _versions(contexts: Sequence[object]) -> str:
    return ", ".join(sorted({words(value(one, "envmgr")) for one in contexts} - {""}))


# -- the sections ----------------------------------------------------------------------------


def _description(material: Material) -> Iterator[Block]:
    contexts = list(material.contexts.values())
    yield Heading("How delivered", 3)
    yield Paragraph(
        "As one file, made by envmgr experiment pack, with the records, the sources, the"
        " locks of the environments and the data that may travel."
    )
    yield Paragraph(to_write("where that file can be had"))
    yield Heading("Hardware dependencies", 3)
    yield Paragraph(f"Recorded on: {_facts(material, ('processor', 'cores', 'memory'))}.")
    yield Paragraph(to_write("what of this is necessary"))
    yield Heading("Software dependencies", 3)
    yield Items(
        tuple(f"{name} {version} ({origin})" for name, version, origin, _ in entries_of(contexts))
        or (_NONE,)
    )
    for title, is_model in (("Data sets", False), ("Models", True)):
        yield Heading(title, 3)
        things = {f"{role}: {thing}" for side in material.sides
                  for role, thing in side.point.data.items()
                  if thing.startswith("model") is is_model}  # fmt: skip
        yield Items(tuple(sorted(things)) or (_NONE,))


def _installation() -> Iterator[Block]:
    yield Code("pip install 'envmgr[experiment]'\nenvmgr replay experiment.envpack")
    yield Paragraph(
        "The environment is restored from the lock in the pack: what is missing is installed, and"
        " what this machine has instead of what was recorded is told."
    )


def _workflow(material: Material) -> Iterator[Block]:
    lines = [shlex.join(one.argv) for one in material.experiments if one.argv]
    yield Code("\n".join(lines) or to_write("the commands"))
    yield Paragraph("The experiments were recorded by these commands; replaying does the same.")


def _expected(material: Material, said: Said) -> Iterator[Block]:
    yield Paragraph(
        "Outputs must be the same as recorded, or pass the checks of the program; envmgr replay"
        " says of each whether it is reproduced. Figures depend on the machine."
    )
    merged = sorted(sides(material.measurements), key=lambda side: natural(side.point))
    lines = list(filter(None, (_result(material, side, said) for side in merged)))
    yield Items(tuple(lines[:_FEW]))
    if len(lines) > _FEW:
        yield Paragraph(f"The report has the other {len(lines) - _FEW} points.")
    yield Paragraph(to_write("which of these numbers the paper claims, and how close is enough"))


def _result(material: Material, side: Side, said: Said) -> str:
    """The median of a point, and of what; empty where there is no result."""
    values = [one.figures[material.figure] for one in side.measurements
              if one.is_result and material.figure in one.figures]  # fmt: skip
    if not values:
        return ""
    point, middle = side.point, said(median(values), material.unit(side))
    params = (f"{name}={text}" for name, text in point.params.items())
    choices = " ".join((*point.needs.values(), *point.flags, *point.data.values(), *params))
    return f"{point.name} {choices}: median {material.figure} {middle} of {len(values)} runs"


def _customization(material: Material) -> Iterator[Block]:
    names = sorted({name for side in material.sides for name in side.point.params})
    roles = sorted({role for side in material.sides
                    for role in (*side.point.needs, *side.point.data)})  # fmt: skip
    yield Items((
        *(f"parameter {name}: --param {name}=VALUE" for name in names),
        *(f"{role}: another by --with or --data, all there are by --each {role}" for role in roles),
        "options of the compiler: --flags",
        "how often it is measured: --repeat",
    ))  # fmt: skip


def _notes() -> Iterator[Block]:
    yield Paragraph(to_write("anything else, or nothing"))
