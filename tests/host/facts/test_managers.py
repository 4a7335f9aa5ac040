"""Package managers on PATH, with versions out of what they really print."""

from __future__ import annotations

from collections.abc import Callable

from envmgr.host.facts import managers
from envmgr.host.facts.reading import Machine, split

Record = Callable[..., Machine]


def test_managers_on_path_tell_their_versions(record: Record) -> None:
    machine = record(
        {},
        {
            "npm": "echo 10.2.4",
            "pacman": 'echo; echo " .--.                  Pacman v6.0.2 - libalpm v13.0.2"',
            "apt-get": "echo 'apt 2.6.1 (amd64)'",
            "conda": "echo broken >&2; exit 1",
            "brew": "echo Homebrew",
            "gcc": "echo 12.2.0",
        },
    )
    rows, absent = split(managers.facts(machine))
    assert [(row["name"], row.get("version")) for row in rows] == [
        ("apt", "2.6.1"),
        ("pacman", "6.0.2"),
        ("brew", None),
        ("conda", None),
        ("npm", "10.2.4"),
    ]
    bin_dir = machine.environ["PATH"]
    assert rows[0]["path"] == f"{bin_dir}/apt-get"
    assert absent == {
        "2.version": f"{bin_dir}/brew --version shows no version",
        "3.version": f"{bin_dir}/conda failed: broken",
    }


def test_an_empty_path_has_none(record: Record) -> None:
    assert managers.facts(record({})) == []
