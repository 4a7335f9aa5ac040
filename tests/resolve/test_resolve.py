from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.errors import ResolutionError, UsageError
from envmgr.model.definition import Need, Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release, Resolution
from envmgr.resolve.resolve import resolve
from tests.resolve.things import (
    NAMES,
    PLATFORM,
    asked,
    entry,
    entry_lists,
    fits_by_definition,
    queries,
    recipe,
)


def solve(
    texts: Sequence[str],
    entries: Sequence[Entry] = (),
    recipes: Sequence[Recipe] = (),
    prefer: tuple[str, ...] = (),
) -> Resolution:
    return resolve(asked(*texts), entries, recipes, platform=PLATFORM, prefer=prefer)


def chosen(resolution: Resolution) -> list[str]:
    return [str(answer.chosen) for answer in resolution.answers]


# -- laws ----------------------------------------------------------------------------------------


def closure(one: Entry, by_id: dict[str, Entry]) -> dict[str, Entry] | None:
    """Everything that *one* needs and itself by id; None when something is not there."""
    found, pending = {}, [one.id]
    while pending:
        id = pending.pop()
        if id not in by_id:
            return None
        if id not in found:
            found[id] = by_id[id]
            pending += by_id[id].needs
    return found


def one_a_name(entries: dict[str, Entry]) -> bool:
    return len({each.name for each in entries.values()}) == len(entries)


@settings(max_examples=100, deadline=None)
@given(st.lists(queries, min_size=1, max_size=3), entry_lists(), st.randoms())
def test_the_order_of_the_input_does_not_matter(
    wanted: list[Query], entries: list[Entry], order: random.Random
) -> None:
    shuffled = list(entries)
    order.shuffle(shuffled)
    inputs = (entries, shuffled, [*shuffled, *entries])
    assert len({outcome(wanted, each) for each in inputs}) == 1


def outcome(wanted: list[Query], entries: list[Entry]) -> str:
    """Everything that a resolution or its failure says."""
    try:
        resolution = resolve(wanted, entries, platform=PLATFORM)
        return repr((resolution, [answer.verdicts for answer in resolution.answers]))
    except ResolutionError as error:
        return repr((error.message, error.lines, error.hint))


@settings(max_examples=200, deadline=None)
@given(st.lists(queries, min_size=1, max_size=3), entry_lists())
def test_every_answer_is_whole_and_in_order(wanted: list[Query], entries: list[Entry]) -> None:
    try:
        resolution = resolve(wanted, entries, platform=PLATFORM)
    except ResolutionError:
        return
    by_id = {each.id: each for each in entries}
    answers = [answer.chosen for answer in resolution.answers]
    expected: dict[str, Entry] = {}
    for one in answers:
        assert isinstance(one, Entry)
        expected |= closure(one, by_id) or {}
    place = {each.id: number for number, each in enumerate(resolution.entries)}
    assert place.keys() == expected.keys() and len(place) == len(resolution.entries)
    for each in resolution.entries:
        assert all(place[need] < place[each.id] for need in each.needs)
    needed = {need for each in resolution.entries for need in each.needs}
    for number, earlier in enumerate(answers):
        for later in answers[number + 1 :]:
            assert isinstance(earlier, Entry) and isinstance(later, Entry)
            ahead = {each.id for each in answers[:number] if isinstance(each, Entry)}
            forced = ahead & (closure(later, by_id) or {}).keys()
            if earlier.id not in needed and earlier != later and not forced:
                assert place[earlier.id] > place[later.id]


# -- entries -----------------------------------------------------------------------------------


def test_nothing_asked_is_an_empty_environment() -> None:
    assert solve([], [entry("tool.a")]) == Resolution()


def test_what_was_asked_for_first_comes_first_in_path_lists() -> None:
    a = entry("tool.a", tags="tool", needs=[python := entry("compiler.python")])
    b = entry("tool.b", needs=[python])
    resolution = solve(["tool.a", "tool.b"], [a, b, python])
    assert resolution.entries == (python, b, a)
    assert resolution.delta.prepend["PATH"] == ("/tool.a", "/tool.b", "/compiler.python")
    assert resolution.delta.put["NAME"] == "tool.a"


def test_what_the_first_needs_comes_before_the_second() -> None:
    a = entry("tool.a", needs=[python := entry("compiler.python")])
    b = entry("tool.b")
    resolution = solve(["tool.a", "tool.b"], [a, b, python])
    assert resolution.delta.prepend["PATH"] == ("/tool.a", "/compiler.python", "/tool.b")


def test_what_was_asked_for_keeps_its_order_among_what_needs_it() -> None:
    python = entry("compiler.python")
    numpy, tool = entry("python.numpy", needs=[python]), entry("tool.a")
    entries = [python, numpy, tool]

    def paths(*texts: str) -> tuple[str, ...]:
        return solve(texts, entries).delta.prepend["PATH"]

    assert paths("python.numpy", "tool.a", "compiler.python") == (
        "/python.numpy", "/tool.a", "/compiler.python")  # fmt: skip
    assert paths("compiler.python", "tool.a", "python.numpy") == (
        "/python.numpy", "/compiler.python", "/tool.a")  # fmt: skip
    assert paths("tool.a", "python.numpy", "tool.a") == (
        "/tool.a", "/python.numpy", "/compiler.python")  # fmt: skip


def test_one_entry_may_answer_several_queries() -> None:
    gcc = entry("compiler.gcc", tags="compiler lang-c lang-cpp")
    assert solve(["compiler,lang-c", "lang-cpp"], [gcc]).entries == (gcc,)


def test_a_lower_ranked_entry_is_taken_where_only_that_agrees() -> None:
    new, old = entry("compiler.python", "3.12"), entry("compiler.python", "3.11")
    numpy = [entry("python.numpy", "2", needs=[new]), entry("python.numpy", "1", needs=[old])]
    torch = entry("python.torch", "1", needs=[old])
    resolution = solve(["python.numpy", "python.torch"], [new, old, *numpy, torch])
    assert chosen(resolution) == ["python.numpy@1", "python.torch@1"]
    assert [str(each) for each in resolution.entries] == [
        "compiler.python@3.11",
        "python.torch@1",
        "python.numpy@1",
    ]


def test_a_long_chain_of_alternatives_is_searched_to_the_end() -> None:
    pythons = [entry("compiler.python", str(n)) for n in range(20)]
    packages = [
        entry(f"python.p{p}", str(n), needs=[python])
        for p in range(12)
        for n, python in enumerate(pythons)
        if p < 11 or n == 0
    ]
    resolution = solve([f"python.p{p}" for p in range(12)], [*pythons, *packages])
    assert chosen(resolution) == [f"python.p{p}@0" for p in range(12)]


def test_an_entry_whose_need_is_gone_is_not_taken() -> None:
    gone = entry("compiler.python")
    broken, good = entry("python.numpy", "2", needs=[gone]), entry("python.numpy", "1")
    assert solve(["python.numpy"], [broken, good]).entries == (good,)
    with pytest.raises(ResolutionError) as caught:
        solve(["python.numpy@2"], [broken, good])
    assert any(f"entry {gone.id}, which is not there" in line for line in caught.value.lines)


def test_needs_in_a_circle_are_refused() -> None:
    from dataclasses import replace

    one, two = entry("tool.a"), entry("tool.b")
    one, two = replace(one, needs=(two.id,)), replace(two, needs=(one.id,))
    with pytest.raises(ResolutionError) as caught:
        solve(["tool.a"], [one, two])
    assert any("needs itself" in line for line in caught.value.lines)


# -- capabilities and conflicts ----------------------------------------------------------------

MPICH = entry("lib.mpich", "4.0", provides=["mpi"])
OPENMPI = entry("lib.openmpi", "4.1", provides=["mpi"])


def test_a_role_is_filled_by_whatever_provides_it() -> None:
    assert chosen(solve(["mpi"], [OPENMPI, MPICH])) == ["lib.mpich@4.0"]
    assert chosen(solve(["mpi"], [OPENMPI])) == ["lib.openmpi@4.1"]
    assert chosen(solve(["mpi@>=4.1"], [OPENMPI, MPICH])) == ["lib.openmpi@4.1"]


def test_an_environment_has_one_thing_for_each_role() -> None:
    solver = entry("tool.solver", needs=[OPENMPI])
    assert chosen(solve(["mpi", "tool.solver"], [MPICH, OPENMPI, solver])) == [
        "lib.openmpi@4.1",
        "tool.solver@1",
    ]


def test_a_role_is_filled_by_an_install_where_nothing_else_agrees() -> None:
    recipes = [recipe("lib.mpich", "4.2", provides=["mpi"], system="none")]
    app = recipe("tool.app", needs={"mpi": "mpi,>=4.2"}, system="none")
    resolution = solve(["mpi", "tool.app"], [OPENMPI], [*recipes, app])
    assert chosen(resolution) == ["lib.mpich@4.2", "tool.app@1"]
    assert resolution.entries == ()


def test_nothing_is_with_what_it_conflicts_with() -> None:
    hdf5 = [entry("lib.hdf5", "2", conflicts=["mpi,<4.1"]), entry("lib.hdf5", "1")]
    assert chosen(solve(["lib.hdf5", "mpi"], [*hdf5, MPICH, OPENMPI])) == [
        "lib.hdf5@2",
        "lib.openmpi@4.1",
    ]
    assert chosen(solve(["lib.hdf5", "lib.mpich"], [*hdf5, MPICH])) == [
        "lib.hdf5@1",
        "lib.mpich@4.0",
    ]
    resolution = solve(["lib.mpich", "lib.hdf5"], [*hdf5, MPICH])
    verdicts = {verdict.subject: verdict.why for verdict in resolution.answers[1].verdicts}
    assert verdicts[f"lib.hdf5@2 ({hdf5[0].path})"] == "lib.hdf5@2 conflicts with lib.mpich@4.0"


def test_a_thing_does_not_conflict_with_itself() -> None:
    one = entry("lib.a", provides=["mpi"], conflicts=["mpi"])
    assert solve(["mpi"], [one]).entries == (one,)


def test_conflicts_of_what_would_be_installed_count_too() -> None:
    made = recipe("lib.b", "1 2", conflicts=["mpi"])
    with pytest.raises(ResolutionError, match="no environment has all of these"):
        solve(["mpi", "lib.b"], [OPENMPI], [made])


def test_an_entry_whose_needs_conflict_is_not_taken() -> None:
    left, right = entry("lib.l", conflicts=["lib.r"]), entry("lib.r")
    with pytest.raises(ResolutionError) as caught:
        solve(["tool.t"], [left, right, entry("tool.t", needs=[left, right])])
    assert "lib.l@1 conflicts with lib.r@1" in caught.value.lines[0]


def test_what_is_there_anyway_answers_later_queries() -> None:
    gcc, llvm = entry("compiler.gcc", "11", "lang-c"), entry("compiler.llvm", "14", "lang-c")
    assert solve(["compiler.llvm", "lang-c"], [gcc, llvm]).entries == (llvm,)
    assert solve(["lang-c", "compiler.llvm"], [gcc, llvm]).entries == (llvm, gcc)
    preferring = solve(["compiler.llvm", "lang-c"], [gcc, llvm], prefer=("compiler.gcc",))
    assert chosen(preferring) == ["compiler.llvm@14", "compiler.gcc@11"]


# -- preferences -------------------------------------------------------------------------------


def test_preferences_choose_among_what_fits() -> None:
    entries = [entry("tool.a", "2"), entry("tool.a", "1", kind="installed")]
    made = [recipe("tool.a", "3")]
    for prefer, version in (
        ((), "2"),
        (("installed",), "1"),
        (("oldest",), "1"),
        (("newest",), "3"),
        (("tool.a@>=3",), "3"),
        (("detected", "oldest"), "2"),
    ):
        assert chosen(solve(["tool.a"], entries, made, prefer)) == [f"tool.a@{version}"]


def test_the_preferences_of_a_query_stand_in_place_of_the_others() -> None:
    entries = [entry("tool.a", "1"), entry("tool.a", "2"), entry("tool.b", "1"), entry("tool.b")]
    one, other = (Query.parse(name) for name in ("tool.a", "tool.b"))
    own = Query(one.wanted, prefer=("oldest",))
    resolution = resolve([own, other], entries, platform=PLATFORM, prefer=("newest",))
    assert chosen(resolution) == ["tool.a@1", "tool.b@1"]
    assert resolution.answers[0].query == own


def test_needs_follow_the_preferences_too() -> None:
    old, new = entry("compiler.gcc", "11", "lang-c"), entry("compiler.gcc", "14", "lang-c")
    made = recipe("lib.z", needs={"cc": "lang-c"})
    assert solve(["lib.z"], [old, new], [made]).missing[0].needs == (("cc", new),)
    oldest = solve(["lib.z"], [old, new], [made], ("oldest",))
    assert oldest.missing[0].needs == (("cc", old),)


def test_a_preference_gives_way_to_an_answer() -> None:
    gcc, llvm = entry("compiler.gcc", "12", "lang-c"), entry("compiler.llvm", "14", "lang-c")
    tool = entry("tool.t", conflicts=["compiler.gcc"])
    assert chosen(solve(["lang-c", "tool.t"], [gcc, llvm, tool], prefer=("compiler.gcc",))) == [
        "compiler.llvm@14",
        "tool.t@1",
    ]


def test_what_is_no_preference_is_an_error() -> None:
    with pytest.raises(UsageError, match="not a preference: '>=3'"):
        solve(["tool.a"], [entry("tool.a")], prefer=(">=3",))
    with pytest.raises(UsageError, match="not a preference"):
        resolve([Query(("tool.a",), prefer=("A!",))], [entry("tool.a")], platform=PLATFORM)


# -- conditional needs -------------------------------------------------------------------------


def test_a_need_may_hold_for_some_versions_and_platforms_only() -> None:
    made = recipe(
        "tool.t",
        "1 2",
        needs={
            "python": Need("compiler.python", ">=2"),
            "xcode": Need("tool.xcode", platforms=("macos-*",)),
            "cc": Need("lang-c", platforms=("linux-*",)),
        },
    )
    gcc = entry("compiler.gcc", tags="lang-c")
    assert [role for role, _ in solve(["tool.t"], [gcc], [made]).missing[0].needs] == ["cc"]
    python = entry("compiler.python")
    newest = solve(["tool.t"], [gcc, python], [made]).missing[0]
    assert newest.version == "2" and [role for role, _ in newest.needs] == ["python", "cc"]


def test_a_version_may_be_made_with_an_earlier_one() -> None:
    made = recipe("compiler.go", "1 2", needs={"go": Need("compiler.go@<2", ">=2")})
    assert [str(each) for each in solve(["compiler.go"], [], [made]).missing] == [
        "compiler.go@1",
        "compiler.go@2",
    ]


# -- recipes -----------------------------------------------------------------------------------


def test_an_entry_that_fits_goes_before_a_recipe() -> None:
    old = entry("tool.cmake", "3.0")
    resolution = solve(["tool.cmake"], [old], [recipe("tool.cmake", "4.0")])
    assert resolution.entries == (old,) and resolution.missing == ()


def test_the_newest_version_that_fits_is_installed() -> None:
    cmake = recipe("tool.cmake", "3.9 3.31 4.1rc1 4.0 4.1", "tool")
    for text, version in (("tool,cmake", None), ("tool", "4.1"), ("tool.cmake@<4", "3.31")):
        if version is None:
            with pytest.raises(ResolutionError):
                solve([text], [], [cmake])
            continue
        resolution = solve([text], [entry("tool.ninja", "9")] * (text != "tool"), [cmake])
        assert chosen(resolution) == [f"tool.cmake@{version}"]
        assert resolution.entries == ()
        assert [str(each) for each in resolution.missing] == [f"tool.cmake@{version}"]


def test_a_recipe_for_another_platform_is_not_taken() -> None:
    here = recipe("tool.a", "1", platforms=("linux-x86_64*", "macos-*"))
    there = recipe("tool.a", "2", platforms=("macos-*", "linux-aarch64*"))
    assert chosen(solve(["tool.a"], [], [there, here])) == ["tool.a@1"]
    with pytest.raises(ResolutionError):
        solve(["tool.a"], [], [there])


def test_needs_are_met_by_entries_or_installed_first() -> None:
    gcc = entry("compiler.gcc", "12", "compiler lang-c")
    recipes = [
        recipe("lib.hdf5", needs={"z": "lib.zlib", "cc": "compiler,lang-c"}),
        recipe("lib.zlib", "1.2 1.3", needs={"cc": "lang-c", "cmake": "tool.cmake@>=3.15"}),
        recipe("tool.cmake", "3.1 3.31"),
    ]
    resolution = solve(["lib.hdf5"], [gcc], recipes)
    assert [str(e) for e in resolution.missing] == ["tool.cmake@3.31", "lib.zlib@1.3", "lib.hdf5@1"]
    assert resolution.entries == ()  # a compiler is only built with
    hdf5 = resolution.answers[0].chosen
    assert isinstance(hdf5, Release)
    assert [(role, str(need)) for role, need in hdf5.needs] == [
        ("z", "lib.zlib@1.3"),
        ("cc", "compiler.gcc@12"),
    ]
    zlib = hdf5.needs[0][1]
    assert isinstance(zlib, Release) and zlib in resolution.missing
    assert zlib.needs == (("cc", gcc), ("cmake", resolution.missing[0]))


def test_a_thing_may_be_built_with_an_older_one_of_its_name() -> None:
    old = entry("compiler.gcc", "12", "lang-c")
    resolution = solve(
        ["compiler.gcc@14"], [old], [recipe("compiler.gcc", "14", needs={"cc": "lang-c"})]
    )
    assert chosen(resolution) == ["compiler.gcc@14"]
    assert resolution.missing[0].needs == (("cc", old),)


def test_a_build_shares_what_was_asked_for_where_it_can() -> None:
    old, new = entry("compiler.gcc", "11", "lang-c"), entry("compiler.llvm", "14", "lang-c")
    zlib = recipe("lib.zlib", needs={"cc": "lang-c"})
    for texts in (["compiler.gcc", "lib.zlib"], ["lib.zlib", "compiler.gcc"]):
        assert solve(texts, [old, new], [zlib]).missing[0].needs == (("cc", old),)
    alone = solve(["lib.zlib"], [old, new], [zlib], prefer=("compiler.llvm",))
    assert alone.missing[0].needs == (("cc", new),)


def test_what_runs_with_its_needs_shares_the_environment() -> None:
    pythons = [entry("compiler.python", v) for v in ("3.8", "3.11", "3.12")]
    numpy = recipe("python.numpy", needs={"python": "compiler.python@>=3.10"}, system="none")
    resolution = solve(["python.numpy", "compiler.python@3.11"], pythons, [numpy])
    assert resolution.missing[0].needs == (("python", pythons[1]),)
    assert resolution.entries == (pythons[1],)
    assert solve(["python.numpy"], pythons, [numpy]).entries == (pythons[2],)
    with pytest.raises(ResolutionError):
        solve(["python.numpy", "compiler.python@3.8"], pythons, [numpy])


def test_a_missing_interpreter_is_installed_once_for_all() -> None:
    recipes = [
        recipe("python.a", needs={"python": "compiler.python"}, system="none"),
        recipe("python.b", needs={"python": "compiler.python@<3.12"}, system="none"),
        recipe("compiler.python", "3.11 3.12"),
    ]
    resolution = solve(["python.a", "python.b"], [], recipes)
    assert [str(each) for each in resolution.missing] == [
        "compiler.python@3.11",
        "python.a@1",
        "python.b@1",
    ]


def test_a_circle_of_recipes_is_named() -> None:
    circle = [
        recipe("tool.a", needs={"x": "tool.b"}),
        recipe("tool.b", needs={"x": "tool.c"}),
        recipe("tool.c", needs={"x": "tool.b"}),
    ]
    with pytest.raises(ResolutionError) as caught:
        solve(["tool.a"], [], circle)
    assert any("tool.b → tool.c → tool.b" in line for line in caught.value.lines)
    assert solve(["tool.a"], [entry("tool.c")], circle).missing[0].name == "tool.b"


def test_a_circle_with_a_way_out_is_left_by_it() -> None:
    recipes = [
        recipe("compiler.gcc", "14", "lang-c", needs={"cc": "lang-c"}),
        recipe("compiler.llvm", "19", "lang-c", needs={"cc": "lang-c"}),
        recipe("compiler.zig", "1", "lang-c"),
    ]
    resolution = solve(["compiler.gcc"], [], recipes)
    assert [str(each) for each in resolution.missing] == ["compiler.zig@1", "compiler.gcc@14"]


def test_many_recipes_that_need_each_other_end_quickly() -> None:
    many = [recipe(f"tool.t{n}", "1 2", "tool", needs={"t": "tool"}) for n in range(30)]
    with pytest.raises(ResolutionError, match="nothing fits"):
        solve(["tool"], [], many)
    assert len(solve(["tool.t7"], [], [*many, recipe("tool.x", tags="tool")]).missing) == 2


def test_entries_that_disagree_are_mended_by_an_install() -> None:
    new, old = entry("compiler.python", "3.12"), entry("compiler.python", "3.11")
    entries = [new, old, entry("python.a", needs=[new]), entry("python.b", needs=[old])]
    b = recipe("python.b", "2", needs={"python": "compiler.python"}, system="none")
    resolution = solve(["python.a", "python.b"], entries, [b])
    assert chosen(resolution) == ["python.a@1", "python.b@2"]
    assert resolution.missing[0].needs == (("python", new),)


@st.composite
def recipe_lists(draw: st.DrawFn) -> list[Recipe]:
    recipes = []
    for name in NAMES:
        if draw(st.booleans()):
            needs = draw(st.lists(st.sampled_from(NAMES), max_size=2))
            versions = draw(st.sets(st.sampled_from(("1", "2", "3")), min_size=1))
            limits = [draw(st.sampled_from(("", "@>=2", "@<3"))) for _ in needs]
            recipes.append(
                recipe(
                    name,
                    " ".join(sorted(versions)),
                    name.split(".")[0],
                    needs={f"r{n}": need + limits[n] for n, need in enumerate(needs)},
                    system=draw(st.sampled_from(("none", "make"))),
                )
            )
    return recipes


@settings(max_examples=200, deadline=None)
@given(st.lists(queries, min_size=1, max_size=2), entry_lists(max_size=3), recipe_lists())
def test_every_release_has_its_needs_before_it(
    wanted: list[Query], entries: list[Entry], recipes: list[Recipe]
) -> None:
    try:
        resolution = resolve(wanted, entries, recipes, platform=PLATFORM)
    except ResolutionError as error:
        assert error.lines and error.hint
        return
    for number, release in enumerate(resolution.missing):
        assert dict(release.needs).keys() == release.recipe.needs.keys()
        for role, need in release.needs:
            query = Query.parse(release.recipe.needs_queries[role])
            tags = need.all_tags if isinstance(need, Entry) else need.recipe.all_tags
            assert fits_by_definition(query, tags, need.version)
            assert isinstance(need, Entry) or need in resolution.missing[:number]
    for query, answer in zip(wanted, resolution.answers, strict=True):
        one = answer.chosen
        tags = one.all_tags if isinstance(one, Entry) else one.recipe.all_tags
        assert answer.query == query and fits_by_definition(query, tags, one.version)
        assert isinstance(one, Entry) or one in resolution.missing
    assert one_a_name({each.id: each for each in resolution.entries})
