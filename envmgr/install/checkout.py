"""Checkouts: exactly one commit of a repository, and nothing else of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from envmgr.errors import DefinitionError, FetchError, InstallError, UnsafeArchiveError
from envmgr.host.files import remove_tree
from envmgr.host.process import Finished, run
from envmgr.install.body import BodyError, check_url, shown
from envmgr.install.place import merge, staging_for
from envmgr.install.tree import Judge, Parts
from envmgr.model.plan import Checkout

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SCHEMES = ("https", "ssh", "file")
_SAFE = (
    *("-c", "protocol.ext.allow=never"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "submodule.recurse=false"),
    *("-c", "core.autocrlf=false"),  # the same bytes on every machine
)
_USERS = ("GIT_SSH", "GIT_SSL", "GIT_ASKPASS", "GIT_CONFIG_")
"""How the user's keys, certificates and settings are named in the environment."""
_EVERYTHING = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")


def checkout(step: Checkout, into: str, *, timeout: float = 3600.0) -> None:
    """Put the tree of the commit into the directory *into*, beside what is there.

    Only that commit is fetched where the server allows it. What is left is the tree: no
    history, no hooks, no submodules. Each call of git may take *timeout* seconds. Raises
    FetchError, and UnsafeArchiveError for a link that leaves the tree.
    """
    url = _checked(step)
    with staging_for(into) as staging:
        tree = os.path.join(staging, "tree")
        _git(("init", "--quiet", "--template=", "--", tree), staging, step, timeout)
        _fetch(url, tree, step, timeout)
        _git(("checkout", "--quiet", "--detach", step.commit, "--"), tree, step, timeout)
        _verify(tree, step, timeout)
        remove_tree(os.path.join(tree, ".git"))
        _judge_links(tree, step)
        merge(tree, into)


def _checked(step: Checkout) -> str:
    """The address for git. Raises DefinitionError for all that could be taken for an option."""
    if not _COMMIT.fullmatch(step.commit):
        raise DefinitionError(
            f"{step.commit!r} is not a commit", hint="write all 40 digits, in lower case"
        )
    url = step.url.removeprefix("git+")
    if os.path.isabs(url) and url.isprintable():
        return url
    try:
        check_url(url, _SCHEMES)
    except BodyError as error:
        raise DefinitionError(
            f"cannot clone {shown(step.url)}: {error}",
            hint="write https://…, ssh://…, file://… or an absolute path",
        ) from error
    return url


def _fetch(url: str, tree: str, step: Checkout, timeout: float) -> None:
    options = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
    alone = _try_git((*options, "--depth=1", "--", url, step.commit), tree, timeout)
    if alone.code != 0:  # the server only gives branches and tags
        _git((*options, "--", url, *_EVERYTHING), tree, step, timeout)


def _verify(tree: str, step: Checkout, timeout: float) -> None:
    head = _git(("rev-parse", "HEAD"), tree, step, timeout).output.strip()
    if head != step.commit:
        raise FetchError(f"git checked out {head} of {shown(step.url)}, not {step.commit}")


def _judge_links(tree: str, step: Checkout) -> None:
    kinds = dict(_members(tree))
    links = {p: os.readlink(os.path.join(tree, *p)) for p, k in kinds.items() if k == "symlink"}
    judge = Judge(kinds, links)
    for parts, target in links.items():
        if reason := judge.mistake(parts, target):
            raise UnsafeArchiveError(
                f"commit {step.commit} of {shown(step.url)} is refused: "
                f"the target {target!r} of its link {'/'.join(parts)!r} {reason}"
            )


def _members(tree: str) -> Iterator[tuple[Parts, str]]:
    pending: list[Parts] = [()]
    while pending:
        outer = pending.pop()
        for item in os.scandir(os.path.join(tree, *outer)):
            parts = (*outer, item.name)
            if item.is_symlink():
                yield parts, "symlink"
            elif item.is_dir():
                pending.append(parts)
                yield parts, "directory"
            else:
                yield parts, "file"


def _git(arguments: tuple[str, ...], cwd: str, step: Checkout, timeout: float) -> Finished:
    finished = _try_git(arguments, cwd, timeout)
    if finished.timed_out:
        raise FetchError(f"git {arguments[0]} of {shown(step.url)} took more than {timeout:g} s")
    if finished.code != 0:
        said = " / ".join(finished.output.split("\n")[-4:]).strip(" /")
        raise FetchError(
            f"cannot take commit {step.commit} of {shown(step.url)}: {said}",
            hint="check the address and the commit, and that git can reach the server",
        )
    return finished


def _try_git(arguments: tuple[str, ...], cwd: str, timeout: float) -> Finished:
    import shutil

    if shutil.which("git") is None:
        raise InstallError("git is not on PATH", hint="install git")
    return run(("git", *_SAFE, *arguments), env=_environ(), cwd=cwd, timeout=timeout)


def _environ() -> dict[str, str]:
    """The user's environment, for keys and proxies, less what points git at a repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_USERS)
    }
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:ssh:file"}
