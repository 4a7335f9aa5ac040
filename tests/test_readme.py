"""What the documents say holds: commands parse, links lead somewhere, examples work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from envmgr.cli import VERBS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"]
)
README = (ROOT / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}(.*)$", re.MULTILINE)
_CELL = re.compile(r"^\|.*\| (`.+`) \|$", re.MULTILINE)
_SUBSTITUTION = re.compile(r"\$\((envmgr [^)]*)\)|`(envmgr [^`]*)`")
_COMMAND = re.compile(r"(?:^|\s)(envmgr .*)")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def code_lines(text: str) -> Iterator[str]:
    """Lines of shell in code blocks, fenced or indented, and in last cells of tables."""
    for block in _BLOCK.finditer(text):
        if block["language"] in ("", "sh", "bash", "console"):
            yield from block["text"].replace("\\\n", "").splitlines()
    rest = _BLOCK.sub("", text)
    yield from _INDENTED.findall(re.sub(r"\\\n *", "", rest))
    yield from (cell.strip("`") for cell in _CELL.findall(rest))


def commands(line: str) -> Iterator[list[str]]:
    """The words of each command of envmgr in a *line* of shell."""
    inner = [first or second for first, second in _SUBSTITUTION.findall(line)]
    outer = _COMMAND.findall(_SUBSTITUTION.sub("", line))
    for text in (*inner, *outer):
        lexer = shlex.shlex(text, posix=True, punctuation_chars="|;&<>")
        lexer.whitespace_split = True
        words = list(lexer)
        end = next((i for i, word in enumerate(words) if set(word) <= set("|;&<>")), len(words))
        yield words[1:end]


EXAMPLES = [
    pytest.param(words, id=f"{document.name}:{' '.join(words)}")
    for document in DOCUMENTS
    for line in code_lines(document.read_text(encoding="utf-8"))
    for words in commands(line)
]


def block(language: str) -> str:
    """The only block of *language* in the README."""
    (found,) = (b["text"] for b in _BLOCK.finditer(README) if b["language"] == language)
    return found


def test_commands_are_found_in_every_form() -> None:
    line = "eval \"$(envmgr env --tags=a)\"; envmgr exec b -- sh -c 'x; y' | tail  # envmgr no"
    assert list(commands(line)) == [["env", "--tags=a"], ["exec", "b", "--", "sh", "-c", "x; y"]]
    assert list(commands("eval `envmgr env --leave`")) == [["env", "--leave"]]
    assert len(EXAMPLES) > 20


@pytest.mark.parametrize("words", EXAMPLES)
def test_every_command_parses(words: list[str]) -> None:
    verb, *arguments = words
    if verb in ("--help", "--version"):
        return
    assert verb in VERBS
    try:
        import_module(f"envmgr.cli.{verb}_").parser().parse(arguments)
    except SystemExit as left:  # `--help` was printed
        assert left.code == 0


def test_table_of_verbs_is_whole() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| `.*envmgr (\w+)", README, re.MULTILINE)
    assert [verb for verb, _, _ in rows] == list(VERBS)
    assert all(verb == example for verb, _, example in rows)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = [to for to in _LINK.findall(text) if not (document.parent / to).exists()]
    assert missing == []


def test_detector_of_the_readme_is_right(
    envmgr: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    text = block("toml")
    assert len(text.splitlines()) == 10
    file = tmp_path / "detectors" / "tool" / "hello.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    done = envmgr("lint", str(tmp_path), "--cases")
    assert (done.returncode, done.stdout) == (0, "1 file, 1 case, no problem\n"), done.stderr


def test_case_of_the_readme_can_fail(
    envmgr: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    file = tmp_path / "detectors" / "tool" / "hello.toml"
    file.parent.mkdir(parents=True)
    file.write_text(block("toml").replace("Hello) 2.12.1", "Hello) 3.0"), encoding="utf-8")
    done = envmgr("lint", str(tmp_path), "--cases")
    assert done.returncode == 1
    assert "expected version 2.12.1, got 3.0" in done.stdout


@pytest.mark.needs("gcc", "pypi")
def test_python_of_the_readme_runs(environ: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(block("python"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+\.\d+", done.stdout)


def test_architecture_names_every_module_and_no_other() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    text = text.partition("### model")[2].partition("## A store on disk")[0]
    files = (ROOT / "envmgr").rglob("*.py")
    modules = {
        path.stem for path in files if not path.stem.startswith("_") and not is_of_a_verb(path)
    }
    cells = " ".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE))
    named = {name.rpartition(".")[2] for name in re.findall(r"`([\w.]+)`", cells)}
    readers = text.partition("readers behind `facts`")[2].partition("\n\n")[0]
    named |= set(re.findall(r"`(\w+)`", readers)) - {"facts"}
    assert named - {"facts"} == modules - {"errors"}


def is_of_a_verb(path: Path) -> bool:
    """Whether *path* is the module of a verb or of one of its actions."""
    return path.parent.name == "cli" and path.stem.partition("_")[0] in VERBS and "_" in path.stem


def test_ci_installs_whatever_tests_need() -> None:
    known_to_conftest = {"root", "linux", "pypi"}
    lines = (ROOT / ".ci" / "packages").read_text(encoding="utf-8").splitlines()
    installed = {line.split()[0] for line in lines if line and not line.startswith("#")}
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    installed |= set(re.findall(r"command -v (\w+) ", script))  # what no package of Debian has
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    marked = re.findall(r"\bmark\.needs\(([^)]*)\)", tests)
    needed = {need for arguments in marked for need in re.findall(r'"([\w+./-]+)"', arguments)}
    assert {"zsh", "git"} <= needed
    assert needed - known_to_conftest - installed == set()
