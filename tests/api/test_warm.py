"""An answer that is kept for warm starts is given again only while it would be decided so."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from envmgr.api.warm import Answer, Warm
from envmgr.model.delta import Delta
from envmgr.model.shell import Shell
from envmgr.store.layout import Layout

ANSWER = Answer(Delta({"CC": "/usr/bin/gcc"}, {"PATH": ("/opt/bin",)}), "compiler.gcc@12", ("id",))
LONG_AGO = 10_000_000_000


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(str(tmp_path / "store"), str(tmp_path / "cache"))
    os.makedirs(layout.entries)
    changed(layout, time.time_ns() - LONG_AGO)
    return layout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    file = tmp_path / "sh.toml"
    file.write_text('name = "sh"')
    return Shell("sh", "a shell", str(file), escapes=(("'", "'\\''"),), set="{name}={value}")


def changed(layout: Layout, when_ns: int) -> None:
    """Let the directory of entries have changed at *when_ns*."""
    os.utime(layout.entries, ns=(when_ns, when_ns))


def test_an_answer_comes_back_as_it_was(layout: Layout, shell: Shell) -> None:
    Warm(layout).remember(["gcc"], ANSWER, shell, (), time.time_ns())
    assert Warm(layout).recall(["gcc"], "sh") == (ANSWER, shell)
    assert Warm(layout).recall(["gcc"], "zsh") is None
    assert Warm(layout).recall(["llvm"], "sh") is None


def test_what_was_decided_before_entries_changed_is_not_kept(layout: Layout, shell: Shell) -> None:
    began = time.time_ns() - LONG_AGO
    changed(layout, began + LONG_AGO // 2)
    Warm(layout).remember(["gcc"], ANSWER, shell, (), began)
    assert Warm(layout).recall(["gcc"], "sh") is None


def test_an_answer_does_not_outlive_its_view(layout: Layout, shell: Shell) -> None:
    view = Path(layout.views, "0123456789abcdef")
    view.mkdir(parents=True)
    answer = Answer(Delta(prepend={"PATH": (str(view), "/opt/bin")}), "compiler.gcc@12", ("id",))
    Warm(layout).remember(["gcc"], answer, shell, (), time.time_ns())
    assert Warm(layout).recall(["gcc"], "sh") == (answer, shell)
    view.rmdir()
    assert Warm(layout).recall(["gcc"], "sh") is None


@pytest.mark.parametrize("part", ["answers", "shells", "prepend", "fields"])
@pytest.mark.parametrize("damage", [None, [], "text", 1])
def test_a_damaged_memory_remembers_nothing(
    layout: Layout, shell: Shell, part: str, damage: object
) -> None:
    Warm(layout).remember(["gcc"], ANSWER, shell, (), time.time_ns())
    file = Path(layout.cache, "answers.json")
    form = json.loads(file.read_text())
    (content,) = form["content"]
    inner = {"prepend": content["answers"]["gcc"], "fields": content["shells"]["sh"]}
    inner.get(part, content)[part] = damage
    file.write_text(json.dumps(form))
    assert Warm(layout).recall(["gcc"], "sh") is None
