"""Lock files: what is written is read again, always in the same bytes; what is hostile is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.errors import LockError
from envmgr.lock.lockfile import SIZE_LIMIT, parsed, written
from envmgr.model.lock import Lock, LockedEntry, LockedEnvironment, LockedPlatform

T = TypeVar("T")
HEX = "0123456789abcdef" * 4
GCC = LockedEntry(
    id=HEX[:16],
    name="compiler.gcc",
    version="12.2.0",
    kind="detected",
    detector="compiler.gcc",
    path="/usr/bin/gcc",
    package="gcc-12=12.2.0-14",
    files={"/usr/lib/libc.so.6": f"sha256:{HEX}", "/usr/bin/gcc-12": f"sha256:{HEX}"},
)
NUMPY = LockedEntry(
    name="python.numpy",
    version="2.2.6",
    kind="installed",
    detector="python.numpy",
    recipe="python.numpy",
    recipe_digest=HEX,
    plan=HEX,
    sources={"numpy-2.2.6.whl": f"sha256:{HEX}"},
    needs={"python": "compiler.python@3.13.0"},
)
PYTHON = replace(GCC, id=HEX[1:17], name="compiler.python", version="3.13.0", package="", files={})
PART = LockedPlatform(
    cpu="skylake",
    libc="glibc 2.36",
    environments={
        "gpu": LockedEnvironment(not_locked="no recipe gives lib.cuda"),
        "default": LockedEnvironment(
            {"python.numpy": "python.numpy@2.2.6", "compiler.gcc,>=12": "compiler.gcc@12.2.0"}
        ),
    },
    entries={str(entry): entry for entry in (NUMPY, PYTHON, GCC)},
)
LOCK = Lock({"linux-x86_64-debian12": PART, "linux-aarch64-debian12": LockedPlatform()})


def backwards(mapping: Mapping[str, T]) -> dict[str, T]:
    return dict(reversed(list(mapping.items())))


def errors(text: str) -> str:
    with pytest.raises(LockError) as wrong:
        parsed(text, "envmgr.lock")
    assert wrong.value.exit_code == 6 and wrong.value.hint
    return "\n".join([wrong.value.message, *wrong.value.lines])


# -- writing ---------------------------------------------------------------------------------


def test_what_is_written_is_read_again() -> None:
    assert parsed(written(LOCK), "envmgr.lock") == LOCK


def test_the_order_is_that_of_names_whatever_it_was() -> None:
    shuffled = LockedPlatform(
        PART.cpu,
        PART.libc,
        backwards(PART.environments),
        {
            key: replace(entry, files=backwards(entry.files))
            for key, entry in backwards(PART.entries).items()
        },
    )
    platforms = backwards({**LOCK.platforms, "linux-x86_64-debian12": shuffled})
    assert written(Lock(platforms)) == written(LOCK)


def test_the_wishes_keep_their_order() -> None:
    answers = parsed(written(LOCK), "x").platforms["linux-x86_64-debian12"].environments["default"]
    assert list(answers.answers) == ["python.numpy", "compiler.gcc,>=12"]


def test_the_text_is_for_people_who_review() -> None:
    text = written(LOCK)
    assert text.startswith("# Made by `envmgr lock`")
    assert '[platform.linux-x86_64-debian12.entry."compiler.gcc@12.2.0"]' in text
    assert 'not_locked = "no recipe gives lib.cuda"' in text
    assert max(map(len, text.splitlines())) < 120
    assert "[]" not in text and "{}" not in text and '""' not in text


def test_a_path_that_is_no_text_is_an_error() -> None:
    entry = replace(GCC, path="/opt/\udcff/gcc")
    part = LockedPlatform(entries={"x": entry})
    with pytest.raises(LockError, match="text only"):
        written(Lock({"linux": part}))


line = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf"),
    ),
    min_size=1,
    max_size=20,
).filter(str.strip)
name = st.from_regex(r"[a-z0-9](?:[a-z0-9_.+-]{0,8}[a-z0-9+])?", fullmatch=True)
role = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,8}", fullmatch=True)
digest = st.sampled_from([f"sha256:{HEX}", f"ends-sha256:{HEX}", f"listing-sha256:{HEX}"])
detected = st.builds(
    LockedEntry,
    id=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    name=name,
    version=line,
    kind=st.just("detected"),
    detector=name,
    path=line.map("/{}".format),
    package=st.one_of(st.just(""), line),
    files=st.dictionaries(line.map("/{}".format), digest, max_size=3),
)
installed = st.builds(
    LockedEntry,
    id=st.one_of(st.just(""), st.just(HEX[:16])),
    name=name,
    version=line,
    kind=st.just("installed"),
    detector=name,
    recipe=name,
    recipe_digest=st.just(HEX),
    plan=st.just(HEX),
    sources=st.dictionaries(
        line, st.sampled_from([f"sha256:{HEX}", f"git:{HEX[:40]}"]), min_size=1, max_size=3
    ),
)


@st.composite
def locks(draw: st.DrawFn) -> Lock:
    entries: dict[str, LockedEntry] = {}
    for key, entry in draw(st.dictionaries(line, detected | installed, max_size=4)).items():
        needs = (
            draw(st.dictionaries(role, st.sampled_from([*entries]), max_size=2)) if entries else {}
        )
        entries[key] = replace(entry, needs=needs)
    environment = st.builds(
        LockedEnvironment, answers=st.dictionaries(line, st.sampled_from([*entries] or ["x"]))
    )
    environments = draw(st.dictionaries(line, environment, max_size=2)) if entries else {}
    part = LockedPlatform(environments=environments, entries=entries)
    return Lock({draw(name): part})


@settings(max_examples=60, deadline=None)
@given(locks())
def test_any_lock_comes_back(lock: Lock) -> None:
    text = written(lock)
    again = parsed(text, "envmgr.lock")
    assert again == lock
    assert written(again) == text


# -- reading what is hostile -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "format None"),
        ("format = 2", "format 2; this envmgr reads 1"),
        ("format = true", "format True"),
        ('format = "1"', "format '1'"),
        ("format = 1\nformat = 1", "not TOML"),
        ("format = 1\n" + "a." * 3000 + "b = 1", "nested too deeply|unknown key|not TOML"),
        ("format = 1\nx = " + "[" * 5000, "nested too deeply|not TOML"),
        ("format = 1\nplatform = 3", "envmgr.lock:2: platform: must be a table"),
        ("format = 1\nplatforms = {}", "unknown key.*did you mean platform"),
        ("format = 1\n[platform.'a b']\n", "envmgr.lock:2.*not the name of a platform"),
        ("format = 1\n[platform.x]\ncpu = '../x'\n", "envmgr.lock:3.*microarchitecture"),
    ],
)
def test_documents_that_are_no_locks(text: str, what: str) -> None:
    assert re.search(what, errors(text), re.DOTALL)


def changed(**fields: Any) -> str:
    """A lock with one entry, one field of which is another; None takes the field away."""
    form: Mapping[str, Any] = {
        "id": HEX[:16],
        "name": "compiler.gcc",
        "version": "12.2.0",
        "kind": "detected",
        "detector": "compiler.gcc",
        "path": "/usr/bin/gcc",
        **fields,
    }
    import tomli_w

    entry = {key: value for key, value in form.items() if value is not None}
    return tomli_w.dumps({"format": 1, "platform": {"linux": {"entry": {"gcc": entry}}}})


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"id": "xyz"}, "id: 'xyz' is not an id"),
        ({"id": HEX}, "is not an id"),
        ({"id": None}, "id: is missing, and it is detected"),
        ({"path": "bin/gcc"}, "is not an absolute path"),
        ({"path": "/usr/bin/gcc\x1b[2J"}, "is not an absolute path"),
        ({"path": None}, "path: is missing"),
        ({"name": "Compiler GCC"}, "is not a name"),
        ({"name": "../../etc"}, "is not a name"),
        ({"version": ""}, "version: must not be empty"),
        ({"version": "1\u202e2"}, "is not a line of text"),
        ({"version": 12}, "must be a string"),
        ({"version": "1" * 5000}, "is not a line of text"),
        ({"kind": "stolen"}, "is not detected or installed"),
        ({"kind": "installed"}, "recipe: is missing, and it is installed"),
        ({"colour": "red"}, "unknown key"),
        ({"files": {"usr/bin": f"sha256:{HEX}"}}, "is not an absolute path"),
        ({"files": {"/usr/bin/gcc": "sha256:123"}}, "is not a digest"),
        ({"sources": {"x": "crc32:12"}}, "is not a checksum"),
        ({"needs": {"a b": "gcc"}}, "is not a role"),
        ({"needs": {"cc": "gcc"}}, "needs itself"),
        ({"needs": {"cc": "clang"}}, "needs 'clang', which is no entry"),
        ({"plan": "abc"}, "is not a sha256"),
    ],
)
def test_entries_that_are_none(fields: dict[str, Any], what: str) -> None:
    said = errors(changed(**fields))
    assert what in said
    assert re.search(r"envmgr\.lock:\d+: ", said)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", said)


def test_all_mistakes_are_named_at_once() -> None:
    said = errors(changed(id="x", path="y", kind="z"))
    assert len([line for line in said.splitlines() if line.startswith("envmgr.lock:")]) == 3


def test_answers_must_be_there() -> None:
    text = changed() + '[platform.linux.environment.default.answers]\n"compiler.gcc" = "clang"\n'
    assert "there is no entry 'clang'" in errors(text)


def test_circles_and_endless_chains_are_refused() -> None:
    def lock(count: int, last: str) -> str:
        needs = {f"e{i}": {"next": f"e{i + 1}" if i < count - 1 else last} for i in range(count)}
        entries = {key: replace(PYTHON, needs=need) for key, need in needs.items()}
        entries["end"] = PYTHON
        return written(Lock({"linux": LockedPlatform(entries=entries)}))

    assert "needs itself" in errors(lock(3, "e0"))
    assert "needs itself" in errors(lock(2000, "end"))
    assert len(parsed(lock(50, "end"), "x").platforms["linux"].entries) == 51


def test_what_is_too_large_is_not_read() -> None:
    assert "larger than any lock" in errors("#" * (SIZE_LIMIT + 1))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_an_error_or_another_lock(data: st.DataObject) -> None:
    text = written(LOCK)
    at = data.draw(st.integers(0, len(text) - 1))
    piece = data.draw(st.text(max_size=4))
    damaged = text[:at] + piece + text[at + data.draw(st.integers(0, 30)) :]
    try:
        lock = parsed(damaged, "envmgr.lock")
    except LockError as error:
        assert error.message
    else:
        assert parsed(written(lock), "envmgr.lock") == lock
