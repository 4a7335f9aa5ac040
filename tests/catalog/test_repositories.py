"""Adding, listing, updating and removing repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from envmgr.catalog.repositories import SHIPPED, Repositories, Repository
from envmgr.catalog.scan import shipped_root
from envmgr.errors import HostError, StoreError, UsageError

from .samples import DETECTOR, DETECTOR_FILE, repository, small_detector, write

FILES = {DETECTOR_FILE: DETECTOR}


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(str(tmp_path / "home"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return repository(tmp_path / "mine", FILES)


def _user(repositories: Repositories) -> list[Repository]:
    *user, shipped = repositories.all()
    assert shipped == Repository(SHIPPED, shipped_root())
    return user


def test_without_any_only_the_shipped_one_is_there(repositories: Repositories) -> None:
    assert _user(repositories) == []
    assert not os.path.exists(repositories.home)


def test_a_directory_is_used_in_place(repositories: Repositories, mine: Path) -> None:
    added = repositories.add(str(mine))
    assert added == Repository("mine", str(mine))
    assert _user(repositories) == [added]


def test_a_relative_directory_is_recorded_absolute(
    repositories: Repositories, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mine.parent)
    assert repositories.add("mine").root == str(mine)


def test_the_order_of_adding_is_kept(repositories: Repositories, tmp_path: Path) -> None:
    for name in ("zeta", "alpha", "mid"):
        repositories.add(str(repository(tmp_path / name, FILES)))
    assert [one.name for one in _user(repositories)] == ["zeta", "alpha", "mid"]


def test_adding_twice_is_harmless(repositories: Repositories, mine: Path) -> None:
    first = repositories.add(str(mine))
    assert repositories.add(f"{mine}/") == first
    assert repositories.add(str(mine), name="other") == first
    assert _user(repositories) == [first]


def test_a_name_that_is_taken(repositories: Repositories, mine: Path, tmp_path: Path) -> None:
    repositories.add(str(mine))
    other = repository(tmp_path / "deeper" / "mine", FILES)
    with pytest.raises(UsageError, match="the name 'mine' is taken"):
        repositories.add(str(other))
    with pytest.raises(UsageError, match="is taken"):
        repositories.add(str(other), name=SHIPPED)
    assert repositories.add(str(other), name="second").name == "second"


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "-x", "Größe", "a\n"])
def test_a_name_that_is_none(repositories: Repositories, mine: Path, name: str) -> None:
    if name:
        with pytest.raises(UsageError, match="is not a name of a repository"):
            repositories.add(str(mine), name=name)
    else:
        assert repositories.add(str(mine), name=name).name == "mine"


def test_what_is_no_repository(repositories: Repositories, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no directory"):
        repositories.add(str(tmp_path / "none"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no definitions") as caught:
        repositories.add(str(tmp_path / "empty"))
    assert "detectors, recipes, shells" in str(caught.value.hint)
    assert _user(repositories) == []


def test_removing_leaves_a_directory_in_place(repositories: Repositories, mine: Path) -> None:
    repositories.add(str(mine))
    assert repositories.remove("mine").root == str(mine)
    assert _user(repositories) == []
    assert (mine / DETECTOR_FILE).exists()


def test_a_name_that_is_not_there(repositories: Repositories, mine: Path) -> None:
    repositories.add(str(mine))
    for action in (repositories.remove, repositories.update):
        with pytest.raises(UsageError, match="there is no repository 'mien'") as caught:
            action("mien")
        assert caught.value.hint == "added are: mine"
    with pytest.raises(UsageError, match="there is no repository"):
        repositories.remove(SHIPPED)


def test_a_directory_in_place_has_nothing_to_update(repositories: Repositories, mine: Path) -> None:
    repositories.add(str(mine))
    with pytest.raises(UsageError, match="used in place"):
        repositories.update("mine")
    assert repositories.update() == ()


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{",
        "[]",
        '{"schema": 99, "repositories": []}',
        '{"schema": 1}',
        '{"schema": 1, "repositories": [{"name": "x"}]}',
        '{"schema": 1, "repositories": [{"name": "../../x", "url": "https://example.org"}]}',
    ],
)
def test_a_damaged_record_is_named(repositories: Repositories, record: str) -> None:
    write(Path(repositories.home), "repositories.json", record)
    with pytest.raises(StoreError, match="cannot read the repositories") as caught:
        repositories.all()
    assert caught.value.hint


def test_the_record_can_be_read_by_others(repositories: Repositories, mine: Path) -> None:
    repositories.add(str(mine))
    form = json.loads(Path(repositories.home, "repositories.json").read_text())
    assert form == {"schema": 1, "repositories": [{"name": "mine", "root": str(mine)}]}


def test_two_processes_that_add_lose_nothing(repositories: Repositories, tmp_path: Path) -> None:
    code = (
        "import sys; from envmgr.catalog.repositories import Repositories;"
        "[Repositories(sys.argv[1]).add(root) for root in sys.argv[2:]]"
    )
    halves = [[str(repository(tmp_path / f"r{half}{i}", FILES)) for i in range(5)] for half in "ab"]
    running = [
        subprocess.Popen([sys.executable, "-c", code, repositories.home, *roots])
        for roots in halves
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    assert {one.root for one in _user(repositories)} == {*halves[0], *halves[1]}


# -- with git --------------------------------------------------------------------------------


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    command = ["git", "-C", str(root), *identity, "-c", "commit.gpgsign=false", *arguments]
    return subprocess.check_output(command, text=True, stderr=subprocess.STDOUT).strip()


def _commit(root: Path) -> str:
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "x")
    return _git(root, "rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real repository to clone from; git sees nothing of the user's configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    root = repository(tmp_path / "origin" / "Lab_Tools.git", FILES)
    _git(root, "init", "-q", "-b", "main")
    _commit(root)
    return root


@pytest.mark.needs("git")
def test_an_address_is_cloned(repositories: Repositories, origin: Path) -> None:
    added = repositories.add(f"file://{origin}")
    assert added.name == "lab_tools"
    assert added.root == os.path.join(repositories.home, "repositories", "lab_tools")
    assert added.url == f"file://{origin}"
    assert Path(added.root, DETECTOR_FILE).read_text() == DETECTOR
    assert repositories.add(f"file://{origin}") == added
    assert _user(repositories) == [added]


@pytest.mark.needs("git")
def test_updating_reports_the_commits(repositories: Repositories, origin: Path) -> None:
    added = repositories.add(f"file://{origin}")
    old = _git(origin, "rev-parse", "HEAD")
    assert [(u.old, u.new) for u in repositories.update("lab_tools")] == [(old, old)]
    write(origin, "detectors/tool/new.toml", small_detector("tool.new"))
    new = _commit(origin)
    (update,) = repositories.update()
    assert (update.repository, update.old, update.new) == (added, old, new)
    assert Path(added.root, "detectors/tool/new.toml").exists()


@pytest.mark.needs("git")
def test_rewritten_history_is_refused(repositories: Repositories, origin: Path) -> None:
    added = repositories.add(f"file://{origin}")
    write(origin, DETECTOR_FILE, "rewritten")
    _git(origin, "commit", "-q", "--amend", "-a", "-m", "other")
    with pytest.raises(HostError, match="git pull failed"):
        repositories.update("lab_tools")
    assert Path(added.root, DETECTOR_FILE).read_text() == DETECTOR


@pytest.mark.needs("git")
def test_removing_deletes_the_clone(repositories: Repositories, origin: Path) -> None:
    root = repositories.add(f"file://{origin}").root
    repositories.remove("lab_tools")
    assert not os.path.exists(root)
    assert _user(repositories) == []
    assert repositories.add(f"file://{origin}").root == root


@pytest.mark.needs("git")
def test_a_clone_without_definitions_leaves_nothing(
    repositories: Repositories, origin: Path
) -> None:
    _git(origin, "mv", "detectors", "other")
    _commit(origin)
    with pytest.raises(UsageError, match="holds no definitions"):
        repositories.add(f"file://{origin}")
    assert os.listdir(os.path.join(repositories.home, "repositories")) == []
    assert _user(repositories) == []


@pytest.mark.needs("git")
def test_an_address_that_leads_nowhere_leaves_nothing(
    repositories: Repositories, origin: Path
) -> None:
    with pytest.raises(HostError, match="git clone failed"):
        repositories.add(f"file://{origin}-none")
    assert _user(repositories) == []
