"""Reports and appendices, of records as they are and of such as nobody should have made."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.api.report import Subject, gather
from envmgr.api.workspace import Workspace
from envmgr.cli import main
from envmgr.cli.experiment_compare import in_words
from envmgr.cli.measured import amount
from envmgr.errors import UsageError
from envmgr.experiment.appendix import appendix
from envmgr.experiment.comparison import Rule
from envmgr.experiment.document import Code, Document, Facts, Heading, Items, Paragraph, Table
from envmgr.experiment.document_html import html
from envmgr.experiment.document_md import markdown
from envmgr.experiment.document_tex import latex
from envmgr.experiment.material import Material, doubts, machine_of
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.report import report
from envmgr.model.measurement import Measurement
from tests.experiment.made import SWEEP, failed, measurement, point

HOSTILE = "<script>alert('x')</script>\"&|`[a](b)\\$%\n# \u202e{"
CONTEXT: dict[str, Any] = {
    "envmgr": "0.1.0",
    "program": {"definition": "d" * 64, "sources": "e" * 64},
    "build": {"commands": ["/usr/bin/gcc -O3 susan.c"], "seconds": 2.5},
    "entries": [{"name": "compiler.gcc", "version": "12.2.0", "path": "/usr/bin/gcc",
                 "origin": {"kind": "detected"}}],
    "platform": "linux-x86_64",
    "host": {
        "cpu": {"model": "Some CPU", "cores": {"usable": 4}},
        "memory": {"total_bytes": 8 << 30},
        "conditions": {"governor": ["powersave"]},
    },
}  # fmt: skip
HEADINGS = (
    "Abstract", "Artifact check-list (meta-information)", "Description", "How delivered",
    "Hardware dependencies", "Software dependencies", "Data sets", "Models", "Installation",
    "Experiment workflow", "Evaluation and expected results", "Experiment customization", "Notes",
)  # fmt: skip
CHECKS = (
    "Algorithm", "Program", "Compilation", "Transformations", "Binary", "Model", "Data set",
    "Run-time environment", "Hardware", "Run-time state", "Execution", "Metrics", "Output",
    "Experiments", "How much disk space is required (approximately)?",
    "How much time is needed to prepare the workflow (approximately)?",
    "How much time is needed to complete the experiments (approximately)?",
    "Publicly available?", "Licenses", "Workflow framework used?",
)  # fmt: skip


def result(at: int, number: int, **choices: Any) -> Measurement:
    """The *at*-th measurement, in the round of that *number*."""
    return replace(measurement(at, **choices), number=number)


def filled(records: Records, context: Mapping[str, Any] = CONTEXT, odd: str = "") -> Records:
    """Twenty rounds of two levels of optimisation, one of which is twice as fast, and a crash;
    *odd* stands in every name that can hold it."""
    records.begin(replace(SWEEP, title=odd or SWEEP.title, argv=(*SWEEP.argv, odd)))
    digest = records.context(context)
    at = 0
    for number in range(20):
        for flags, factor in ((("-O2", odd), 2.0), (("-O3", odd), 1.0)):
            at += 1
            records.add(
                result(
                    at,
                    number,
                    point=point(flags=tuple(filter(None, flags)), params={"size": odd or "64"}),
                    figures={"cpu": factor * (1 + 0.001 * ((7 * at) % 5)), "wall": 2.0},
                    started=1000.0 + at + (0.5 if (number % 2) == (factor == 1.0) else 0),
                    context=digest,
                    conditions={"load": 3.0, "running": 9, "busy": 9.0, "stolen": 0, "seconds": 2},
                )
            )
    crash = point(flags=("-Ofast",), params={"size": "64"})
    records.add(failed(at + 1, point=crash, context=digest, experiment=SWEEP.id))
    return records


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A store that these tests only read; making the index of its catalogue takes a while."""
    return Workspace(str(tmp_path_factory.mktemp("store")))


@pytest.fixture
def material(workspace: Workspace, tmp_path: Path) -> Material:
    """What a report on those records is made of."""
    with open_records(str(tmp_path / "records")) as records:
        return gather(workspace, filled(records), Subject(), Rule())


KINDS: dict[str, Callable[[Document], str]] = {
    "html": html,
    "md": lambda document: markdown(document, amount),
    "tex": latex,
}


def page(material: Material, name: str) -> str:
    """`report.html`, `appendix.tex` and their like."""
    what, _, kind = name.partition(".")
    if what == "appendix":
        return KINDS[kind](appendix(material, amount))
    return KINDS[kind](report(material, amount, in_words))


# -- what they say ---------------------------------------------------------------------------


def test_a_report_says_everything(material: Material) -> None:
    text = page(material, "report.md")
    for said in ("40 right, 1 failed", "2.004 s", "faster", "Some CPU", "8.0 GiB", "12.2.0",
                 "/usr/bin/gcc -O3 susan.c", "ended by SIGSEGV", "envmgr program run susan",
                 "envmgr replay", "the governor is powersave", "nothing in stdout",
                 "others used about"):  # fmt: skip
        assert said in text, said


def test_a_table_has_a_row_for_each_point(material: Material) -> None:
    (table, *_) = [
        block for block in report(material, amount, in_words).blocks if isinstance(block, Table)
    ]
    assert [row[0] for row in table.rows] == ["-O2", "-O3", "-Ofast"]
    assert [row[1] for row in table.rows] == ["20", "20", "0"]
    assert table.rows[-1][-1] in table.marks and len(table.marks) == 1


def test_an_appendix_has_every_heading(material: Material) -> None:
    made = appendix(material, amount)
    assert tuple(one.text for one in made.blocks if isinstance(one, Heading)) == HEADINGS
    (checks, *_) = [one for one in made.blocks if isinstance(one, Facts)]
    assert tuple(name for name, _ in checks.pairs) == CHECKS
    assert all(said for _, said in checks.pairs)


def test_what_only_a_person_knows_is_marked(material: Material) -> None:
    for kind in KINDS:
        assert page(material, f"appendix.{kind}").count("[to be written: ") >= 5
    assert "to be written" not in page(material, "report.md")


def test_the_same_records_give_the_same_bytes(material: Material) -> None:
    for name in ("report.html", "report.md", "appendix.tex"):
        assert page(material, name) == page(material, name)


def test_a_report_on_nothing(workspace: Workspace, tmp_path: Path) -> None:
    with open_records(str(tmp_path / "records")) as records, pytest.raises(UsageError):
        gather(workspace, records, Subject(), Rule())


@pytest.mark.parametrize(("by", "keys"), [((), ["flags"]), (("flags",), ["flags"])])
def test_what_is_compared(
    by: tuple[str, ...], keys: list[str], workspace: Workspace, tmp_path: Path
) -> None:
    with open_records(str(tmp_path / "records")) as records:
        found = gather(workspace, filled(records), Subject(by=by), Rule())
    assert [(one.program, one.key) for one in found.compared] == [("susan:edges", k) for k in keys]


def test_what_is_asked_to_be_compared_must_differ(workspace: Workspace, tmp_path: Path) -> None:
    with (
        open_records(str(tmp_path / "records")) as records,
        pytest.raises(UsageError, match="differ in n"),
    ):
        gather(workspace, filled(records), Subject(by=("n",)), Rule())


def test_the_figure_is_one_that_there_is(workspace: Workspace, tmp_path: Path) -> None:
    with open_records(str(tmp_path / "records")) as records:
        assert gather(workspace, filled(records), Subject(), Rule(figure="")).figure == "cpu"
        records.add(result(99, 0, point=point(flags=()), figures={"rate": 1.0, "wall": 1.0}))
        alone = Subject("flags!=-O2 flags!=-O3 flags!=-Ofast")
        assert gather(workspace, records, alone, Rule(figure="")).figure == "wall"


@pytest.mark.parametrize(
    "context",
    [{}, {"host": 3, "entries": "none", "build": [1]}, {"host": {"conditions": [None]}},
     {"host": {"conditions": {"governor": 7}}, "entries": [3, {"name": {}}]},
     {"host": {"cpu": {"model": ["a", 3, None]}, "memory": {"total_bytes": "much"}}}],
)  # fmt: skip
def test_contexts_of_any_shape(
    context: dict[str, Any], workspace: Workspace, tmp_path: Path
) -> None:
    with open_records(str(tmp_path / "records")) as records:
        found = gather(workspace, filled(records, context), Subject(), Rule())
    assert "envmgr replay" not in page(found, "report.md")
    assert page(found, "report.tex") and page(found, "appendix.md")
    assert doubts(found)


def test_machines_are_told_apart_by_what_stays(material: Material) -> None:
    assert machine_of({**CONTEXT, "build": {}}) == machine_of(CONTEXT)
    assert len(material.machines) == 1


# -- what they are ---------------------------------------------------------------------------


class Page(HTMLParser):
    """Which elements a page has, what they refer to, and whether they are closed."""

    VOID = frozenset({"meta", "path", "use", "rect", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.references += [value or "" for name, value in attrs
                            if name in ("src", "href", "xlink:href", "action")]  # fmt: skip
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def odd(workspace: Workspace, tmp_path: Path) -> Material:
    """What records give whose every name is hostile."""
    spoiled = {**CONTEXT, "envmgr": HOSTILE, "build": {"commands": [HOSTILE]},
               "entries": [{"name": HOSTILE, "version": HOSTILE, "path": HOSTILE}],
               "host": {"cpu": {"model": HOSTILE}}}  # fmt: skip
    with open_records(str(tmp_path / "records")) as records:
        return gather(workspace, filled(records, spoiled, HOSTILE), Subject(), Rule())


def test_a_page_needs_nothing_else_and_runs_nothing(odd: Material) -> None:
    for name in ("report.html", "appendix.html"):
        text = page(odd, name)
        read = Page(text)
        assert read.open == []
        assert not {"script", "link", "img", "iframe", "object", "form"} & {*read.tags}
        assert all(reference.startswith("#") for reference in read.references)
        assert "default-src 'none'" in text
        assert any("<script>" in shown for shown in read.text), "it is shown as what it is"
        assert not re.search(r"url\((?!#)", text)


def test_pictures_are_whole_and_their_ids_their_own(material: Material) -> None:
    text = page(material, "report.html")
    pictures = re.findall("<svg.*?</svg>", text, re.DOTALL)
    assert pictures
    for one in pictures:
        ElementTree.fromstring(one)
        ids = set(re.findall(r'\bid="([^"]*)"', one))
        assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', one)) <= ids
        assert "#ffffff" not in one and "#000000" not in one
    ids_of_page = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids_of_page) == len(set(ids_of_page))


def test_markdown_stays_what_it_is(odd: Material) -> None:
    for name in ("report.md", "appendix.md"):
        outside = re.sub(r"^(`{3,})\n.*?\n\1$", "", page(odd, name), flags=re.DOTALL | re.MULTILINE)
        assert not re.search(r"(?<!\\)<script", outside)
        assert not re.search(r"(?<!\\)\]\(", outside)
    rows = re.findall(r"^\| .*\|$", page(odd, "report.md"), re.MULTILINE)
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert widths <= {5, 9}, "tables of four and of eight columns"


def test_latex_stays_what_it_is(odd: Material) -> None:
    plain = re.sub(r"\\[\\{}$&%#_]", "", page(odd, "appendix.tex"))
    assert plain.count("{") == plain.count("}")
    assert "$" not in plain and "%" not in plain
    commands = set(re.findall(r"\\([A-Za-z]+)", plain))
    assert commands <= {
        "section", "subsection", "subsubsection", "begin", "end", "item", "textbf", "texttt",
        "textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater",
        "textbar", "textquotedbl", "hline",
    }  # fmt: skip


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_is_shown_and_nothing_else(text: str) -> None:
    document = Document(text, (
        Heading(text), Paragraph(text), Items((text,)), Facts(((text, text),)), Code(text),
        Table((text,), ((text,),), marks=frozenset([text])),
    ))  # fmt: skip
    read = Page(html(document))
    assert read.open == []
    assert read.tags == Page(html(Document("", (
        Heading(""), Paragraph(""), Items(("",)), Facts((("", ""),)), Code(""),
        Table(("",), (("",),)),
    )))).tags  # fmt: skip
    outside = re.sub(r"\n(`{3,})\n.*?\n\1\n", "", markdown(document, amount), flags=re.DOTALL)
    assert outside.count("\n#") == 1
    assert latex(document).count("\\begin{") == latex(document).count("\\end{")


# -- from the command line -------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalogue_cache: Path) -> Path:
    """A store with those records."""
    place = tmp_path / "store"
    shutil.copytree(catalogue_cache, place / "cache")
    monkeypatch.setenv("ENVMGR_HOME", str(place))
    monkeypatch.delenv("ENVMGR_EXPERIMENTS", raising=False)
    with open_records(str(place / "experiments.sqlite")) as records:
        filled(records)
    return place


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (("-o", "{file}.html"), "<!DOCTYPE html>"),
        (("-o", "{file}.md"), "# Report: a sweep"),
        (("--appendix", "-o", "{file}.tex"), r"\section*{Artifact appendix}"),
        (("--format", "md", "-o", "{file}.txt"), "# Report: a sweep"),
        (("susan flags=-O2", "-o", "{file}.md"), "# Report: a sweep"),
    ],
)
def test_files(store: Path, words: tuple[str, ...], begins: str) -> None:
    file = store / "made"
    assert main(["report", *(word.format(file=file) for word in words)]) == 0
    (made,) = store.glob("made.*")
    assert made.read_text().startswith(begins)


def test_on_standard_output(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--appendix"]) == 0
    assert capsys.readouterr().out.startswith("# Artifact appendix")


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "x.pdf"),
        ("--figure", "colour"),
        ("nothing-like-it",),
        ("--better", "faster"),
        ("--alpha", "x"),
    ],
)
def test_what_makes_no_sense(store: Path, words: tuple[str, ...]) -> None:
    assert main(["report", *words]) == 2
