"""Packages of registries: through fake clients for their ways, through real ones for the truth."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.tags import Tag, platform_tags, sys_tags

from envmgr.errors import DefinitionError, FetchError, InstallError
from envmgr.install.registries import choose_wheels, node_package, target_options, wheel
from envmgr.model.definition import SourceFile
from envmgr.model.plan import NodePackage, Wheel

ABIDING = "cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64"


def sha256(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of wheels that is all that pip knows, by its own configuration."""
    directory = tmp_path / "wheels"
    directory.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    return directory


def make_wheel(directory: Path, tags: str = "py3-none-any", project: str = "demo") -> Path:
    path = directory / f"{project}-1.0-{tags}.whl"
    info = f"{project}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def step(path: Path, digest: str | None = None) -> Wheel:
    return Wheel(path.name, "demo", "1.0", digest or sha256(path))


@pytest.mark.parametrize(
    "tags", ["py3-none-any", ABIDING, "cp39-abi3-win_amd64", "py3-none-macosx_11_0_arm64"]
)
def test_a_wheel_comes_through_pip_whatever_it_is_for(
    index: Path, tmp_path: Path, tags: str
) -> None:
    source = make_wheel(index, tags)
    path = Path(wheel(step(source), str(tmp_path / "cache")))
    assert path == tmp_path / "cache" / sha256(source).replace(":", "-") / source.name
    assert path.read_bytes() == source.read_bytes()
    assert os.listdir(path.parent) == [source.name]


def test_a_wheel_that_is_there_needs_no_pip(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = step(make_wheel(index))
    wheel(wanted, str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert Path(wheel(wanted, str(tmp_path / "cache"))).exists()


def test_a_wheel_with_another_digest_is_refused(index: Path, tmp_path: Path) -> None:
    wanted = step(make_wheel(index), "sha256:" + "0" * 64)
    with pytest.raises(FetchError, match="pip cannot fetch") as caught:
        wheel(wanted, str(tmp_path / "cache"))
    assert "HASH" in caught.value.message.upper()
    assert os.listdir(tmp_path / "cache" / ("sha256-" + "0" * 64)) == []


def test_a_wheel_that_nobody_has(index: Path, tmp_path: Path) -> None:
    wanted = Wheel("demo-1.0-py3-none-any.whl", "demo", "1.0", "sha256:" + "0" * 64)
    with pytest.raises(FetchError, match="ERROR: "):
        wheel(wanted, str(tmp_path / "cache"))


def test_a_client_that_breaks_is_told_by_the_last_line_of_its_traceback(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["ERROR: Exception:", "Traceback (most recent call last):", "OSError: the disk is full"]
    said = "\\n".join(lines)
    fake = program(tmp_path / "python", f'printf "{said}\\n" >&2; exit 2')
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(FetchError, match=r"demo-.*\.whl: OSError: the disk is full$"):
        wheel(step(make_wheel(index)), str(tmp_path / "cache"))


def test_a_client_that_lies_is_caught(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_wheel(index)
    fake = program(tmp_path / "python", f'cp "{source}" . && echo tampered >> {source.name}')
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(FetchError, match="not the file it should be"):
        wheel(step(source), str(tmp_path / "cache"))


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("name", "project", "version"),
    [
        ("demo-1.0-py3-none-any.whl", "other", "1.0"),
        ("demo-1.0-py3-none-any.whl", "demo", "2.0"),
        ("demo-1.0-py3-none-any.whl", "demo\n--index-url=http://x", "1.0"),
        ("demo-1.0-py3-none-any.whl", "demo", "1.0 --hash=sha256:0"),
        ("demo-1.0-py3-none-any.whl", "demo", " 1.0\n"),
        ("demo-1.0-py3-none-any.whl", "-r/etc/passwd", "1.0"),
        ("demo-1.0.tar.gz", "demo", "1.0"),
        ("../demo-1.0-py3-none-any.whl", "demo", "1.0"),
    ],
)
def test_steps_that_contradict_themselves_reach_no_command(
    tmp_path: Path, name: str, project: str, version: str
) -> None:
    with pytest.raises(DefinitionError):
        wheel(Wheel(name, project, version, "sha256:" + "0" * 64), str(tmp_path / "cache"))
    assert os.listdir(tmp_path) == []


def test_pip_is_told_only_what_it_cannot_know() -> None:
    assert target_options([next(iter(sys_tags()))]) == []
    assert target_options([Tag("py2", "none", "any"), Tag("py3", "none", "any")]) == []
    assert target_options([Tag("cp36", "cp36m", "win32")]) == [
        *("--platform", "win32", "--abi", "cp36m"),
        *("--implementation", "cp", "--python-version", "36"),
    ]
    assert target_options([Tag("py2", "none", "win32"), Tag("py3", "none", "win32")]) == [
        *("--platform", "win32", "--abi", "none", "--implementation", "py")
    ]


# The best of several


def files(*names: str) -> list[SourceFile]:
    return [SourceFile(name, f"sha256:{number:064x}") for number, name in enumerate(names)]


def chosen(python: tuple[int, int] | None, *names: str) -> list[str]:
    return [file.name for file in choose_wheels(files(*names), python)]


def test_one_wheel_of_each_project_in_their_order() -> None:
    here = next(platform_tags())
    b, a = f"b-1-py3-none-{here}.whl", "a-1-py3-none-any.whl"
    assert chosen(None, b, "b-1-py3-none-any.whl", a, "a-1-py3-none-win_nowhere.whl") == [b, a]


def test_the_wheel_of_the_given_python_is_best() -> None:
    here = next(platform_tags())
    tags = ["cp312-cp312", "cp313-cp313", "cp311-abi3", "py3-none"]
    names = [f"a-1-{tag}-{here}.whl" for tag in tags]
    assert chosen((3, 13), *names) == [names[1]]
    assert chosen((3, 12), *names) == [names[0]]
    assert chosen((3, 14), *names) == [names[2]]
    assert chosen((3, 10), *names) == [names[3]]
    assert chosen(None, *names) == [names[3]]


def test_names_of_one_project_are_one_however_spelt() -> None:
    assert chosen(None, "A_b-1-py3-none-any.whl", "a.B-1-py2.py3-none-any.whl") == [
        "A_b-1-py3-none-any.whl"
    ]


def test_no_wheel_names_the_platform() -> None:
    with pytest.raises(InstallError, match=f"no wheel of b fits {next(platform_tags())}"):
        chosen(None, "a-1-py3-none-any.whl", "b-1-py3-none-win_nowhere.whl")
    with pytest.raises(InstallError, match=r"Python 3\.9"):
        chosen((3, 9), "b-1-cp310-cp310-any.whl")


def test_a_file_that_is_no_wheel() -> None:
    with pytest.raises(DefinitionError, match="not the name of a wheel"):
        chosen(None, "b-1.tar.gz")


# npm


def integrity(data: bytes) -> str:
    return "sha512:" + base64.b64encode(hashlib.sha512(data).digest()).decode()


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the whole PATH but for the tools of a shell, with an npm in it."""
    directory = tmp_path / "bin"
    directory.mkdir()
    script = f"import json, sys; json.dump(sys.argv[1:], open({str(tmp_path / 'argv')!r}, 'w'))"
    program(directory / "npm", f'"{sys.executable}" -c "{script}" "$@"\necho hi > demo-1.0.0.tgz')
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    return directory


def test_a_node_package_comes_through_npm(npm: Path, tmp_path: Path) -> None:
    wanted = NodePackage("demo-1.0.0.tgz", "@scope/demo", "1.0.0", integrity(b"hi\n"))
    path = Path(node_package(wanted, str(tmp_path / "cache")))
    assert path.read_bytes() == b"hi\n"
    assert os.listdir(path.parent) == ["demo-1.0.0.tgz"]
    argv = json.loads((tmp_path / "argv").read_text())
    assert argv[0] == "pack"
    assert argv[-2:] == ["--", "@scope/demo@1.0.0"]
    assert "--ignore-scripts" in argv


def test_a_tampered_node_package_is_refused(npm: Path, tmp_path: Path) -> None:
    wanted = NodePackage("demo-1.0.0.tgz", "demo", "1.0.0", integrity(b"other"))
    with pytest.raises(FetchError, match="its sha512 is"):
        node_package(wanted, str(tmp_path / "cache"))


def test_npm_failures_are_told(npm: Path, tmp_path: Path) -> None:
    program(npm / "npm", "echo 'npm error code E404'; exit 1")
    wanted = NodePackage("demo-1.0.0.tgz", "demo", "1.0.0", integrity(b""))
    with pytest.raises(
        FetchError, match=r"npm cannot fetch demo-1\.0\.0\.tgz: npm error code E404"
    ):
        node_package(wanted, str(tmp_path / "cache"))


def test_no_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    wanted = NodePackage("demo-1.0.0.tgz", "demo", "1.0.0", integrity(b""))
    with pytest.raises(FetchError, match="npm is not on PATH") as caught:
        node_package(wanted, str(tmp_path / "cache"))
    assert "Node.js" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("package", "version"),
    [
        ("--registry=http://x", "1.0.0"),
        ("../evil", "1.0.0"),
        ("git+https://x/y", "1.0.0"),
        ("a b", "1.0.0"),
        ("demo", "latest"),
        ("demo", "file:../x"),
        ("demo", "1.0.0\n"),
        ("@a/b/c", "1.0.0"),
        ("", "1.0.0"),
    ],
)
def test_what_is_no_package_of_npm(tmp_path: Path, package: str, version: str) -> None:
    with pytest.raises(DefinitionError, match="not a package"):
        node_package(NodePackage("x.tgz", package, version, integrity(b"")), str(tmp_path))


# The registries themselves

SIX = "sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"


@pytest.mark.needs("pypi")
def test_a_real_wheel(tmp_path: Path) -> None:
    wanted = Wheel("six-1.16.0-py2.py3-none-any.whl", "six", "1.16.0", SIX)
    assert zipfile.is_zipfile(wheel(wanted, str(tmp_path)))


IS_NUMBER = (
    "sha512:41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pn"
    "Z8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng=="
)


@pytest.mark.needs("npm")
def test_a_real_node_package(tmp_path: Path) -> None:
    wanted = NodePackage("is-number-7.0.0.tgz", "is-number", "7.0.0", IS_NUMBER)
    assert Path(node_package(wanted, str(tmp_path))).stat().st_size > 0
