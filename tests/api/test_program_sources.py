"""Sources that are fetched: from a server, from git, once, and only what the definition says."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from envmgr.api.program import sources_of
from envmgr.api.program_sources import place_of
from envmgr.api.workspace import Workspace
from envmgr.errors import ProgramError
from tests.api.scripts import BUILD, SAY, script
from tests.install.server import serve

RUN = 'run.default.command = "{exe}"\n'


@pytest.fixture
def workspace(environ: dict[str, str]) -> Workspace:
    """A store of its own."""
    return Workspace(environ=environ)


def archive() -> bytes:
    """The sources of `say` in a directory of a tar.gz."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in (("build.sh", BUILD), ("say.sh", SAY)):
            member = tarfile.TarInfo(f"say-1.0/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


def giving(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """The answer of a server that has *body*."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def test_an_archive_is_fetched_once(workspace: Workspace, tmp_path: Path) -> None:
    body = archive()
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    with serve(giving(body)) as site:
        source = f'[source]\nurl = "{site.url}/say-1.0.tar.gz"\ndigest = "{digest}"\n'
        program = script(workspace, tmp_path, RUN + source, {"notes.txt": "no source"})
        first, second = sources_of(workspace, program), sources_of(workspace, program)
        assert len(site.requests) == 1
    assert set(first.files) == {"build.sh", "say.sh"}
    assert first == second
    assert first.root == place_of(workspace, program.source)


def test_another_archive_than_was_said_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with serve(giving(archive())) as site:
        source = f'[source]\nurl = "{site.url}/say-1.0.tar.gz"\ndigest = "sha256:{"0" * 64}"\n'
        program = script(workspace, tmp_path, RUN + source, {})
        with pytest.raises(ProgramError, match=r"say: its sources cannot be had.*\n?.*sha256"):
            sources_of(workspace, program)
    assert not Path(place_of(workspace, program.source)).exists()


def published(place: Path) -> str:
    """A repository with the sources of `say`; the commit."""
    place.mkdir()
    for name, text in (("build.sh", BUILD), ("say.sh", SAY)):
        (place / name).write_text(text)

    def git(*words: str) -> str:
        identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
        command = ["git", *identity, *words]
        done = subprocess.run(
            command, cwd=place, check=True, timeout=60, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "Begin")
    return git("rev-parse", "HEAD")


@pytest.mark.needs("git")
def test_a_commit_is_taken_from_a_repository(workspace: Workspace, tmp_path: Path) -> None:
    commit = published(tmp_path / "upstream")
    address = (tmp_path / "upstream").as_uri()
    source = f'[source]\ngit = "{address}"\ncommit = "{commit}"\n'
    tree = sources_of(workspace, script(workspace, tmp_path, RUN + source, {}))
    assert set(tree.files) == {"build.sh", "say.sh"}


@pytest.mark.needs("git")
def test_a_commit_that_is_not_there_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    published(tmp_path / "upstream")
    address = (tmp_path / "upstream").as_uri()
    source = f'[source]\ngit = "{address}"\ncommit = "{"0" * 40}"\n'
    program = script(workspace, tmp_path, RUN + source, {})
    with pytest.raises(ProgramError, match="cannot take commit 0000"):
        sources_of(workspace, program)
    assert not Path(place_of(workspace, program.source)).exists()
