"""Packs made with a real compiler, done again by others and where something is not as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from envmgr.cli import main

pytestmark = pytest.mark.needs("gcc", "linux")

TOML = """name = "count"
description = "Counts the bytes of a text"
tags = ["kernel"]

[needs]
compiler = "compiler.gcc"

[run.default]
command = "{exe} {text} count.txt"
data = { text = "dataset.sample-text-small" }
outputs = ["count.txt", "copy.txt"]

[[run.default.check]]
file = "count.txt"
match = '^\\d+ bytes$'

[[run.default.check]]
recorded = true
ignore = ['^process']
"""
SOURCE = r"""
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[2], "w"), *copy = fopen("copy.txt", "w");
    long bytes = 0;
    for (int c; (c = fgetc(in)) != EOF; ++bytes)
        fputc(c ^ 1, copy);
    fprintf(out, "%ld bytes\n", bytes);
    printf("%ld bytes\nprocess %d\n", bytes, (int)getpid());
    return argc - 3;
}
"""
MISTAKE = ("programs/", "count.c", "bytes = 0", "bytes = 1")


@dataclass(frozen=True)
class Person:
    """Somebody with a home and a store."""

    home: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def call(self, *arguments: object, status: int = 0) -> dict[str, Any]:
        """What a call answers in JSON."""
        self.patch.setenv("HOME", str(self.home))
        self.patch.setenv("ENVMGR_HOME", str(self.home / "store"))
        self.patch.setenv("USER", "ada")
        self.capture.readouterr()
        code = main([*map(str, arguments), "--json"])
        said = self.capture.readouterr()
        assert code == status, f"{said.out}\n{said.err}"
        answer: dict[str, Any] = json.loads(said.out)
        return answer


MakePerson = Callable[[str], Person]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, catalogue_cache: Path) -> Iterator[Path]:
    """Homes that the tests of this file share, so that compilers are looked for once."""
    top = tmp_path_factory.mktemp("replay")
    for name in ("ada", "bob"):
        shutil.copytree(catalogue_cache, top / name / "store/cache")
    yield top


@pytest.fixture
def person(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> MakePerson:
    """Makes persons, by name."""
    return lambda name: Person(place / name, capsys, monkeypatch)


@pytest.fixture
def bob(person: MakePerson) -> Person:
    """Somebody who gets packs."""
    return person("bob")


@pytest.fixture
def recorded(place: Path, person: MakePerson) -> str:
    """The id of what Ada measured, whose sources have changed since."""
    file = place / "id"
    if not file.exists():
        sources = place / "ada/count"
        sources.mkdir()
        (sources / "program.toml").write_text(TOML)
        (sources / "count.c").write_text(SOURCE)
        ada = person("ada")
        ada.call("program", "check", sources, "--with", "compiler.gcc", "--no-mutations")
        ran = ada.call("program", "run", sources, "--repeat", "2", "--flags=-O1")
        (sources / "count.c").write_text("no program any more\n")
        file.write_text(ran["experiment"])
    return file.read_text()


@pytest.fixture
def pack(place: Path, person: MakePerson, recorded: str) -> Path:
    """A pack of that."""
    path = place / "count.envpack"
    if not path.exists():
        person("ada").call("experiment", "pack", recorded, "-o", path)
    return path


def changed(pack: Path, to: Path, *changes: tuple[str, str, str, str], mend: bool = True) -> Path:
    """Another pack at *to*: in members whose names begin and end so, a text is another one.

    The manifest says so, unless it is not to *mend*.
    """
    with zipfile.ZipFile(pack) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for begin, end, old, new in changes:
        names = [n for n in members if n.startswith(begin) and n.endswith(end)]
        assert any(old.encode() in members[name] for name in names)
        for name in names:
            members[name] = members[name].replace(old.encode(), new.encode())
    if mend:
        form = json.loads(members["manifest.json"])
        for name in form["members"]:
            content = members[name]
            told = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            form["members"][name] = told
        members["manifest.json"] = json.dumps(form).encode()
    with zipfile.ZipFile(to, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return to


def gcc(pack: Path) -> str:
    """The version of the compiler in *pack*."""
    with zipfile.ZipFile(pack) as archive:
        (one,) = json.loads(archive.read("records.json"))["experiments"]
        measured = json.loads(archive.read("records.json"))["measurements"][0]
    assert one["id"] == measured["experiment"]
    return str(measured["point"]["needs"]["compiler"].partition("@")[2])


# -- packing ---------------------------------------------------------------------------------


def test_what_travels(pack: Path, place: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    tops = {name.split("/")[0] for name in members}
    assert tops == {
        *("manifest.json", "records.json", "cases.json"),
        *("programs", "environments", "data", "references"),
    }
    (source,) = (content for name, content in members.items() if name.endswith("count.c"))
    assert source.decode() == SOURCE  # as it was when it was measured
    for name, content in members.items():
        assert str(place).encode() not in content, name
        assert b"/work" not in content and os.getcwd().encode() not in content, name


def test_the_same_gives_the_same_bytes(pack: Path, person: MakePerson, recorded: str) -> None:
    again = pack.with_name("again.envpack")
    told = person("ada").call("experiment", "pack", recorded, "-o", again)
    assert again.read_bytes() == pack.read_bytes()
    assert told["left_out"] == [] and told["measurements"] == 2


def test_what_does_not_travel_is_named(pack: Path, person: MakePerson, recorded: str) -> None:
    other = pack.with_name("none.envpack")
    told = person("ada").call("experiment", "pack", recorded, "-o", other, "--data", "none")
    (left,) = told["left_out"]
    assert left["name"] == "dataset.sample-text-small@1" and len(left["digest"]) == 64
    assert not [name for name in told["members"] if name.startswith("data/")]


def test_a_file_that_names_a_place_of_this_machine_stays(place: Path, person: MakePerson) -> None:
    sources = place / "ada/telling"
    sources.mkdir()
    (sources / "program.toml").write_text(
        'name = "telling"\ndescription = "Tells"\ntags = ["kernel"]\n'
        '[build]\nsystem = "none"\n[run.default]\ncommand = "/bin/echo {source}"\n'
    )
    (sources / "note.txt").write_text(f"see {place}/ada/secret\n")
    ada = person("ada")
    ran = ada.call("program", "run", sources)
    told = ada.call("experiment", "pack", ran["experiment"], "-o", place / "x", status=2)
    assert "note.txt" in told["error"]["message"] and not (place / "x").exists()


def test_what_others_measured_cannot_be_done_again(place: Path, person: MakePerson) -> None:
    report = place / "hyperfine.json"
    result = {"command": "ls", "mean": 1.0, "times": [1.0, 1.1], "exit_codes": [0, 0]}
    report.write_text(json.dumps({"results": [result]}))
    ada = person("ada")
    (imported,) = ada.call("experiment", "import", report)["imported"]
    id_ = imported["experiment"]["id"]
    told = ada.call("experiment", "pack", id_, "-o", place / "y", status=2)
    assert "nothing tells how to do it again" in told["error"]["message"]


# -- replaying -------------------------------------------------------------------------------


def test_somebody_else_reproduces_it(pack: Path, bob: Person) -> None:
    told = bob.call("replay", pack)
    (point,) = told["points"]
    assert (told["verdict"], point["environment"]["verdict"]) == ("reproduced", "reproduced")
    assert {one["name"]: one["verdict"] for one in point["outputs"]["each"]} == {
        "count.txt": "same bytes",
        "copy.txt": "same bytes",
        "stdout": "right again",
        "stderr": "empty",
    }
    assert (point["recorded"], point["replayed"]) == (2, 2)
    assert not list((bob.home / "store/cache/replays").iterdir())
    shown = bob.call("experiment", "show", told["experiments"][0])
    assert len(shown["measurements"]) == 2


def test_what_is_recorded_is_replayed_though_the_sources_have_changed(
    recorded: str, person: MakePerson
) -> None:
    assert person("ada").call("replay", recorded)["verdict"] == "reproduced"


def test_few_runs_do_not_reproduce_figures(pack: Path, bob: Person) -> None:
    told = bob.call("replay", pack, "--figures", "--repeat", "2", status=12)
    assert told["outputs"] == "reproduced"
    assert told["points"][0]["figures"]["verdict"] == "not distinguishable"


def test_another_version_of_the_compiler(pack: Path, tmp_path: Path, bob: Person) -> None:
    here = gcc(pack)
    everywhere = (("records", "json"), ("environments", "toml"), ("environments", "lock"))
    with_99 = changed(pack, tmp_path / "99", *((*ends, here, "99.1") for ends in everywhere))
    with_99 = _without_ids(with_99, tmp_path / "99.envpack")
    told = bob.call("replay", with_99, status=12)
    (reason,) = told["points"][0]["reasons"]
    assert "compiler.gcc@99.1 was used" in reason and f"compiler.gcc@{here}" in reason
    relaxed = bob.call("replay", with_99, "--relax")
    (point,) = relaxed["points"]
    assert (relaxed["verdict"], point["environment"]["verdict"]) == ("reproduced", "differs")
    assert reason in point["environment"]["changes"]


def _without_ids(pack: Path, to: Path) -> Path:
    """*pack*, whose compiler is one that nobody has; what was cases of a point stay so."""
    with zipfile.ZipFile(pack) as archive:
        records = json.loads(archive.read("records.json"))
        cases = json.loads(archive.read("cases.json"))
        (lock,) = (archive.read(n).decode() for n in archive.namelist() if n.endswith(".lock"))
    from envmgr.model.measurement import from_json

    id_ = next(line for line in lock.splitlines() if line.startswith("id = "))
    point = from_json(records["measurements"][0]).point.id
    return changed(
        pack,
        to,
        ("environments", "lock", id_, 'id = "0123456789abcdef"'),
        ("cases", "json", cases["cases"][0]["point"], point),
    )


def test_another_platform(pack: Path, tmp_path: Path, bob: Person) -> None:
    from envmgr.host.platform import platform_name

    other = ("environments", "lock", f"platform.{platform_name()}", "platform.plan9-mips")
    told = bob.call("replay", changed(pack, tmp_path / "mips.envpack", other), status=12)
    assert "it was measured on plan9-mips" in told["points"][0]["reasons"][0]


def test_another_input(pack: Path, tmp_path: Path, bob: Person) -> None:
    other = changed(pack, tmp_path / "input.envpack", ("data", ".txt", "e", "E"))
    (point,) = bob.call("replay", other, status=12)["points"]
    assert "input changed: text (dataset.sample-text-small@1)" in point["reasons"][0]
    assert point["environment"]["verdict"] == "reproduced"


def test_data_that_is_nowhere(pack: Path, tmp_path: Path, bob: Person) -> None:
    with zipfile.ZipFile(pack) as archive:
        (case,) = json.loads(archive.read("cases.json"))["cases"]
    told = case["data"]["text"]
    gone = changed(
        pack,
        tmp_path / "gone.envpack",
        ("cases", "json", json.dumps(told["place"]), '""'),
        ("cases", "json", '"dataset.sample-text-small"', '"dataset.nowhere"'),
    )
    (point,) = bob.call("replay", gone, status=12)["points"]
    assert (
        f"data is missing: dataset.nowhere@1 with the sha256 {told['digest']}" in point["reasons"]
    )


def test_another_program(pack: Path, tmp_path: Path, bob: Person) -> None:
    told = bob.call("replay", changed(pack, tmp_path / "wrong.envpack", MISTAKE), status=11)
    (point,) = told["points"]
    assert point["alterations"] == ["count.c is not what was measured"]
    assert point["outputs"]["verdict"] == "differs" and "wrong" in point["outputs"]["why"]


def test_a_program_that_is_another_and_none_at_all(pack: Path, tmp_path: Path, bob: Person) -> None:
    broken = ("programs/", "count.c", "int main", "int mein")
    told = bob.call("replay", changed(pack, tmp_path / "none.envpack", broken), status=11)
    assert "it cannot be built" in told["points"][0]["alterations"][1]


def test_other_outputs_were_recorded(pack: Path, tmp_path: Path, bob: Person) -> None:
    with zipfile.ZipFile(pack) as archive:
        first = json.loads(archive.read("records.json"))["measurements"][0]
    copy = ("records", "json", first["outputs"]["copy.txt"], "ab" * 32)
    told = bob.call("replay", changed(pack, tmp_path / "other.envpack", copy), status=11)
    assert told["points"][0]["outputs"]["why"] == "not as it was recorded: copy.txt"


def test_a_damaged_pack_is_refused(pack: Path, tmp_path: Path, bob: Person) -> None:
    damaged = changed(pack, tmp_path / "damaged.envpack", MISTAKE, mend=False)
    told = bob.call("replay", damaged, status=1)
    assert told["error"]["kind"] == "StoreError" and "count.c" in told["error"]["message"]


@pytest.mark.parametrize(
    "arguments",
    [("nowhere.envpack",), ("ffffffffffff",), ("PACK", "--only", "ff"), ("PACK", "--repeat", "0")],
)
def test_what_makes_no_sense(pack: Path, bob: Person, arguments: tuple[str, ...]) -> None:
    words = (str(pack) if word == "PACK" else word for word in arguments)
    bob.call("replay", *words, status=2)


def test_an_unpacked_environment_is_a_project(pack: Path, tmp_path: Path, bob: Person) -> None:
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "pack")
    (project,) = (tmp_path / "pack/environments").iterdir()
    told = bob.call("sync", "--project", project, "--frozen")
    assert [one["name"] for one in told["entries"]] == ["compiler.gcc"]
