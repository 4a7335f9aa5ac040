from __future__ import annotations

import os
from pathlib import Path

import pytest

from envmgr.detect.modules import module_directories
from tests.detect.mock import text


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    path = tmp_path / "opt/gcc/12.2"
    (path / "bin").mkdir(parents=True)
    return path


def added(tree: Path) -> list[str]:
    return [path for _, path in module_directories(str(tree))]


TCL = {
    "literal": "prepend-path PATH {prefix}/bin",
    "append": "append-path  PATH  {prefix}/bin",
    "options": "prepend-path --delim : PATH {prefix}/bin",
    "quoted": 'prepend-path PATH "{prefix}/bin"',
    "set": "set root {prefix}\nprepend-path PATH $root/bin",
    "braces": "set root {prefix}\nprepend-path PATH ${{root}}/bin ;",
    "nested": "set top {top}\nset version 12.2\nset root $top/gcc/$version\n"
    "prepend-path PATH $root/bin",
    "join": "set root {prefix}\nprepend-path PATH [file join $root bin]",
    "indented": "if {{ 1 }} {{\n    prepend-path PATH {prefix}/bin\n}}",
    "list": "prepend-path PATH /nonexistent:{prefix}/bin",
}
LUA = {
    "literal": 'prepend_path("PATH", "{prefix}/bin")',
    "single": "append_path('PATH','{prefix}/bin')  -- why",
    "join": 'local root = "{prefix}"\nprepend_path("PATH", pathJoin(root, "bin"))',
    "concatenation": 'local root = "{prefix}"\nprepend_path("PATH", root .. "/bin")',
    "global": "root = '{prefix}' -- where\nprepend_path(\"PATH\", root..'/bin')",
    "nested": 'local version = "12.2"\nlocal base = pathJoin("{top}", "gcc", version)\n'
    'prepend_path("PATH", pathJoin(base, "bin"))',
    "mixed": 'local v = "12"\nprepend_path("PATH", pathJoin("{top}/gcc", v .. ".2", "bin"))',
    "nested join": 'prepend_path("PATH", pathJoin(pathJoin("{top}", "gcc"), "12.2/bin"))',
    "list": 'prepend_path("PATH", "/nonexistent:{prefix}/bin")',
}


@pytest.mark.parametrize("case", TCL)
def test_tcl(tmp_path: Path, prefix: Path, case: str) -> None:
    body = TCL[case].format(prefix=prefix, top=prefix.parents[1])
    text(tmp_path / "modules/gcc/12.2", f"#%Module1.0\n{body}\n")
    assert added(tmp_path / "modules") == [f"{prefix}/bin"]


@pytest.mark.parametrize("case", LUA)
def test_lua(tmp_path: Path, prefix: Path, case: str) -> None:
    body = LUA[case].format(prefix=prefix, top=prefix.parents[1])
    text(tmp_path / "modules/gcc/12.2.lua", f"help([[GCC]])\n{body}\n")
    assert added(tmp_path / "modules") == [f"{prefix}/bin"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a", "prepend-path PATH $unknown/bin"),
        ("a", "prepend-path PATH [exec touch {tmp}/pwned]"),
        ("a", "prepend-path MANPATH {prefix}/bin"),
        ("a", "# prepend-path PATH {prefix}/bin"),
        ("a", "prepend-path PATH relative/bin"),
        ("a", "prepend-path PATH {prefix}/gone"),
        ("a.lua", 'prepend_path("PATH", pathJoin(unknown, "bin"))'),
        ("a.lua", 'prepend_path("PATH", os.getenv("X") .. "{prefix}/bin")'),
        ("a.lua", '-- prepend_path("PATH", "{prefix}/bin")'),
        ("a.lua", 'os.execute("touch {tmp}/pwned")'),
        (".hidden", "prepend-path PATH {prefix}/bin"),
    ],
)
def test_what_is_not_plain_is_passed_over(
    tmp_path: Path, prefix: Path, name: str, body: str
) -> None:
    text(tmp_path / "modules" / name, body.format(prefix=prefix, tmp=tmp_path))
    assert added(tmp_path / "modules") == []
    assert not (tmp_path / "pwned").exists()


def test_each_directory_is_told_with_its_file(tmp_path: Path, prefix: Path) -> None:
    one = text(tmp_path / "one/gcc", f"prepend-path PATH {prefix}/bin\n")
    two = text(tmp_path / "two/x/y/gcc.lua", f'prepend_path("PATH", "{prefix}/bin")\n')
    trees = os.pathsep.join([str(tmp_path / "one"), "", "two", str(tmp_path / "two")])
    found = list(module_directories(trees))
    assert found == [(str(one), f"{prefix}/bin"), (str(two), f"{prefix}/bin")]


def test_junk_costs_little_and_gives_nothing(tmp_path: Path) -> None:
    tree = tmp_path / "modules"
    text(tree / "blank", "\n" * 200_000)
    text(tree / "spaces", "set a " + " " * 200_000)
    text(tree / "parentheses.lua", 'prepend_path("PATH", ' + "pathJoin(" * 20_000)
    nested = "pathJoin(" * 5_000 + "'a'" + ")" * 5_000
    text(tree / "nested.lua", f'prepend_path("PATH", {nested})')
    (tree / "binary").write_bytes(bytes(range(256)) * 500)
    text(tree / "huge", "prepend-path PATH /usr/bin\n" * 20_000)
    (tree / "loop").symlink_to(tree)
    os.mkfifo(tree / "pipe")
    assert added(tree) == []
