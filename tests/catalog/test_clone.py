"""Git is handed nothing that it could run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from envmgr.catalog.clone import clone, fast_forward, is_address
from envmgr.errors import UsageError


@pytest.mark.parametrize(
    "source",
    [
        "https://example.org/a/b.git",
        "https://user@example.org:8443/a",
        "http://[::1]/a",
        "ssh://git@example.org/a/b",
        "git@example.org:a/b.git",
        "file:///srv/definitions",
    ],
)
def test_addresses(source: str) -> None:
    assert is_address(source)


@pytest.mark.parametrize("source", ["/srv/x", "./x", "x", "~/x", "a@b", "dir/git@x:y", "C:\\x"])
def test_directories(source: str) -> None:
    assert not is_address(source)


@pytest.mark.parametrize(
    "source",
    [
        "--upload-pack=touch x",
        "-x",
        "ext::sh -c touch% x",
        "fd::17/foo",
        "git://example.org/x",
        "ftp://example.org/x",
        "ssh://-oProxyCommand=touch/x",
        "ssh://git@-oProxyCommand=touch/x",
        "git@-oProxyCommand=touch:x",
        "-oProxyCommand=touch@example.org:x",
        "git@example.org:-x",
        "file://example.org/x",
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https:///x",
    ],
)
def test_what_git_must_never_see(source: str) -> None:
    with pytest.raises(UsageError):
        is_address(source)


def _git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True)


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a link that leads out of it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    root = tmp_path / "origin"
    (root / "shells").mkdir(parents=True)
    os.symlink("/etc/passwd", root / "shells" / "x.toml")
    _git(root, "init", "-q", "-b", "main")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "x")
    return root


@pytest.mark.needs("git")
def test_a_link_that_leads_out_comes_as_text(origin: Path, tmp_path: Path) -> None:
    clone(f"file://{origin}", str(tmp_path / "clone"))
    link = tmp_path / "clone" / "shells" / "x.toml"
    assert not link.is_symlink()
    assert link.read_text() == "/etc/passwd"


@pytest.mark.needs("git")
def test_no_hook_is_run(origin: Path, tmp_path: Path) -> None:
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in ("post-checkout", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
        (hooks / name).chmod(0o755)
    config = f"[init]\ntemplateDir = {tmp_path}/template\n[core]\nhooksPath = {hooks}\n"
    (tmp_path / ".gitconfig").write_text(config)
    target = tmp_path / "clone"
    clone(f"file://{origin}", str(target))
    (origin / "shells" / "y.toml").write_text("")
    _git(origin, "-c", "core.hooksPath=/dev/null", "add", "-A")
    _git(origin, "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "y")
    old, new = fast_forward(str(target))
    assert old != new
    assert not (tmp_path / "ran").exists()


@pytest.mark.needs("git")
def test_variables_of_another_repository_do_not_mislead(
    origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    clone(f"file://{origin}", str(tmp_path / "clone"))
    monkeypatch.delenv("GIT_DIR")
    assert not (tmp_path / "other.git").exists()
    assert (tmp_path / "clone" / ".git").is_dir()
