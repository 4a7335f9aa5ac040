"""What is sent to another machine, and how little of what comes back is believed."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from envmgr.errors import HostError
from envmgr.program.target_bundle import bundled, read_archive, write_archive
from envmgr.program.target_script import HERE

WORK = f"{HERE}/work"
"""Where the directory of a run is there."""

RESULT = {
    "result": "0 100.25 101.5 2\n",
    "before": "0m0.001s 0m0.001s\n0m1.500s 0m0.250s\n",
    "times": "0m0.002s 0m0.001s\n1m2.000s 0m0.750s\n",
}


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


# -- sending ---------------------------------------------------------------------------------


def test_paths_of_files_are_sent_and_named_anew(tmp_path: Path, cwd: Path) -> None:
    exe, data = tmp_path / "exe", tmp_path / "da ta"
    exe.write_text("x")
    data.mkdir()
    argv = [str(exe), f"--in={data}", f"if={data}/a", f"-f{exe}", str(exe), "3/4", "a/b"]
    made = bundled(argv, {}, str(cwd))
    sent_exe, sent_data = f"{HERE}/files/0/exe", f"{HERE}/files/1/da ta"
    assert made.words == (
        *(sent_exe, f"--in={sent_data}", f"if={sent_data}/a"),
        *(f"-f{sent_exe}", sent_exe, "3/4", "a/b"),
    )
    assert made.files == {"files/0/exe": str(exe), "files/1/da ta": str(data)}


def test_the_directory_of_the_run_and_the_system_are_there_already(cwd: Path) -> None:
    argv = ["/usr/bin/env", "/bin/sh", "/dev/null", "/", f"{cwd}/out.txt", str(cwd), "/no/such"]
    made = bundled(argv, {}, str(cwd))
    assert made.words == (*argv[:4], f"{WORK}/out.txt", WORK, "/no/such")
    assert made.files == {}


def test_variables_of_this_machine_stay_here(tmp_path: Path, cwd: Path) -> None:
    exe = tmp_path / "exe"
    exe.write_text("x")
    ours = {"PATH": "/bin", "HOME": "/root", "CC": "/usr/bin/gcc", "LD_LIBRARY_PATH": "/a:/b"}
    theirs = {"OMP_NUM_THREADS": "4", "SELF": str(exe), "OUT": f"{cwd}/o", "EMPTY": ""}
    made = bundled([str(exe)], {**ours, **theirs}, str(cwd))
    assert made.env == {
        "OMP_NUM_THREADS": "4",
        "SELF": f"{HERE}/files/0/exe",
        "OUT": f"{WORK}/o",
        "EMPTY": "",
    }


def test_what_is_sent_says_nothing_of_this_machine(tmp_path: Path, cwd: Path) -> None:
    (cwd / "in.txt").write_text("input")
    (cwd / "link").symlink_to(tmp_path / "exe")
    (cwd / "sub").mkdir()
    (tmp_path / "exe").write_text("program")
    (tmp_path / "exe").chmod(0o555)
    made = bundled([str(tmp_path / "exe")], {}, str(cwd))
    write_archive(str(tmp_path / "a.tar"), made, "#", str(cwd), str(cwd / "in.txt"))
    with tarfile.open(tmp_path / "a.tar") as tar:
        members = {member.name: member for member in tar}
        link = tar.extractfile("work/link")
        assert link and link.read() == b"program"
    assert members.keys() == {
        *("script", "stamp", "stdin", "files/0/exe"),
        *("work", "work/in.txt", "work/link", "work/sub"),
    }
    assert {(one.uid, one.uname) for one in members.values()} == {(0, "")}
    times = {name: one.mtime for name, one in members.items()}
    assert times.pop("stamp") > max(times.values())
    assert members["files/0/exe"].mode & 0o111


def test_what_cannot_be_sent_is_said(tmp_path: Path, cwd: Path) -> None:
    made = bundled(["x"], {}, str(cwd))
    with pytest.raises(HostError, match="cannot send"):
        write_archive(str(tmp_path / "a.tar"), made, "#", str(cwd), str(tmp_path / "gone"))


# -- receiving -------------------------------------------------------------------------------


def archive(tmp_path: Path, files: dict[str, str], *more: tarfile.TarInfo) -> str:
    with tarfile.open(tmp_path / "result.tar", "w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
        for member in more:
            tar.addfile(member)
    return str(tmp_path / "result.tar")


def test_what_came_back_is_put_in_its_places(tmp_path: Path, cwd: Path) -> None:
    files = {**RESULT, "stdout": "said", "stderr": "", "work/out.txt": "1", "work/a/b": "2"}
    (cwd / "out.txt").write_text("old")
    used = read_archive(archive(tmp_path, files), str(cwd), str(cwd / "o"), str(cwd / "e"))
    assert (used.code, used.timed_out, used.wall, used.left) == (0, False, 1.25, 2)
    assert (used.user, used.system, used.memory) == (60.5, 0.5, None)
    assert (cwd / "o").read_text() == "said"
    assert (cwd / "out.txt").read_text() == "1"
    assert (cwd / "a" / "b").read_text() == "2"


@pytest.mark.parametrize(("status", "code"), [("0", 0), ("3", 3), ("139", -11), ("255", 255)])
def test_a_signal_is_told_from_a_status(tmp_path: Path, cwd: Path, status: str, code: int) -> None:
    said = {**RESULT, "result": f"{status} 1 2 0\n", "late": ""}
    used = read_archive(archive(tmp_path, said), str(cwd), str(cwd / "o"), str(cwd / "e"))
    assert (used.code, used.timed_out) == (code, True)


@pytest.mark.parametrize(
    "name", ["work/../../x", "/etc/x", "work", "work//x", "other", "../x", "work/./x", "workx/y"]
)
def test_nothing_is_written_elsewhere(tmp_path: Path, cwd: Path, name: str) -> None:
    with pytest.raises(HostError, match="what came back holds"):
        read_archive(archive(tmp_path, {name: "x", **RESULT}), str(cwd), "/dev/null", "/dev/null")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_only_files_come_back(tmp_path: Path, cwd: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("work/x")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(HostError, match=r"which is no file|cannot be read"):
        read_archive(archive(tmp_path, RESULT, member), str(cwd), "/dev/null", "/dev/null")
    assert not (cwd / "x").exists()


def test_links_of_the_run_lead_nothing_out_of_it(tmp_path: Path, cwd: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (cwd / "in.txt").symlink_to(tmp_path / "mine")
    files = {**RESULT, "work/in.txt": "theirs"}
    read_archive(archive(tmp_path, files), str(cwd), "/dev/null", "/dev/null")
    assert (tmp_path / "mine").read_text() == "mine"
    assert (cwd / "in.txt").read_text() == "theirs"
    (cwd / "up").symlink_to(tmp_path)
    with pytest.raises(HostError, match="a link leads elsewhere"):
        read_archive(archive(tmp_path, {"work/up/mine": "x"}), str(cwd), "/dev/null", "/dev/null")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {**RESULT, "result": "0 1 2\n"},
        {**RESULT, "result": "0 nan inf 0\n"},
        {**RESULT, "result": "9999 1 2 0\n"},
        {**RESULT, "times": "user 1\n"},
        {"result": RESULT["result"], "times": RESULT["times"]},
    ],
)
def test_a_result_that_says_too_little_is_none(
    tmp_path: Path, cwd: Path, said: dict[str, str]
) -> None:
    with pytest.raises(HostError, match="does not say how the run ended"):
        read_archive(archive(tmp_path, said), str(cwd), "/dev/null", "/dev/null")


@pytest.mark.parametrize("content", [b"", b"garbage" * 200])
def test_what_is_no_archive_is_told(tmp_path: Path, cwd: Path, content: bytes) -> None:
    (tmp_path / "result.tar").write_bytes(content)
    with pytest.raises(HostError, match="cannot be read"):
        read_archive(str(tmp_path / "result.tar"), str(cwd), "/dev/null", "/dev/null")
