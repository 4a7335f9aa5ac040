"""A Jupyter kernel: its kernel.json, and a kernel really started from it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from string import Template
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.export.jupyter import render
from envmgr.export.subject import Subject
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry

from .subjects import HURTING, environment, gcc
from .things import detected

PYTHON = detected("compiler.python", "3.11.2", path=sys.executable)
KERNEL = detected("python.ipykernel", "7.0", needs=(PYTHON.id,))


def form(subject: Subject) -> Any:
    export = render(subject)
    assert list(export.files) == ["kernel.json"]
    return json.loads(export.text)


def test_the_python_of_the_environment_runs_the_kernel() -> None:
    export = render(environment(PYTHON, KERNEL, name="sums"))
    spec = json.loads(export.text)
    assert export.left_out == ()
    assert spec["argv"] == [
        *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
    ]
    assert (spec["display_name"], spec["language"]) == ("sums (Python 3.11.2)", "python")
    assert spec["metadata"]["envmgr"]["entries"] == [str(PYTHON), str(KERNEL)]


def test_the_search_path_goes_on_with_that_of_the_server() -> None:
    lists = {"PATH": ("/opt/$x/bin", "/opt/y/bin"), "OTHER": ("/opt/$z",)}
    tool = detected("tool.x", delta=Delta({"PRICE": "$5"}, lists))
    env = form(environment(PYTHON, KERNEL, tool, outside={"PATH": "/bin", "OTHER": "/o"}))["env"]
    assert env == {
        "OTHER": "/opt/$$z:/o",
        "PATH": "/opt/$$x/bin:/opt/y/bin:${PATH}",
        "PRICE": "$$5",
    }


def test_a_search_path_that_is_put_is_whole() -> None:
    tool = detected("tool.x", delta=Delta({"PATH": "/only"}))
    assert form(environment(PYTHON, KERNEL, tool))["env"]["PATH"] == "/only"


@pytest.mark.parametrize(
    "entries",
    [(PYTHON,), (PYTHON, detected("python.ipykernel", needs=("another-python",)))],
)
def test_a_python_that_is_not_known_to_have_a_kernel_is_said(entries: tuple[Entry, ...]) -> None:
    (item,) = render(environment(*entries)).left_out
    assert (item.what, item.path) == ("ipykernel", sys.executable)


def test_without_a_python_there_is_no_kernel() -> None:
    with pytest.raises(UsageError, match="has no Python") as raised:
        render(environment(gcc()))
    assert "compiler.python python.ipykernel" in str(raised.value.hint)


@given(st.text(st.characters(exclude_characters="\0")))
def test_jupyter_fills_in_what_the_value_was(value: str) -> None:
    tool = detected("tool.x", delta=Delta({"X": value}))
    written = form(environment(PYTHON, KERNEL, tool))["env"]["X"]
    assert Template(written).safe_substitute(PATH="/bin", HOME="/root") == value


def test_a_real_kernel_has_the_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.manager import start_new_kernel

    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    lists = {"PATH": ("/opt/it's $HOME/bin",), "NEW_LIST": ("/opt/a",)}
    tool = detected("tool.x", delta=Delta(HURTING | {"LINES": "a\nb", "BYTES": "\udcff"}, lists))
    subject = environment(PYTHON, KERNEL, tool, outside=os.environ)
    place = tmp_path / "kernels" / "bench"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(render(subject).text, "utf-8")

    manager, client = start_new_kernel(kernel_name="bench", startup_timeout=100)
    try:
        code = "import json, os; print(json.dumps(dict(os.environ)))"
        said: list[str] = []
        client.execute_interactive(code, timeout=60, output_hook=lambda m: said.append(text(m)))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    inside = json.loads("".join(said))
    assert {name: inside[name] for name in subject.values} == subject.values


def text(message: Any) -> str:
    """What a message of the kernel adds to its standard output."""
    return str(message["content"]["text"]) if message["msg_type"] == "stream" else ""
