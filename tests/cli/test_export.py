"""`envmgr export`: the file, what it lacks, and the exit status."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import Envmgr, form

DOCKERFILE = ("export", "dockerfile")
GCC = ("compiler.gcc", "--base=debian:12.11")
HELLO = ("tool.hello", "--base=debian:12.11")

debian = pytest.mark.needs("dpkg-query", "gcc")


@pytest.fixture
def hello(envmgr: Envmgr, definitions: Path) -> Path:
    """The definitions of a thing that is installed from a file of this machine."""
    for arguments in (("repo", "add", str(definitions)), ("install", "tool.hello")):
        done = envmgr(*arguments)
        assert done.returncode == 0, done.stderr
    return definitions


@debian
def test_the_same_bytes_twice_and_in_another_store(envmgr: Envmgr, tmp_path: Path) -> None:
    first = envmgr(*DOCKERFILE, *GCC)
    assert first.returncode == 0, first.stderr
    assert "\nFROM debian:12.11\n" in first.stdout
    assert 'ENV CC="' in first.stdout
    again = envmgr(*DOCKERFILE, "--base=debian:12.11", "--tags=compiler.gcc")
    elsewhere = envmgr(*DOCKERFILE, *GCC, "--store", str(tmp_path / "other"))
    assert first.stdout == again.stdout == elsewhere.stdout


@debian
def test_compilers_can_link(envmgr: Envmgr) -> None:
    text = envmgr(*DOCKERFILE, *GCC).stdout
    assert "        gcc=" in text
    assert "        libc6-dev=" in text  # recommended, not required, and useless without


@debian
def test_it_goes_to_a_file_whole(envmgr: Envmgr, tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    done = envmgr(*DOCKERFILE, *GCC, "-o", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert file.read_text() == envmgr(*DOCKERFILE, *GCC).stdout
    done = envmgr(*DOCKERFILE, *GCC, "-o", str(tmp_path / "no" / "Dockerfile"))
    assert done.returncode == 1
    assert "cannot write" in done.stderr


def test_what_cannot_be_carried_over_is_said_everywhere(envmgr: Envmgr, hello: Path) -> None:
    done = envmgr(*DOCKERFILE, *HELLO)
    why = "comes from this machine, not from the network"
    assert done.returncode == 0
    assert f"tool.hello@1.2: hello-1.2.tar.gz {why}" in done.stdout
    assert "not carried over: tool.hello@1.2 (" in done.stderr and why in done.stderr
    assert str(hello.parent) not in done.stdout
    result = form(envmgr(*DOCKERFILE, *HELLO, "--json"))
    assert result["text"] == done.stdout
    assert [entry["name"] for entry in result["entries"]] == ["tool.hello"]
    (item,) = result["left_out"]
    assert item["what"] == "tool.hello@1.2"
    assert item["why"].endswith(why)


def test_strict_is_a_status_of_its_own(envmgr: Envmgr, hello: Path) -> None:
    done = envmgr(*DOCKERFILE, *HELLO, "--strict")
    assert done.returncode == 5
    assert done.stdout == envmgr(*DOCKERFILE, *HELLO).stdout


def test_an_address_carries_over_and_a_changed_recipe_is_told(envmgr: Envmgr, hello: Path) -> None:
    recipe = hello / "recipes" / "tool" / "hello.toml"
    text = recipe.read_text()
    address = 'urls = ["https://files.example/hello-1.2.tar.gz"'
    recipe.write_text(text.replace("urls = [", f"{address}, "))
    done = envmgr(*DOCKERFILE, *HELLO)
    assert "tool.hello@1.2: its recipe has changed since it was installed" in done.stderr
    assert "https://files.example/hello-1.2.tar.gz" in done.stdout
    assert "file://" not in done.stdout
    assert re.search(r"\nCOPY --from=\S+ /opt/envmgr/tool\.hello/1\.2-", done.stdout)
    assert 'PATH="/opt/envmgr/tool.hello/1.2-' in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"1.2"', '"1.3"', "no longer has its version 1.2"),
        (None, None, "its recipe tool.hello is no longer in the catalogue"),
    ],
)
def test_what_no_recipe_makes_any_more_is_told(
    envmgr: Envmgr, hello: Path, old: str | None, new: str | None, why: str
) -> None:
    recipe = hello / "recipes" / "tool" / "hello.toml"
    if old is None or new is None:
        recipe.unlink()
    else:
        recipe.write_text(recipe.read_text().replace(old, new))
    done = envmgr(*DOCKERFILE, *HELLO)
    assert done.returncode == 0, done.stderr
    assert why in done.stderr and why in done.stdout.replace("\n#     ", " ")


@pytest.mark.parametrize("base", ["debian", "debian:latest", "debian:12\nRUN x", "$X:1"])
def test_a_base_must_be_pinned(envmgr: Envmgr, base: str) -> None:
    done = envmgr(*DOCKERFILE, "compiler.gcc", f"--base={base}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--base debian:12.11" in done.stderr


def test_queries_and_formats_are_checked(envmgr: Envmgr) -> None:
    assert envmgr(*DOCKERFILE).returncode == 2
    done = envmgr("export", "tarball", "compiler.gcc")
    assert done.returncode == 2
    assert "dockerfile" in done.stderr
    assert envmgr(*DOCKERFILE, "tool.no-such-thing", "--base=a:1").returncode == 3
