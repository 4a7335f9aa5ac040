"""`envmgr lock`, `sync` and `diff` as a person has them: what they print and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import DETECTOR, Envmgr
from tests.detect.mock import program

LOCKED = "envmgr.lock"


@pytest.fixture
def bench(tmp_path: Path, environ: dict[str, str], definitions: Path) -> Path:
    """The directory of a project that wants a mock tool and one that can be installed."""
    tools = tmp_path / "tools"
    program(tools / "other-envmgr", "other-envmgr 2.5")
    detector = DETECTOR.replace("hello", "other").replace("HELLO", "OTHER")
    (definitions / "detectors/tool/other.toml").write_text(detector)
    environ["PATH"] = f"{tools}:{environ['PATH']}"
    directory = tmp_path / "bench"
    directory.mkdir()
    wants(directory, "tool.other", "tool.hello")
    return directory


def wants(directory: Path, *queries: str) -> None:
    (directory / "envmgr.toml").write_text(f"needs = {json.dumps(queries)}\n")


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(envmgr: Envmgr, bench: Path, definitions: Path) -> Run:
    """Runs a verb for the project, in a store that knows the definitions."""
    assert envmgr("repo", "add", str(definitions)).returncode == 0

    def call(verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = () if verb == "diff" else ("--project", str(bench))
        done = envmgr(verb, *own, *arguments)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return call


def printed(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def test_a_day_with_a_lock(run: Run, bench: Path) -> None:
    stale = run("lock", "--check")
    assert stale.returncode == 6 and "there is no lock" in stale.stderr
    done = run("lock")
    assert done.returncode == 0, done.stderr
    assert f"wrote {bench / LOCKED}" in done.stderr
    assert "is as it was" in run("lock").stderr
    assert run("lock", "--check").returncode == 0
    refused = run("exec", "--", "hello-envmgr")
    assert refused.returncode == 8 and "tool.hello@1.2" in refused.stderr
    assert "hint: `envmgr sync`" in refused.stderr
    done = run("sync")
    assert done.returncode == 0, done.stderr
    assert "tool.hello" in done.stdout and "installing tool.hello@1.2" in done.stderr
    said = run("exec", "--", "hello-envmgr")
    assert (said.returncode, said.stdout) == (0, "hello-envmgr 1.2\n")
    explained = run("exec", "--explain", "--", "true").stderr
    assert "+ tool.hello@1.2" in explained and "it is locked" in explained
    same = run("diff", str(bench))
    assert (same.returncode, same.stdout) == (0, "") and "nothing differs" in same.stderr


def test_a_dry_run_does_nothing(run: Run, bench: Path, environ: dict[str, str]) -> None:
    done = run("sync", "--dry-run")
    assert done.returncode == 0
    assert "would be written" in done.stdout and "tool.hello@1.2" in done.stdout
    assert not (bench / LOCKED).exists()
    run("lock")
    form = printed(run("sync", "--dry-run", "--json"))
    assert [plan["recipe"] for plan in form["plans"]] == ["tool.hello"]
    assert not list(Path(environ["ENVMGR_HOME"]).glob("prefixes/*"))


def test_a_project_that_outgrew_its_lock(run: Run, bench: Path) -> None:
    wants(bench, "tool.other")
    run("lock")
    wants(bench, "tool.other", "tool.hello")
    for call in (("lock", "--check"), ("sync", "--frozen"), ("exec", "--", "true")):
        done = run(*call)
        assert done.returncode == 6
        assert "tool.hello" in done.stderr and "envmgr lock" in done.stderr
    done = run("sync")
    assert done.returncode == 0 and f"wrote {bench / LOCKED}" in done.stderr
    assert run("exec", "--", "true").returncode == 0


def test_another_machine(run: Run, bench: Path, tmp_path: Path) -> None:
    run("sync")
    shutil.copy(bench / LOCKED, tmp_path / "before.lock")
    program(tmp_path / "tools/other-envmgr", "other-envmgr 2.6")
    done = run("sync", "--frozen")
    assert done.returncode == 8
    assert "tool.other: version: 2.5 -> 2.6" in done.stdout and "can change: " in done.stdout
    form = printed(run("sync", "--frozen", "--json"))
    assert ("version", "2.5", "2.6") in [
        (d["field"], d["before"], d["after"]) for d in form["differences"]
    ]
    assert run("diff", str(bench / LOCKED)).returncode == 1
    assert run("lock", "--update", "tool.other").returncode == 0
    assert run("sync", "--frozen").returncode == 0
    done = run("diff", str(tmp_path / "before.lock"), str(bench / LOCKED))
    assert done.returncode == 1 and "tool.other: version: 2.5 -> 2.6" in done.stdout


def test_a_recipe_with_another_checksum(run: Run, definitions: Path) -> None:
    run("lock")
    recipe = definitions / "recipes/tool/hello.toml"
    old = recipe.read_text()
    digest = old.partition("sha256:")[2][:64]
    recipe.write_text(old.replace(digest, "0" * 64))
    done = run("sync", "--json")
    assert done.returncode == 7
    error = printed(done)["error"]
    assert error["kind"] == "ChangedRecipeError"
    assert f"sha256:{digest} in the lock and sha256:{'0' * 64} in the recipe" in error["message"]
    recipe.write_text(old.replace('"1.2"', '"1.3"'))
    done = run("sync")
    assert done.returncode == 7
    assert "no longer has that version" in done.stderr and "has 1.3" in done.stderr


def test_other_bytes_than_the_locked_ones(run: Run, definitions: Path) -> None:
    run("lock")
    (definitions.parent / "hello-1.2.tar.gz").write_bytes(b"something else")
    done = run("sync")
    assert done.returncode == 4 and "hello-1.2.tar.gz" in done.stderr


def test_a_lock_from_somebody_hostile(run: Run, bench: Path) -> None:
    run("lock")
    text = (bench / LOCKED).read_text()
    (bench / LOCKED).write_text(text.replace('kind = "detected"', 'kind = "\\u001b[2Jx"'))
    for call in (("lock",), ("sync",), ("exec", "--", "true"), ("diff", str(bench))):
        done = run(*call)
        assert done.returncode == 6 and "\x1b" not in done.stderr
        assert f"{LOCKED}:" in done.stderr


def test_another_format_says_the_next_step(run: Run, bench: Path) -> None:
    (bench / LOCKED).write_text("format = 9\n")
    done = run("sync")
    assert done.returncode == 6 and "format 9" in done.stderr and "hint: " in done.stderr


def test_what_makes_no_sense(run: Run, envmgr: Envmgr, tmp_path: Path) -> None:
    assert run("lock", "--check", "--update").returncode == 2
    assert run("lock", "-e", "nonsense").returncode == 2
    assert run("lock", "-e", "nonsense", "--check").returncode == 2
    assert run("sync", "-e", "nonsense").returncode == 2
    assert envmgr("diff", str(tmp_path / "no.lock")).returncode == 6
    (tmp_path / "empty").mkdir()
    assert envmgr("lock", "--project", str(tmp_path / "empty")).returncode == 2
