"""Archives: good ones come out as they went in, bad ones leave nothing behind."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import tarfile
import tempfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import EnvmgrError, InstallError, UnsafeArchiveError
from envmgr.install.tree import safe_parts
from envmgr.install.unpack import Limits, unpack, unpack_wheel

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zst": zstandard.ZstdCompressor().compress,
}
FORMATS = [*COMPRESS, "zip"]


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, **more: object):  # type: ignore[no-untyped-def]
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mtime = kind, len(data), 1_000_000_000
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE):  # type: ignore[no-untyped-def]
    return entry(name, kind=kind, linkname=target)


def tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(*entries: tuple[str, bytes, int], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo(name)
            info.filename = info.orig_filename = name  # as it is, NULs too
            info.compress_type = method
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return out.getvalue()


def pack(files: dict[str, bytes], form: str) -> bytes:
    """The same files in any form."""
    if form == "zip":
        return zipped(*((name, data, 0o100644) for name, data in files.items()))
    return COMPRESS[form](tar(*(entry(name, data) for name, data in files.items())))


def put(directory: Path, data: bytes, name: str = "archive") -> str:
    path = directory / name
    path.write_bytes(data)
    return str(path)


def content(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_is_told_by_its_content(tmp_path: Path, form: str) -> None:
    files = {"a/x": b"1" * 3_000_000, "a/b/y": b"", "c": b"3"}
    unpack(put(tmp_path, pack(files, form), "misnamed.txt"), str(tmp_path / "into"))
    assert content(tmp_path / "into") == files
    assert sorted(os.listdir(tmp_path)) == ["into", "misnamed.txt"]


@pytest.mark.parametrize("form", list(COMPRESS)[1:])
def test_a_single_compressed_file(tmp_path: Path, form: str) -> None:
    data = COMPRESS[form](b"not a tar")
    unpack(put(tmp_path, data, f"model.bin.{form}"), str(tmp_path / "into"))
    assert content(tmp_path / "into") == {"model.bin": b"not a tar"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("strip", [None, 0, 1, 2])
def test_strip(tmp_path: Path, form: str, strip: int | None) -> None:
    archive = put(tmp_path, pack({"top/x": b"1", "top/d/y": b"2"}, form))
    unpack(archive, str(tmp_path / "into"), strip=strip)
    expected = {
        None: {"x": b"1", "d/y": b"2"},
        0: {"top/x": b"1", "top/d/y": b"2"},
        1: {"x": b"1", "d/y": b"2"},
        2: {"y": b"2"},
    }
    assert content(tmp_path / "into") == expected[strip]


def test_a_single_file_is_not_a_directory_to_strip(tmp_path: Path) -> None:
    unpack(put(tmp_path, tar(entry("only", b"1"))), str(tmp_path / "into"))
    assert content(tmp_path / "into") == {"only": b"1"}


def test_an_empty_zip(tmp_path: Path) -> None:
    unpack(put(tmp_path, zipped()), str(tmp_path / "into"))
    assert os.listdir(tmp_path / "into") == []


def test_modes_times_and_links(tmp_path: Path) -> None:
    data = tar(
        entry("bin/tool", b"x", mode=0o6755),
        entry("share/text", b"y", mode=0o600),
        link("bin/again", "tool"),
        link("lib/deep/up", "../../share/text"),
        link("current", "share"),
        link("circle", "circle"),
        link("share/same", "share/text", tarfile.LNKTYPE),
    )
    unpack(put(tmp_path, data), str(tmp_path / "into"))
    tool = tmp_path / "into/bin/tool"
    assert stat.S_IMODE(tool.stat().st_mode) & 0o7111 == 0o111
    assert not (tmp_path / "into/share/text").stat().st_mode & 0o111
    assert tool.stat().st_mtime == 1_000_000_000
    assert os.readlink(tmp_path / "into/bin/again") == "tool"
    assert (tmp_path / "into/lib/deep/up").read_bytes() == b"y"
    assert (tmp_path / "into/current/text").read_bytes() == b"y"
    assert (tmp_path / "into/share/same").stat().st_nlink == 2


def test_modes_and_links_of_zip(tmp_path: Path) -> None:
    data = zipped(("t/tool", b"x", 0o100755), ("t/text", b"y", 0), ("t/l", b"tool", 0o120777))
    unpack(put(tmp_path, data), str(tmp_path / "into"))
    assert os.access(tmp_path / "into/tool", os.X_OK)
    assert not os.access(tmp_path / "into/text", os.X_OK)
    assert os.readlink(tmp_path / "into/l") == "tool"


def test_a_later_file_of_the_same_name_wins(tmp_path: Path) -> None:
    data = tar(entry("x", b"1"), link("y", "x", tarfile.LNKTYPE), entry("x", b"2"))
    unpack(put(tmp_path, data), str(tmp_path / "into"))
    assert content(tmp_path / "into") == {"x": b"2", "y": b"1"}


def test_what_is_there_stays_beside_what_comes(tmp_path: Path) -> None:
    into = tmp_path / "into"
    (into / "d").mkdir(parents=True)
    (into / "d/old").write_bytes(b"old")
    (into / "d/same").write_bytes(b"old")
    unpack(put(tmp_path, tar(entry("d/same", b"new"), entry("d/n", b"new"))), str(into), strip=0)
    assert content(into) == {"d/old": b"old", "d/same": b"new", "d/n": b"new"}


def test_a_link_that_is_there_is_never_followed_or_replaced(tmp_path: Path) -> None:
    into, outside = tmp_path / "into", tmp_path / "outside"
    into.mkdir()
    outside.mkdir()
    (into / "d").symlink_to(outside)
    data = tar(entry("a", b"1"), entry("d/x", b"1"))
    with pytest.raises(InstallError, match="link"):
        unpack(put(tmp_path, data), str(into))
    assert os.listdir(into) == ["d"]
    assert os.listdir(outside) == []


# Hostile archives

DOT_DOT, SLASH = ("../out", b"x"), ("/tmp/out", b"x")
HOSTILE_TARS = {
    "parent": [entry("ok", b"1"), entry("../out", b"x")],
    "parent in the middle": [entry("a/../../out", b"x")],
    "parent that stays inside": [entry("a/../b", b"x")],
    "absolute": [entry("/etc/out", b"x")],
    "drive": [entry("C:/out", b"x")],
    "backslash": [entry("..\\out", b"x")],
    "absolute link": [link("l", "/etc/passwd")],
    "link up": [link("l", "../../etc/passwd")],
    "link up from a directory": [entry("d/x", b""), link("d/l", "../../out")],
    "link to a drive": [link("l", "C:/windows")],
    "empty link": [link("l", "")],
    "link through a link": [entry("d/e/x", b""), link("d/e/top", "../.."), link("l", "d/e/top/..")],
    "link through nothing": [link("l", "missing/../../out")],
    "link through a file": [entry("f", b""), link("l", "f/../out")],
    "file through a link": [entry("d/x", b""), link("l", "d"), entry("l/y", b"x")],
    "link below what is a file": [entry("f", b""), link("f/l", "x")],
    "link in place of a directory": [entry("d/x", b""), link("d", "elsewhere")],
    "link in place of a file": [entry("f", b""), link("f", "elsewhere")],
    "file in place of a link": [link("l", "x"), entry("l", b"x")],
    "directory in place of a link": [link("l", "x"), entry("l", kind=tarfile.DIRTYPE)],
    "link twice": [link("l", "x"), link("l", "y")],
    "file in place of a directory": [entry("d", kind=tarfile.DIRTYPE), entry("d", b"x")],
    "hard link out": [link("l", "../../etc/passwd", tarfile.LNKTYPE)],
    "absolute hard link": [link("l", "/etc/passwd", tarfile.LNKTYPE)],
    "hard link to nothing": [link("l", "missing", tarfile.LNKTYPE)],
    "hard link to a directory": [entry("d/x", b""), link("l", "d", tarfile.LNKTYPE)],
    "hard link to a link that leaves": [
        entry("d/x", b""),
        link("d/up", "../ok"),
        link("up", "d/up", tarfile.LNKTYPE),
    ],
    "character device": [entry("dev", kind=tarfile.CHRTYPE, devmajor=1, devminor=3)],
    "block device": [entry("dev", kind=tarfile.BLKTYPE, devmajor=8)],
    "pipe": [entry("pipe", kind=tarfile.FIFOTYPE)],
    "unknown kind": [entry("what", kind=b"Z", linkname="x")],
    "newline": [entry("a\nb", b"x")],
    "escape sequence": [entry("a\x1b[2Jb", b"x")],
    "delete": [entry("a\x7f", b"x")],
    "newline in a target": [link("l", "a\nb")],
    "backslash in a target": [link("l", "a\\b")],
    "long name": [entry("x" * 256, b"x")],
    "long path": [entry("x/" * 1500 + "y", b"x")],
    "root": [entry("./", b"x")],
    "root as a link": [link(".", "x")],
}


def _refused(tmp_path: Path, data: bytes, **options: object) -> UnsafeArchiveError:
    """The refusal; checks that nothing is left of the archive, anywhere."""
    into = tmp_path / "work" / "into"
    into.mkdir(parents=True)
    (into / "mine").write_bytes(b"mine")
    archive = put(tmp_path, data)
    with pytest.raises(UnsafeArchiveError) as caught:
        unpack(archive, str(into), **options)  # type: ignore[arg-type]
    assert content(tmp_path) == {"archive": data, "work/into/mine": b"mine"}
    assert [str(p) for p in into.iterdir()] == [str(into / "mine")]
    with pytest.raises(UnsafeArchiveError):
        unpack(archive, str(tmp_path / "work" / "new" / "into"), **options)  # type: ignore[arg-type]
    assert os.listdir(tmp_path / "work") == ["into"]
    return caught.value


@pytest.mark.parametrize("form", ["plain", "xz"])
@pytest.mark.parametrize("case", HOSTILE_TARS)
def test_hostile_tars_are_refused_whole(tmp_path: Path, case: str, form: str) -> None:
    entries = [entry("ok", b"1"), *HOSTILE_TARS[case]]
    error = _refused(tmp_path, COMPRESS[form](tar(*entries)), strip=0)
    assert "archive" in error.message


@pytest.mark.parametrize(
    ("name", "mode", "data"),
    [
        ("../out", 0o100644, b"x"),
        ("/out", 0o100644, b"x"),
        ("a/../../out", 0o100644, b"x"),
        ("..\\out", 0o100644, b"x"),
        ("C:out", 0o100644, b"x"),
        ("a\0b", 0o100644, b"x"),
        ("l", 0o120777, b"../out"),
        ("l", 0o120777, b"/etc/passwd"),
        ("l", 0o120777, b"x" * 5000),
        ("pipe", 0o010644, b""),
        ("dev", 0o020644, b""),
        ("ok/below", 0o100644, b"x"),
    ],
)
def test_hostile_zips_are_refused_whole(tmp_path: Path, name: str, mode: int, data: bytes) -> None:
    _refused(tmp_path, zipped(("ok", b"1", 0o100644), (name, data, mode)))


def test_stripping_does_not_let_links_out(tmp_path: Path) -> None:
    data = tar(entry("top/x", b""), entry("top/d/y", b""), link("top/l", "../top/x"))
    unpack(put(tmp_path, data), str(tmp_path / "kept"), strip=0)
    assert (tmp_path / "kept/top/l").exists()
    with pytest.raises(UnsafeArchiveError, match="leaves the archive"):
        unpack(put(tmp_path, data), str(tmp_path / "stripped"))
    assert not (tmp_path / "stripped").exists()


def test_stripping_does_not_let_one_thing_replace_another(tmp_path: Path) -> None:
    data = tar(entry("a/x/y", b""), link("b/x", "y"))
    with pytest.raises(UnsafeArchiveError, match="replaces"):
        unpack(put(tmp_path, data), str(tmp_path / "into"), strip=1)


def test_a_refusal_names_member_and_reason(tmp_path: Path) -> None:
    error = _refused(tmp_path, tar(entry("a/../../out", b"x")))
    assert error.message == (
        "archive is refused for its member 'a/../../out': its path leads out of the archive"
    )
    assert error.hint


# Bombs

ZEROS = bytes(10 << 20)


def _repeated(form: str, times: int) -> bytes:
    """*times* times 10 MiB of zeros, as members of one compressed stream."""
    return COMPRESS[form](ZEROS) * times


@pytest.mark.parametrize("form", ["gz", "bz2", "xz", "zst"])
def test_ten_gigabytes_of_zeros_are_refused_early(tmp_path: Path, form: str) -> None:
    archive = put(tmp_path, _repeated(form, 1024), f"zeros.{form}")
    with pytest.raises(UnsafeArchiveError, match="zeros"):
        unpack(archive, str(tmp_path / "into"), limits=Limits(total=64 << 20))
    assert not (tmp_path / "into").exists()


def test_the_usual_limit_is_the_ratio_but_two_gigabytes_always(tmp_path: Path) -> None:
    head = entry("zeros", b"")
    head[0].size = 10 << 30
    data = gzip.compress(head[0].tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    error = _refused(tmp_path, data)
    assert f"{2 << 30} bytes that an archive of {len(data)} bytes may" in error.message


@pytest.mark.parametrize("form", list(COMPRESS))
def test_a_header_that_announces_too_much_is_enough(tmp_path: Path, form: str) -> None:
    head = entry("zeros", b"")
    head[0].size = 1 << 50
    _refused(tmp_path, COMPRESS[form](head[0].tobuf(tarfile.GNU_FORMAT) + bytes(1024)))


def test_a_zip_bomb(tmp_path: Path) -> None:
    data = zipped(*((f"zeros{i}", ZEROS, 0o100644) for i in range(3)))
    error = _refused(tmp_path, data, limits=Limits(total=25 << 20))
    assert "zeros2" in error.message


def test_many_files_that_are_one(tmp_path: Path) -> None:
    """The sum counts, whatever each is; overlapping members of a zip do not get around it."""
    _refused(tmp_path, pack({f"{i}": b"x" * 1000 for i in range(20)}, "gz"), limits=Limits(9999))


def test_a_header_too_long_for_memory(tmp_path: Path) -> None:
    head = entry("././@LongLink", kind=tarfile.GNUTYPE_LONGNAME)
    head[0].size = 1 << 30
    error = _refused(tmp_path, gzip.compress(head[0].tobuf(tarfile.GNU_FORMAT) + ZEROS))
    assert "header" in error.message


def test_headers_without_members_have_a_limit_too(tmp_path: Path) -> None:
    head = entry("pad", b"x" * 900, kind=tarfile.DIRTYPE)[0].tobuf(tarfile.GNU_FORMAT)
    _refused(tmp_path, gzip.compress(head * 25_000), limits=Limits(total=1 << 20))


def test_too_many_members(tmp_path: Path) -> None:
    data = pack({str(i): b"" for i in range(20)}, "gz")
    error = _refused(tmp_path, data, limits=Limits(count=19))
    assert "too many members" in error.message


def test_no_more_than_the_disk_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 100})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    error = _refused(tmp_path, pack({"x": b"x" * 200}, "plain"))
    assert "100 bytes that are free" in error.message


def test_little_memory_for_a_big_stream(tmp_path: Path) -> None:
    import tracemalloc

    archive = put(tmp_path, _repeated("gz", 20), "zeros.gz")
    tracemalloc.start()
    try:
        unpack(archive, str(tmp_path / "into"))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert (tmp_path / "into/zeros").stat().st_size == 20 * len(ZEROS)


# Damage


@pytest.mark.parametrize("data", [b"", b"plain text", bytes(100), b"PK\x03\x04 no", b"\x1f\x8b no"])
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InstallError, match="archive"):
        unpack(put(tmp_path, data), str(tmp_path / "into"))
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_a_truncated_archive(tmp_path: Path, form: str) -> None:
    data = pack({"x": os.urandom(100_000), "y": b"2"}, form)
    with pytest.raises(InstallError, match="cannot read the archive"):
        unpack(put(tmp_path, data[:60_000]), str(tmp_path / "into"))
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_of_zip_that_need_unbounded_memory(tmp_path: Path, method: int) -> None:
    with pytest.raises(InstallError, match="method"):
        unpack(put(tmp_path, zipped(("x", b"1", 0), method=method)), str(tmp_path / "into"))


def test_xz_that_asks_for_too_much_memory(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}]
    data = bytearray(lzma.compress(b"x" * 1000, lzma.FORMAT_ALONE, filters=filters))
    data[1:5] = (0x80000000).to_bytes(4, "little")
    with pytest.raises(InstallError, match="limit"):
        unpack(put(tmp_path, bytes(data)), str(tmp_path / "into"))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(FORMATS), st.data())
def test_any_damage_is_one_kind_of_error(form: str, draw: st.DataObject) -> None:
    data = bytearray(pack({"top/x": b"hello" * 100, "top/y": b"1"}, form))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as directory:
        try:
            unpack(put(Path(directory), bytes(data)), f"{directory}/into")
        except EnvmgrError:
            assert os.listdir(directory) == ["archive"]


# Laws

PART = st.text(
    st.characters(min_codepoint=32, exclude_characters="/\\:\x7f", exclude_categories=("Cs", "Cc")),
    min_size=1,
    max_size=20,
).filter(lambda part: part not in (".", ".."))
PATH = st.lists(PART, min_size=1, max_size=4).map("/".join)


def _consistent(files: dict[str, bytes]) -> bool:
    """No file is also a directory."""
    return not any(other.startswith(f"{name}/") for name in files for other in files)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(PATH, st.binary(max_size=2000), max_size=6).filter(_consistent),
    st.sampled_from(FORMATS),
)
def test_any_tree_comes_out_as_it_went_in(files: dict[str, bytes], form: str) -> None:
    if not files and form != "zip":
        return  # a tar of nothing is zeros
    with tempfile.TemporaryDirectory() as directory:
        unpack(put(Path(directory), pack(files, form)), f"{directory}/into", strip=0)
        assert content(Path(directory, "into")) == files


WILD = st.lists(
    st.sampled_from(["..", ".", "", "a", "b", "l", "C:", "\\", "m"]), min_size=1, max_size=5
).map("/".join)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from("fdsh"), WILD, WILD), min_size=1, max_size=8),
    st.sampled_from([None, 0, 1]),
)
def test_nothing_is_ever_written_or_linked_outside(
    entries: list[tuple[str, str, str]], strip: int | None
) -> None:
    kinds = {"f": tarfile.REGTYPE, "d": tarfile.DIRTYPE, "s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE}
    data = tar(*(entry(name, kind=kinds[k], linkname=to) for k, name, to in entries))
    with tempfile.TemporaryDirectory() as directory:
        outer = Path(directory, "w")
        outer.mkdir()
        try:
            unpack(put(Path(directory), data), str(outer / "into"), strip=strip)
        except InstallError:
            assert os.listdir(outer) == []
        assert sorted(os.listdir(directory)) == ["archive", "w"]
        assert set(os.listdir(outer)) <= {"into"}
        _assert_links_stay(outer / "into")


def _assert_links_stay(into: Path) -> None:
    home = into.resolve()
    for path in into.rglob("*"):
        try:
            end = path.resolve(strict=True)
        except (OSError, RuntimeError):
            continue  # dangling, or a circle
        assert end == home or home in end.parents


@given(st.text())
def test_any_name_is_refused_or_has_plain_parts(name: str) -> None:
    try:
        parts = safe_parts(name)
    except ValueError:
        return
    assert not {"..", ".", ""} & set(parts)
    assert all("/" not in part and "\\" not in part and "\0" not in part for part in parts)


# Wheels


def wheel(files: dict[str, bytes], record: str | None = None, modes: Iterable[str] = ()) -> bytes:
    info = "demo-1.0.dist-info"
    files = {**files, f"{info}/METADATA": b"Name: demo\n"}
    lines = [f"{name},sha256={_record_hash(data)},{len(data)}" for name, data in files.items()]
    text = "\n".join([*lines, f"{info}/RECORD,,"]) if record is None else record
    members = [(n, d, 0o100755 if n in modes else 0o100644) for n, d in files.items()]
    return zipped(*members, (f"{info}/RECORD", text.encode(), 0o100644))


def _record_hash(data: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def test_a_wheel_is_spread_over_its_places(tmp_path: Path) -> None:
    data = wheel(
        {
            "demo/__init__.py": b"0",
            "demo/data/bin/tool": b"1",
            "demo-1.0.data/purelib/demo/pure.py": b"2",
            "demo-1.0.data/platlib/demo/plat.so": b"3",
            "demo-1.0.data/scripts/demo": b"#!python\n",
            "demo-1.0.data/data/share/demo.txt": b"5",
            "demo-1.0.data/headers/demo.h": b"6",
        },
        modes=["demo/data/bin/tool"],
    )
    unpack_wheel(put(tmp_path, data, "demo-1.0-py3-none-any.whl"), str(tmp_path / "p" / "site"))
    found = content(tmp_path / "p")
    assert {name: data for name, data in found.items() if "dist-info" not in name} == {
        "site/demo/__init__.py": b"0",
        "site/demo/data/bin/tool": b"1",
        "site/demo/pure.py": b"2",
        "site/demo/plat.so": b"3",
        "bin/demo": b"#!python\n",
        "share/demo.txt": b"5",
        "include/demo/demo.h": b"6",
    }
    assert os.access(tmp_path / "p/bin/demo", os.X_OK)
    assert os.access(tmp_path / "p/site/demo/data/bin/tool", os.X_OK)
    assert not os.access(tmp_path / "p/site/demo/pure.py", os.X_OK)


def test_wheels_share_a_directory(tmp_path: Path) -> None:
    for name in ("one", "two"):
        data = wheel({f"space/{name}.py": b"0"})
        unpack_wheel(
            put(tmp_path, data), str(tmp_path / "p" / "lib" / "site"), base=str(tmp_path / "p")
        )
    assert {"one.py", "two.py"} == set(os.listdir(tmp_path / "p/lib/site/space"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (wheel({"x.py": b"1"}, record="x.py,sha256=AAAA,1\n"), "is not what is listed"),
        (wheel({"x.py": b"1"}, record="other.py,,\n"), "x.py is not listed"),
        (wheel({"x.py": b"1"}, record="x.py,md5=AAAA,1\n"), "is not listed with a checksum"),
        (zipped(("x.py", b"1", 0)), "no .dist-info"),
        (wheel({"demo-1.0.data/elsewhere/x": b"1"}), "elsewhere"),
        (wheel({"demo-1.0.data/scripts": b"1"}), "scripts is a file"),
    ],
)
def test_unsound_wheels(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(InstallError, match=reason):
        unpack_wheel(put(tmp_path, data), str(tmp_path / "p" / "site"))
    assert os.listdir(tmp_path) == ["archive"]


def test_a_wheel_that_lists_what_it_lacks(tmp_path: Path) -> None:
    hashes = _record_hash(b"Name: demo\n"), _record_hash(b"gone")
    record = "demo-1.0.dist-info/METADATA,sha256={},11\ngone.py,sha256={},4\n".format(*hashes)
    with pytest.raises(InstallError, match=r"gone\.py is listed but not there"):
        unpack_wheel(put(tmp_path, wheel({}, record=record)), str(tmp_path / "site"))


def test_a_wheel_does_not_leave_its_base(tmp_path: Path) -> None:
    archive = put(tmp_path, wheel({"demo-1.0.data/data/../../../out": b"1"}))
    with pytest.raises(UnsafeArchiveError):
        unpack_wheel(archive, str(tmp_path / "p" / "site"))
    with pytest.raises(InstallError, match="not below"):
        unpack_wheel(archive, str(tmp_path / "p"), base=str(tmp_path / "p" / "site"))
