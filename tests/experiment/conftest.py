"""Databases for tests: a file each, or one of a PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from envmgr.experiment.records import Records, open_records

NEEDS_SERVER = pytest.mark.needs("pg_ctlcluster", "setpriv")
"""The server that Debian's `postgresql` brings, and what starts it as somebody else than root."""
_NOBODY = 65534


def _as_nobody() -> list[str]:
    """What a command of the server begins with: it refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]


@pytest.fixture(scope="session")
def server() -> Iterator[Path]:
    """The directory with the socket of a server, which is there for the tests of this process."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    place = Path(tempfile.mkdtemp(prefix="pg-"))  # short, for a socket; and not below root's own
    data, start = place / "data", _as_nobody()
    if start:
        os.chown(place, _NOBODY, _NOBODY)
    options = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off"
    ctl = [*start, str(programs / "pg_ctl"), "-D", str(data), "-s", "-w"]
    try:
        initdb = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "--no-sync"]
        _run([*start, *initdb, "-U", "envmgr", "-E", "UTF8", "--no-locale"], place)
        _run([*ctl, "-l", str(place / "log"), "-o", options, "start"], place)
        yield place
        _run([*ctl, "-m", "immediate", "stop"], place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(argv: list[str], place: Path) -> None:
    subprocess.run(argv, cwd=place, check=True, timeout=60, stdout=subprocess.DEVNULL)


def emptied_database(server: Path) -> str:
    """The address of a database of *server* in which nothing is left of other tests."""
    import psycopg

    url = f"postgresql://envmgr:secret@/postgres?host={server}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS envmgr CASCADE")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=NEEDS_SERVER)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where records may be: nothing is there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "experiments.sqlite")
    return emptied_database(request.getfixturevalue("server"))


@pytest.fixture
def records(place: str) -> Iterator[Records]:
    """Records at that place, with nothing in them."""
    with open_records(place) as opened:
        yield opened
