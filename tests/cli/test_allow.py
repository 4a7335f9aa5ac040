from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Envmgr, form


@pytest.fixture
def project(home: Path) -> Path:
    directory = home / "bench"
    directory.mkdir()
    (directory / "envmgr.toml").write_text('name = "bench"\n')
    return directory


def test_allow_list_and_revoke(envmgr: Envmgr, project: Path) -> None:
    listed = envmgr("allow", "--list")
    assert (listed.returncode, listed.stderr) == (0, "no project is allowed\n")
    done = envmgr("allow", str(project))
    assert done.stderr == f"{project}/envmgr.toml is allowed as it is now\n"
    assert [str(project), "yes"] in [
        line.split() for line in envmgr("allow", "--list").stdout.splitlines()
    ]
    (project / "envmgr.toml").write_text("# changed\n")
    assert form(envmgr("allow", "--list", "--json"))["allowed"][0]["holds"] is False
    assert "changed or gone" in envmgr("allow", "--list").stdout
    assert envmgr("allow", "--revoke", str(project)).returncode == 0
    again = envmgr("allow", "--revoke", str(project))
    assert (again.returncode, "was not allowed" in again.stderr) == (1, True)


def test_a_project_may_be_named_by_its_file(envmgr: Envmgr, project: Path) -> None:
    envmgr("allow", f"{project}/envmgr.toml")
    (allowed,) = form(envmgr("allow", "--list", "--json"))["allowed"]
    assert (allowed["directory"], allowed["holds"]) == (str(project), True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no/such/place",), "is not a file"),
        (("--list", "x"), "--list takes nothing else"),
        (("--list", "--revoke"), "--list takes nothing else"),
    ],
)
def test_what_makes_no_sense_is_said(envmgr: Envmgr, arguments: tuple[str, ...], said: str) -> None:
    done = envmgr("allow", *arguments)
    assert done.returncode != 0
    assert said in done.stderr
