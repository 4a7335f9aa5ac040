"""Run-time libraries of CK."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from envmgr.importers.ck_meta import entries_of
from envmgr.importers.ck_rtl import Library, libraries_of, own_libraries

from .ck_tree import entry, packed

SCRIPT = 'export LIB=x\nexport CK_SOURCE_FILES="one.c two.c"\nexport CK_INCLUDE_FILE=one.h\n'
FILES = {"ck-make.sh": SCRIPT, "one.c": "1", "two.c": "2", "one.h": "h", "three.c": "3"}
META = {"tags": ["lib", "rtl", "one"]}
USE = r"""
#include "xopenme.h"
int main(void) {
  int i;
  double sum = 0;
  xopenme_init(2, 2);
  for (i = 0; i < 3; i++) {
    xopenme_clock_start(0);
    xopenme_clock_end(0);
    xopenme_add_var_i(0, "\"size\":%u", 16);
    xopenme_dump_state();
    xopenme_finish();
  }
  xopenme_clock_start(99);
  xopenme_add_var_s(99, "%s", "out of bounds");
  sum = xopenme_get_timer(0) + xopenme_get_timer(-1);
  return sum < 0;
}
"""


def read(root: Path) -> tuple[Library, ...]:
    return libraries_of(entries_of(str(root), []), [])


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_package_names_its_files(tmp_path: Path, is_packed: bool) -> None:
    inside = {f"src/{name}": text for name, text in FILES.items()}
    files = {"lib.tar.bz2": packed(inside)} if is_packed else FILES
    entry(tmp_path, "package", "lib-rtl-one", META, files)
    (library,) = read(tmp_path)
    assert library.tags == {"lib", "rtl", "one"} and library.sources == ("one.c", "two.c")
    assert library.files == {"one.c": b"1", "two.c": b"2", "one.h": b"h"}


@pytest.mark.parametrize(
    "files",
    [
        {"lib.tar.bz2": b"no archive"},
        {"lib.tar.bz2": packed(FILES)[:-20]},
        {"lib.tar.bz2": packed({"big": "0" * (5 << 20), **FILES})},
        {"a.tar.bz2": packed(FILES), "b.tar.bz2": packed(FILES)},
        {name: text for name, text in FILES.items() if name != "two.c"},
        {"ck-make.sh": "export CK_SOURCE_FILES=$(id).c\n"},
        {"ck-make.sh": "export CK_SOURCE_FILES=../../one.c\n"},
        {},
    ],
)
def test_a_package_that_holds_no_library(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    entry(tmp_path, "package", "lib-rtl-one", META, files)
    assert read(tmp_path) == ()


def test_a_package_of_something_else(tmp_path: Path) -> None:
    entry(tmp_path, "package", "tool", {"tags": ["tool"]}, FILES)
    assert read(tmp_path) == ()


@pytest.mark.needs("gcc")
def test_times_may_be_taken_in_a_loop(tmp_path: Path) -> None:
    (library,) = own_libraries()
    for name, data in library.files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "use.c").write_text(USE)
    options = ["-std=gnu89", "-Wall", "-Wextra", "-Wno-format-nonliteral", "-Werror"]
    command = ["gcc", *options, "use.c", "xopenme.c", "-o", "use"]
    subprocess.run(command, cwd=tmp_path, check=True)
    subprocess.run(["./use"], cwd=tmp_path, check=True)
    said = json.loads((tmp_path / "tmp-ck-timer.json").read_text())
    times = ["execution_time", "execution_time_kernel_0", "execution_time_kernel_1"]
    assert list(said) == [*times, "run_time_state"]
    assert said["run_time_state"] == {"size": 16} and said["execution_time"] >= 0
