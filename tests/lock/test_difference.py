"""What differs between two locks, and what that can change, said of the right things."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from envmgr.lock import effects
from envmgr.lock.difference import Difference, between, differences
from envmgr.model.lock import Lock, LockedEntry, LockedEnvironment, LockedPlatform

LINUX = "linux-x86_64-debian12"
GCC = LockedEntry(
    "compiler.gcc",
    "12.2.0",
    "detected",
    "compiler.gcc",
    id="1" * 16,
    path="/usr/bin/gcc",
    package="gcc-12=12.2.0-14",
    files={"/usr/bin/gcc-12": "sha256:a", "/lib/libm.so.6": "sha256:m"},
)
BLAS = LockedEntry(
    "lib.openblas",
    "0.3.21",
    "installed",
    "lib.openblas",
    recipe="lib.openblas",
    recipe_digest="r",
    plan="p",
    sources={"blas.tar.gz": "sha256:s"},
    built_with={"cc": "cc"},
)
PART = LockedPlatform(
    cpu="icelake",
    libc="glibc 2.36",
    environments={"default": LockedEnvironment({"blas": "blas", "compiler.gcc": "cc"})},
    entries={"cc": GCC, "blas": BLAS},
)


def with_gcc(**fields: Any) -> LockedPlatform:
    return replace(PART, entries={**PART.entries, "cc": replace(GCC, **fields)})


def found(new: LockedPlatform, old: LockedPlatform = PART) -> list[Difference]:
    return list(between(LINUX, old, new))


def one(new: LockedPlatform) -> Difference:
    (difference,) = found(new)
    return difference


def test_the_same_is_the_same() -> None:
    lock = Lock({LINUX: PART})
    assert differences(lock, lock) == ()
    assert differences(Lock(), Lock()) == ()


def test_platforms_come_and_go() -> None:
    (added,) = differences(Lock(), Lock({LINUX: PART}))
    (gone,) = differences(Lock({LINUX: PART}), Lock())
    assert (added.what, gone.what, added.platform) == ("added", "gone", LINUX)


def test_entries_come_and_go() -> None:
    less = replace(PART, entries={"cc": GCC}, environments={})
    bare = replace(PART, environments={})
    (gone,) = found(less, bare)
    assert (gone.what, gone.before, gone.after) == ("gone", "lib.openblas@0.3.21", "")
    assert "order" in gone.effect
    (added,) = found(bare, less)
    assert (added.what, added.after) == ("added", "lib.openblas@0.3.21")


@pytest.mark.parametrize(
    ("after", "what"),
    [("12.3.0", "the language"), ("12.2.1", "patch level"), ("13.1.0", "the language")],
)
def test_a_compiler_of_another_version_generates_other_code(after: str, what: str) -> None:
    keyed_anew = {"new": replace(GCC, version=after), "blas": replace(BLAS, built_with={})}
    old = {"cc": GCC, "blas": replace(BLAS, built_with={})}
    (difference,) = found(LockedPlatform(entries=keyed_anew), LockedPlatform(entries=old))
    assert (difference.field, difference.before, difference.after) == ("version", "12.2.0", after)
    assert "code generation" in difference.effect and what in difference.effect


def test_of_another_version_only_what_both_load_is_compared() -> None:
    files = {"/usr/bin/gcc-13": "sha256:n", "/lib/libm.so.6": "sha256:other"}
    told = {d.field for d in found(with_gcc(version="13.1.0", files=files))}
    assert told == {"version", "built_with", "files./lib/libm.so.6"}
    assert one(with_gcc(files={**GCC.files, "/usr/bin/gcc-12": "sha256:n"})).what == "changed"


def test_every_field_is_told_by_itself() -> None:
    changed = with_gcc(path="/opt/gcc", package="gcc-12=12.2.0-15", version="12.2.1")
    assert {d.field for d in found(changed)} == {"path", "package", "version", "built_with"}


def test_another_libm_changes_last_digits() -> None:
    difference = one(with_gcc(files={**GCC.files, "/lib/libm.so.6": "sha256:other"}))
    assert difference.field == "files./lib/libm.so.6"
    assert "last digits" in difference.effect


def test_a_file_that_only_lies_elsewhere_is_the_same() -> None:
    moved = {"/opt/gcc-13": "sha256:a", "/usr/lib64/libm.so.6": "sha256:m"}
    assert found(with_gcc(files=moved)) == []
    moved["/usr/lib64/libm.so.6"] = "sha256:other"
    assert one(with_gcc(files=moved)).what == "changed"


def test_files_come_and_go() -> None:
    more = {**GCC.files, "/lib/libisl.so.23": "sha256:i"}
    assert (one(with_gcc(files=more)).what, one(with_gcc(files=more)).after) == (
        "added",
        "sha256:i",
    )


def test_what_was_not_read_is_not_compared() -> None:
    assert found(with_gcc(files={}, package="")) == []


def test_other_sources_are_other_bytes() -> None:
    other = replace(BLAS, sources={"blas.tar.gz": "sha256:t"})
    difference = one(replace(PART, entries={"cc": GCC, "blas": other}))
    assert difference.field == "sources.blas.tar.gz" and "other bytes" in difference.effect


def test_what_only_definitions_say_matters_not() -> None:
    other = replace(BLAS, recipe_digest="q", plan="o")
    told = found(replace(PART, entries={"cc": GCC, "blas": other}))
    assert {d.field for d in told} == {"recipe_digest", "plan"}
    assert not any(d.matters for d in told)
    difference = one(with_gcc(id="2" * 16))
    assert difference.field == "id" and not difference.matters


def test_detected_here_and_installed_there() -> None:
    detected = replace(GCC, name="lib.openblas", version="0.3.21")
    kinds = found(replace(PART, entries={"cc": GCC, "blas": detected}))
    assert {d.field for d in kinds} == {"kind"}


def test_another_cpu_may_lack_instructions() -> None:
    difference = one(replace(PART, cpu="haswell"))
    assert (difference.subject, difference.field) == ("machine", "cpu")
    assert "illegal instruction" in difference.effect and "avx512" in difference.effect
    better = one(replace(PART, cpu="sapphirerapids"))
    assert "illegal instruction" not in better.effect
    assert not better.matters


def test_an_older_libc_starts_no_newer_programs() -> None:
    assert "may not start" in one(replace(PART, libc="glibc 2.31")).effect
    assert "may not start" not in one(replace(PART, libc="glibc 2.40")).effect
    assert "do not run" in one(replace(PART, libc="musl 1.2.4")).effect


def test_a_part_that_recipes_made_says_nothing_of_a_machine() -> None:
    assert found(replace(PART, cpu="", libc="")) == []


def test_environments() -> None:
    more = LockedEnvironment({"blas": "blas"})
    added, *rest = found(replace(PART, environments={**PART.environments, "gpu": more}))
    assert (added.subject, added.what, rest) == ("environment gpu", "added", [])
    (gone,) = found(replace(PART, environments={"default": more}))
    assert (gone.what, gone.field, gone.before) == ("gone", "compiler.gcc", "cc")
    none = LockedEnvironment(not_locked="no recipe")
    assert "not_locked" in {d.field for d in found(replace(PART, environments={"default": none}))}


def test_another_provider_is_another_answer() -> None:
    mkl = replace(BLAS, name="lib.mkl")
    answers = {"blas": "mkl", "compiler.gcc": "cc"}
    told = found(
        replace(
            PART,
            environments={"default": LockedEnvironment(answers)},
            entries={"cc": GCC, "mkl": mkl},
        )
    )
    assert {(d.subject, d.what) for d in told} == {
        ("environment default", "changed"),
        ("lib.mkl", "added"),
        ("lib.openblas", "gone"),
    }


def test_lines_for_people() -> None:
    assert str(one(with_gcc(path="/opt/gcc"))) == "compiler.gcc: path: /usr/bin/gcc -> /opt/gcc"
    long = "sha256:" + "0123456789abcdef" * 4
    changed = one(with_gcc(files={**GCC.files, "/lib/libm.so.6": long}))
    assert str(changed).endswith("sha256:m -> sha256:0123456789ab…") and changed.after == long
    less = replace(PART, entries={"cc": GCC}, environments={})
    assert str(found(less, replace(PART, environments={}))[0]) == (
        "lib.openblas: gone: lib.openblas@0.3.21"
    )


@pytest.mark.parametrize(
    ("name", "before", "after", "what"),
    [
        ("compiler.python", "3.11.2", "3.13.0", "ABI"),
        ("compiler.python", "3.11.2", "3.11.9", "fixes"),
        ("dataset.imagenet", "2012", "2013", "data"),
        ("model.resnet50", "1", "2", "weights"),
        ("lib.openblas", "0.3.21", "0.3.26", "another order"),
        ("python.numpy", "1.26", "2.0", "another order"),
        ("lib.openmpi", "4.1", "5.0", "reductions"),
        ("lib.zlib", "1.2.13", "1.3", "link"),
        ("tool.cmake", "3.25", "4.0", "built"),
        ("strange", "1", "2", "uses it"),
    ],
)
def test_what_a_version_can_change(name: str, before: str, after: str, what: str) -> None:
    assert what in effects.of_version(name, before, after)


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/lib/x86_64-linux-gnu/libm.so.6", "exp, sin, pow"),
        ("/lib/libm-2.31.so", "exp, sin, pow"),
        ("/lib64/ld-linux-x86-64.so.2", "loaded"),
        ("/usr/lib/libstdc++.so.6.0.30", "ABI of C++"),
        ("/usr/lib/libgomp.so.1.0.0", "threads"),
        ("/usr/lib/libopenblas.so.0", "another order"),
        ("/usr/lib/libz.so.1.2.13", "libz"),
        ("/usr/bin/gcc-12", "code generation"),
    ],
)
def test_what_a_file_can_change(path: str, what: str) -> None:
    assert what in effects.of_file("compiler.gcc", path)


def test_a_cpu_that_nobody_knows() -> None:
    assert "speed" in effects.of_cpu("icelake", "zilog_z80")
