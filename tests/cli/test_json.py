"""The JSON contract of docs/json.md, held for every verb that takes `--json`."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envmgr.cli import VERBS
from envmgr.cli.group import Group
from tests.importers import ck_tree

from .conftest import Envmgr, form

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")


class Optional:
    """A shape, or null."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


class Table:
    """An object with any keys, whose values have one shape."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


class Open:
    """An object with at least these keys."""

    def __init__(self, **keys: Any) -> None:
        self.keys = keys


def mismatches(value: Any, shape: Any, at: str = "") -> Iterator[str]:
    """Where *value* is not as *shape* says. A list of one shape holds any number of it."""
    if isinstance(shape, Optional):
        if value is not None:
            yield from mismatches(value, shape.shape, at)
    elif isinstance(shape, type):
        if not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
            yield f"{at}: {value!r} is no {shape.__name__}"
    elif isinstance(shape, list):
        yield from mismatches(value, list, at)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from mismatches(item, shape[0], f"{at}[{number}]")
    else:
        yield from _object_mismatches(value, shape, at)


def _object_mismatches(value: Any, shape: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {value!r} is no object"
        return
    if isinstance(shape, Table):
        expected: dict[str, Any] = dict.fromkeys(value, shape.shape)
    elif isinstance(shape, Open):
        expected = shape.keys
    else:
        expected = shape
        yield from (f"{at}.{key}: not in the contract" for key in value.keys() - expected.keys())
    yield from (f"{at}.{key}: missing" for key in expected.keys() - value.keys())
    for key in expected.keys() & value.keys():
        yield from mismatches(value[key], expected[key], f"{at}.{key}")


ENTRY = {
    "id": str,
    "name": str,
    "version": str,
    "tags": [str],
    "prefix": str,
    "path": str,
    "env": Table(str),
    "prepend": Table([str]),
    "origin": {"kind": str, "detector": str, "recipe": Optional(str), "sources": [str]},
    "needs": [str],
    "fingerprint": [{"path": str, "size": int, "mtime_ns": int, "inode": int}],
    "facts": Table(str),
    "links": Table(str),
    "provides": [str],
    "conflicts": [str],
}
DEFINITION = {
    "kind": str,
    "name": str,
    "description": str,
    "tags": [str],
    "homepage": Optional(str),
    "file": str,
    "digest": str,
}
INFO_DETECTOR = {
    **DEFINITION,
    "provides": [str],
    "conflicts": [str],
    "possible_tags": [str],
    "find": Table([str]),
    "env": Table(str),
    "prepend": Table([str]),
    "parts": [Open(file=str, tags=[str], env=Table(str), prepend=Table([str]))],
    "refuses": [str],
    "check": Optional(Open(run=Optional(str), needs=Table(str), files=Table(int))),
    "cases": int,
}
INFO_RECIPE = {
    **DEFINITION,
    "detector": str,
    "versions": [str],
    "provides": [str],
    "conflicts": [str],
    "needs": Table(str),
    "conditions": Table({"versions": str, "platforms": [str]}),
    "platforms": [str],
    "source": str,
    "build": str,
}
PLAN = {
    "recipe": str,
    "version": str,
    "prefix": str,
    "needs": Table(str),
    "steps": [str],
}
VERDICT = {"subject": str, "taken": bool, "why": str}
ANSWER = {"query": str, "chosen": str, "verdicts": [VERDICT]}
REFUSAL = {"detector": str, "path": str, "why": str, "source": str}
WISH = {"query": str, "prefer": [str], "platforms": [str]}
EDIT = {
    "schema": int,
    "file": str,
    "added": [WISH],
    "replaced": [{"old": WISH, "new": WISH}],
    "dropped": [WISH],
}
DIFFERENCE = {
    "platform": str,
    "subject": str,
    "what": str,
    "field": str,
    "before": str,
    "after": str,
    "effect": str,
}
LOCKED = {
    "schema": int,
    "file": str,
    "changed": bool,
    "differences": [DIFFERENCE],
    "notes": [str],
}
REPOSITORY = {"name": str, "root": str, "url": Optional(str), "files": int, "present": bool}
PROBLEM = {"file": str, "line": int, "key": str, "message": str, "suggestion": Optional(str)}
ALLOWED = {"directory": str, "sha256": str, "holds": bool}
LEFT_OUT = Open(what=str, why=str)
ERROR = {
    "kind": str,
    "message": str,
    "hint": Optional(str),
    "lines": [str],
    "log": Optional(str),
}
LISTING = {"schema": int, "entries": [ENTRY]}
SYNCED = {**LISTING, "differences": [DIFFERENCE], "notes": [str]}
HOST = Open(
    schema=int,
    platform=str,
    absent=Table(str),
    system=dict,
    virtualization=dict,
    cpu=dict,
    memory=dict,
    disks=[Open(mount=str, type=str)],
    gpu=dict,
    managers=[Open(name=str, path=str)],
)

NOTE = {"where": str, "what": str, "why": str}
IMPORTED = {
    **LISTING,
    "file": Optional(str),
    "wishes": [{**WISH, "feature": str, "where": str, "what": str}],
    "replaced": [{"old": WISH, "new": WISH}],
    "modules": [
        {"name": str, "loaded": [str], "env": Table(str), "prepend": Table([str]), "unset": [str]}
    ],
    "left": [NOTE],
    "lost": [NOTE],
}
IMPORTED_CK = {
    **LISTING,
    "repository": Optional(REPOSITORY),
    "programs": [{"name": str, "commands": [str], "where": str}],
    "datasets": [{"name": str, "commands": [str], "where": str}],
    "left": [NOTE],
    "lost": [NOTE],
}
POINT = {
    "id": str,
    "program": str,
    "command": str,
    "params": Table(str),
    "flags": [str],
    "needs": Table(str),
    "data": Table(str),
    "target": str,
}
PROGRAM = {
    "name": str,
    "description": str,
    "tags": [str],
    "license": str,
    "file": str,
    "needs": Table(str),
    "commands": [str],
}
BUILD = {
    "program": str,
    "flags": [str],
    "params": Table(str),
    "needs": Table(str),
    "executable": Optional(str),
    "digest": str,
    "code_size": int,
    "seconds": float,
    "cached": bool,
    "log": Optional(str),
}
UNBUILT = {
    "program": str,
    "flags": [str],
    "params": Table(str),
    "needs": Table(str),
    "message": str,
    "log": Optional(str),
}
EXPERIMENT = {"id": str, "created": float, "title": str, "argv": [str], "context": str}
SUMMARY = {
    "experiment": str,
    "point": POINT,
    "verdicts": Table(int),
    "results": int,
    "failures": int,
    "figure": Optional(str),
    "unit": str,
    "count": int,
    "median": Optional(float),
    "minimum": Optional(float),
    "maximum": Optional(float),
}
REPLAYED = {
    "point": POINT,
    "verdict": str,
    "outputs": {
        "verdict": str,
        "why": str,
        "each": [{"name": str, "verdict": str, "why": str}],
    },
    "figures": Optional(
        {
            "figure": str,
            "verdict": str,
            "why": str,
            "ratio": Optional(float),
            "low": Optional(float),
            "high": Optional(float),
        }
    ),
    "environment": {"verdict": str, "changes": [str]},
    "alterations": [str],
    "reasons": [str],
    "recorded": int,
    "replayed": int,
}
PYPROJECT = str(Path(__file__).parents[2] / "pyproject.toml")

ADD = ("repo", "add", "{definitions}")
INSTALL = ("install", "tool.hello")
INIT = ("init", "{place}", "compiler.gcc")
ALLOW = ("allow", "{place}")
WANT = ("add", "tool.hello", "--project", "{place}")
LOCK = ("lock", "--project", "{place}")
SYNC = ("sync", "--project", "{place}")

SIDE = {
    "name": str,
    "point": str,
    "experiments": [str],
    "results": int,
    "failed": int,
    "median": Optional(float),
    "low": Optional(float),
    "high": Optional(float),
}
COMPARED = {
    "schema": int,
    "rule": {"figure": str, "unit": str, "better": str, "alpha": float, "at_least": float},
    "comparisons": [
        {
            "base": SIDE,
            "other": SIDE,
            "design": str,
            "rounds": int,
            "ratio": Optional(float),
            "low": Optional(float),
            "high": Optional(float),
            "confidence": float,
            "effect": Optional(float),
            "p": Optional(float),
            "adjusted": Optional(float),
            "verdict": str,
            "why": str,
            "warnings": [str],
        }
    ],
    "notes": [str],
}
MATMUL = ("program", "run", "matmul-c", "--with", "compiler.gcc")

Call = tuple[str, ...]
CALLS: dict[str, list[tuple[list[Call], Call, Any]]] = {
    "detect": [
        ([], ("detect", "compiler.gcc"), LISTING),
        (
            [],
            ("detect", "compiler.gcc", "--explain", "--check"),
            {
                **LISTING,
                "refusals": [REFUSAL],
                "aliases": [{"id": str, "paths": [str]}],
                "checks": [{"id": str, "works": Optional(bool), "why": str}],
            },
        ),
    ],
    "show": [([ADD, INSTALL], ("show",), LISTING)],
    "install": [
        ([ADD], ("install", "tool.hello"), {**LISTING, "installed": [ENTRY]}),
        ([ADD], ("install", "tool.hello", "--dry-run"), {**LISTING, "plans": [PLAN]}),
    ],
    "allow": [
        ([INIT], ALLOW, {"schema": int, "allowed": [ALLOWED]}),
        ([INIT, ALLOW], ("allow", "--list"), {"schema": int, "allowed": [ALLOWED]}),
        ([INIT, ALLOW], (*ALLOW, "--revoke"), {"schema": int, "revoked": [str]}),
    ],
    "init": [([], INIT, {"schema": int, "file": str, "project": str})],
    "add": [
        ([INIT], ("add", "tool.cmake", "--prefer=newest", "--project", "{place}"), EDIT),
        ([INIT], ("add", "compiler.gcc@>=12", "--project", "{place}"), EDIT),
    ],
    "drop": [([INIT], ("drop", "compiler.gcc", "--project", "{place}"), EDIT)],
    "lock": [
        ([INIT], LOCK, LOCKED),
        ([INIT, LOCK], (*LOCK, "--check"), LOCKED),
    ],
    "sync": [
        ([ADD, INIT, WANT], SYNC, {**SYNCED, "installed": [ENTRY]}),
        ([ADD, INIT, WANT], (*SYNC, "--dry-run"), {**SYNCED, "plans": [PLAN]}),
    ],
    "diff": [
        ([INIT, LOCK], ("diff", "{place}"), {"schema": int, "differences": [DIFFERENCE]}),
    ],
    "resolve": [([ADD, INSTALL], ("resolve", "tool.hello"), {**LISTING, "answers": [ANSWER]})],
    "export": [
        (
            [],
            ("export", "dockerfile", "compiler.gcc"),
            {**LISTING, "text": str, "files": Table(str), "left_out": [LEFT_OUT]},
        )
    ],
    "import": [
        ([INIT], ("import", PYPROJECT, "--project", "{place}"), IMPORTED),
        ([], ("import", PYPROJECT, "--dry-run", "--feature=x"), IMPORTED),
        ([], ("import", "ck", "{collection}"), IMPORTED_CK),
        ([], ("import", "ck", "{collection}", "--dry-run"), IMPORTED_CK),
    ],
    "program": [
        ([], ("program", "list", "kernel"), {"schema": int, "programs": [PROGRAM]}),
        (
            [],
            ("program", "info", "matmul-c"),
            {
                "schema": int,
                "program": Open(
                    **PROGRAM, source=dict, build=dict, params=dict, runs=dict, mutations=[dict]
                ),
            },
        ),
        (
            [],
            ("program", "build", "matmul-c"),
            {"schema": int, "builds": [BUILD], "failures": [UNBUILT]},
        ),
        (
            [],
            ("program", "check", "matmul-c", "--with", "compiler.gcc", "--flags=-O1"),
            {
                "schema": int,
                "findings": [
                    {
                        "good": bool,
                        "verdict": str,
                        "why": str,
                        "chosen": Table(str),
                        "empty": [str],
                        "mutation": Optional({"file": str, "replace": str, "with": str}),
                        "log": Optional(str),
                    }
                ],
            },
        ),
        (
            [],
            (*MATMUL, "--repeat=2"),
            {
                "schema": int,
                "experiment": str,
                "records": str,
                "figure": str,
                "seed": int,
                "points": [
                    {
                        "point": Optional(POINT),
                        "runs": int,
                        "verdicts": [str],
                        "why": str,
                        "median": Optional(float),
                        "low": Optional(float),
                        "high": Optional(float),
                        "figures": Table(float),
                        "empty": [str],
                    }
                ],
                "failures": [UNBUILT],
                "warnings": [str],
                "reason": str,
            },
        ),
    ],
    "experiment": [
        ([MATMUL], ("experiment", "list"), {"schema": int, "summaries": [SUMMARY]}),
        (
            [MATMUL],
            ("experiment", "list", "--experiments"),
            {
                "schema": int,
                "experiments": [{**EXPERIMENT, "points": int, "results": int, "failures": int}],
            },
        ),
        ([(*MATMUL, "--flags=-O1", "--flags=-O2")], ("experiment", "compare"), COMPARED),
        (
            [MATMUL],
            ("experiment", "pack", "{experiment}", "-o", "{place}.envpack"),
            {
                "schema": int,
                "file": str,
                "bytes": int,
                "measurements": int,
                "points": int,
                "members": [str],
                "left_out": [{"name": str, "digest": str, "why": str}],
            },
        ),
    ],
    "replay": [
        (
            [MATMUL],
            ("replay", "{experiment}"),
            {
                "schema": int,
                "verdict": str,
                "outputs": str,
                "figures": str,
                "points": [REPLAYED],
                "experiments": [str],
                "warnings": [str],
            },
        )
    ],
    "search": [
        ([ADD, INSTALL], ("search", "hello"), {**LISTING, "definitions": [Open(**DEFINITION)]})
    ],
    "info": [
        (
            [ADD, INSTALL],
            ("info", name),
            {
                **LISTING,
                "name": str,
                "detector": Optional(INFO_DETECTOR),
                "recipes": [INFO_RECIPE],
                "elsewhere": Table(str),
            },
        )
        for name in ("tool.hello", "compiler.gcc", "lib.zlib")
    ],
    "refresh": [([ADD, INSTALL], ("refresh",), {**LISTING, "added": [ENTRY], "removed": [ENTRY]})],
    "remove": [([ADD, INSTALL], ("remove", "tool.hello"), LISTING)],
    "host": [([], ("host",), HOST)],
    "repo": [
        ([ADD], ("repo", "list"), {"schema": int, "repositories": [REPOSITORY]}),
        ([], ADD, {"schema": int, "repositories": [REPOSITORY]}),
        ([ADD], ("repo", "remove", "definitions"), {"schema": int, "repositories": [REPOSITORY]}),
        (
            [("repo", "add", "{address}")],
            ("repo", "update"),
            {
                "schema": int,
                "repositories": [REPOSITORY],
                "updates": [{"name": str, "old": str, "new": str}],
            },
        ),
    ],
    "lint": [
        (
            [],
            ("lint", "{definitions}", "--cases"),
            {"schema": int, "files": int, "cases": int, "problems": [PROBLEM]},
        )
    ],
}
ALL = [(verb, *call) for verb, calls in CALLS.items() for call in calls]


def takes_json(verb: str) -> bool:
    parser = importlib.import_module(f"envmgr.cli.{verb}_").parser()
    parsers = [parser]
    if isinstance(parser, Group):
        parsers = [parser.parser_of(action) for action in parser.actions]
    return any("--json" in one.inner._option_string_actions for one in parsers)


def test_every_verb_that_takes_json_is_held() -> None:
    assert set(CALLS) == {verb for verb in VERBS if takes_json(verb)}


@pytest.fixture
def said(envmgr: Envmgr, definitions: Path, repository: str, tmp_path: Path) -> Callable[..., Any]:
    """Runs a command line with what it stands for put in; its JSON."""
    collection = tmp_path / "collection"
    ck_tree.counting(collection)
    ck_tree.text(collection)
    last: dict[str, str] = {}

    def run(call: Call) -> Any:
        root = str(definitions)
        places = {"{definitions}": root, "{address}": repository, "{place}": f"{root}/../bench"}
        places |= {"{collection}": str(collection), "{place}.envpack": f"{root}/../bench.envpack"}
        done = envmgr(*({**places, **last}.get(word, word) for word in call), "--json")
        assert done.returncode == 0, done.stderr
        printed = form(done)
        if isinstance(printed.get("experiment"), str):
            last["{experiment}"] = printed["experiment"]
        return printed

    return run


@pytest.mark.needs("gcc", "git")
@pytest.mark.parametrize(
    ("verb", "before", "call", "shape"), ALL, ids=[" ".join(call) for _, _, call, _ in ALL]
)
def test_what_is_printed_is_what_is_documented(
    verb: str, before: list[Call], call: Call, shape: Any, said: Callable[..., Any]
) -> None:
    for earlier in before:
        said(earlier)
    printed = said(call)
    assert list(mismatches(printed, shape)) == []
    assert printed["schema"] == 1
    assert next(iter(printed)) == "schema"


def keys_of(shape: Any) -> Iterator[str]:
    if isinstance(shape, Optional | Table):
        yield from keys_of(shape.shape)
    elif isinstance(shape, list):
        yield from keys_of(shape[0])
    elif isinstance(shape, dict | Open):
        named = shape if isinstance(shape, dict) else shape.keys
        for key, inner in named.items():
            yield key
            yield from keys_of(inner)


def test_every_key_is_documented() -> None:
    shapes = [*(call[2] for calls in CALLS.values() for call in calls), {"error": ERROR}]
    documented = set(re.findall(r"`(\w+)`", DOCUMENT))
    assert {key for shape in shapes for key in keys_of(shape)} - documented == set()


def test_every_verb_is_documented() -> None:
    assert {verb for verb in CALLS if f"envmgr {verb}" not in DOCUMENT} == set()


@pytest.mark.parametrize(
    ("call", "code", "kind"),
    [
        (("show", "a b"), 2, "UsageError"),
        (("show", "--nonsense"), 2, "UsageError"),
        (("nonsense",), 2, "UsageError"),
        (("resolve", "tool,no-such-tag"), 3, "ResolutionError"),
        (("install", "compiler,no-such-tag"), 3, "ResolutionError"),
        (("info", "no.such-thing"), 2, "UsageError"),
        (("repo", "remove", "nothing"), 2, "UsageError"),
        (("show", "--store", "/dev/null"), 1, "StoreError"),
    ],
)
def test_an_error_is_an_object_too(envmgr: Envmgr, call: Call, code: int, kind: str) -> None:
    done = envmgr(*call, "--json")
    printed = form(done)
    assert done.returncode == code
    assert list(mismatches(printed, {"schema": int, "error": ERROR})) == []
    assert printed["error"]["kind"] == kind
    assert printed["error"]["message"] in done.stderr


def test_a_failed_install_names_its_log(envmgr: Envmgr, definitions: Path) -> None:
    (definitions.parent / "hello-1.2.tar.gz").write_bytes(b"something else")
    envmgr("repo", "add", str(definitions))
    done = envmgr("install", "tool.hello", "--json")
    printed = form(done)
    assert done.returncode == 4
    assert list(mismatches(printed, {"schema": int, "error": ERROR})) == []
    assert "hello-1.2.tar.gz" in printed["error"]["message"]
    assert envmgr("show", "--json").stdout == json.dumps({"schema": 1, "entries": []}, indent=1) + (
        "\n"
    )


def test_nothing_found_is_an_empty_listing_and_a_failure(envmgr: Envmgr) -> None:
    for call in (("search", "no-such-word"), ("show", "no-such-tag")):
        done = envmgr(*call, "--json")
        assert done.returncode == 1
        assert form(done)["entries"] == []


@pytest.mark.parametrize(
    ("value", "shape", "count"),
    [
        ({"a": 1}, {"a": int}, 0),
        ({"a": "1"}, {"a": int}, 1),
        ({"a": True}, {"a": int}, 1),
        ({"a": 1, "b": 2}, {"a": int}, 1),
        ({"a": 1, "b": 2}, Open(a=int), 0),
        ({}, {"a": int}, 1),
        ({"a": None}, {"a": Optional(int)}, 0),
        ({"a": [1, "2"]}, {"a": [int]}, 1),
        ({"a": {"x": 1, "y": "2"}}, {"a": Table(int)}, 1),
        ([], {"a": int}, 1),
        ({"a": 3}, {"a": [int]}, 1),
    ],
)
def test_the_checker_itself(value: Any, shape: Any, count: int) -> None:
    assert len(list(mismatches(value, shape))) == count
