"""What tests of exporters share: a store of images, and things to install."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from envmgr.api.export import distribution
from envmgr.export.base import base_image

from .image import Builder, shared_builder
from .served import definitions_in


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Builder]:
    """One store for all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    place = own if worker_id == "master" else own.parent
    with shared_builder(place, base_image(distribution())) as builder:
        yield builder


@pytest.fixture
def definitions(tmp_path: Path) -> Iterator[Path]:
    """A repository of `tool.greet`, which is built, and `tool.words`, while they are served."""
    with definitions_in(tmp_path) as repository:
        yield repository
