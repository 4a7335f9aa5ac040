"""Every version of every recipe: a plan wherever it is meant for, and promises that hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from envmgr.cli.installing import plan_lines
from envmgr.install.checksum import Digest
from envmgr.install.plan import in_order, make_plan
from envmgr.install.registries import choose_wheels
from envmgr.model.definition import Detector, Recipe, RecipeVersion
from envmgr.model.plan import Plan, Run
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.model.template import holes
from envmgr.model.version import Version
from envmgr.resolve.releases import works_on
from envmgr.resolve.resolve import resolve

from .shipped import DETECTORS, FIRST, MACHINES, PYTHONS, RECIPES, Machine, found

RECIPE = [pytest.param(recipe, id=name) for name, recipe in RECIPES.items()]
ROW = [
    pytest.param(recipe, row, id=f"{recipe.name}@{row.version}")
    for recipe in RECIPES.values()
    for row in recipe.versions
]
MADE_FOR = [
    pytest.param(recipe, machine, id=f"{recipe.name}-{machine.platform}")
    for recipe in RECIPES.values()
    for machine in MACHINES.values()
    if works_on(recipe, machine.platform)
]
PLACES = {"prefix", "destdir", "work", "jobs"}
"""What a command may name beside its needs; it is known when the plan is carried out."""


def pythons(recipe: Recipe) -> list[str]:
    """The versions of Python that *recipe* says it works with; one where it needs none."""
    need = recipe.needs.get("python")
    if need is None:
        return [PYTHONS[0]]
    range_ = Query.parse(need.query).versions
    return [python for python in PYTHONS if Version(python) in range_]


def plans_on(
    machine: Machine, recipe: Recipe, row: RecipeVersion, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Plan]:
    """The plan of *row* as *machine* would make it, with each Python that the recipe takes."""
    monkeypatch.setattr("packaging.tags.platform_tags", lambda: iter(machine.tags))
    query = Query.parse(f"{recipe.name},=={row.version}")
    for python in pythons(recipe):
        resolution = resolve([query], found(python), RECIPES.values(), platform=machine.platform)
        chosen = resolution.answers[0].chosen
        assert isinstance(chosen, Release)
        assert (chosen.recipe.name, chosen.row.version) == (recipe.name, row.version)
        yield make_plan(chosen, machine.platform, choose_wheels)


def test_recipes_are_there() -> None:
    assert len(RECIPES) >= 75
    assert {recipe.name.partition(".")[0] for recipe in RECIPES.values()} == {
        "compiler", "dataset", "lib", "model", "python", "tool",
    }  # fmt: skip


@pytest.mark.parametrize(("recipe", "row"), ROW)
def test_every_version_has_a_plan(
    recipe: Recipe, row: RecipeVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert works_on(recipe, FIRST)
    machine = MACHINES[FIRST]
    plans = list(plans_on(machine, recipe, row, monkeypatch))
    assert plans
    for plan in plans:
        assert (plan.recipe, plan.version, plan.detector) == (
            recipe.name, row.version, recipe.detector,
        )  # fmt: skip
        assert plan.steps
        assert plan.sources
        assert set(plan.needs) == set(recipe.needs_of(row.version, machine.platform))
    assert len({plan.digest for plan in plans}) == len(plans)


@pytest.mark.parametrize(("recipe", "machine"), MADE_FOR)
def test_the_newest_version_has_a_plan_wherever_the_recipe_is_meant_for(
    recipe: Recipe, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(plans_on(machine, recipe, recipe.newest_first()[0], monkeypatch))


@pytest.mark.parametrize(("recipe", "row"), ROW)
def test_a_dry_run_says_every_step(
    recipe: Recipe, row: RecipeVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = next(plans_on(MACHINES[FIRST], recipe, row, monkeypatch))
    lines = plan_lines(in_order([plan]))
    heads = [line for line in lines if not line.startswith("  ")]
    assert heads[-1].startswith(f"{recipe.name}@{row.version}")
    assert len(lines) - len(heads) == sum(len(one.steps) for one in in_order([plan]))
    left = {hole for line in lines for hole in holes(line)}
    assert {hole for hole in left if "." not in hole} <= PLACES


@pytest.mark.parametrize(("recipe", "row"), ROW)
def test_commands_name_only_what_every_answer_to_the_need_has(
    recipe: Recipe, row: RecipeVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = next(plans_on(MACHINES[FIRST], recipe, row, monkeypatch))
    texts = [
        text
        for step in plan.steps
        if isinstance(step, Run)
        for text in (*step.argv, *step.env.values())
    ]
    for hole in {hole for text in texts for hole in holes(text)} - PLACES:
        role, _, name = hole.partition(".")
        if name in ("prefix", "path", "version"):
            assert role in recipe.needs
            continue
        query = Query.parse(recipe.needs_queries[role])
        answers = [d for d in DETECTORS.values() if query.misfit_tags(d.possible_tags) is None]
        assert answers
        assert [d.name for d in answers if name not in _always_puts(d, query)] == []


def _always_puts(detector: Detector, query: Query) -> set[str]:
    """Variables of every entry of *detector* that answers *query*."""
    wanted = set(query.wanted) - set(detector.all_tags)
    parts = [part for part in detector.parts if wanted & set(part.tags)]
    return {*detector.env, *(name for part in parts for name in part.env)}


@pytest.mark.parametrize("recipe", RECIPE)
def test_the_query_that_chose_a_recipe_finds_its_entry(recipe: Recipe) -> None:
    assert recipe.detector in DETECTORS
    assert set(recipe.all_tags) <= set(DETECTORS[recipe.detector].possible_tags)


@pytest.mark.parametrize("recipe", RECIPE)
def test_versions_stand_newest_first(recipe: Recipe) -> None:
    assert recipe.versions == recipe.newest_first()
    versions = [Version(row.version) for row in recipe.versions]
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(("recipe", "row"), ROW)
def test_digests_are_as_strong_as_the_description_says(recipe: Recipe, row: RecipeVersion) -> None:
    digests = [Digest.parse(file.digest) for file in row.files]
    assert digests or len(row.commit or "") == 40
    assert any(digest.is_weak for digest in digests) == ("MD5" in recipe.description)


def test_a_digest_belongs_to_one_file_and_a_file_has_one_digest() -> None:
    names, digests = defaultdict(set), defaultdict(set)
    for recipe in RECIPES.values():
        for row in recipe.versions:
            for file in row.files:
                digest = str(Digest.parse(file.digest))
                named = file.name or f"{recipe.name}@{row.version}"
                names[digest].add(named)
                digests[named].add(digest)
    assert [files for files in names.values() if len(files) > 1] == []
    assert [name for name, own in digests.items() if len(own) > 1] == []
