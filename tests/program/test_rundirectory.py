"""Inputs that are copied, outputs that are found, and what leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import ProgramError
from envmgr.model.program import Figure, RunCommand
from envmgr.program.rundirectory import RunDirectory


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    (made / "data/deep").mkdir(parents=True)
    (made / "data/a.txt").write_text("a")
    (made / "data/deep/b.txt").write_text("b")
    (made / "c.txt").write_text("c")
    (made / "c.txt").chmod(0o444)
    return made


def _of(command: RunCommand, tmp_path: Path) -> RunDirectory:
    return RunDirectory.of(command, str(tmp_path / "run"), lambda text: text, "sum")


def _inputs(tmp_path: Path, source: Path, *patterns: str) -> set[str]:
    _of(RunCommand("x", inputs=patterns), tmp_path).prepare(str(source))
    run = tmp_path / "run"
    return {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("patterns", "copied"),
    [
        (("c.txt",), {"c.txt"}),
        (("*.txt", "data/*.txt"), {"c.txt", "data/a.txt"}),
        (("**/b.txt",), {"data/deep/b.txt"}),
        (("data",), {"data/a.txt", "data/deep/b.txt"}),
        (("./data/deep",), {"data/deep/b.txt"}),
        ((), set()),
    ],
)
def test_inputs_are_copied_by_their_paths(
    tmp_path: Path, source: Path, patterns: tuple[str, ...], copied: set[str]
) -> None:
    assert _inputs(tmp_path, source, *patterns) == copied


def test_a_copy_may_be_written_to(tmp_path: Path, source: Path) -> None:
    _inputs(tmp_path, source, "c.txt")
    assert (tmp_path / "run/c.txt").stat().st_mode & 0o777 == 0o644
    assert (source / "c.txt").stat().st_mode & 0o777 == 0o444


def test_data_is_copied_and_is_as_it_was_for_the_next_start(tmp_path: Path, source: Path) -> None:
    here = _of(RunCommand("x"), tmp_path)
    here.prepare(str(source), [str(source / "c.txt"), str(source / "c.txt")])
    copy = tmp_path / "run/c.txt"
    assert copy.read_text() == "c"
    copy.unlink()
    copy.symlink_to(source / "data/a.txt")
    here.renew()
    assert (copy.read_text(), copy.is_symlink()) == ("c", False)
    assert (source / "data/a.txt").read_text() == "a"


def test_no_two_inputs_have_one_name(tmp_path: Path, source: Path) -> None:
    (source / "data/c.txt").write_text("another")
    both = [str(source / "c.txt"), str(source / "data/c.txt")]
    with pytest.raises(ProgramError, match=r"two of its inputs are called .*/run/c\.txt"):
        _of(RunCommand("x"), tmp_path).prepare(str(source), both)
    with pytest.raises(ProgramError, match="two of its inputs"):
        _of(RunCommand("x", inputs=("c.txt",)), tmp_path).prepare(str(source), both[:1])


def test_data_that_is_no_file_is_an_error(tmp_path: Path, source: Path) -> None:
    with pytest.raises(ProgramError, match="is no file to copy"):
        _of(RunCommand("x"), tmp_path).prepare(str(source), [str(source / "data")])


def test_an_input_that_is_not_there_is_an_error(tmp_path: Path, source: Path) -> None:
    with pytest.raises(ProgramError, match=r"sum: its input no\*\.txt is not in .*source"):
        _inputs(tmp_path, source, "no*.txt")


@pytest.mark.parametrize("pattern", ["../secret", "linked", "linkeddir", "linkeddir/*"])
def test_no_input_comes_from_elsewhere(tmp_path: Path, source: Path, pattern: str) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_text("secret")
    (source / "linked").symlink_to(tmp_path / "secret")
    (source / "linkeddir").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ProgramError, match="is not below"):
        _inputs(tmp_path, source, pattern)


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out", ".", ".."])
def test_no_output_lies_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProgramError, match="is not below where it runs"):
        _of(RunCommand("x", outputs=(name,)), tmp_path)


def test_outputs_are_files_that_are_there(tmp_path: Path) -> None:
    here = _of(RunCommand("x", outputs=("a", "sub/b", "gone", "folder")), tmp_path)
    here.prepare(str(tmp_path))
    run = tmp_path / "run"
    for name in ("a", "sub/b", ".stdout", ".stderr"):
        (run / name).write_text(name)
    (run / "folder").mkdir()
    assert here.written() == {
        name: str(run / place)
        for name, place in {
            "stdout": ".stdout",
            "stderr": ".stderr",
            "a": "a",
            "sub/b": "sub/b",
        }.items()
    }


@pytest.mark.parametrize("name", ["a", ".stdout"])
def test_an_output_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    here = _of(RunCommand("x", outputs=("a",)), tmp_path)
    here.prepare(str(tmp_path))
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "run" / name).symlink_to(tmp_path / "secret")
    with pytest.raises(ProgramError, match="is a link that leads out of where it ran"):
        here.written()


def test_a_link_within_is_an_output(tmp_path: Path) -> None:
    here = _of(RunCommand("x", outputs=("a",)), tmp_path)
    here.prepare(str(tmp_path))
    (tmp_path / "run/real").write_text("x")
    (tmp_path / "run/a").symlink_to("real")
    assert set(here.written()) == {"a"}


def test_renewing_removes_nothing_elsewhere(tmp_path: Path) -> None:
    here = _of(RunCommand("x", outputs=("sub/a", "b")), tmp_path)
    here.prepare(str(tmp_path))
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "a").write_text("precious")
    (tmp_path / "run/b").symlink_to(kept / "a")
    (tmp_path / "run/sub").rmdir()
    (tmp_path / "run/sub").symlink_to(kept)
    with pytest.raises(ProgramError, match="leads out"):
        here.renew()
    assert (kept / "a").read_text() == "precious"


def test_only_outputs_that_must_be_the_same_are_compared(tmp_path: Path) -> None:
    figures = {"seconds": Figure(file="times", match="(.*)")}
    here = _of(RunCommand("x", outputs=("times", "a", "gone"), figures=figures), tmp_path)
    here.prepare(str(tmp_path))
    for name in ("times", "a", ".stdout"):
        (tmp_path / "run" / name).write_text("x")
    digests = here.digests()
    assert set(digests) == {"a", "gone"}
    assert digests["gone"] is None
    assert digests["a"] is not None
