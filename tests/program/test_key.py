"""The key of a build changes if and only if something changes that the build depends on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.program import key as module
from envmgr.program.key import build_key, machine_of
from envmgr.program.request import BuildRequest, CrossTarget
from envmgr.program.source import SourceTree
from tests.program.workshop import compiler, program

TEXTS = st.sampled_from(["", "-O2", "-O3", "-O2 -O3", "{n}", "{CC}", "-I{zlib.prefix}"])
LISTS = st.lists(TEXTS, max_size=3).map(tuple)


@dataclass(frozen=True)
class Case:
    """What may be said of a build, as far as it matters."""

    system: str = "sources"
    target: str = ""
    program_flags: tuple[str, ...] = ("-DN={n}",)
    libs: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    env: str = ""
    tree: str = "1"
    n: str = "64"
    flags: tuple[str, ...] = ()
    version: str = "12.2.0"
    cc: str = "/usr/bin/gcc"
    cpath: str = ""
    own: str = ""
    """A variable that a need sets."""
    cross: str = ""
    machine: str = "linux-x86_64"


CASES = st.builds(
    Case,
    system=st.sampled_from(["sources", "make"]),
    target=st.sampled_from(["", "a", "thing"]),
    program_flags=LISTS,
    libs=LISTS,
    globs=st.sampled_from([(), ("*.c",)]),
    env=TEXTS,
    tree=st.sampled_from("12"),
    n=st.sampled_from(["64", "65"]),
    flags=LISTS,
    version=st.sampled_from(["12.2.0", "13.1.0"]),
    cc=st.sampled_from(["/usr/bin/gcc", "/opt/gcc"]),
    cpath=st.sampled_from(["", "/include"]),
    own=st.sampled_from(["1", "2"]),
    cross=st.sampled_from(["", "arm-linux-gnueabi"]),
    machine=st.sampled_from(["linux-x86_64", "linux-aarch64"]),
)


def question(case: Case, **environ: str) -> BuildRequest:
    zlib = compiler("lib.zlib", ZLIB=case.own)
    return BuildRequest(
        program=program(
            needs={"compiler": "compiler", "zlib": "lib,zlib"},
            params={"n": "64", "other": "1"},
            files=case.globs,
            system=case.system,
            target=case.target,
            flags=case.program_flags,
            libs=case.libs,
            env={"E": case.env},
        ),
        tree=SourceTree("/sources", {}, case.tree),
        entries={"compiler": compiler(version=case.version, CC=case.cc), "zlib": zlib},
        params={"n": case.n},
        flags=case.flags,
        environ={"CC": case.cc, "CPATH": case.cpath, "ZLIB": case.own, "PATH": "/bin", **environ},
        cross=CrossTarget(case.cross) if case.cross else None,
    )


def key(case: Case) -> str:
    return build_key(question(case), case.machine)


def telling(case: Case) -> Case:
    """*case* without what it does not use: a target by its other name, a parameter nobody asks."""
    texts = (*case.program_flags, *case.libs, case.env)
    n = case.n if any("{n}" in text for text in texts) else ""
    return replace(case, n=n, target=case.target or "thing")


@given(one=CASES, other=CASES)
def test_two_builds_have_one_key_when_all_that_matters_is_equal(one: Case, other: Case) -> None:
    assert (key(one) == key(other)) == (telling(one) == telling(other))


@given(case=CASES, change=st.data())
def test_one_change_that_matters_changes_the_key(case: Case, change: st.DataObject) -> None:
    other = change.draw(CASES)
    name = change.draw(st.sampled_from(sorted(Case.__dataclass_fields__)))
    changed = replace(case, **{name: getattr(other, name)})
    assert (key(changed) == key(case)) == (telling(changed) == telling(case))


@pytest.mark.parametrize(
    "changed",
    [
        {"environ": {"PATH": "/other", "CC": "/usr/bin/gcc", "CPATH": "", "ZLIB": ""}},
        {"environ": {"HOME": "/h", "CC": "/usr/bin/gcc", "CPATH": "", "ZLIB": ""}},
        {"params": {"n": "64", "other": "2"}},
        {"params": {}},  # the default
        {"tree": SourceTree("/elsewhere", {}, "1")},
    ],
)
def test_what_does_not_matter(changed: dict[str, Any]) -> None:
    one = question(Case())
    assert build_key(replace(one, **changed), "m") == build_key(one, "m")


def test_what_fills_other_roles_does_not_matter() -> None:
    one = question(Case())
    data = {**one.entries, "image": compiler("dataset.image")}
    assert build_key(replace(one, entries=data), "m") == build_key(one, "m")


def test_words_of_flags_are_told_apart() -> None:
    keys = {key(Case(flags=flags)) for flags in [("-a", "-b"), ("-a -b",), ("-b", "-a"), ()]}
    assert len(keys) == 4


def test_a_key_is_a_name() -> None:
    assert len(key(Case())) == 32 and int(key(Case()), 16)


@pytest.mark.parametrize("case", [Case(flags=("-march=native",)), Case(n="native")])
def test_native_code_belongs_to_its_processor(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_processor", lambda: "zen9")
    assert machine_of(question(case)).endswith("-zen9")
    assert not machine_of(question(Case())).endswith("-zen9")


def test_the_processor_has_a_name() -> None:
    machine = machine_of(question(Case(flags=("-mcpu=native",))))
    assert machine.startswith(machine_of(question(Case())) + "-")
