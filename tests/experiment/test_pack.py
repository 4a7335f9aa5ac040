"""The file: the same content gives the same bytes, and what was tampered with is refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import StoreError
from envmgr.experiment.pack import Case, Content, Data, LeftOut, opened, write
from tests.experiment.made import CONTEXT, SWEEP, measurement, point

DIGEST = "ab" * 32
DATA = Data(
    "dataset.image", "1", DIGEST, "data/image", {"path": "{prefix}/x.pgm"}, "for its licence ask"
)
CASE = Case(point().id, DIGEST, "programs/0123/susan", "environments/45", {"image": DATA})
CONTENT = Content(
    (SWEEP,),
    (measurement(0, context=DIGEST), measurement(1, context=DIGEST)),
    {DIGEST: CONTEXT},
    (CASE,),
    (LeftOut("dataset.big@1", DIGEST, "it has 51 MiB"),),
)
Members = dict[str, bytes]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str | bytes]:
    """Members of a pack: a script on the disk and bytes."""
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    return {"programs/0123/susan/run.sh": str(script), "data/image/x.pgm": b"P5"}


@pytest.fixture
def pack(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    """A pack."""
    path = tmp_path / "a.envpack"
    with path.open("wb") as stream:
        write(stream, CONTENT, files)
    return path


def read(pack: Path, name: str = "opened") -> Any:
    into = pack.parent / name
    into.mkdir()
    return opened(str(pack), str(into))


def rewritten(pack: Path, change: Callable[[Members], None]) -> Path:
    """Another pack, with other members."""
    with zipfile.ZipFile(pack) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    other = pack.with_name("b.envpack")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return other


def telling(members: Members, name: str, content: bytes) -> None:
    """Put a member in, and have the manifest say so."""
    members[name] = content
    form = json.loads(members["manifest.json"])
    told = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    form["members"][name] = told
    members["manifest.json"] = json.dumps(form).encode()


def test_what_was_written_is_read(pack: Path) -> None:
    found = read(pack)
    assert found.content == CONTENT
    assert Path(found.place("data/image/x.pgm")).read_bytes() == b"P5"
    assert Path(found.place("programs/0123/susan/run.sh")).stat().st_mode & 0o111
    assert found.content.of(CASE) == CONTENT.measurements
    assert found.content.point(CASE) == point()


def test_the_same_content_gives_the_same_bytes(pack: Path, files: dict[str, str | bytes]) -> None:
    again = pack.with_name("again.envpack")
    turned = dict(reversed(files.items()))
    with again.open("wb") as stream:
        write(stream, CONTENT, turned)
    assert again.read_bytes() == pack.read_bytes()


def test_ordinary_tools_open_it(pack: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        assert archive.namelist()[0] == "manifest.json"
        assert archive.testzip() is None
        dates = {info.date_time for info in archive.infolist()}
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as stream, pytest.raises(StoreError, match=r"gone\.txt"):
        write(stream, CONTENT, {"data/x": str(tmp_path / "gone.txt")})


def changed_byte(members: Members) -> None:
    members["data/image/x.pgm"] = b"P6"


def one_more(members: Members) -> None:
    members["data/image/more"] = b""


def one_less(members: Members) -> None:
    del members["data/image/x.pgm"]


def no_manifest(members: Members) -> None:
    del members["manifest.json"]


def other_format(members: Members) -> None:
    form = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps({**form, "format": 2}).encode()


def no_object(members: Members) -> None:
    telling(members, "records.json", b"[]")


def no_experiments(members: Members) -> None:
    telling(members, "records.json", b"{}")


def deep(members: Members) -> None:
    telling(members, "records.json", b"[" * 100_000)


def unknown_key(members: Members) -> None:
    form = json.loads(members["cases.json"])
    form["cases"][0]["evil"] = True
    telling(members, "cases.json", json.dumps(form).encode())


def unknown_point(members: Members) -> None:
    form = json.loads(members["cases.json"])
    form["cases"][0]["point"] = "0" * 16
    telling(members, "cases.json", json.dumps(form).encode())


def measured(members: Members, key: str, value: object) -> None:
    form = json.loads(members["records.json"])
    form["measurements"][0][key] = value
    telling(members, "records.json", json.dumps(form).encode())


def no_texts(members: Members) -> None:
    measured(members, "outputs", {"out.pgm": 1})


def no_numbers(members: Members) -> None:
    measured(members, "figures", {"cpu": float("nan")})


def no_tables(members: Members) -> None:
    measured(members, "inputs", [])


def outside(members: Members) -> None:
    members["../evil"] = b""


def place_outside(members: Members) -> None:
    form = json.loads(members["cases.json"])
    form["cases"][0]["program"] = "programs/../../../etc"
    telling(members, "cases.json", json.dumps(form).encode())


def absolute_place(members: Members) -> None:
    form = json.loads(members["cases.json"])
    form["cases"][0]["data"]["image"]["place"] = "/etc"
    telling(members, "cases.json", json.dumps(form).encode())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed_byte, r"x\.pgm does not have the sha256"),
        (one_more, "more is not in the manifest"),
        (one_less, r"x\.pgm is missing"),
        (no_manifest, r"manifest\.json"),
        (other_format, "format 2; this envmgr reads 1"),
        (no_object, "is no object"),
        (no_experiments, "'experiments' is missing"),
        (deep, "damaged"),
        (unknown_key, "evil"),
        (no_texts, "something else than text"),
        (no_numbers, "figures that are no numbers"),
        (no_tables, "damaged"),
        (unknown_point, "no measurement of the point"),
        (outside, "leads out of the archive"),
        (place_outside, "is no place in a pack"),
        (absolute_place, "is no place in a pack"),
    ],
)
def test_what_no_pack_may_be_is_refused(
    pack: Path, change: Callable[[Members], None], says: str
) -> None:
    with pytest.raises(StoreError, match=says):
        read(rewritten(pack, change))


def test_a_link_is_refused(pack: Path) -> None:
    with zipfile.ZipFile(pack, "a") as archive:
        info = zipfile.ZipInfo("data/image/link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "x.pgm")
    with pytest.raises(StoreError, match="link"):
        read(pack)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.envpack").write_bytes(b"no archive at all")
    with pytest.raises(StoreError, match="damaged, or is no pack"):
        read(tmp_path / "a.envpack")


def test_a_pack_that_was_cut_off_is_refused(pack: Path) -> None:
    data = pack.read_bytes()
    pack.write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreError, match="damaged"):
        read(pack)


def test_measurements_in_another_context_belong_to_no_case(pack: Path) -> None:
    other = measurement(2, context="cd" * 32)
    content = replace(CONTENT, measurements=(*CONTENT.measurements, other))
    assert content.of(CASE) == CONTENT.measurements
