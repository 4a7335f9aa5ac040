"""Small entries, recipes and universes for the tests of resolve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from envmgr.model.definition import Build, Need, Recipe, RecipeVersion
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.query import Query
from envmgr.model.version import Version

PLATFORM = "linux-x86_64-debian12"


def entry(
    name: str,
    version: str = "1",
    tags: str = "",
    *,
    needs: Sequence[Entry | str] = (),
    path: str | None = None,
    kind: str = "detected",
    provides: Sequence[str] = (),
    conflicts: Sequence[str] = (),
) -> Entry:
    """An entry whose delta shows where it comes in the order."""
    place = path or f"/opt/{name}-{version}/bin/x"
    return make_entry(
        name,
        version,
        tags=tuple(tags.split()),
        prefix=f"/opt/{name}-{version}",
        path=place,
        delta=Delta({"NAME": name}, {"PATH": (f"/{name}",)}),
        origin=Origin(kind, name),
        needs=tuple(need if isinstance(need, str) else need.id for need in needs),
        provides=tuple(provides),
        conflicts=tuple(conflicts),
    )


def recipe(
    name: str,
    versions: str = "1",
    tags: str = "",
    *,
    needs: Mapping[str, str | Need] | None = None,
    system: str = "make",
    platforms: tuple[str, ...] = (),
    provides: Sequence[str] = (),
    conflicts: Sequence[str] = (),
) -> Recipe:
    return Recipe(
        name=name,
        description="",
        tags=tuple(tags.split()),
        file=f"{name}.toml",
        digest="",
        detector=name,
        versions=tuple(RecipeVersion(version) for version in versions.split()),
        needs={
            role: Need(need) if isinstance(need, str) else need
            for role, need in (needs or {}).items()
        },
        build=Build(system=system),
        platforms=platforms,
        provides=tuple(provides),
        conflicts=tuple(conflicts),
    )


def asked(*texts: str) -> list[Query]:
    return [Query.parse(text) for text in texts]


def fits_by_definition(query: Query, tags: Sequence[str], version: str) -> bool:
    return (
        set(query.wanted) <= set(tags)
        and not set(query.refused) & set(tags)
        and Version(version) in query.versions
    )


NAMES = ("tool.a", "tool.b", "lib.c", "lib.d")
VERSIONS = ("1", "2", "2.1", "3rc1")
TAGS = ("tool", "lib", "x", "y")
PREFERENCES = ("detected", "installed", "newest", "oldest", "tool.a", "x", "tool.b@<2")

queries = st.builds(
    lambda wanted, refused, versions: Query.parse(",".join([wanted, *refused, *versions])),
    st.sampled_from((*NAMES, *TAGS)),
    st.lists(st.sampled_from(("-x", "-y", "-tool.a")), max_size=1),
    st.lists(st.sampled_from((">=2", "<3", "=2", "!=2.1", "=1")), max_size=1),
)


@st.composite
def entry_lists(draw: st.DrawFn, max_size: int = 7) -> list[Entry]:
    """Entries that need some of those before them, and now and then one that is not there."""
    entries: list[Entry] = []
    for number in range(draw(st.integers(0, max_size))):
        name = draw(st.sampled_from(NAMES))
        needs: list[Entry | str] = []
        if entries:
            needs += draw(st.lists(st.sampled_from(entries), max_size=2, unique_by=id))
        if draw(st.integers(0, 7)) == 0:
            needs.append("f" * 16)
        entries.append(
            entry(
                name,
                draw(st.sampled_from(VERSIONS)),
                " ".join([name.split(".")[0], *draw(st.sets(st.sampled_from(("x", "y"))))]),
                needs=needs,
                path=f"/{draw(st.integers(0, 3))}/{number}",
                kind=draw(st.sampled_from(("detected", "installed"))),
            )
        )
    return entries
