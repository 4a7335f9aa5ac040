from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.store.layout import Layout, default_layout, safe_name


@given(st.text())
def test_any_text_becomes_one_visible_piece_of_a_path(text: str) -> None:
    name = safe_name(text)
    assert name and name.isascii() and len(name) <= 80
    assert os.path.basename(name) == name
    assert not name.startswith((".", "-"))


def test_ordinary_versions_stay_as_they_are() -> None:
    for version in ("12.2.0", "9f", "17.0.15+10", "2024_08-rc1"):
        assert safe_name(version) == version
    assert safe_name("../../etc/passwd") == "_.._etc_passwd"


def test_a_given_store_wins_over_the_environment(tmp_path: Path) -> None:
    environ = {"ENVMGR_HOME": str(tmp_path / "home")}
    chosen = default_layout(environ, str(tmp_path / "project"))
    assert chosen.root == str(tmp_path / "project")
    assert default_layout(environ).root == str(tmp_path / "home")
    assert default_layout(environ).cache == str(tmp_path / "home" / "cache")


def test_a_relative_store_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_layout({}, ".store").root == str(tmp_path / ".store")


@pytest.mark.parametrize("home", ["somewhere", "~/store", "./x"])
def test_a_relative_home_is_refused(home: str) -> None:
    with pytest.raises(UsageError, match="ENVMGR_HOME"):
        default_layout({"ENVMGR_HOME": home})


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="XDG is for other systems")
@pytest.mark.parametrize("xdg", [{}, {"XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c"}])
def test_the_users_own_store_is_where_platformdirs_says(
    xdg: dict[str, str], tmp_path: Path
) -> None:
    environ = {"HOME": str(tmp_path), **xdg}
    ask = (
        "import platformdirs as p; "
        "print(p.user_data_dir('envmgr', False), p.user_cache_dir('envmgr', False), sep='\\n')"
    )
    said = subprocess.run(
        [sys.executable, "-c", ask], env=environ, capture_output=True, text=True, check=True
    )
    data, cache = said.stdout.split("\n")[:2]
    assert default_layout(environ) == Layout(data, cache)


def test_a_relative_xdg_directory_is_ignored(tmp_path: Path) -> None:
    layout = default_layout({"HOME": str(tmp_path), "XDG_DATA_HOME": "data"})
    assert layout.root == str(tmp_path / ".local/share/envmgr")
