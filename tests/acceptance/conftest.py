from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.shop import Shop
from tests.install.server import serve


@pytest.fixture
def shop(tmp_path: Path, environ: dict[str, str]) -> Iterator[Shop]:
    """A user's own repository, added to a new store, and a server with its files."""
    own = Shop(tmp_path / "definitions", "", environ)
    with serve(own.answer) as site:
        own.url = site.url
        (own.root / "recipes").mkdir(parents=True)
        added = own.run("repo", "add", str(own.root))
        assert added.returncode == 0, added.stderr
        yield own
