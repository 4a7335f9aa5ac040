"""Stamps, atomic writes and the removal of trees, on real files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import HostError
from envmgr.host import files


def test_a_plain_file_has_one_stamp(tmp_path: Path) -> None:
    file = tmp_path / "gcc"
    file.write_text("12345")
    (stamp,) = files.stamp(str(file))
    seen = file.stat()
    assert (stamp.path, stamp.size, stamp.mtime_ns, stamp.inode) == (
        str(file),
        5,
        seen.st_mtime_ns,
        seen.st_ino,
    )


def _chain(tmp_path: Path) -> list[Path]:
    """cc -> alternatives/cc -> ../gcc-12, as package managers lay them out."""
    (tmp_path / "alternatives").mkdir()
    target, middle, first = tmp_path / "gcc-12", tmp_path / "alternatives/cc", tmp_path / "cc"
    target.write_text("a compiler")
    middle.symlink_to("../gcc-12")
    first.symlink_to(middle)
    return [first, middle, target]


def test_every_hop_of_a_chain_of_links_is_stamped(tmp_path: Path) -> None:
    chain = _chain(tmp_path)
    stamps = files.stamp(str(chain[0]))
    assert [os.path.realpath(os.path.dirname(s.path)) for s in stamps] == [
        str(hop.parent) for hop in chain
    ]
    assert [s.inode for s in stamps] == [hop.lstat().st_ino for hop in chain]


def test_a_relative_path_is_stamped_with_its_full_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gcc").touch()
    monkeypatch.chdir(tmp_path)
    assert files.stamp("gcc")[0].path == str(tmp_path / "gcc")


def test_dots_after_a_linked_directory_are_resolved_as_the_kernel_does(tmp_path: Path) -> None:
    (tmp_path / "real/bin").mkdir(parents=True)
    (tmp_path / "real/tool").write_text("the right one")
    (tmp_path / "tool").write_text("the one that a lexical reading of .. would find")
    (tmp_path / "bin").symlink_to("real/bin")
    (tmp_path / "real/bin/tool").symlink_to("../tool")
    stamps = files.stamp(str(tmp_path / "bin/tool"))
    assert stamps[-1].inode == (tmp_path / "real/tool").stat().st_ino


@pytest.mark.parametrize("hop", [0, 1, 2])
def test_replacing_any_hop_is_a_change(tmp_path: Path, hop: int) -> None:
    chain = _chain(tmp_path)
    stamps = files.stamp(str(chain[0]))
    assert files.unchanged(stamps)
    target = chain[hop].readlink() if chain[hop].is_symlink() else None
    kept = chain[hop].rename(tmp_path / "kept")  # so that its inode is not given out again
    if target is None:
        chain[hop].write_bytes(kept.read_bytes())
    else:
        chain[hop].symlink_to(target)
    assert not files.unchanged(stamps)


def test_a_turned_directory_on_the_way_is_a_change(tmp_path: Path) -> None:
    for version in ("17", "21"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "java").write_text(version)
    (tmp_path / "default").symlink_to("17")
    stamps = files.stamp(str(tmp_path / "default/java"))
    (tmp_path / "default").unlink()
    (tmp_path / "default").symlink_to("21")
    assert not files.unchanged(stamps)


def test_size_and_time_are_compared(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    stamps = files.stamp(str(file))
    os.utime(file, ns=(0, stamps[0].mtime_ns + 1))
    assert not files.unchanged(stamps)
    file.write_text("longer")
    os.utime(file, ns=(0, stamps[0].mtime_ns))
    assert not files.unchanged(stamps)


def test_a_file_that_is_gone_is_a_change_and_no_stamps_are_none(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    stamps = files.stamp(str(file))
    file.unlink()
    assert not files.unchanged(stamps)
    assert files.unchanged(())


@pytest.mark.parametrize("name", ["missing", "dangling", "circle", "nul\0byte"])
def test_what_cannot_be_stamped_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(HostError) as caught:
        files.stamp(str(tmp_path / name))
    assert str(tmp_path / name) in caught.value.message


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=4096) | st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, content: bytes | str
) -> None:
    directory = tmp_path_factory.mktemp("write")
    file = directory / "entries.json"
    files.atomic_write(str(file), content)
    expected = content.encode() if isinstance(content, str) else content
    assert file.read_bytes() == expected
    assert os.listdir(directory) == ["entries.json"]


def test_the_mode_is_given_less_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        files.atomic_write(str(tmp_path / "script"), "#!", mode=0o755)
        files.atomic_write(str(tmp_path / "secret"), "x", mode=0o600)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "script").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_link_in_the_way_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "file").symlink_to("precious")
    files.atomic_write(str(tmp_path / "file"), "new")
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "file").is_symlink()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HostError, match="No space left on device"):
        files.atomic_write(str(file), "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


def test_an_interrupted_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(source: str, target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.atomic_write(str(tmp_path / "file"), "new")
    assert os.listdir(tmp_path) == []


def test_a_write_into_nowhere_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "missing/file")
    with pytest.raises(HostError, match="cannot write") as caught:
        files.atomic_write(path, "x")
    assert path in caught.value.message


def test_the_longest_name_a_file_may_have_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("ä" * 127)
    files.atomic_write(str(file), "x")
    assert file.read_text() == "x"


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    wholes = [b"a" * 50_000, b"b" * 70_000]
    file.write_bytes(wholes[0])

    def write() -> None:
        for turn in range(60):
            files.atomic_write(str(file), wholes[turn % 2])

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert file.read_bytes() in wholes
    assert os.listdir(tmp_path) == ["file"]


def test_a_tree_goes_and_what_its_links_lead_to_stays(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "precious").write_text("mine")
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    (tree / "a/file").touch()
    (tree / "a/link-to-directory").symlink_to(outside)
    (tree / "a/link-to-file").symlink_to(outside / "precious")
    (tree / "dangling").symlink_to("nowhere")
    files.remove_tree(str(tree))
    assert not tree.exists()
    assert (outside / "precious").read_text() == "mine"
    assert stat.S_IMODE(outside.stat().st_mode) == 0o755


def test_a_link_to_a_tree_is_removed_alone(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/file").touch()
    (tmp_path / "link").symlink_to("tree")
    files.remove_tree(str(tmp_path / "link"))
    assert os.listdir(tmp_path) == ["tree"]
    assert (tmp_path / "tree/file").exists()


def test_a_file_is_removed_and_nothing_is_fine(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files.remove_tree(str(tmp_path / "file"))
    files.remove_tree(str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []


def test_a_tree_deeper_than_the_stack_goes(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    deepest = str(tree) + "/d" * 1500
    os.makedirs(deepest[: len(str(tree)) + 2])
    for length in range(len(str(tree)) + 4, len(deepest) + 1, 2):
        os.mkdir(deepest[:length])
    files.remove_tree(str(tree))
    assert not tree.exists()


@pytest.mark.needs("setpriv")
def test_read_only_directories_go_too(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "locked/closed").mkdir(parents=True)
    (tree / "locked/file").touch()
    (tree / "locked/closed/file").touch()
    (tree / "locked/closed").chmod(0o000)
    (tree / "locked").chmod(0o555)
    probe = "import sys; from envmgr.host import files; files.remove_tree(sys.argv[1])"
    argv = [*_bound_by_permissions(), sys.executable, "-c", probe, str(tree)]
    subprocess.run(argv, check=True, cwd=Path(__file__).parents[2])
    assert not tree.exists()


@pytest.mark.needs("setpriv")
def test_what_cannot_be_removed_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked/file").touch()
    (tmp_path / "locked").chmod(0o555)
    probe = "import sys; from envmgr.host import files; files.remove_tree(sys.argv[1])"
    file = str(tmp_path / "locked/file")
    argv = [*_bound_by_permissions(), sys.executable, "-c", probe, file]
    ended = subprocess.run(argv, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    (tmp_path / "locked").chmod(0o755)
    assert f"HostError: cannot remove {file}: Permission denied" in ended.stderr
    assert (tmp_path / "locked/file").exists()


def _bound_by_permissions() -> list[str]:
    """What to put before a command so that permissions bind it even when root runs the tests."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"]
