"""Telling what a source is."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.kinds import kind_of


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("pyproject.toml", "", "pyproject"),
        ("requirements.txt", "", "requirements"),
        ("dev-requirements.txt", "", "requirements"),
        ("requirements-dev.in", "", "requirements"),
        ("requirements_gpu.txt", "", "requirements"),
        ("constraints.txt", "", "requirements"),
        ("environment.yml", "dependencies: [numpy]", "conda"),
        ("env-gpu.yaml", "dependencies:\n", "conda"),
        ("packages.yaml", "packages: {}", "spack"),
    ],
)
def test_a_name_and_a_content_tell(tmp_path: Path, name: str, text: str, kind: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    assert kind_of(str(file)) == kind


def test_a_module_says_so_itself() -> None:
    assert kind_of("module:gcc/12") == "module"


def test_a_person_knows_better(tmp_path: Path) -> None:
    assert kind_of(str(tmp_path / "list.txt"), "requirements") == "requirements"


@pytest.mark.parametrize(
    ("name", "text"), [("notes.txt", ""), ("environment.yml", "a: b"), ("x.yaml", "[]"), ("x", "")]
)
def test_what_cannot_be_told_is_asked_for(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(UsageError, match="cannot tell what") as caught:
        kind_of(str(file))
    assert "--from" in str(caught.value.hint)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        kind_of(str(tmp_path / "environment.yml"))
