"""What makes sense in a recipe."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from envmgr.catalog import rules
from envmgr.catalog.problem import Spot, nearest
from envmgr.errors import UsageError
from envmgr.model.definition import Build, Need, Recipe, RecipeVersion, Source
from envmgr.model.query import is_tag
from envmgr.model.template import holes
from envmgr.model.version import Version, VersionRange

SYSTEMS = ("none", "cmake", "meson", "autotools", "make", "commands")

_BUILD = frozenset({"prefix", "destdir", "work", "jobs"})
_COMMIT = re.compile("[0-9a-f]{40}")
_PYPI = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NPM = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*")
_ENTRY_POINT = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def check_recipe(recipe: Recipe, place: tuple[str, str], spot: Spot) -> None:
    """Say everything that is wrong with a *recipe* that lies at *place*."""
    rules.common(recipe, place, spot)
    if recipe.detector and not is_tag(recipe.detector):
        spot.at("detector").say(f"{recipe.detector!r} is not a name of a detector")
    for i, glob in enumerate(recipe.platforms):
        rules.platform(glob, spot.at("platforms", i))
    way = _source(recipe.source, spot.at("source"))
    _rows(recipe, way, spot)
    rules.queries(recipe.needs_queries, spot.at("needs"))
    _conditions(recipe, spot.at("needs"))
    _build(recipe.build, spot.at("build"))
    _templates(recipe, spot)
    _file_placeholder(recipe, spot.at("source", "urls"))
    python = recipe.needs.get("python")
    if recipe.build.scripts and (python is None or _is_conditional(python)):
        spot.at("build", "scripts").say(
            "need an interpreter: there is no needs.python, or not always"
        )


def _conditions(recipe: Recipe, spot: Spot) -> None:
    for role, need in recipe.needs.items():
        _condition_versions(recipe, need.versions, spot.at(role, "versions"))
        for i, platform in enumerate(need.platforms):
            at = spot.at(role, "platforms", i)
            rules.platform(platform, at)
            if recipe.platforms and at.is_clean and not rules.overlap(platform, recipe.platforms):
                at.say("is none of the platforms of the recipe")


def _condition_versions(recipe: Recipe, text: str, spot: Spot) -> None:
    try:
        clauses = VersionRange.parse(text)
    except UsageError as error:
        spot.say(error.message)
        return
    if recipe.versions and not any(Version(row.version) in clauses for row in recipe.versions):
        spot.say(f"no version of the recipe is {text}")


# -- where it comes from ---------------------------------------------------------------------


def _source(source: Source, spot: Spot) -> str | None:
    ways = {"urls": source.urls, "pypi": source.pypi, "npm": source.npm, "git": source.git}
    way = rules.exactly_one(ways, spot) if spot.is_clean else None
    for i, url in enumerate(source.urls):
        rules.address(url, spot.at("urls", i))
    for key, name, form in (("pypi", source.pypi, _PYPI), ("npm", source.npm, _NPM)):
        if name and not form.fullmatch(name):
            spot.at(key).say(f"{name!r} is not a name of a package")
    if source.git:
        rules.address(source.git, spot.at("git"), ("https", "ssh", "file"))
    rules.inside(source.into, spot.at("into"))
    return way


def _rows(recipe: Recipe, way: str | None, spot: Spot) -> None:
    if not recipe.versions and spot.at("versions").is_clean:
        spot.at("versions").say("holds no version")
    for row in recipe.versions:
        at = spot.at("versions", row.version)
        if not row.version.strip() or re.search(r"[\s/\\,@]", row.version):
            at.say(f"{row.version!r} is not a version")
        _row(row, way, at)
        weak = any(file.digest.startswith("md5:") for file in row.files)
        if weak and "md5" not in recipe.description.lower():
            at.say("has an md5 only: the description must say that nothing better is published")


def _row(row: RecipeVersion, way: str | None, spot: Spot) -> None:
    if way == "git":
        if not row.commit and spot.is_clean:
            spot.say("needs a commit, as the source is git")
    elif way == "pypi":
        if not row.files or not all("." in file.name for file in row.files):
            spot.say("needs a table of file name and digest, as the source is pypi")
    elif way == "npm" and len(row.files) != 1:
        spot.say("needs one digest, as the source is npm")
    elif way == "urls" and not row.files:
        spot.say("needs a digest, as the source is urls")
    if row.commit and way not in ("git", None):
        spot.at("commit").say(f"has no meaning: the source is {way}")
    if row.commit and not _COMMIT.fullmatch(row.commit):
        spot.at("commit").say("is not a commit: 40 hexadecimal digits in lower case")
    _row_files(row, spot)
    for name in row.values:
        if name in rules.VERSION | _BUILD or not re.fullmatch("[a-z][a-z0-9_]*", name):
            spot.at("values", name).say("cannot be the name of a placeholder of its own")


def _file_placeholder(recipe: Recipe, spot: Spot) -> None:
    """Several files of a version come from as many addresses, told apart by `{file}`."""
    have_several = any(len(row.files) > 1 for row in recipe.versions)
    have_nameless = any(not file.name for row in recipe.versions for file in row.files)
    for i, url in enumerate(recipe.source.urls):
        if have_several and "file" not in holes(url):
            spot.at(i).say("must hold {file}, as a version has several files")
        if have_nameless and (url.endswith("/") or "file" in holes(url)):
            spot.at(i).say("names no file: give each version a table of file name and digest")


def _row_files(row: RecipeVersion, spot: Spot) -> None:
    """Digests and names of files; a digest stands in the row, under `digest` or under its file."""
    for file in row.files:
        rules.digest(file.digest, spot)
        if "/" in file.name or "\\" in file.name or file.name in (".", ".."):
            spot.say(f"{file.name!r} is not a file name")


# -- how it is built -------------------------------------------------------------------------


def _build(build: Build, spot: Spot) -> None:
    if build.system and build.system not in SYSTEMS:
        meant = nearest(build.system, SYSTEMS)
        spot.at("system").say(f"must be one of {', '.join(SYSTEMS)}", meant)
    if build.system == "commands" and not build.commands:
        spot.at("commands").say("are missing, as the system is commands")
    rules.variables(build.env, spot.at("env"))
    for i, text in enumerate(build.commands):
        rules.command(text, spot.at("commands", i))
    for at, to in build.links.items():
        rules.inside(at, spot.at("links", at))
        rules.inside(to, spot.at("links", at))
    for at, entry_point in build.scripts.items():
        rules.inside(at, spot.at("scripts", at))
        if entry_point and not _ENTRY_POINT.fullmatch(entry_point):
            spot.at("scripts", at).say(f"{entry_point!r} is not module:function")
    for i, glob in enumerate(build.executable):
        rules.inside(glob, spot.at("executable", i))


# -- placeholders ----------------------------------------------------------------------------


def _templates(recipe: Recipe, spot: Spot) -> None:
    """Every placeholder is known here, and every version has a value for it."""
    of_version = rules.VERSION | {name for row in recipe.versions for name in row.values}
    of_need = {f"{role}.{what}" for role in recipe.needs for what in ("prefix", "path", "version")}
    for at, text in _addresses(recipe, spot.at("source")):
        _known(text, of_version | {"file"}, recipe, at)
    for at, text in _links(recipe.build, spot.at("build")):
        _known(text, of_version, recipe, at)
    for at, text in _build_texts(recipe.build, spot.at("build")):
        _known(text, of_version | _BUILD | of_need, recipe, at)


def _addresses(recipe: Recipe, spot: Spot) -> Iterator[tuple[Spot, str]]:
    for i, url in enumerate(recipe.source.urls):
        yield spot.at("urls", i), url


def _links(build: Build, spot: Spot) -> Iterator[tuple[Spot, str]]:
    for name, text in build.links.items():
        yield spot.at("links", name), name
        yield spot.at("links", name), text


def _build_texts(build: Build, spot: Spot) -> Iterator[tuple[Spot, str]]:
    """Templates that are filled while building."""
    for key, texts in (("options", build.options), ("commands", build.commands)):
        for i, text in enumerate(texts):
            yield spot.at(key, i), text
    for name, text in build.env.items():
        yield spot.at("env", name), text


def _known(text: str, allowed: Collection[str], recipe: Recipe, spot: Spot) -> None:
    """*allowed* are the placeholders; variables of a need join them where its prefix does."""
    for name in dict.fromkeys(holes(text)):
        if any(name in row.values for row in recipe.versions):
            _in_every_row(name, recipe, spot)
        elif _is_conditional(recipe.needs.get(name.partition(".")[0])):
            spot.say(f"{{{name}}} has no value where its need does not apply")
        elif not _is_variable(name, allowed):
            rules.template(f"{{{name}}}", spot, allowed)


def _in_every_row(name: str, recipe: Recipe, spot: Spot) -> None:
    for row in recipe.versions:
        if name not in row.values:
            spot.say(f"version {row.version} has no value for {{{name}}}")


def _is_conditional(need: Need | None) -> bool:
    """Whether some version, or some platform, is without *need*."""
    return need is not None and bool(need.versions or need.platforms)


def _is_variable(name: str, allowed: Collection[str]) -> bool:
    """Whether *name* is `role.VAR` of a need whose `role.prefix` is allowed."""
    role, _, variable = name.partition(".")
    return f"{role}.prefix" in allowed and re.fullmatch("[A-Z_][A-Z0-9_]*", variable) is not None
