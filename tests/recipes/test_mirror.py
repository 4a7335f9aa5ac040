"""Recipes of other hosts, installed from a mirror here: only hosts and checksums are changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from envmgr.api.check import check
from envmgr.api.detect import detect
from envmgr.api.workspace import Workspace
from envmgr.install.checksum import Digest
from envmgr.model.definition import Recipe
from envmgr.store.layout import default_layout
from envmgr.store.trust import Trust
from tests.install.server import content, send, serve

from .archives import DATA, Files
from .projects import PROJECTS
from .shipped import DETECTORS, RECIPES

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]

MIRRORED = (*DATA, *PROJECTS)
"""Recipes that are tested here."""


@contextmanager
def mirror(files: Files) -> Iterator[str]:
    """Serve *files* by their names, in whatever directory they are asked for; the address."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        name = os.path.basename(request.path.partition("?")[0])
        if name in files:
            content(files[name])(request)
        else:
            send(request, 404, {})

    with serve(answer) as site:
        yield site.url


def digest(algorithm: str, data: bytes) -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def rewritten(recipe: Recipe, files: Files, url: str) -> str:
    """The text of *recipe*, whose addresses lead to the mirror at *url* and give *files*."""
    text = Path(recipe.file).read_text()
    if recipe.homepage:
        text = text.replace(f'homepage = "{recipe.homepage}"\n', "")
    text = re.sub(r"https?://[^/\"]+", url, text)
    for file in recipe.newest_first()[0].files:
        data = files[file.name] if file.name else next(iter(files.values()))
        text = text.replace(file.digest, digest(Digest.parse(file.digest).algorithm, data))
    return text


def add_repository(recipe: Recipe, text: str, tmp_path: Path, envmgr: Envmgr) -> None:
    """Let *text* be found before the recipe that ships with envmgr."""
    category, _, name = recipe.name.partition(".")
    file = tmp_path / "mirrored/recipes" / category / f"{name}.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    done = envmgr("repo", "add", str(tmp_path / "mirrored"))
    assert done.returncode == 0, done.stderr


def installed(
    recipe: Recipe, files: Files, tmp_path: Path, envmgr: Envmgr
) -> subprocess.CompletedProcess[str]:
    """Install *recipe* by its tags from a mirror that has *files*."""
    with mirror(files) as url:
        add_repository(recipe, rewritten(recipe, files, url), tmp_path, envmgr)
        return envmgr("install", f"--tags={','.join(recipe.tags)}", "--json")


def form(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def nothing_is(shown: subprocess.CompletedProcess[str]) -> bool:
    """Whether `show` found nothing."""
    return shown.returncode == 1 and json.loads(shown.stdout)["entries"] == []


def assert_works(id: str, environ: dict[str, str]) -> None:
    """The entry *id* passes its check; a detector without one has nothing to say."""
    workspace = Workspace(environ=environ)
    entry = workspace.store.get(id)
    how = DETECTORS[entry.origin.detector].check
    if how is not None and how.needs:
        # A compiler that itself loads libraries for which these stand in could not start: clang.
        detect(workspace, [re.sub("^compiler,", "compiler.gcc,", q) for q in how.needs.values()])
    (proof,) = check(workspace, [entry])
    assert proof.works is (None if how is None else True), proof.why


@pytest.mark.parametrize("name", DATA)
def test_data_is_installed_and_found_by_its_tags(
    name: str, tmp_path: Path, environ: dict[str, str], envmgr: Envmgr
) -> None:
    recipe = RECIPES[name]
    (entry,) = form(installed(recipe, DATA[name](), tmp_path, envmgr))["entries"]
    row = recipe.newest_first()[0]
    assert (entry["name"], entry["version"]) == (recipe.detector, row.version)
    for query in (f"--tags={','.join(recipe.tags)}", f"{name}@{row.version}"):
        (shown,) = form(envmgr("show", query, "--json"))["entries"]
        assert shown["id"] == entry["id"]
    assert_works(entry["id"], environ)


@pytest.mark.needs("gcc", "g++", "make", "cmake")
@pytest.mark.parametrize("name", PROJECTS)
def test_sources_are_built_and_linked_with(
    name: str, tmp_path: Path, environ: dict[str, str], envmgr: Envmgr
) -> None:
    recipe = RECIPES[name]
    version = recipe.newest_first()[0].version
    (entry,) = form(installed(recipe, PROJECTS[name](version), tmp_path, envmgr))["entries"]
    assert (entry["name"], entry["version"]) == (recipe.detector, version)
    assert_works(entry["id"], environ)
    assert list(links_outside(entry["prefix"])) == []


def links_outside(prefix: str) -> Iterator[str]:
    """Links of a prefix that lead nowhere, or out of it."""
    for directory, directories, names in os.walk(prefix):
        for path in (os.path.join(directory, name) for name in (*directories, *names)):
            target = os.path.realpath(path)
            inside = target.startswith(os.path.realpath(prefix) + os.sep)
            if os.path.islink(path) and not (inside and os.path.exists(target)):
                yield path


def test_the_small_imagenet_is_found_by_few_tags(tmp_path: Path, envmgr: Envmgr) -> None:
    recipe, files = RECIPES["dataset.imagenet-val"], DATA["dataset.imagenet-val"]()
    with mirror(files) as url:
        add_repository(recipe, rewritten(recipe, files, url), tmp_path, envmgr)
        done = envmgr("install", "--tags=dataset,imagenet,2012,val,min", "--json")
    (entry,) = form(done)["entries"]
    (shown,) = form(envmgr("show", "--tags=dataset,imagenet,min", "--json"))["entries"]
    assert shown["id"] == entry["id"]
    assert len(list(Path(shown["prefix"]).glob("ILSVRC2012_val_*.JPEG"))) == 500
    assert nothing_is(envmgr("show", "--tags=dataset,imagenet,full", "--json"))


def test_the_first_sha256_of_a_file_with_an_md5_is_remembered(
    tmp_path: Path, environ: dict[str, str], envmgr: Envmgr
) -> None:
    recipe, files = RECIPES["dataset.squad"], DATA["dataset.squad"]()
    form(installed(recipe, files, tmp_path, envmgr))
    (data,) = files.values()
    trust = Trust(default_layout(environ))
    assert trust.get(digest("md5", data)) == hashlib.sha256(data).hexdigest()


def test_a_file_whose_sha256_is_not_the_remembered_one_is_refused(
    tmp_path: Path, environ: dict[str, str], envmgr: Envmgr
) -> None:
    recipe, files = RECIPES["dataset.imagenet-val"], DATA["dataset.imagenet-val"]()
    (data,) = files.values()
    seen = hashlib.sha256(b"what was there the first time").hexdigest()
    Trust(default_layout(environ)).put(digest("md5", data), seen)
    done = installed(recipe, files, tmp_path, envmgr)
    assert done.returncode == 4
    assert hashlib.sha256(data).hexdigest() in done.stderr
    assert f"not {seen} as the first time" in done.stderr
    assert nothing_is(envmgr("show", "--tags=dataset,imagenet", "--json"))


def test_a_file_that_was_changed_on_the_mirror_is_refused(tmp_path: Path, envmgr: Envmgr) -> None:
    recipe, files = RECIPES["lib.zlib"], PROJECTS["lib.zlib"]("1.3.1")
    changed = {name: data + b"more" for name, data in files.items()}
    with mirror(changed) as url:
        add_repository(recipe, rewritten(recipe, files, url), tmp_path, envmgr)
        done = envmgr("install", recipe.name)
    assert done.returncode == 4
    assert f"its sha256 is {hashlib.sha256(*changed.values()).hexdigest()}" in done.stderr
