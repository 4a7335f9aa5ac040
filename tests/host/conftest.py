"""What the tests of the host share: databases of dpkg, made for a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

MakeDatabase = Callable[..., str]

_FIELDS = {
    "Status": "install ok installed",
    "Version": "1.0-1",
    "Architecture": "amd64",
    "Maintainer": "somebody",
    "Description": "something",
}


@pytest.fixture
def dpkg_database(tmp_path: Path) -> MakeDatabase:
    """A function that writes a database below the test's directory and gives its place.

    *packages* are fields of the status by qualified name (`libz:amd64`), *files* what each owns,
    *diversions* triples of origin, target and the package that diverts (`:` is nobody).
    """

    def make(
        packages: Mapping[str, Mapping[str, str]],
        files: Mapping[str, Sequence[str]],
        diversions: Sequence[tuple[str, str, str]] = (),
    ) -> str:
        admindir = tmp_path / "var/lib/dpkg"
        (admindir / "info").mkdir(parents=True)
        (admindir / "updates").mkdir()
        status = "".join(_stanza(name, fields) for name, fields in packages.items())
        (admindir / "status").write_text(status)
        (admindir / "diversions").write_text("".join(f"{line}\n" for d in diversions for line in d))
        (admindir / "info/format").write_text("1\n")
        for name, paths in files.items():
            (admindir / f"info/{name}.list").write_text("".join(f"{path}\n" for path in paths))
        return str(admindir)

    return make


def _stanza(qualified: str, fields: Mapping[str, str]) -> str:
    name, _, architecture = qualified.partition(":")
    own = {"Architecture": architecture} if architecture else {}
    lines = [f"{key}: {value}" for key, value in {**_FIELDS, **own, **fields}.items()]
    return "\n".join([f"Package: {name}", *lines]) + "\n\n"
