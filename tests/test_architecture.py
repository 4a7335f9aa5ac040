"""The shape of the code, held: layers, where processes start, what a start imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "envmgr"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
LAYERS = {
    "_version": 0,
    "errors": 0,
    "model": 1,
    "host": 1,
    "store": 2,
    "activate": 2,
    "catalog": 2,
    "install": 3,
    "resolve": 3,
    "detect": 3,
    "export": 3,
    "importers": 3,
    "program": 3,
    "project": 3,
    "lock": 3,
    "experiment": 4,
    "api": 5,
    "tune": 6,
    "cli": 7,
    "__main__": 8,
    "": 8,  # the package itself, which lends names of all layers
}
"""What a module belongs to, to how high it stands."""
ALLOWED = {
    # Host hands out values of the model; a stamp is what it reads from a file.
    ("envmgr.host.files", "envmgr.model.stamp"),
}
"""Imports beside the rule, each with its reason."""
MOST_LINES = 450

Tree: TypeAlias = "ast.Module | ast.FunctionDef | ast.ClassDef"
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def layer_name(module: str) -> str:
    """The first piece below the package: `store` of `envmgr.store.entries`."""
    return module.removeprefix("envmgr").lstrip(".").partition(".")[0]


def imports(module: str) -> Iterator[str]:
    """Every module that *module* imports, wherever in it."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            head = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*head, node.module or ""] if node.level else [node.module or ""])
            base = base.strip(".")
            full = (f"{base}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else base for name in full)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            yield from by_name(node)


def by_name(call: ast.Call) -> Iterator[str]:
    """What `import_module` is given where it is plain text, as far as it is."""
    given = call.args[0]
    if isinstance(given, ast.JoinedStr):
        given = given.values[0]
    if isinstance(given, ast.Constant):
        yield str(given.value).rstrip(".")


def wrong(importer: str, imported: str) -> bool:
    if not imported.startswith("envmgr") or (importer, imported) in ALLOWED:
        return False
    here, there = layer_name(importer), layer_name(imported)
    if here == there:
        return False
    return LAYERS[there] >= LAYERS[here] and there != "_version"


def test_every_module_has_a_layer() -> None:
    assert {layer_name(module) for module in MODULES} <= LAYERS.keys()


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_strictly_down(module: str) -> None:
    assert [name for name in imports(module) if wrong(module, name)] == []


def test_exceptions_are_still_needed() -> None:
    assert {pair for pair in ALLOWED if pair[1] not in set(imports(pair[0]))} == set()


@pytest.mark.parametrize(
    ("importer", "imported", "is_wrong"),
    [
        ("envmgr.store.entries", "envmgr.api.detect", True),
        ("envmgr.model.entry", "envmgr.host.files", True),
        ("envmgr.export.dockerfile", "envmgr.install.plan", True),
        ("envmgr.host.dpkg", "envmgr.model.entry", True),
        ("envmgr.model.entry", "envmgr", True),
        ("envmgr.host.files", "envmgr.model.stamp", False),
        ("envmgr.cli.show_", "envmgr.model.entry", False),
        ("envmgr.store.entries", "envmgr.store.layout", False),
    ],
)
def test_the_rule_itself(importer: str, imported: str, is_wrong: bool) -> None:
    assert wrong(importer, imported) == is_wrong


@pytest.mark.parametrize("module", [name for name in MODULES if layer_name(name) == "resolve"])
def test_the_resolver_knows_only_values(module: str) -> None:
    below = {layer_name(name) for name in imports(module) if name.startswith("envmgr")}
    assert below <= {"resolve", "model", "errors"}
    assert {"os", "subprocess", "pathlib", "shutil"}.isdisjoint(imports(module))


# -- processes -------------------------------------------------------------------------------

STARTERS = re.compile(
    r"(subprocess|pty|multiprocessing|_posixsubprocess)(\.|$)"
    r"|os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawn\w*|startfile)$"
    r"|asyncio\.create_subprocess_\w+$"
)
MAY_START = {
    # `envmgr exec` and `envmgr shell` become the command; on Windows, which cannot, they wait.
    "envmgr.activate.become": {"os.execvpe", "subprocess", "subprocess.call"},
}


def starters(module: str) -> set[str]:
    """Whatever in *module* can start a process, by its dotted name."""
    used = set(imports(module))
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Attribute):
            used.add(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom):
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in used if STARTERS.match(name)}


@pytest.mark.parametrize("module", [name for name in MODULES if layer_name(name) != "host"])
def test_only_host_starts_processes(module: str) -> None:
    assert starters(module) == MAY_START.get(module, set())


def test_no_command_meets_a_shell() -> None:
    shells = [
        f"{module}:{node.value.lineno}"
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "shell"
        if not isinstance(node.value, ast.Name | ast.Attribute)
    ]
    assert shells == []


# -- what is written -------------------------------------------------------------------------


def undocumented(tree: Tree, name: str) -> Iterator[str]:
    """Public modules, classes, functions and methods without a docstring."""
    if ast.get_docstring(tree) is None:
        yield name
    if isinstance(tree, ast.FunctionDef):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield from undocumented(node, f"{name}.{node.name}")


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_says_what_it_is(module: str) -> None:
    assert list(undocumented(TREES[module], module)) == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_one_subject_and_is_short(module: str) -> None:
    assert len(MODULES[module].read_text("utf-8").splitlines()) <= MOST_LINES


# -- what a start imports --------------------------------------------------------------------

HEAVY = {
    *("requests", "rich", "tqdm", "packaging", "psutil", "distro", "filelock", "platformdirs"),
    *("archspec", "cpuinfo", "zstandard", "pip", "tomli", "tomllib"),
    *("pysat", "pysolvers", "elftools", "tomlkit", "tomli_w", "yaml"),
    *("argparse", "subprocess", "pathlib", "typing", "shutil", "tempfile", "urllib", "hashlib"),
    *("concurrent", "threading", "difflib", "logging", "asyncio", "email", "http", "ssl"),
}
"""What costs a start more than it gives."""


def imported(environ: Mapping[str, str], *arguments: str) -> set[str]:
    """What one run imports. Without `site`, so that nothing else comes with the interpreter."""
    done = subprocess.run(
        [sys.executable, "-S", "-X", "importtime", "-m", "envmgr", *arguments],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return set(re.findall(r"^import time:.*\|\s+(\S+)$", done.stderr, re.MULTILINE))


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_the_version_needs_next_to_nothing(environ: dict[str, str]) -> None:
    modules = imported(environ, "--version")
    own = {module for module in modules if module.startswith("envmgr")}
    assert own == {"envmgr", "envmgr._version", "envmgr.errors", "envmgr.cli"}
    assert packages(modules).isdisjoint({*HEAVY, "json", "dataclasses", "re"})


@pytest.mark.parametrize("arguments", [("--help",), ()])
def test_the_overview_imports_no_verb(environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    modules = imported(environ, *arguments)
    assert not any(re.fullmatch(r"envmgr\.cli\.\w+_", module) for module in modules)


@pytest.mark.needs("gcc")
def test_a_repeated_env_is_answered_from_memory(environ: dict[str, str]) -> None:
    arguments = ("env", "compiler.gcc", "--shell=bash")
    modules = imported(environ, *arguments)
    for _ in range(20):  # what was written a moment ago is not trusted yet
        modules = imported(environ, *arguments)
        if "envmgr.api.environment" not in modules:
            break
    assert packages(modules).isdisjoint(HEAVY)
    assert not any("resolve" in module or "catalog" in module for module in modules)


@pytest.mark.needs("gcc")
def test_a_warm_show_needs_no_library(environ: dict[str, str]) -> None:
    imported(environ, "env", "compiler.gcc", "--shell=bash")
    modules = imported(environ, "show", "compiler.gcc")
    for _ in range(20):  # what was written a moment ago is read file by file, its id made again
        if "hashlib" not in modules:
            break
        modules = imported(environ, "show", "compiler.gcc")
    mostly_light = HEAVY - {"argparse", "typing", "shutil"}  # argparse brings shutil
    assert packages(modules).isdisjoint(mostly_light)


def test_importing_envmgr_imports_nothing_else(environ: dict[str, str]) -> None:
    code = "import sys; before = set(sys.modules); import envmgr; print(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    own = {name for name in done.stdout.split() if name.startswith("envmgr")}
    assert own == {"envmgr", "envmgr._version"}


def test_the_tests_mirror_the_package() -> None:
    directories = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert {name for name in directories if not (ROOT / "tests" / name).is_dir()} == set()
