"""pip's requirements.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.importers.reading import Reading
from envmgr.importers.requirements import read_lines, read_requirements

from .said import left, lost, ours, wishes


def read(tmp_path: Path, text: str, **others: str) -> Reading:
    for name, content in others.items():
        (tmp_path / f"{name}.txt").write_text(content)
    file = tmp_path / "requirements.txt"
    file.write_text(text)
    return read_requirements(str(file), ours)


def test_a_file_as_people_have_them(tmp_path: Path) -> None:
    text = """\
# what the bench needs
numpy>=1.20,<2   # not 2 yet
torch [cuda] == 2.1.0 \\
    --hash=sha256:0123 \\
    --hash=sha256:4567
SciPy~=1.11
--extra-index-url https://wheels.example.org/simple

-e git+https://example.org/x.git#egg=x
./vendored/thing
thing @ https://example.org/thing.whl
unknown-thing
"""
    reading = read(tmp_path, text)
    assert wishes(reading) == ["numpy,>=1.20,<2.dev0", "torch,==2.1.0", "scipy,~=1.11"]
    assert [one.where for one in reading.taken] == [f"requirements.txt:{n}" for n in (2, 3, 6)]
    assert {where: why for where, _, why in left(reading)} == {
        "requirements.txt:9": "what is edited in place has no version that others could have",
        "requirements.txt:10": "a place on one machine is no version that others could have",
        "requirements.txt:11": "an address is no version that others could have",
        "requirements.txt:12": "envmgr has no detector and no recipe for it",
    }
    assert {(where, why.partition(":")[0]) for where, _, why in lost(reading)} == {
        ("requirements.txt:3", "its extras (cuda) are not kept"),
        ("requirements.txt:3", "--hash is not kept"),
        ("requirements.txt:7", "recipes say where a thing comes from"),
    }


@pytest.mark.parametrize("spelling", ["-r {}", "--requirement {}", "--requirement={}", "-r{}"])
def test_includes_are_read_where_they_are(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "more.txt").write_text("b\n-r last.txt\n")
    (tmp_path / "below" / "last.txt").write_text("c\n")
    reading = read(tmp_path, "a\n" + spelling.format("below/more.txt"))
    assert wishes(reading) == ["a", "b", "c"]
    assert [one.where for one in reading.taken][1:] == ["below/more.txt:1", "below/last.txt:1"]


def test_constraints_narrow_what_is_asked_for(tmp_path: Path) -> None:
    text = "-c constraints.txt\nNum_Py>=1\nscipy\n"
    constraints = "num-py<2\npandas==1\nscipy==1.1; sys_platform == 'nothing'\n"
    assert wishes(read(tmp_path, text, constraints=constraints)) == ["num-py,>=1,<2.dev0", "scipy"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-r ../above.txt", "is not below"),
        ("-r /etc/passwd", "is not below"),
        ("-c /etc/passwd", "is not below"),
        ("-r link.txt", "is not below"),
        ("-r missing.txt", "No such file"),
        ("-r https://example.org/r.txt", "other addresses"),
        ("-r binary.txt", "cannot read"),
    ],
)
def test_includes_that_are_not_read(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "above.txt").write_text("six")
    top = tmp_path / "top"
    top.mkdir()
    (top / "link.txt").symlink_to("../above.txt")
    (top / "binary.txt").write_bytes(b"\xff\xfe\x00")
    reading = read(top, line)
    (note,) = reading.left
    assert wishes(reading) == [] and note.what == line and why in note.why


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    reading = read(tmp_path, "a\n-r other.txt", other="b\n-r requirements.txt")
    assert wishes(reading) == ["a", "b"]


def test_a_chain_of_files_ends(tmp_path: Path) -> None:
    others = {f"f{i}": f"-r f{i + 1}.txt\n" for i in range(200)}
    (note,) = read(tmp_path, "-r f0.txt", **others).left
    assert note.why == "more than 100 files"


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ('sys_platform == "win32"', ["six windows-*"]),
        ("sys_platform != 'win32'", ["six linux-* macos-*"]),
        ('platform_system == "Darwin"', ["six macos-*"]),
        ('platform_machine == "aarch64"', ["six *-aarch64*"]),
        ('python_version >= "3"', ["six"]),
        ('python_version < "3"', []),
        ('extra == "test"', []),
        ('sys_platform == "plan9"', []),
    ],
)
def test_markers(tmp_path: Path, marker: str, expected: list[str]) -> None:
    reading = read(tmp_path, f"six; {marker}")
    assert wishes(reading) == expected
    assert left(reading) == []
    assert len(lost(reading)) == (not expected or expected == ["six"])


@pytest.mark.parametrize(
    "line", ["six==${VERSION}", "six===1.0", "six==", "not a requirement", "six==1!2", ">=1"]
)
def test_what_cannot_be_said_here(tmp_path: Path, line: str) -> None:
    reading = read(tmp_path, line)
    assert wishes(reading) == []
    assert [(where, what) for where, what, _ in left(reading)] == [("requirements.txt:1", line)]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_requirements(str(tmp_path / "requirements.txt"), ours)


@given(st.text(max_size=60) | st.text("ab1.=<>!~;[](),'\"@ :/-{}$", max_size=40))
def test_any_line_is_taken_or_told(line: str) -> None:
    reading = read_lines([("here", line)], "/nowhere", ours)
    assert len(reading.taken) <= 1
    assert reading.taken or reading.left or reading.lost
