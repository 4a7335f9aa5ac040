"""From a release to a plan: every step decided, nothing done."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from envmgr.errors import InstallError
from envmgr.model.definition import Build, Recipe, RecipeVersion, SourceFile
from envmgr.model.entry import Entry
from envmgr.model.plan import (
    Checkout,
    CopyFile,
    Download,
    Link,
    MakeExecutable,
    NodePackage,
    Plan,
    Run,
    Script,
    Step,
    Unpack,
    Wheel,
)
from envmgr.model.resolution import Release
from envmgr.model.template import fill, holes
from envmgr.model.version import Version, version_values
from envmgr.store.layout import safe_name

ChooseWheels = Callable[[Sequence[SourceFile], "tuple[int, int] | None"], Sequence[SourceFile]]
"""Of each project, the best wheel for this machine and, when given, this version of Python."""

_SITE = "site"
"""Where below a prefix the packages of unpacked wheels go."""
_SOURCE = "source"
"""Where below the work directory the sources of a build go."""


def make_plan(release: Release, platform: str, choose_wheels: ChooseWheels) -> Plan:
    """The steps that install *release*, those of its missing needs planned along with it."""
    recipe, row = release.recipe, release.row
    needs = {
        role: need if isinstance(need, Entry) else make_plan(need, platform, choose_wheels)
        for role, need in release.needs
    }
    steps = (*_source_steps(recipe, row, needs, choose_wheels), *_build_steps(recipe, row))
    digest = _digest(recipe, row, platform, needs, steps)
    return Plan(
        recipe=recipe.name,
        version=row.version,
        detector=recipe.detector,
        digest=digest,
        recipe_digest=recipe.digest,
        slug=f"{recipe.name}/{safe_name(row.version)}-{digest[:8]}",
        needs=needs,
        needs_at_run_time=recipe.build.system == "none",
        steps=steps,
    )


def in_order(plans: Sequence[Plan]) -> list[Plan]:
    """*plans* with the plans they need before them, each once."""
    ordered: dict[str, Plan] = {}

    def visit(plan: Plan) -> None:
        for need in plan.needs.values():
            if isinstance(need, Plan):
                visit(need)
        ordered.setdefault(plan.digest, plan)

    for plan in plans:
        visit(plan)
    return list(ordered.values())


def _digest(
    recipe: Recipe,
    row: RecipeVersion,
    platform: str,
    needs: Mapping[str, Entry | Plan],
    steps: Sequence[Step],
) -> str:
    """What the prefix depends on: the same digest means the same prefix."""
    form = {
        "recipe": recipe.name,
        "version": row.version,
        "platform": platform,
        "needs": {
            role: need.id if isinstance(need, Entry) else need.digest
            for role, need in needs.items()
        },
        "steps": [{type(step).__name__: asdict(step)} for step in steps],
    }
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()


def _row_values(row: RecipeVersion) -> dict[str, str]:
    return {**version_values(row.version), **row.values}


# -- sources ---------------------------------------------------------------------------------


def _source_steps(
    recipe: Recipe,
    row: RecipeVersion,
    needs: Mapping[str, Entry | Plan],
    choose_wheels: ChooseWheels,
) -> list[Step]:
    source = recipe.source
    if source.urls:
        return _url_steps(recipe, row)
    if source.pypi:
        return _wheel_steps(recipe, row, choose_wheels(row.files, _python_of(needs)))
    if source.npm:
        return _node_steps(recipe, row)
    root, into = _destination(recipe)
    return [Checkout(source.git or "", row.commit or "", into, root)]


def _destination(recipe: Recipe) -> tuple[str, str]:
    """Sources that are built go to the work directory, the others straight to the prefix."""
    if recipe.build.system == "none":
        return "prefix", recipe.source.into
    return "work", os.path.normpath(os.path.join(_SOURCE, recipe.source.into))


def _url_steps(recipe: Recipe, row: RecipeVersion) -> list[Step]:
    root, into = _destination(recipe)
    steps: list[Step] = []
    for file in row.files:
        values = {**_row_values(row), "file": file.name}
        urls = tuple(fill(url, values) for url in recipe.source.urls)
        name = file.name or os.path.basename(urls[0].partition("?")[0])
        steps.append(Download(name, urls, file.digest))
        if recipe.source.unpack:
            steps.append(Unpack(name, root, into, recipe.source.strip))
        else:
            steps.append(CopyFile(name, os.path.normpath(os.path.join(into, name))))
    return steps


def _wheel_steps(recipe: Recipe, row: RecipeVersion, files: Sequence[SourceFile]) -> list[Step]:
    into = _SITE if recipe.source.into == "." else recipe.source.into
    steps: list[Step] = []
    for file in files:
        project, version, *_ = file.name.split("-")
        steps.append(Wheel(file.name, project, version, file.digest))
        steps.append(Unpack(file.name, "prefix", into, wheel=True))
    if not steps:
        raise InstallError(
            f"{recipe.name}@{row.version} has no wheel for this machine ({recipe.file})",
            hint=f"see which versions there are: envmgr info {recipe.name}",
        )
    return steps


def _node_steps(recipe: Recipe, row: RecipeVersion) -> list[Step]:
    package = recipe.source.npm or ""
    name = f"{package.lstrip('@').replace('/', '-')}-{row.version}.tgz"
    steps: list[Step] = [
        NodePackage(name, package, row.version, file.digest) for file in row.files[:1]
    ]
    return [*steps, Unpack(name, "prefix", f"lib/node_modules/{package}", strip=1)]


def _python_of(needs: Mapping[str, Entry | Plan]) -> tuple[int, int] | None:
    need = needs.get("python")
    if need is None:
        return None
    major, minor, *_ = [*Version(need.version).parts, 0, 0]
    return int(major), int(minor)


# -- builds ----------------------------------------------------------------------------------


def _build_steps(recipe: Recipe, row: RecipeVersion) -> list[Step]:
    build, values = recipe.build, _row_values(row)
    env = {name: _partly(value, values) for name, value in build.env.items()}
    commands = [tuple(_partly(word, values) for word in words) for words in _commands(build)]
    steps: list[Step] = [Run(words, _SOURCE, env) for words in commands]
    steps += [Link(fill(at, values), fill(to, values)) for at, to in build.links.items()]
    steps += [
        Script(at, entry_point, "{python.path}", _SITE) for at, entry_point in build.scripts.items()
    ]
    return steps + [MakeExecutable(pattern) for pattern in build.executable]


def _commands(build: Build) -> list[tuple[str, ...]]:
    options, system = build.options, build.system
    if system == "cmake":
        return _cmake(options)
    if system == "meson":
        return _meson(options)
    if system == "autotools":
        return [
            ("./configure", "--prefix={prefix}", *options),
            ("make", "-j{jobs}"),
            ("make", "install", "DESTDIR={destdir}"),
        ]
    if system == "make":
        return [
            ("make", "-j{jobs}", *options),
            ("make", "install", "PREFIX={prefix}", "DESTDIR={destdir}", *options),
        ]
    return [tuple(shlex.split(command)) for command in build.commands]


def _cmake(options: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [
        (
            "cmake", "-S", ".", "-B", "{work}/build",
            "-DCMAKE_INSTALL_PREFIX={prefix}", "-DCMAKE_INSTALL_LIBDIR=lib",
            "-DCMAKE_BUILD_TYPE=Release", *options,
        ),
        ("cmake", "--build", "{work}/build", "--parallel", "{jobs}"),
        ("cmake", "-E", "env", "DESTDIR={destdir}", "cmake", "--install", "{work}/build"),
    ]  # fmt: skip


def _meson(options: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [
        ("meson", "setup", "{work}/build", ".", "--prefix={prefix}", "--libdir=lib",
         "--buildtype=release", *options),
        ("meson", "compile", "-C", "{work}/build", "-j", "{jobs}"),
        ("meson", "install", "-C", "{work}/build", "--destdir", "{destdir}"),
    ]  # fmt: skip


def _partly(template: str, values: Mapping[str, str]) -> str:
    """Fill what is known when planning; places and needs are filled when it is executed."""
    later = {name: f"{{{name}}}" for name in holes(template)}
    return fill(template, {**later, **values})
