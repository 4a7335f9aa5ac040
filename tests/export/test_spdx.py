"""A bill of materials in SPDX, checked by the project's own validator."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from envmgr.errors import EnvmgrError
from envmgr.export.spdx import render
from envmgr.export.subject import Subject

from .bills import everything


def form(subject: Subject, place: Path) -> Any:
    """What is written, valid."""
    export = render(subject)
    assert list(export.files) == ["spdx.json"]
    file = place / "spdx.json"
    file.write_text(export.text)
    assert validate_full_spdx_document(parse_file(str(file))) == []
    return json.loads(export.text)


def package(document: Any, name: str) -> Any:
    (found,) = [package for package in document["packages"] if package["name"] == name]
    return found


def test_the_document_describes_the_environment(tmp_path: Path) -> None:
    subject = everything()
    document = form(subject, tmp_path)
    told = {
        (item["spdxElementId"], item["relationshipType"], item["relatedSpdxElement"])
        for item in document["relationships"]
    }
    root = "SPDXRef-environment"
    assert ("SPDXRef-DOCUMENT", "DESCRIBES", root) in told
    depends = {to for of, how, to in told if (of, how) == (root, "DEPENDS_ON")}
    assert depends == {f"SPDXRef-{id}" for id in subject.asked}
    ids = {entry.name: f"SPDXRef-{entry.id}" for entry in subject.entries}
    assert (ids["python.numpy"], "DEPENDS_ON", ids["compiler.python"]) in told
    contained = {to for of, how, to in told if (of, how) == (ids["compiler.gcc"], "CONTAINS")}
    assert len(contained) == 2


def test_packages_say_what_is_known(tmp_path: Path) -> None:
    document = form(everything(), tmp_path)
    zlib = package(document, "lib.zlib")
    assert zlib["downloadLocation"] == "https://example.org/zlib-1.3.tar.gz"
    assert zlib["homepage"] == "https://zlib.net"
    assert zlib["checksums"] == [{"algorithm": "SHA256", "checksumValue": "ab" * 32}]
    (reference,) = package(document, "gcc-12")["externalRefs"]
    assert reference["referenceLocator"].startswith("pkg:deb/debian/gcc-12@")
    assert package(document, "gcc-12")["supplier"] == "Organization: Debian"
    checkout = package(document, "repo")["downloadLocation"]
    assert checkout == f"git+https://example.org/repo.git@{'0' * 40}"


def test_the_same_environment_gives_the_same_bytes(tmp_path: Path) -> None:
    assert render(everything()).text == render(everything()).text
    one = form(everything(), tmp_path)
    other = form(replace(everything(), name="other"), tmp_path)
    assert one["creationInfo"]["created"] == "1970-01-01T00:00:00Z"
    assert one["documentNamespace"] != other["documentNamespace"]


def test_a_time_that_is_given_is_stated(tmp_path: Path) -> None:
    document = form(replace(everything(), epoch=1700000000), tmp_path)
    assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"


def test_the_lock_is_named(tmp_path: Path) -> None:
    assert form(replace(everything(), lock="ab12"), tmp_path)["comment"] == "lock sha256:ab12"


def test_no_path_of_this_machine_is_told() -> None:
    assert "/home/me" not in render(everything()).text


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spdx_tools.spdx.jsonschema.document_converter", None)
    with pytest.raises(EnvmgrError, match="spdx-tools") as raised:
        render(everything())
    assert raised.value.hint == "pip install 'envmgr[sbom]'"
