"""From source files to commands, decided without any compiler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from envmgr.errors import ProgramError
from envmgr.program.compile import files_to_read, sources_procedure
from envmgr.program.request import Procedure, Scratch
from tests.program.workshop import GCC, compiler, request, tree

PLAIN = compiler("compiler.tcc", "1", **GCC, CUDACXX="nvcc")
"""One that is told nothing beside what it is asked."""


def procedure(*paths: str, texts: Mapping[str, str] | None = None, **more: Any) -> Procedure:
    one = request("/sources", **{"entry": PLAIN, "tree": tree(*paths), **more})
    return sources_procedure(one, Scratch("/scratch", texts=texts or {}))


def commands(*paths: str, **more: Any) -> list[str]:
    return [" ".join(step.argv) for step in procedure(*paths, **more).steps]


def test_one_file_is_compiled_and_linked_at_once() -> None:
    one = procedure("main.c", "main.h", libs=("-lm",), include=("inc",), flags=("-O3",))
    (step,) = one.steps
    assert " ".join(step.argv) == "gcc -Iinc -O3 main.c -o ../build/thing -lm"
    assert step.cwd == "/scratch/source"
    assert one.product == "/scratch/build/thing"


def test_the_program_is_told_to_forget_where_it_was_made() -> None:
    one = procedure("main.c", entry=compiler())
    assert one.steps[0].argv[:2] == ("gcc", "-ffile-prefix-map=/scratch=.")


def test_several_files_are_objects_and_a_link() -> None:
    one = procedure("a/x.c", "b/x.c", target="bin/it", libs=("-lm",))
    assert [" ".join(step.argv) for step in one.steps] == [
        "gcc -c a/x.c -o ../aside/0-x.c.o",
        "gcc -c b/x.c -o ../aside/1-x.c.o",
        "gcc ../aside/0-x.c.o ../aside/1-x.c.o -o ../build/bin/it -lm",
    ]
    assert [step.wave for step in one.steps] == [0, 0, 1]


def test_each_language_has_its_compiler_and_the_highest_links() -> None:
    assert commands("a.c", "b.cpp", "c.cu") == [
        "gcc -c a.c -o ../aside/0-a.c.o",
        "g++ -c b.cpp -o ../aside/1-b.cpp.o",
        "nvcc -ccbin g++ -c c.cu -o ../aside/2-c.cu.o",
        "nvcc -ccbin g++ ../aside/0-a.c.o ../aside/1-b.cpp.o ../aside/2-c.cu.o -o ../build/thing",
    ]


def test_fortran_waits_for_its_modules_and_c_does_not() -> None:
    texts = {"a.f90": "use m", "m.f90": "module m"}
    one = procedure("a.f90", "b.c", "m.f90", texts=texts)
    waves = {step.argv[2]: step.wave for step in one.steps[:-1]}
    assert waves == {"b.c": 0, "m.f90": 0, "a.f90": 1}
    assert one.steps[-1].argv[0] == "gfortran" and one.steps[-1].wave == 2
    # The order of a link is that of the paths, so that the program is the same each time.
    assert one.steps[-1].argv[1:4] == tuple(f"../aside/{i}-{p}.o" for i, p in
                                            enumerate(["a.f90", "b.c", "m.f90"]))  # fmt: skip


def test_what_is_read_beforehand() -> None:
    one = request("/sources", tree=tree("a.c", "b.F", "C.java", "d.h"))
    assert files_to_read(one) == ("C.java", "b.F")


@pytest.mark.parametrize("path", ["-fplugin=x.c", "@list.c"])
def test_no_name_is_taken_for_an_option(path: str) -> None:
    assert procedure(path).steps[0].argv[1] == f"./{path}"


def test_a_file_of_no_language_cannot_be_compiled() -> None:
    with pytest.raises(ProgramError, match=r"nothing says how to compile b\.txt"):
        procedure("a.c", "b.txt", files=("*",))


def test_a_compiler_that_is_missing_is_told() -> None:
    with pytest.raises(ProgramError, match=r"compiler\.gcc@12\.2\.0 has no Fortran compiler"):
        procedure("a.f90", entry=compiler(), texts={"a.f90": ""})


def test_variables_of_the_definition_are_those_of_every_command() -> None:
    one = procedure("a.c", "b.c", env={"N": "{n}"}, params={"n": "3"})
    assert [step.env for step in one.steps] == [{"N": "3"}] * 3
