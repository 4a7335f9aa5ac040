"""The Python face on real software, with an empty store."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

import envmgr
from envmgr.api import recorded
from envmgr.catalog.repositories import Repositories
from envmgr.errors import InstallError, ResolutionError, UsageError

DETECTOR = """
name = "dataset.words"
description = "Three words"
tags = ["dataset", "words"]
[find]
marker = "words.txt"
[[version]]
file = "{prefix}/VERSION"
match = '([0-9.]+)'
[env]
WORDS = "{prefix}/words.txt"
[check]
files = { "words.txt" = 1 }
[[case]]
tree."words.txt" = "a"
tree."VERSION" = "1.0"
expect = { version = "1.0" }
"""
RECIPE = """
name = "dataset.words"
description = "Three words"
tags = ["dataset", "words"]
detector = "dataset.words"
[versions]
"{version}" = { "words.txt" = "sha256:{words}", "VERSION" = "sha256:{label}" }
[source]
urls = ["{directory}/{file}"]
unpack = false
"""


@pytest.fixture
def workspace(environ: dict[str, str]) -> envmgr.Workspace:
    """An empty store."""
    return envmgr.Workspace(environ["ENVMGR_HOME"], environ=environ)


@pytest.fixture
def published(tmp_path: Path, workspace: envmgr.Workspace) -> Path:
    """Where a data set lies, known to the store by a repository of the user's."""
    files = tmp_path / "published"
    files.mkdir()
    (files / "words.txt").write_text("some three words\n")
    (files / "VERSION").write_text("1.0\n")
    digests = [
        hashlib.sha256((files / name).read_bytes()).hexdigest() for name in ("words.txt", "VERSION")
    ]
    recipe = RECIPE.replace("{version}", "1.0").replace("{directory}", files.as_uri())
    recipe = recipe.replace("{words}", digests[0]).replace("{label}", digests[1])
    root = tmp_path / "definitions"
    for kind, text in (("detectors", DETECTOR), ("recipes", recipe)):
        place = root / kind / "dataset"
        place.mkdir(parents=True)
        (place / "words.toml").write_text(text)
    Repositories(workspace.layout.root).add(str(root))
    return files


# -- what is there ---------------------------------------------------------------------------


@pytest.mark.needs("gcc")
def test_detecting_records_what_is_there(workspace: envmgr.Workspace) -> None:
    found = envmgr.detect("compiler.gcc", workspace=workspace)
    assert found
    assert envmgr.find("compiler,lang-c,gcc", workspace=workspace) == found
    said = subprocess.run([found[-1].delta.put["CC"], "-dumpfullversion"], capture_output=True)
    assert said.stdout.decode().strip() == found[-1].version


@pytest.mark.needs("gcc")
def test_detecting_again_gives_the_same(workspace: envmgr.Workspace) -> None:
    first = envmgr.detect("compiler.gcc", workspace=workspace)
    assert envmgr.detect("compiler.gcc", workspace=workspace) == first


def test_nothing_is_recorded_at_first(workspace: envmgr.Workspace) -> None:
    assert envmgr.find("compiler", workspace=workspace) == ()
    assert not os.path.exists(workspace.layout.entries)


@pytest.mark.needs("gcc")
def test_resolving_looks_for_what_nobody_looked_for(workspace: envmgr.Workspace) -> None:
    resolution = envmgr.resolve("compiler.gcc", workspace=workspace)
    (answer,) = resolution.answers
    assert answer.chosen in envmgr.find("compiler.gcc", workspace=workspace)
    assert resolution.entries[-1] == answer.chosen
    assert any(verdict.taken for verdict in answer.verdicts)


def test_what_cannot_be_had_is_an_error(workspace: envmgr.Workspace) -> None:
    with pytest.raises(ResolutionError):
        envmgr.resolve("compiler,no-such-tag", workspace=workspace)
    with pytest.raises(UsageError):
        envmgr.find("not a query", workspace=workspace)
    with pytest.raises(UsageError):
        envmgr.detect("compiler.no-such-name", workspace=workspace)


# -- environments ----------------------------------------------------------------------------


@pytest.mark.needs("gcc")
def test_inside_a_with_block_the_environment_is_changed(
    workspace: envmgr.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "mine")
    monkeypatch.delenv("CXX", raising=False)
    before = dict(os.environ)
    with envmgr.environment("compiler.gcc,lang-c", workspace=workspace) as inside:
        assert os.environ["CC"] == inside.delta.put["CC"] != "mine"
        assert os.environ["ENVMGR_ENVIRONMENT"] == inside.label
        built = subprocess.run(
            ["sh", "-c", 'echo "int main(void){return 42;}" | $CC -x c - -o "$0" && "$0"',
             os.path.join(workspace.layout.root, "out")],
        )  # fmt: skip
        assert built.returncode == 42
    assert dict(os.environ) == before


@pytest.mark.needs("gcc")
def test_an_exception_leaves_the_environment_too(workspace: envmgr.Workspace) -> None:
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError), envmgr.environment("compiler.gcc", workspace=workspace):
        1 / 0  # noqa: B018
    assert dict(os.environ) == before


@pytest.mark.needs("gcc")
def test_the_environment_of_a_project(
    workspace: envmgr.Workspace, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    envmgr.install("dataset.words", workspace=workspace)
    file = tmp_path / "envmgr.toml"
    file.write_text('name = "p"\nneeds = ["dataset.words"]\nvariables = { LOUD = "1" }\n')
    with envmgr.project_environment(project=str(tmp_path), workspace=workspace) as inside:
        assert os.environ["LOUD"] == "1"
        assert Path(os.environ["WORDS"]).read_text() == "some three words\n"
        assert inside.label == "p"
    assert "LOUD" not in os.environ
    file.unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(envmgr.EnvmgrError, match="there is no project"):
        envmgr.project_environment(workspace=workspace)


def test_environments_nest(workspace: envmgr.Workspace, published: Path) -> None:
    envmgr.install("dataset.words", workspace=workspace)
    before = dict(os.environ)
    with envmgr.environment("compiler.gcc", workspace=workspace):
        outer = dict(os.environ)
        with envmgr.environment("dataset.words", workspace=workspace):
            assert "WORDS" in os.environ
            assert os.environ["CC"] == outer["CC"]
        assert dict(os.environ) == outer
    assert dict(os.environ) == before


# -- installing ------------------------------------------------------------------------------


def test_installing_gives_an_entry_like_any_other(
    workspace: envmgr.Workspace, published: Path
) -> None:
    (entry,) = envmgr.install("dataset.words", workspace=workspace)
    assert (entry.name, entry.version, entry.origin.kind) == ("dataset.words", "1.0", "installed")
    assert Path(entry.delta.put["WORDS"]).read_text() == "some three words\n"
    assert entry.prefix.startswith(workspace.layout.prefixes)
    assert envmgr.find("dataset", workspace=workspace) == (entry,)


def test_installing_again_fetches_nothing(workspace: envmgr.Workspace, published: Path) -> None:
    first = envmgr.install("dataset.words", workspace=workspace)
    (published / "words.txt").unlink()
    assert envmgr.install("dataset.words", workspace=workspace) == first


def test_another_store_gives_the_same_entry(
    workspace: envmgr.Workspace, published: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    other = envmgr.Workspace(str(tmp_path / "other store"), environ=environ)
    Repositories(other.layout.root).add(str(tmp_path / "definitions"))
    (here,) = envmgr.install("dataset.words", workspace=workspace)
    (there,) = envmgr.install("dataset.words", workspace=other)
    assert here.id == there.id
    assert here.prefix != there.prefix


def test_another_file_than_the_recipe_names_is_never_installed(
    workspace: envmgr.Workspace, published: Path
) -> None:
    (published / "words.txt").write_text("other words\n")
    with pytest.raises(InstallError, match=r"words\.txt"):
        envmgr.install("dataset.words", workspace=workspace)
    assert envmgr.find("dataset", workspace=workspace) == ()


def test_what_was_removed_is_gone(workspace: envmgr.Workspace, published: Path) -> None:
    (entry,) = envmgr.install("dataset.words", workspace=workspace)
    assert recorded.remove(workspace, [entry.id]) == (entry,)
    assert not os.path.exists(entry.prefix)
    assert envmgr.find("dataset", workspace=workspace) == ()


def test_a_prefix_deleted_by_hand_is_forgotten(
    workspace: envmgr.Workspace, published: Path
) -> None:
    (entry,) = envmgr.install("dataset.words", workspace=workspace)
    Path(entry.delta.put["WORDS"]).unlink()
    assert envmgr.find("dataset", workspace=workspace) == ()
