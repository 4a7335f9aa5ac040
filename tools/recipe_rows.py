"""Print the row of a recipe's `[versions]` for packages of a registry, with their digests.

    python tools/recipe_rows.py pypi cmake==4.1.2
    python tools/recipe_rows.py pypi tbb==2022.3.0 tbb-devel==2022.3.0 --platform linux-x86_64
    python tools/recipe_rows.py pypi numpy==2.2.6 --python 3.10 --python 3.13
    python tools/recipe_rows.py npm prettier@3.6.2

The registries are asked through pip and npm, as they are set up on the machine. pip only
says which wheel it would take for a platform, so nothing large is downloaded; a platform
for which there is no wheel is named on standard error and left out of the row.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

_GLIBC_MINORS = range(40, 4, -1)


def _manylinux(machine: str) -> tuple[str, ...]:
    """pip's names for every glibc that a wheel for *machine* may have been built against."""
    numbered = (f"manylinux_2_{minor}_{machine}" for minor in _GLIBC_MINORS)
    named = (f"manylinux{year}_{machine}" for year in ("2014", "2010", "1"))
    return (*numbered, *named, f"linux_{machine}")


PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "linux-x86_64": _manylinux("x86_64"),
    "linux-aarch64": _manylinux("aarch64"),
    "macos-arm64": ("macosx_14_0_arm64",),
    "macos-x86_64": ("macosx_14_0_x86_64",),
    "windows-amd64": ("win_amd64",),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one row; 1 when no file was found at all."""
    options = _parser().parse_args(arguments)
    if options.registry == "npm":
        print(_npm_row(options.package))
        return 0
    files: dict[str, str] = {}
    for requirement in options.requirement:
        for platform in options.platform or PLATFORMS:
            for python in options.python or ["3.12"]:
                files |= _wheel(requirement, platform, python)
    if not files:
        return 1
    print(_row(options.row or _pinned(options.requirement[0]), files))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Print the version row of a recipe.")
    registries = parser.add_subparsers(dest="registry", required=True)
    pypi = registries.add_parser("pypi", help="wheels of one or more projects")
    pypi.add_argument("requirement", nargs="+", help="NAME==VERSION")
    pypi.add_argument("--row", help="version of the row; that of the first project by default")
    pypi.add_argument("--platform", action="append", choices=list(PLATFORMS))
    pypi.add_argument("--python", action="append", help="such as 3.12; once for each Python")
    npm = registries.add_parser("npm", help="a package's tarball")
    npm.add_argument("package", help="NAME@VERSION")
    return parser


def _pinned(requirement: str) -> str:
    """The version that *requirement* names."""
    name, equals, version = requirement.partition("==")
    if not (name and equals and version):
        raise SystemExit(f"not NAME==VERSION: {requirement}")
    return version


def _row(version: str, files: Mapping[str, str]) -> str:
    """A sub-table of `[versions]`: a file a line, so that a change reads well as a diff."""
    lines = (f'"{name}" = "{digest}"' for name, digest in sorted(files.items()))
    return "\n".join([f'[versions."{version}"]', *lines])


def _wheel(requirement: str, platform: str, python: str) -> dict[str, str]:
    """The wheel that pip takes there, and its digest; nothing when there is none."""
    _pinned(requirement)
    try:
        report = _pip_report(requirement, PLATFORMS[platform], python)
    except subprocess.CalledProcessError as error:
        reason = str(error.stderr).strip().splitlines()[-1:] or ["pip failed"]
        print(f"{requirement} on {platform}, Python {python}: {reason[0]}", file=sys.stderr)
        return {}
    return dict(_report_files(report))


def _pip_report(requirement: str, tags: Sequence[str], python: str) -> Mapping[str, Any]:
    """What pip would install for those platform tags, without doing it."""
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.json")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
        command += ["--ignore-installed", "--only-binary=:all:", "--target", scratch]
        command += ["--python-version", python, "--report", report, requirement]
        command += [word for tag in tags for word in ("--platform", tag)]
        subprocess.run(command, check=True, capture_output=True, text=True)
        with open(report, encoding="utf-8") as stream:
            found: Mapping[str, Any] = json.load(stream)
            return found


def _report_files(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in report["install"]:
        download = item["download_info"]
        name = os.path.basename(unquote(urlsplit(download["url"]).path))
        yield name, "sha256:" + download["archive_info"]["hashes"]["sha256"]


def _npm_row(package: str) -> str:
    """The row of an npm package: its integrity value, which is a sha512 in base64."""
    command = ["npm", "view", package, "version", "dist.integrity", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Mapping[str, str] = json.loads(done.stdout)
    algorithm, _, digest = found["dist.integrity"].partition("-")
    return f'"{found["version"]}" = "{algorithm}:{digest}"'


if __name__ == "__main__":
    sys.exit(main())
