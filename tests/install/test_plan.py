from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import InstallError
from envmgr.install.plan import in_order, make_plan
from envmgr.model.definition import Build, Recipe, RecipeVersion, Source, SourceFile
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
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

PLATFORM = "linux-x86_64-debian12"
ROW = RecipeVersion("1.2.3", (SourceFile("", "sha256:00"),))
URLS = Source(urls=("https://example.org/v{version_major}/thing-{version}.tar.gz",))


def recipe(**fields: Any) -> Recipe:
    usual: dict[str, Any] = {
        "name": "tool.thing",
        "description": "",
        "tags": ("tool", "thing"),
        "file": "thing.toml",
        "digest": "d" * 64,
        "detector": "tool.thing",
        "source": URLS,
    }
    return Recipe(**{**usual, **fields})


def entry(name: str, version: str) -> Entry:
    origin = Origin("detected", name)
    return make_entry(
        name, version, tags=(), prefix="/p", path="/p/x", delta=Delta(), origin=origin
    )


def every(files: Sequence[SourceFile], python: tuple[int, int] | None) -> Sequence[SourceFile]:
    return files


def plan(
    own: Recipe,
    row: RecipeVersion = ROW,
    needs: Mapping[str, Entry | Release] | None = None,
    platform: str = PLATFORM,
) -> Plan:
    return make_plan(Release(own, row, tuple((needs or {}).items())), platform, every)


def steps(own: Recipe, row: RecipeVersion = ROW, **needs: Entry | Release) -> tuple[Step, ...]:
    return plan(own, row, needs).steps


# -- sources ---------------------------------------------------------------------------------


def test_an_archive_is_unpacked_into_the_prefix() -> None:
    url = "https://example.org/v1/thing-1.2.3.tar.gz"
    assert steps(recipe()) == (
        Download("thing-1.2.3.tar.gz", (url,), "sha256:00"),
        Unpack("thing-1.2.3.tar.gz", "prefix", "."),
    )


def test_an_archive_that_is_built_is_unpacked_into_the_work_directory() -> None:
    own = recipe(source=replace(URLS, strip=2, into="deep"), build=Build("commands"))
    assert steps(own)[1] == Unpack("thing-1.2.3.tar.gz", "work", "source/deep", 2)


def test_an_address_may_use_the_values_of_a_row_and_its_query_is_no_name() -> None:
    own = recipe(source=Source(urls=("https://a.org/{build}/x.zip?raw=1", "https://b.org/x.zip")))
    download, _ = steps(own, replace(ROW, values={"build": "b7"}))
    assert download == Download(
        "x.zip", ("https://a.org/b7/x.zip?raw=1", "https://b.org/x.zip"), "sha256:00"
    )


def test_several_files_that_are_not_unpacked() -> None:
    row = RecipeVersion("1", (SourceFile("a", "sha256:0a"), SourceFile("b", "sha256:0b")))
    own = recipe(source=Source(urls=("https://a.org/{file}",), unpack=False, into="raw"))
    assert steps(own, row) == (
        Download("a", ("https://a.org/a",), "sha256:0a"),
        CopyFile("a", "raw/a"),
        Download("b", ("https://a.org/b",), "sha256:0b"),
        CopyFile("b", "raw/b"),
    )


def test_wheels_go_to_the_site_directory() -> None:
    name = "numpy-2.1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
    row = RecipeVersion("2.1.0", (SourceFile(name, "sha256:00"),))
    own = recipe(source=Source(pypi="numpy"))
    assert steps(own, row) == (
        Wheel(name, "numpy", "2.1.0", "sha256:00"),
        Unpack(name, "prefix", "site", wheel=True),
    )
    elsewhere = recipe(source=Source(pypi="numpy", into="lib"))
    assert steps(elsewhere, row)[1] == Unpack(name, "prefix", "lib", wheel=True)


def test_wheels_are_chosen_for_the_python_that_is_needed() -> None:
    asked: list[tuple[int, int] | None] = []

    def choose(files: Sequence[SourceFile], python: tuple[int, int] | None) -> Sequence[SourceFile]:
        asked.append(python)
        return files

    row = RecipeVersion("1", (SourceFile("a-1-py3-none-any.whl", "sha256:00"),))
    own = recipe(source=Source(pypi="a"))
    make_plan(Release(own, row), PLATFORM, choose)
    for need in (entry("compiler.python", "3.11.7"), entry("compiler.python", "3")):
        make_plan(Release(own, row, (("python", need),)), PLATFORM, choose)
    assert asked == [None, (3, 11), (3, 0)]


def test_no_wheel_for_this_machine_is_an_error_that_names_the_recipe() -> None:
    with pytest.raises(InstallError, match=r"tool\.thing@1\.2\.3 has no wheel.*thing\.toml"):
        make_plan(Release(recipe(source=Source(pypi="a")), ROW), PLATFORM, lambda *_: ())


def test_a_node_package_goes_where_node_looks() -> None:
    own = recipe(source=Source(npm="@scope/tool"))
    assert steps(own) == (
        NodePackage("scope-tool-1.2.3.tgz", "@scope/tool", "1.2.3", "sha256:00"),
        Unpack("scope-tool-1.2.3.tgz", "prefix", "lib/node_modules/@scope/tool", strip=1),
    )


def test_a_checkout_takes_its_commit() -> None:
    row = RecipeVersion("1", commit="c" * 40)
    own = recipe(source=Source(git="https://example.org/x.git"))
    assert steps(own, row) == (Checkout("https://example.org/x.git", "c" * 40, ".", "prefix"),)
    built = replace(own, build=Build("make"))
    assert steps(built, row)[0] == Checkout("https://example.org/x.git", "c" * 40, "source", "work")


# -- builds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "first", "last"),
    [
        ("cmake", "cmake", "--install"),
        ("meson", "meson", "--destdir"),
        ("autotools", "./configure", "DESTDIR={destdir}"),
        ("make", "make", "-DX"),
    ],
)
def test_systems_build_and_install_into_the_staging_directory(
    system: str, first: str, last: str
) -> None:
    runs = [s for s in steps(recipe(build=Build(system, options=("-DX",)))) if isinstance(s, Run)]
    words = [word for run in runs for word in run.argv]
    assert runs[0].argv[0] == first and last in runs[-1].argv and "-DX" in words
    assert any("{prefix}" in word for word in words) and any("{destdir}" in word for word in words)
    assert {run.cwd for run in runs} == {"source"}


def test_commands_are_words_and_never_a_shells() -> None:
    own = recipe(build=Build("commands", commands=("cc 'a b.c' -o {prefix}/x ; rm $HOME",)))
    assert steps(own)[2] == Run(
        ("cc", "a b.c", "-o", "{prefix}/x", ";", "rm", "$HOME"), "source", {}
    )


def test_what_is_known_is_filled_and_the_rest_is_left() -> None:
    build = Build(
        "commands",
        commands=("x {version_major} {prefix} {cc.CC} {build}",),
        env={"V": "{version}", "P": "{prefix}/{build}"},
    )
    run = steps(recipe(build=build), replace(ROW, values={"build": "b7"}))[2]
    assert run == Run(
        ("x", "1", "{prefix}", "{cc.CC}", "b7"), "source", {"V": "1.2.3", "P": "{prefix}/b7"}
    )


def test_a_value_stays_one_word() -> None:
    build = Build("commands", commands=("echo {v}",))
    run = steps(recipe(build=build), replace(ROW, values={"v": "a b; {prefix}"}))[2]
    assert isinstance(run, Run) and run.argv == ("echo", "a b; {prefix}")


def test_links_scripts_and_programs_come_last() -> None:
    build = Build(
        links={"bin/thing-{version_major}": "site/thing/bin/thing"},
        scripts={"bin/run": "thing.cli:main"},
        executable=("bin/*",),
    )
    assert steps(recipe(build=build))[2:] == (
        Link("bin/thing-1", "site/thing/bin/thing"),
        Script("bin/run", "thing.cli:main", "{python.path}", "site"),
        MakeExecutable("bin/*"),
    )


# -- the plan as a whole ---------------------------------------------------------------------


def test_needs_of_what_is_only_built_are_not_part_of_it() -> None:
    assert plan(recipe()).needs_at_run_time
    assert not plan(recipe(build=Build("make"))).needs_at_run_time


def test_the_plan_names_what_it_is_made_from() -> None:
    made = plan(recipe())
    assert (made.recipe, made.version, made.detector) == ("tool.thing", "1.2.3", "tool.thing")
    assert made.sources == ("sha256:00",) and made.recipe_digest == "d" * 64
    assert made.slug == f"tool.thing/1.2.3-{made.digest[:8]}"
    commit = replace(recipe(), source=Source(git="https://example.org/x.git"))
    assert plan(commit, RecipeVersion("1", commit="c" * 40)).sources == ("git:" + "c" * 40,)


CHANGES: dict[str, Plan] = {
    "same": plan(recipe()),
    "recipe": plan(recipe(name="tool.other")),
    "version": plan(recipe(), replace(ROW, version="1.2.4")),
    "checksum": plan(recipe(), replace(ROW, files=(SourceFile("", "sha256:01"),))),
    "address": plan(recipe(source=Source(urls=("https://b.org/thing-{version}.tar.gz",)))),
    "build": plan(recipe(build=Build("make"))),
    "option": plan(recipe(build=Build("make", options=("X=1",)))),
    "env": plan(recipe(build=Build("make", env={"X": "1"}))),
    "need": plan(recipe(), needs={"cc": entry("compiler.gcc", "12.2.0")}),
    "other need": plan(recipe(), needs={"cc": entry("compiler.gcc", "13.1.0")}),
    "missing need": plan(recipe(), needs={"cc": Release(recipe(name="tool.cc"), ROW)}),
    "platform": plan(recipe(), platform="linux-aarch64-debian12"),
}


def test_whatever_changes_the_prefix_changes_its_place() -> None:
    assert len({made.digest for made in CHANGES.values()}) == len(CHANGES)
    assert len({made.slug for made in CHANGES.values()}) == len(CHANGES)


def test_what_does_not_change_the_prefix_does_not_change_its_place() -> None:
    told = recipe(description="Another word", file="elsewhere.toml", digest="e" * 64)
    assert plan(told).digest == CHANGES["same"].digest


@given(st.text(min_size=1, max_size=40))
def test_whatever_a_version_is_called_the_slug_is_a_plain_path(version: str) -> None:
    own = recipe(source=Source(git="https://example.org/x.git"))
    slug = plan(own, RecipeVersion(version, commit="c" * 40)).slug
    first, _, second = slug.partition("/")
    assert first == "tool.thing" and "/" not in second and not second.startswith((".", "-"))
    assert second.isascii() and second.isprintable() and " " not in second


# -- order -----------------------------------------------------------------------------------


def chain(*names: str) -> Release:
    """A release of the first name that needs the second, which needs the third, …"""
    first, *rest = names
    needs = (("need", chain(*rest)),) if rest else ()
    return Release(recipe(name=first), ROW, needs)


def test_needs_are_planned_and_come_first_and_once() -> None:
    one, two = (make_plan(chain(name, "tool.b", "tool.c"), PLATFORM, every) for name in "xy")
    assert [made.recipe for made in in_order([one, two])] == ["tool.c", "tool.b", "x", "y"]
    assert [made.recipe for made in in_order([two, one, two])] == ["tool.c", "tool.b", "y", "x"]
    assert in_order([]) == []


@st.composite
def plans(draw: st.DrawFn) -> list[Plan]:
    made: list[Plan] = []
    for number in range(draw(st.integers(1, 7))):
        some = draw(st.lists(st.sampled_from(made), max_size=3, unique_by=id)) if made else []
        needs = {str(role): need for role, need in enumerate(some)}
        made.append(Plan("tool.x", "1", "tool.x", str(number), "", f"tool.x/{number}", needs))
    return made


@given(plans())
def test_every_order_has_needs_first(made: list[Plan]) -> None:
    places = {each.digest: at for at, each in enumerate(in_order(made[-1:]))}
    for each in in_order(made[-1:]):
        for need in each.needs.values():
            assert isinstance(need, Plan) and places[need.digest] < places[each.digest]
