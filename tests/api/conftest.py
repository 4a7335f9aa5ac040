"""What tests of the Python face share: a shop, and persons who lock and sync."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.shop import Shop
from tests.api.locks import Person, path_with
from tests.install.server import serve

MakePerson = Callable[..., Person]


@pytest.fixture
def shop(tmp_path: Path, environ: dict[str, str]) -> Iterator[Shop]:
    """A repository of definitions that nobody added yet, and a server with its files."""
    own = Shop(tmp_path / "definitions", "", environ)
    (own.root / "recipes").mkdir(parents=True)
    with serve(own.answer) as site:
        own.url = site.url
        yield own


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory of programs that comes first on everybody's PATH."""
    (tmp_path / "tools/bin").mkdir(parents=True)
    return tmp_path / "tools/bin"


@pytest.fixture
def person(tmp_path: Path, shop: Shop, tools: Path) -> MakePerson:
    """Makes persons by name. Define something in the shop before the first."""

    def make(name: str = "ada", *, prefix_root: str | None = None) -> Person:
        place = tmp_path / name
        return Person(place / "home", place / "checkout", shop.root, path_with(tools), prefix_root)

    return make
