"""Java: classes and what starts them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envmgr.errors import ProgramError
from envmgr.program.compile import sources_procedure
from envmgr.program.java import launcher, main_class
from envmgr.program.request import Scratch
from tests.program.workshop import compiler, request, script, tree

MAIN = "class X {\n  public static void main(String[] args) {}\n}"


def test_sources_are_compiled_at_once_and_started_by_a_launcher() -> None:
    texts = {"Main.java": MAIN, "Help.java": "class Help {}"}
    java = compiler("compiler.java", JAVA_HOME="/opt/my jdk")
    one = request("/sources", tree=tree(*texts), entry=java, options=("-g",), flags=("-Xlint",))
    procedure = sources_procedure(one, Scratch("/scratch", texts=texts))
    (step,) = procedure.steps
    assert step.argv[0] == "/opt/my jdk/bin/javac"
    assert step.argv[1:5] == ("-encoding", "UTF-8", "-d", "../build/classes")
    assert step.argv[5:] == ("-Xlint", "-g", "./Help.java", "./Main.java")
    assert step.cwd == "/scratch/source"
    assert procedure.product == "/scratch/build/thing"
    assert "Main" in procedure.files["/scratch/build/thing"]


def test_without_a_kit_it_says_so() -> None:
    one = request("/sources", tree=tree("X.java"), entry=compiler())
    with pytest.raises(ProgramError, match=r"compiler\.gcc@12\.2\.0 has no Java compiler"):
        sources_procedure(one, Scratch("/scratch", texts={"X.java": MAIN}))


def test_java_does_not_mix() -> None:
    one = request("/sources", tree=tree("a.c", "B.java"))
    with pytest.raises(ProgramError, match="Java among other languages"):
        sources_procedure(one, Scratch("/scratch", texts={"B.java": MAIN}))


def test_the_only_main_is_the_one() -> None:
    texts = {"a/b/X.java": f"package a.b;\n{MAIN}", "Y.java": "class Y {}"}
    assert main_class(texts, "thing") == "a.b.X"


def test_the_target_chooses_among_several() -> None:
    texts = {"X.java": MAIN, "p/Y.java": f"package p;\n{MAIN}"}
    assert main_class(texts, "Y") == "p.Y"
    with pytest.raises(ProgramError, match=r"X, p\.Y have a main method"):
        main_class(texts, "thing")


def test_no_main_is_told() -> None:
    with pytest.raises(ProgramError, match="thing: no class has a main method"):
        main_class({"Y.java": "class Y {}"}, "thing")


def test_the_launcher_finds_the_classes_beside_it_and_passes_arguments_on(tmp_path: Path) -> None:
    java = script(tmp_path / "it's java", 'printf "%s\\n" "$@"')
    start = tmp_path / "a place" / "start"
    start.parent.mkdir()
    start.write_text(launcher(java, "p.Main"))
    start.chmod(0o755)
    said = subprocess.run([start, "a b", "$c"], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["-cp", f"{start.parent}/classes", "p.Main", "a b", "$c"]
