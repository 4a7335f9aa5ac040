"""What installed things were made from, as the catalogue still says it."""

from __future__ import annotations

import pytest

from envmgr.api.sources import sources_of
from envmgr.api.workspace import Workspace
from envmgr.catalog.repositories import Repositories
from envmgr.export.subject import Fetched
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.plan import Checkout, Download, NodePackage, Wheel

ONE, TWO = "sha256:" + "11" * 32, "sha256:" + "22" * 32
COMMIT = "ab" * 20
DETECTOR = """
name = "tool.x"
description = "x"
tags = ["tool", "x"]
[find]
program = "x"
[[version]]
run = "{path} --version"
match = '(.+)'
[[case]]
tree."bin/x" = "1"
expect = { version = "1" }
"""
HEAD = 'description = "x"\ndetector = "tool.x"\n'
RECIPES = {
    "files": f"""
[source]
urls = ["https://example.org/x-{{version}}.tgz", "https://example.com/x-{{version}}.tgz"]
[versions]
"2" = "{TWO}"
"1" = "{ONE}"
""",
    "wheels": f"""
[source]
pypi = "x"
[versions."1"]
"x-1-py3-none-any.whl" = "{ONE}"
"x-1-py2-none-any.whl" = "{TWO}"
""",
    "node": f"""
[source]
npm = "@scope/x"
[versions]
"1" = "{ONE}"
""",
    "commit": f"""
[source]
git = "https://example.org/x.git"
[versions."1"]
commit = "{COMMIT}"
""",
    "broken": """
[versions]
""",
}
URLS = ("https://example.org/x-1.tgz", "https://example.com/x-1.tgz")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose catalogue has these recipes too, `tool.files` and so on."""
    place = tmp_path_factory.mktemp("sources")
    for kind in ("detectors", "recipes"):
        (place / "definitions" / kind / "tool").mkdir(parents=True)
    (place / "definitions/detectors/tool/x.toml").write_text(DETECTOR)
    for name, text in RECIPES.items():
        head = f'name = "tool.{name}"\ntags = ["tool", "{name}"]\n{HEAD}'
        (place / f"definitions/recipes/tool/{name}.toml").write_text(head + text)
    home = {"PATH": "/usr/bin", "HOME": str(place), "ENVMGR_HOME": str(place / "envmgr")}
    workspace = Workspace(environ=home)
    Repositories(workspace.layout.root).add(str(place / "definitions"))
    return workspace


def made_from(recipe: str | None, *sources: str) -> Entry:
    origin = Origin("installed" if recipe else "detected", "tool.x", recipe, sources)
    return make_entry(
        "tool.x", "1", tags=(), prefix="/p", path="/p/x", delta=Delta(), origin=origin
    )


@pytest.mark.parametrize(
    ("recipe", "checksum", "step"),
    [
        ("tool.files", ONE, Download("x-1.tgz", URLS, ONE)),
        ("tool.wheels", ONE, Wheel("x-1-py3-none-any.whl", "x", "1", ONE)),
        ("tool.node", ONE, NodePackage("scope-x-1.tgz", "@scope/x", "1", ONE)),
        (
            "tool.commit",
            f"git:{COMMIT}",
            Checkout("https://example.org/x.git", COMMIT, ".", "prefix"),
        ),
    ],
)
def test_addresses_are_those_of_the_very_file(
    workspace: Workspace, recipe: str, checksum: str, step: Fetched
) -> None:
    assert sources_of(workspace, made_from(recipe, checksum)) == (step,)


@pytest.mark.parametrize("recipe", ["tool.node", "tool.broken", "tool.gone"])
def test_what_the_catalogue_no_longer_says_is_not_guessed(
    workspace: Workspace, recipe: str
) -> None:
    assert sources_of(workspace, made_from(recipe, TWO)) == ()


def test_what_was_found_was_made_from_nothing_that_is_known(workspace: Workspace) -> None:
    assert sources_of(workspace, made_from(None)) == ()
    assert sources_of(workspace, made_from("tool.files")) == ()
