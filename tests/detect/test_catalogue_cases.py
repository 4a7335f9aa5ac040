"""Every `[[case]]` of every detector that ships with envmgr."""

from __future__ import annotations

import pytest

from envmgr.catalog.load import load
from envmgr.detect.cases import run_case
from envmgr.model.definition import Case, Detector
from tests.conftest import ROOT


def detectors() -> list[Detector]:
    files = sorted((ROOT / "detectors").glob("*/*.toml"))
    values = (load(str(file)).value for file in files)
    return [value for value in values if isinstance(value, Detector)]


CASES = [
    pytest.param(detector, case, id=f"{detector.name}-{number}")
    for detector in detectors()
    for number, case in enumerate(detector.cases, 1)
]


def test_every_detector_has_a_case() -> None:
    assert [detector.name for detector in detectors() if not detector.cases] == []
    assert len(CASES) >= 500


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_case(detector: Detector, case: Case) -> None:
    assert run_case(detector, case) == []
