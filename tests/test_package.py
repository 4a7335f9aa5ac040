from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import envmgr

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", envmgr.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(envmgr, name)
    assert name == "__version__" or value.__doc__
    assert name in dir(envmgr)


def test_names_are_the_objects_of_their_modules() -> None:
    for name in set(envmgr.__all__) - {"__version__"}:
        value = getattr(envmgr, name)
        assert getattr(importlib.import_module(value.__module__), value.__name__) is value


def test_names_outlive_the_packages_that_are_called_so() -> None:
    code = """
import envmgr, envmgr.detect.sweep, envmgr.install.plan, envmgr.resolve.resolve
print([callable(getattr(envmgr, name)) for name in ("detect", "install", "resolve")])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "[True, True, True]\n", done.stderr


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        envmgr.nothing  # noqa: B018


def test_the_version_is_one_and_pep_440_reads_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc|\.dev)\d+)?", envmgr.__version__)
    done = subprocess.run(
        [sys.executable, "-m", "envmgr", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == f"envmgr {envmgr.__version__}\n"


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "envmgr" / "py.typed").is_file()
