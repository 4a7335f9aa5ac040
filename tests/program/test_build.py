"""Builds: kept whole or not at all, found again, honest when they fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import ProgramError
from envmgr.program.build import BuildRequest, Built, build
from tests.program.workshop import CLANG, GCC, compiler, found, request, script, tree, write

ROOT = Path(__file__).resolve().parent.parent.parent
FAKE = """
for word; do case $last in -o) out=$word;; esac; last=$word; done
echo $$ >> "$LOG"; echo compiling "$@"
[ -z "$HOLD" ] || sleep 100
cat main.c > "$out"
"""
"""A compiler whose programs are their sources, and which says each time that it is asked."""


class Bench:
    """Sources, a cache, and a compiler that is none."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.sources = write(top / "sources", {"main.c": "#!/bin/sh\necho $0"})
        self.cache = top / "cache"
        self.log = top / "started"
        self.cc = script(top / "fake cc", FAKE)

    def request(self, **more: Any) -> BuildRequest:
        """To build the sources with the compiler that is none."""
        environ = {"LOG": str(self.log), **more.pop("environ", {})}
        entry = compiler("compiler.fake", "1", CC=self.cc)
        return request(self.sources, **{"entry": entry, "environ": environ, **more})

    def build(self, **more: Any) -> Built:
        """Build them."""
        return build(self.request(**more), str(self.cache))

    @property
    def started(self) -> int:
        """How often the compiler was."""
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    def kept(self) -> list[str]:
        """The builds that are there."""
        return sorted(path.parent.name for path in self.cache.glob("*/build.json"))

    def left(self) -> list[str]:
        """What is in scratch directories, beside the lock of all."""
        return sorted(path.name for path in (self.cache / "staging").iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def contents(top: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def said(built: Built, *arguments: str) -> str:
    assert built.executable
    command = [built.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


# -- what is kept ----------------------------------------------------------------------------


def test_a_build_is_made_once_and_found_again(bench: Bench) -> None:
    first, second = bench.build(), bench.build()
    assert bench.started == 1
    assert not first.was_cached and second == replace(first, was_cached=True)
    assert first.directory == str(bench.cache / first.digest / "build")
    assert first.executable == os.path.join(first.directory, "thing")
    assert said(first) == f"{first.executable}\n"
    assert first.code_size == len("#!/bin/sh\necho $0")
    assert first.seconds >= 0
    assert "compiling main.c -o ../build/thing" in Path(str(first.log)).read_text()
    assert bench.left() == [".lock"]


def test_the_cache_may_be_named_from_here(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bench.top)
    assert said(build(bench.request(), "cache")) == said(bench.build())
    assert bench.started == 1


def test_a_build_says_what_it_was_made_of(bench: Bench) -> None:
    built = bench.build(flags=("-O3",))
    form = json.loads((bench.cache / built.digest / "build.json").read_text())
    assert form["needs"] == {"compiler": "compiler.fake@1"}
    assert form["files"] == dict(bench.request().tree.files)
    assert form["commands"] == list(built.commands) == [
        f"'{bench.cc}' -O3 main.c -o ../build/thing"
    ]  # fmt: skip
    assert form["executable"] == "build/thing" and form["sha256"] == built.sha256


def test_another_choice_is_another_build(bench: Bench) -> None:
    digests = {bench.build(flags=flags).digest for flags in [(), ("-O2",), ("-O3",)]}
    assert sorted(digests) == bench.kept() and len(digests) == 3
    write(bench.sources, {"main.c": "#!/bin/sh\necho other"})
    assert said(bench.build()) == "other\n"


def test_the_directory_of_the_sources_is_never_written_to(bench: Bench) -> None:
    cc = script(bench.top / "rude", f"echo x > rude.txt; rm -f main.h\n{FAKE}")
    write(bench.sources, {"main.h": "h"})
    before = contents(bench.sources)
    bench.build(entry=compiler("compiler.fake", "1", CC=cc))
    assert contents(bench.sources) == before


def ruin(path: Path, content: str) -> None:
    path.write_text(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda top: (top / "build" / "thing").unlink(),
        lambda top: ruin(top / "build" / "thing", "half"),
        lambda top: (top / "build.json").unlink(),
        lambda top: ruin(top / "build.json", "{"),
        lambda top: ruin(top / "build.json", "[]"),
        lambda top: ruin(top / "build.json", '{"executable": 3}'),
    ],
)
def test_what_is_damaged_is_built_again(bench: Bench, damage: Callable[[Path], None]) -> None:
    first = bench.build()
    damage(bench.cache / first.digest)
    second = bench.build()
    assert bench.started == 2 and not second.was_cached
    assert said(second) and second.sha256 == first.sha256
    assert bench.left() == [".lock"]


def test_two_that_build_the_same_at_once_share_one(bench: Bench) -> None:
    one = bench.request()
    done: list[Built] = []
    threads = [
        threading.Thread(target=lambda: done.append(build(one, str(bench.cache)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.started == 1
    assert len(done) == 4 and len({built.executable for built in done}) == 1
    assert [built.was_cached for built in done].count(False) == 1


KILLED = """
import sys
from pathlib import Path
from tests.program.test_build import Bench
Bench(Path(sys.argv[1])).build(environ={"HOLD": "1"})
"""


def test_a_build_that_is_killed_leaves_nothing_half(bench: Bench) -> None:
    victim = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(bench.top)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while not bench.started:
        assert victim.poll() is None
        time.sleep(0.01)
    victim.kill()
    victim.wait()
    os.killpg(int(bench.log.read_text()), signal.SIGKILL)  # what it had started
    assert bench.kept() == []
    assert len(bench.left()) == 3  # the scratch directory and two locks
    assert said(bench.build())
    assert bench.left() == [".lock"]


# -- failures --------------------------------------------------------------------------------


def test_a_failure_is_told_and_its_log_stays(bench: Bench) -> None:
    cc = script(bench.top / "cc", "echo before; echo 'main.c:1: error: no'; exit 1")
    with pytest.raises(ProgramError) as told:
        bench.build(entry=compiler("compiler.fake", "1", CC=cc))
    assert told.value.exit_code == 9
    assert told.value.message.startswith(
        "thing does not build with compiler.fake@1: main.c:1: error: no\n"
    )
    assert Path(str(told.value.log)).read_text().endswith("before\nmain.c:1: error: no\n")
    assert bench.kept() == [] and bench.left() == [".lock"]


def test_a_build_that_makes_nothing_is_a_failure(bench: Bench) -> None:
    with pytest.raises(ProgramError, match=r"thing: its build ended .* there is no thing") as told:
        bench.build(entry=compiler("compiler.fake", "1", CC="true"))
    assert told.value.log and bench.kept() == []


def test_a_program_that_leads_out_is_none(bench: Bench) -> None:
    with pytest.raises(ProgramError, match="leads out of the build directory"):
        bench.build(system="script", commands=("ln -s /bin/sh thing",))


def test_what_takes_too_long_is_a_failure(bench: Bench) -> None:
    one = bench.request(system="script", commands=("sleep 100",))
    with pytest.raises(ProgramError, match=r"did not end within 0\.2 s"):
        build(one, str(bench.cache), timeout=0.2)
    assert bench.kept() == [] and bench.left() == [".lock"]


def test_a_compiler_that_is_missing_is_told_before_anything_runs(bench: Bench) -> None:
    write(bench.sources, {"more.f90": "end"})
    with pytest.raises(ProgramError, match=r"compiler\.fake@1 has no Fortran compiler") as told:
        bench.build()
    assert told.value.log is None and bench.started == 0


def test_a_cache_that_cannot_be_written(bench: Bench) -> None:
    bench.cache.write_text("a file")
    with pytest.raises(Exception, match="cache") as told:
        bench.build()
    assert type(told.value).__module__ == "envmgr.errors"


# -- systems that need no compiler -----------------------------------------------------------


def test_a_script_builds_in_a_copy_of_the_sources(bench: Bench) -> None:
    built = bench.build(
        system="script",
        target="bin/it",
        commands=("cp main.c bin/it", "touch {build}/mark {source}/other"),
    )
    assert said(built) == f"{built.executable}\n"
    assert sorted(os.listdir(built.directory)) == ["bin", "main.c", "mark", "other"]
    assert sorted(os.listdir(bench.sources)) == ["main.c"]


def test_a_program_for_windows_has_its_suffix(bench: Bench) -> None:
    built = bench.build(system="script", commands=("cp main.c thing.exe",))
    assert built.executable == os.path.join(built.directory, "thing.exe")


def test_what_needs_no_build_is_where_it_is(bench: Bench) -> None:
    built = bench.build(system="none", target="main.c")
    assert built.executable == str(bench.sources / "main.c")
    assert built.directory == str(bench.sources)
    assert built.code_size == len("#!/bin/sh\necho $0")
    assert built.commands == () and not bench.cache.exists()


def test_what_needs_no_build_may_have_no_program() -> None:
    built = build(request("/sources", system="none", tree=tree("main.py")), "/nowhere")
    assert (built.executable, built.code_size, built.log) == (None, 0, None)
    with pytest.raises(ProgramError, match=r"its target x\.py is not in /sources"):
        build(request("/sources", system="none", target="x.py", tree=tree("a.py")), "/nowhere")


def test_the_definition_may_say_what_compiles(bench: Bench) -> None:
    one = script(bench.top / "wrapper", FAKE)
    built = bench.build(env={"CC": "{wrapper}"}, params={"wrapper": one})
    assert built.commands[0].endswith(f"{one} main.c -o ../build/thing")


# -- real compilers --------------------------------------------------------------------------

SEVERAL = {
    "main.c": '#include "twice.h"\n#include <stdio.h>\n#include <math.h>\n'
    'int main(int c, char **v) { printf("%d %.0f %s\\n", twice(N), sqrt(c * 16.0), __FILE__); }',
    "inc/twice.h": "int twice(int);",
    "lib/twice.c": '#include "twice.h"\nint twice(int x) { return 2 * x; }',
}
KIT = {"include": ("inc",), "libs": ("-lm",), "params": {"n": "21"}, "flags": ("-O2", "-g")}


def several(top: Path, entry: Any, *, under: str = "a", **more: Any) -> Built:
    sources = write(top / under / "sources", SEVERAL)
    usual = {"env": {"N": "1"}, "environ": {}, **KIT}
    one = request(sources, entry=entry, **{**usual, **more})
    own = replace(one.program.build, flags=("-DN={n}",))
    one = replace(one, program=replace(one.program, build=own))
    return build(one, str(top / under / "cache"))


REAL = [
    pytest.param(compiler(**GCC), marks=pytest.mark.needs("gcc"), id="gcc"),
    pytest.param(
        compiler("compiler.llvm", "14.0.6", **CLANG),
        marks=pytest.mark.needs("clang-14"),
        id="clang",
    ),
]


@pytest.mark.parametrize("entry", REAL)
def test_the_same_is_byte_for_byte_the_same(tmp_path: Path, entry: Any) -> None:
    here = several(tmp_path, entry, under="here")
    there = several(tmp_path, entry, under="somewhere/else")
    assert here.sha256 == there.sha256 and here.digest == there.digest
    assert str(tmp_path).encode() not in Path(str(here.executable)).read_bytes()
    assert said(here) == "42 4 main.c\n"
    assert 0 < here.code_size < os.path.getsize(str(here.executable))


@pytest.mark.needs("gcc")
def test_parameters_and_flags_make_other_programs(tmp_path: Path) -> None:
    assert said(several(tmp_path, compiler(**GCC), values={"n": "4"})).startswith("8 ")
    assert said(several(tmp_path, compiler(**GCC), flags=("-UN", "-DN=5"))).startswith("10 ")


@pytest.mark.needs("gcc")
def test_a_mistake_in_the_sources_is_told_by_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"main.c": "int main(void)\n{ return no_such; }", "other.c": ""})
    with pytest.raises(
        ProgramError, match=r"gcc@12\.2\.0: main\.c:2:\d+: error: .*no_such.*undecl"
    ):
        build(request(tmp_path), str(tmp_path / "cache"))


@pytest.mark.needs("gcc")
def test_what_cannot_be_linked_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"main.c": "int no_such(void); int main(void) { return no_such(); }"})
    with pytest.raises(ProgramError, match=r"undefined reference to .no_such'"):
        build(request(tmp_path), str(tmp_path / "cache"))


@pytest.mark.needs("g++", "gfortran-12")
def test_languages_are_linked_together(tmp_path: Path) -> None:
    write(
        tmp_path / "s",
        {
            "a.cpp": '#include <iostream>\nextern "C" { int answer(); int half(int); }\n'
            "int main() { std::cout << half(answer()) << std::endl; }",
            "b.f90": "integer(c_int) function answer() bind(c)\nuse numbers\n"
            "use iso_c_binding\nanswer = eightyfour\nend function",
            "z/numbers.F90": "module numbers\ninteger, parameter :: eightyfour = 84\nend module",
            "half.c": "int half(int x) { return x / 2; }",
        },
    )
    entry = compiler(**{**GCC, "FC": "gfortran-12"})
    built = build(request(tmp_path / "s", entry=entry, libs=("-lgfortran",)), str(tmp_path / "c"))
    assert said(built) == "42\n"


AID = "int aid(void) { return 42; }"
MAIN = """
#include <stdio.h>
int aid(void);
int main(void) { printf("%d %d\\n", aid(), N); }
"""


@pytest.mark.needs("cmake", "make", "gcc")
def test_cmake_builds_with_its_own_libraries(tmp_path: Path) -> None:
    write(
        tmp_path / "s",
        {
            "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(it C)\n"
            "add_library(aid SHARED aid.c)\nadd_executable(it main.c)\n"
            "target_link_libraries(it aid)\n",
            "aid.c": AID,
            "main.c": MAIN,
        },
    )
    one = request(tmp_path / "s", name="it", system="cmake", flags=("-DN=7",))
    built = build(one, str(tmp_path / "c"))
    assert said(built) == "42 7\n"  # although the build is elsewhere by now
    assert sorted(os.listdir(tmp_path / "s")) == ["CMakeLists.txt", "aid.c", "main.c"]


@pytest.mark.needs("meson", "gcc")
def test_meson_builds_with_its_own_libraries(tmp_path: Path) -> None:
    write(
        tmp_path / "s",
        {
            "meson.build": "project('it', 'c')\naid = shared_library('aid', 'aid.c')\n"
            "executable('it', 'main.c', link_with: aid)\n",
            "aid.c": AID,
            "main.c": MAIN,
        },
    )
    one = request(tmp_path / "s", name="it", system="meson", flags=("-DN=7",))
    assert said(build(one, str(tmp_path / "c"))) == "42 7\n"


@pytest.mark.needs("make", "gcc")
def test_make_is_given_compiler_and_options(tmp_path: Path) -> None:
    write(
        tmp_path / "s",
        {
            "Makefile": "CFLAGS = -DN=1\nit: main.o\n\t$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)\n",
            "main.c": "#include <stdio.h>\nint main(void) { puts(N); }",
        },
    )
    entry = compiler(CC=found("gcc"))
    one = request(tmp_path / "s", name="it", system="make", entry=entry, flags=('-DN="a $b\'"',))
    assert said(build(one, str(tmp_path / "c"))) == "a $b'\n"
    assert sorted(os.listdir(tmp_path / "s")) == ["Makefile", "main.c"]
