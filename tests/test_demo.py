"""The demo: it really runs, twice with one outcome, and says which step failed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", ROOT / "tools" / "demo.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = module
    spec.loader.exec_module(module)
    return module


def run_demo(place: Path, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), **more}
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "demo.py"), str(place)],
        env=environ,
        capture_output=True,
        text=True,
        timeout=280,
    )


def files(top: Path) -> dict[str, tuple[int, int]]:
    """Every file below *top*, and what would change if it were written again."""
    found = [path for path in sorted(top.rglob("*")) if path.is_file()]
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


@pytest.mark.needs("pypi", "gcc", "apt-cache")
def test_second_run_has_the_same_outcome_and_fetches_nothing(tmp_path: Path, home: Path) -> None:
    place = tmp_path / "demo"
    first = run_demo(place, home)
    assert first.returncode == 0, first.stderr
    assert "tool.ninja" not in first.stderr.partition("not carried over")[2]
    image = (place / "Dockerfile").read_bytes()
    fetched = files(place / "store" / "cache" / "downloads")
    prefixes = files(place / "store" / "prefixes")
    assert fetched and prefixes

    unreachable = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    second = run_demo(place, home, **unreachable)
    assert second.returncode == 0, second.stderr
    assert "everything is installed already" in second.stderr
    assert files(place / "store" / "cache" / "downloads") == fetched
    assert files(place / "store" / "prefixes") == prefixes
    assert (place / "Dockerfile").read_bytes() == image
    assert not (home / ".local").exists(), "the user's own store was touched"


def test_every_run_builds_anew(demo: ModuleType, tmp_path: Path) -> None:
    project = tmp_path / "hello"
    demo.write_program(project)
    (project / "hello").write_text("left from an earlier run")
    demo.write_program(project)
    assert not (project / "hello").exists()
    assert demo.GREETING in (project / "greet.c").read_text()


def test_a_failed_step_is_named(tmp_path: Path, home: Path) -> None:
    no_store = tmp_path / "demo" / "store"
    no_store.parent.mkdir()
    no_store.write_text("a file where the store should be")
    done = run_demo(tmp_path / "demo", home)
    assert done.returncode == 1
    assert "demo: `envmgr detect --all` failed with exit status 1" in done.stderr
    assert "is done" not in done.stdout


def test_an_answer_that_is_not_the_right_one_is_a_failure(
    demo: ModuleType, environ: dict[str, str]
) -> None:
    step = demo.Step("say the version", ("--version",), expect=r"no such answer")
    with pytest.raises(demo.DemoError, match="`envmgr --version` did not print 'no such answer'"):
        demo.perform(step, {**environ, "PYTHONPATH": str(ROOT)})


def test_the_demo_is_outside_every_active_environment(demo: ModuleType, tmp_path: Path) -> None:
    active = {"ENVMGR_RESTORE": "x", "ENVMGR_PREFIX_ROOT": "/elsewhere", "PATH": "/bin"}
    own = demo.own_environ(tmp_path, active)
    assert own == {"ENVMGR_HOME": str(tmp_path), "PATH": "/bin"}


def test_the_last_stage_of_the_image_is_shown(
    demo: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "Dockerfile"
    image.write_text("# made\nFROM a AS fetch\nRUN x\n\nFROM a\nENV CC=gcc\n")
    demo.show_image(image)
    assert capsys.readouterr().out == "FROM a\nENV CC=gcc\n"


def test_what_is_no_dockerfile_is_refused(demo: ModuleType, tmp_path: Path) -> None:
    image = tmp_path / "Dockerfile"
    image.write_text("# nothing\n")
    with pytest.raises(demo.DemoError, match="is not a Dockerfile"):
        demo.show_image(image)
