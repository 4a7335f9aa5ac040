"""Checkouts of a local repository: the commit, the whole commit and nothing but the commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from envmgr.errors import DefinitionError, EnvmgrError, FetchError, UnsafeArchiveError
from envmgr.install.checkout import checkout
from envmgr.model.plan import Checkout

pytestmark = pytest.mark.needs("git")

IDENTITY = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.invalid")


def git(where: Path, *arguments: str) -> str:
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    argv = ["git", *IDENTITY, *arguments]
    done = subprocess.run(argv, cwd=where, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Origin:
    """A bare repository, and a working copy to fill it from."""

    def __init__(self, directory: Path) -> None:
        self.work, self.bare = directory / "work", directory / "bare.git"
        git(directory, "init", "-q", "-b", "main", str(self.work))
        git(directory, "init", "-q", "--bare", "-b", "main", str(self.bare))

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "more")
        git(self.work, "push", "-q", str(self.bare), "HEAD:refs/heads/main")
        return git(self.work, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    (tmp_path / "origin").mkdir()
    return Origin(tmp_path / "origin")


def test_an_older_commit_comes_and_only_its_tree(origin: Origin, tmp_path: Path) -> None:
    wanted = origin.commit(**{"a": "1", "d/b": "2"})
    origin.commit(a="changed", c="3")
    checkout(Checkout(str(origin.bare), wanted, "src"), str(tmp_path / "into"))
    assert sorted(os.listdir(tmp_path / "into")) == ["a", "d"]
    assert (tmp_path / "into/a").read_text() == "1"


@pytest.mark.parametrize("allowed", ["true", "false"])
@pytest.mark.parametrize("prefix", ["file://", "git+file://"])
def test_a_server_that_gives_any_commit_and_one_that_does_not(
    origin: Origin, tmp_path: Path, prefix: str, allowed: str
) -> None:
    wanted = origin.commit(a="1")
    origin.commit(a="2")
    for name in ("allowAnySHA1InWant", "allowReachableSHA1InWant", "allowTipSHA1InWant"):
        git(origin.bare, "config", f"uploadpack.{name}", allowed)
    checkout(Checkout(f"{prefix}{origin.bare}", wanted, "src"), str(tmp_path / "into"))
    assert (tmp_path / "into/a").read_text() == "1"


def test_what_is_there_stays(origin: Origin, tmp_path: Path) -> None:
    wanted = origin.commit(a="1")
    (tmp_path / "into").mkdir()
    (tmp_path / "into/mine").write_text("mine")
    checkout(Checkout(str(origin.bare), wanted, "."), str(tmp_path / "into"))
    assert sorted(os.listdir(tmp_path / "into")) == ["a", "mine"]


def test_modes_and_links_come_along(origin: Origin, tmp_path: Path) -> None:
    (origin.work / "link").symlink_to("tool")
    (origin.work / "tool").write_text("#!/bin/sh\n")
    (origin.work / "tool").chmod(0o755)
    checkout(Checkout(str(origin.bare), origin.commit(), "."), str(tmp_path / "into"))
    assert os.access(tmp_path / "into/tool", os.X_OK)
    assert os.readlink(tmp_path / "into/link") == "tool"


@pytest.mark.parametrize("target", ["/etc/passwd", "../out", "d/../../out"])
def test_links_that_leave_are_refused(origin: Origin, tmp_path: Path, target: str) -> None:
    (origin.work / "link").symlink_to(target)
    wanted = origin.commit(**{"d/x": "1"})
    with pytest.raises(UnsafeArchiveError, match="link"):
        checkout(Checkout(str(origin.bare), wanted, "."), str(tmp_path / "new" / "into"))
    assert os.listdir(tmp_path) == ["origin"]


def test_a_commit_that_is_not_there(origin: Origin, tmp_path: Path) -> None:
    origin.commit(a="1")
    with pytest.raises(FetchError, match="0" * 40):
        checkout(Checkout(str(origin.bare), "0" * 40, "."), str(tmp_path / "into"))
    assert os.listdir(tmp_path) == ["origin"]


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="missing"):
        checkout(Checkout(str(tmp_path / "missing"), "0" * 40, "."), str(tmp_path / "into"))


def test_a_tag_or_a_tree_is_not_its_commit(origin: Origin, tmp_path: Path) -> None:
    origin.commit(a="1")
    git(origin.work, "tag", "-a", "v1", "-m", "one")
    git(origin.work, "push", "-q", str(origin.bare), "v1")
    tag = git(origin.work, "rev-parse", "v1")
    with pytest.raises(FetchError, match="not " + tag):
        checkout(Checkout(str(origin.bare), tag, "."), str(tmp_path / "into"))


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch out",
        "-u",
        "ext::sh -c 'touch out'",
        "http://example.invalid/x.git",
        "git://example.invalid/x.git",
        "fd::17/foo",
        "ssh://-oProxyCommand=touch/x",
        "ssh://user@-oProxyCommand=touch/x",
        "relative/path",
        "user@host:path",
        "/path\nwith newline",
        "",
    ],
)
def test_addresses_that_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(DefinitionError, match="cannot clone"):
        checkout(Checkout(url, "0" * 40, "."), str(tmp_path / "into"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("commit", ["main", "HEAD", "--all", "0" * 39, "A" * 40, "", "0" * 64])
def test_what_is_no_commit(tmp_path: Path, commit: str) -> None:
    with pytest.raises(DefinitionError, match="not a commit"):
        checkout(Checkout("https://example.invalid/x", commit, "."), str(tmp_path / "into"))


def test_hooks_templates_and_submodules_do_nothing(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "post-checkout").chmod(0o755)
    (tmp_path / "gitconfig").write_text(
        f"[init]\ntemplateDir = {tmp_path}/template\n[core]\nhooksPath = {hooks}\n"
        "[submodule]\nrecurse = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    module = f'[submodule "m"]\npath = m\nurl = {tmp_path}/missing\n'
    origin.commit(**{".gitmodules": module})
    first = git(origin.work, "rev-parse", "HEAD")
    git(origin.work, "update-index", "--add", "--cacheinfo", f"160000,{first},m")
    git(origin.work, "commit", "-q", "-m", "a module")
    git(origin.work, "push", "-q", str(origin.bare), "HEAD:refs/heads/main")
    wanted = git(origin.work, "rev-parse", "HEAD")
    checkout(Checkout(str(origin.bare), wanted, "."), str(tmp_path / "into"))
    assert not (tmp_path / "ran").exists()
    assert os.listdir(tmp_path / "into/m") == []


def test_a_time_limit(origin: Origin, tmp_path: Path) -> None:
    wanted = origin.commit(a="1")
    with pytest.raises(EnvmgrError):
        checkout(Checkout(str(origin.bare), wanted, "."), str(tmp_path / "into"), timeout=0.0)
    assert os.listdir(tmp_path) == ["origin"]


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvmgrError, match="git is not on PATH"):
        checkout(Checkout("https://example.invalid/x", "0" * 40, "."), str(tmp_path / "into"))
