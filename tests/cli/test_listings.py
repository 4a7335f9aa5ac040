"""Verbs that detect, list, resolve, install, refresh and remove entries."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from .conftest import PROGRAM, Envmgr, form


@pytest.fixture
def hello(envmgr: Envmgr, definitions: Path) -> Envmgr:
    """The command line, with the small program installed."""
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    assert envmgr("install", "tool.hello").returncode == 0
    return envmgr


def listed(envmgr: Envmgr, *arguments: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = form(envmgr(*arguments, "--json"))["entries"]
    return entries


def planted(place: Path, version: str) -> Path:
    """A program that says it is hello of some version."""
    path = place / "bin" / "hello-envmgr"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PROGRAM.replace(b"1.2", version.encode()))
    path.chmod(0o755)
    return path


# -- detect ----------------------------------------------------------------------------------


@pytest.mark.needs("gcc")
def test_detect_prints_a_table_and_records(envmgr: Envmgr) -> None:
    done = envmgr("detect", "compiler.gcc")
    assert done.returncode == 0, done.stderr
    header, first, *_ = done.stdout.splitlines()
    assert header.split() == ["NAME", "VERSION", "ID", "ORIGIN", "TAGS", "PATH"]
    assert first.startswith("compiler.gcc")
    assert envmgr("show", "compiler.gcc").returncode == 0


@pytest.mark.needs("gcc")
def test_detect_proves_that_a_compiler_works(envmgr: Envmgr) -> None:
    done = envmgr("detect", "compiler.gcc", "--check")
    assert done.returncode == 0, done.stderr
    assert "works" in done.stdout


def test_a_failed_check_is_told_by_the_exit_status(
    envmgr: Envmgr, definitions: Path, tmp_path: Path
) -> None:
    detector = definitions / "detectors/tool/hello.toml"
    detector.write_text(detector.read_text().replace('expect = "hello"', 'expect = "goodbye"'))
    envmgr("repo", "add", str(definitions))
    place = planted(tmp_path / "place", "3.1")
    done = envmgr("detect", "tool.hello", "--path", str(place), "--check")
    assert done.returncode == 1
    assert "FAILS" in done.stdout
    assert "goodbye" in done.stdout


def test_detect_explains_what_it_refused(envmgr: Envmgr, definitions: Path, tmp_path: Path) -> None:
    envmgr("repo", "add", str(definitions))
    broken = planted(tmp_path / "broken", "1.2")
    broken.write_text("#!/bin/sh\necho nothing of the kind\n")
    good = planted(tmp_path / "good", "2.0")
    done = envmgr("detect", "tool.hello", "--search-dir", str(tmp_path), "--explain")
    assert done.returncode == 0
    assert f"{good}: tool.hello@2.0" in done.stdout
    assert f"{broken}: not tool.hello: " in done.stdout


def test_nothing_detected_is_1_and_says_what_to_do(envmgr: Envmgr, definitions: Path) -> None:
    envmgr("repo", "add", str(definitions))
    done = envmgr("detect", "tool.hello")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--explain" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--all", "compiler.gcc")])
def test_detect_wants_names_or_all(envmgr: Envmgr, arguments: tuple[str, ...]) -> None:
    done = envmgr("detect", *arguments)
    assert done.returncode == 2
    assert "--all" in done.stderr


def test_an_unknown_detector_suggests_the_nearest(envmgr: Envmgr) -> None:
    done = envmgr("detect", "compiler.gc")
    assert done.returncode == 2
    assert "did you mean compiler.g" in done.stderr


# -- show ------------------------------------------------------------------------------------


def test_show_finds_by_name_tags_version_and_id(hello: Envmgr) -> None:
    (entry,) = listed(hello, "show")
    for query in ("tool.hello", "hello,tool", "tool.hello@>=1", entry["id"], entry["id"][:6]):
        assert listed(hello, "show", query) == [entry]
    for query in ("tool.hello@>=2", "tool,-hello"):
        assert hello("show", query).returncode == 1


def test_show_prints_one_entry_in_full(hello: Envmgr) -> None:
    (entry,) = listed(hello, "show")
    done = hello("show", "tool.hello")
    assert done.stdout.startswith("tool.hello 1.2\n")
    for text in (entry["id"], entry["path"], entry["prefix"], "installed tool.hello", "HELLO"):
        assert text in done.stdout


def test_an_empty_store_shows_nothing_and_that_is_fine(envmgr: Envmgr) -> None:
    done = envmgr("show")
    assert (done.returncode, done.stdout) == (0, "")
    assert listed(envmgr, "show") == []


def test_a_damaged_entry_is_named_and_the_others_are_shown(hello: Envmgr, home: Path) -> None:
    damaged = home / "envmgr/entries/tool.other-1-0123456789abcdef.json"
    damaged.write_text("{")
    done = hello("show")
    assert done.returncode == 0
    assert "tool.hello" in done.stdout
    assert str(damaged) in done.stderr


# -- resolve ---------------------------------------------------------------------------------


def test_resolve_says_why(hello: Envmgr) -> None:
    done = hello("resolve", "tool,hello", "--explain")
    assert done.returncode == 0
    assert "tool.hello@1.2" in done.stdout
    assert "  + " in done.stdout


def test_what_cannot_be_answered_is_3_with_the_next_step(envmgr: Envmgr, definitions: Path) -> None:
    envmgr("repo", "add", str(definitions))
    done = envmgr("resolve", "tool.hello")
    assert (done.returncode, done.stdout) == (3, "")
    assert "hint: envmgr install --tags=tool.hello" in done.stderr


# -- install ---------------------------------------------------------------------------------


def test_a_dry_run_prints_the_plan_and_does_nothing(
    envmgr: Envmgr, definitions: Path, home: Path
) -> None:
    envmgr("repo", "add", str(definitions))
    done = envmgr("install", "tool.hello", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.startswith("tool.hello@1.2\n")
    assert "hello-1.2.tar.gz" in done.stdout
    assert not (home / "envmgr/prefixes").exists()
    assert listed(envmgr, "show") == []


def test_installing_again_says_that_it_is_there(hello: Envmgr) -> None:
    done = hello("install", "tool.hello")
    assert done.returncode == 0
    assert "installed already" in done.stderr
    assert "tool.hello" in done.stdout


def test_prefixes_go_where_they_are_told(envmgr: Envmgr, definitions: Path, tmp_path: Path) -> None:
    envmgr("repo", "add", str(definitions))
    root = tmp_path / "elsewhere"
    (entry,) = listed(envmgr, "install", "tool.hello", "--prefix-root", str(root))
    assert entry["prefix"].startswith(str(root))
    assert Path(entry["path"]).is_file()


def test_a_file_that_is_not_the_one_is_4_and_leaves_nothing(
    envmgr: Envmgr, definitions: Path
) -> None:
    (definitions.parent / "hello-1.2.tar.gz").write_bytes(b"other")
    envmgr("repo", "add", str(definitions))
    done = envmgr("install", "tool.hello")
    assert (done.returncode, done.stdout) == (4, "")
    assert listed(envmgr, "show") == []


# -- refresh and remove ----------------------------------------------------------------------


def test_refresh_notices_what_changed(
    envmgr: Envmgr, definitions: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    envmgr("repo", "add", str(definitions))
    place = tmp_path / "place"
    path = f"{place}/bin:{environ['PATH']}"
    planted(place, "1.0")
    assert envmgr("detect", "tool.hello", PATH=path).returncode == 0
    planted(place, "1.25")
    printed = form(envmgr("refresh", "--json", PATH=path))
    assert [entry["version"] for entry in printed["entries"]] == ["1.25"]
    shutil.rmtree(place)
    done = envmgr("refresh", PATH=path)
    assert "- tool.hello@1.25" in done.stdout
    assert listed(envmgr, "show") == []


def test_remove_deletes_the_prefix_of_what_was_installed(hello: Envmgr) -> None:
    (entry,) = listed(hello, "show")
    done = hello("remove", entry["id"])
    assert done.returncode == 0
    assert not Path(entry["prefix"]).exists()
    assert listed(hello, "show") == []


@pytest.mark.parametrize("kind", ["another root", "a root behind a link"])
def test_remove_deletes_the_prefix_wherever_it_is(
    envmgr: Envmgr, definitions: Path, tmp_path: Path, kind: str
) -> None:
    envmgr("repo", "add", str(definitions))
    root = tmp_path / "elsewhere"
    if kind == "a root behind a link":
        (tmp_path / "real").mkdir()
        root.symlink_to(tmp_path / "real")
    (entry,) = listed(envmgr, "install", "tool.hello", "--prefix-root", str(root))
    assert envmgr("remove", "tool.hello").returncode == 0
    assert not Path(entry["prefix"]).exists()
    assert listed(envmgr, "show") == []


def test_remove_leaves_what_was_detected_on_the_disk(
    envmgr: Envmgr, definitions: Path, tmp_path: Path
) -> None:
    envmgr("repo", "add", str(definitions))
    program = planted(tmp_path / "place", "1.0")
    envmgr("detect", "tool.hello", "--path", str(program))
    assert envmgr("remove", "--detected").returncode == 0
    assert program.is_file()
    assert listed(envmgr, "show") == []


@pytest.mark.parametrize(
    ("arguments", "code"), [((), 2), (("tool.hello",), 1), (("0123456789abcdef",), 2)]
)
def test_removing_nothing_is_told(envmgr: Envmgr, arguments: tuple[str, ...], code: int) -> None:
    assert envmgr("remove", *arguments).returncode == code
