"""A bill of materials in CycloneDX, checked by the project's own validator."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from envmgr.errors import EnvmgrError
from envmgr.export.cyclonedx import render
from envmgr.export.subject import Subject

from .bills import everything


def form(subject: Subject) -> Any:
    """What is written, valid."""
    export = render(subject)
    assert list(export.files) == ["bom.json"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(export.text) is None
    return json.loads(export.text)


def component(bill: Any, name: str) -> Any:
    (found,) = [component for component in bill["components"] if component["name"] == name]
    return found


def test_the_environment_is_the_root_and_needs_what_was_asked_for() -> None:
    subject = everything()
    bill = form(subject)
    root = bill["metadata"]["component"]
    assert (root["name"], root["bom-ref"]) == ("bench", "environment")
    needed = {item["ref"]: set(item.get("dependsOn", ())) for item in bill["dependencies"]}
    assert needed["environment"] == subject.asked
    by_name = {entry.name: entry.id for entry in subject.entries}
    assert needed[by_name["python.numpy"]] == {by_name["compiler.python"]}
    assert len(needed[by_name["compiler.gcc"]]) == 2  # the packages that it is made of


def test_components_say_what_is_known() -> None:
    bill = form(everything())
    zlib = component(bill, "lib.zlib")
    assert zlib["purl"].startswith("pkg:generic/zlib-1.3.tar.gz?checksum=sha256:")
    assert zlib["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    urls = {item["type"]: item["url"] for item in zlib["externalReferences"]}
    assert urls == {
        "distribution": "https://example.org/zlib-1.3.tar.gz",
        "website": "https://zlib.net",
    }
    assert component(bill, "gcc-12")["supplier"] == {"name": "Debian"}
    assert component(bill, "dataset.iris")["type"] == "data"
    assert component(bill, "model.bert")["type"] == "machine-learning-model"


def test_the_same_environment_gives_the_same_bytes() -> None:
    first, second = render(everything()), render(everything())
    assert first.text == second.text
    assert "timestamp" not in json.loads(first.text)["metadata"]
    other = render(replace(everything(), name="other"))
    assert json.loads(other.text)["serialNumber"] != json.loads(first.text)["serialNumber"]


def test_a_time_that_is_given_is_stated() -> None:
    bill = form(replace(everything(), epoch=1700000000))
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


def test_the_lock_is_named() -> None:
    bill = form(replace(everything(), lock="ab12"))
    properties = bill["metadata"]["component"]["properties"]
    assert {"name": "envmgr:lock", "value": "ab12"} in properties


def test_no_path_of_this_machine_is_told() -> None:
    assert "/home/me" not in render(everything()).text


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cyclonedx.output.json", None)
    with pytest.raises(EnvmgrError, match="cyclonedx-python-lib") as raised:
        render(everything())
    assert raised.value.hint == "pip install 'envmgr[sbom]'"
