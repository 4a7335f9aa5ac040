from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import StoreError
from envmgr.store.layout import Layout
from envmgr.store.prefixes import PrefixStore, provenance, root_above, write_provenance

PROJECT = Path(__file__).parents[2]
SLUG = "tool.cmake/4.1.2-0a1b2c3d"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(str(tmp_path / "store"), str(tmp_path / "cache"))


@pytest.fixture
def prefixes(layout: Layout) -> PrefixStore:
    return PrefixStore(layout)


def fill(tree: str, text: str = "1") -> None:
    """A tree with what build systems make: directories, links, read-only files."""
    Path(tree, "bin").mkdir()
    Path(tree, "bin/cmake").write_text(text)
    Path(tree, "bin/cmake").chmod(0o555)
    Path(tree, "bin/link").symlink_to("cmake")
    Path(tree, "dangling").symlink_to("/nowhere")
    write_provenance(tree, {"recipe": "tool.cmake", "text": text})


def install(prefixes: PrefixStore, text: str = "1", *, force: bool = False) -> str:
    with prefixes.lock(SLUG), prefixes.staging() as stage:
        fill(stage, text)
        return prefixes.publish(stage, SLUG, force=force)


def left_in_staging(layout: Layout) -> list[str]:
    staging = Path(layout.root, "staging")
    return sorted(path.name for path in staging.glob("*") if path.name != ".lock")


def test_a_published_prefix_is_whole(layout: Layout, prefixes: PrefixStore) -> None:
    assert not prefixes.is_whole(SLUG)
    final = install(prefixes)
    assert final == prefixes.path(SLUG) == os.path.join(layout.prefixes, SLUG)
    assert prefixes.is_whole(SLUG)
    assert Path(final, "bin/link").read_text() == "1"
    assert provenance(final) == {"recipe": "tool.cmake", "text": "1"}
    assert left_in_staging(layout) == []


def test_a_directory_inside_staging_can_be_the_tree(layout: Layout, prefixes: PrefixStore) -> None:
    with prefixes.staging() as stage:
        tree = os.path.join(stage, "dest", "opt")
        os.makedirs(tree)
        fill(tree)
        prefixes.publish(tree, SLUG)
    assert prefixes.is_whole(SLUG) and left_in_staging(layout) == []


def test_nothing_is_overwritten_unless_forced(layout: Layout, prefixes: PrefixStore) -> None:
    final = install(prefixes, "1")
    with pytest.raises(StoreError, match=r"already") as caught:
        install(prefixes, "2")
    assert "--force" in str(caught.value.hint)
    assert Path(final, "bin/cmake").read_text() == "1"
    install(prefixes, "2", force=True)
    assert Path(final, "bin/cmake").read_text() == "2"
    assert left_in_staging(layout) == []


def test_force_replaces_what_cannot_be_written(prefixes: PrefixStore) -> None:
    final = Path(install(prefixes, "1"))
    (final / "bin").chmod(0o555)
    final.chmod(0o555)
    install(prefixes, "2", force=True)
    assert (final / "bin/cmake").read_text() == "2"


def test_an_empty_directory_in_the_way_is_not_overwritten(prefixes: PrefixStore) -> None:
    os.makedirs(prefixes.path(SLUG))
    with pytest.raises(StoreError, match="already"):
        install(prefixes)
    assert not prefixes.is_whole(SLUG)


def test_the_old_prefix_comes_back_when_the_new_one_cannot_come(
    prefixes: PrefixStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = install(prefixes, "1")
    rename = os.rename

    def failing(source: str, target: str) -> None:
        if target == final and not source.endswith("replaced"):
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(StoreError, match="Input/output error"):
        install(prefixes, "2", force=True)
    assert Path(final, "bin/cmake").read_text() == "1"


def test_a_tree_without_provenance_is_not_published(prefixes: PrefixStore) -> None:
    with prefixes.staging() as stage, pytest.raises(StoreError, match="provenance"):
        prefixes.publish(stage, SLUG)
    assert not os.path.lexists(prefixes.path(SLUG))


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00"])
def test_a_prefix_with_damaged_provenance_is_not_whole(prefixes: PrefixStore, content: str) -> None:
    final = install(prefixes)
    Path(final, ".envmgr/provenance.json").write_text(content)
    assert provenance(final) is None and not prefixes.is_whole(SLUG)


def test_provenance_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "tree/.envmgr").symlink_to(tmp_path / "outside")
    with pytest.raises(StoreError, match="link"):
        write_provenance(str(tmp_path / "tree"), {})
    assert list((tmp_path / "outside").iterdir()) == []


def test_remove_takes_the_prefix_and_its_empty_parent(
    layout: Layout, prefixes: PrefixStore
) -> None:
    final = install(prefixes)
    Path(final).chmod(0o555)
    assert prefixes.remove(SLUG) is True
    assert os.listdir(layout.prefixes) == [] and left_in_staging(layout) == []
    assert prefixes.remove(SLUG) is False


def test_remove_leaves_other_versions(prefixes: PrefixStore) -> None:
    install(prefixes)
    other = "tool.cmake/3.0-0"
    with prefixes.staging() as stage:
        fill(stage)
        prefixes.publish(stage, other)
    prefixes.remove(SLUG)
    assert prefixes.is_whole(other)


HOSTILE = ["", "x", "..", "../x", "/etc/x", "a/../b", "a/..", "a//b", "a/b/c", "a/.b", ".a/b",
           "a/b\n", "a b/c", "a\\b/c", "a/b\0", "-a/b", "a/é"]  # fmt: skip


@pytest.mark.parametrize("slug", HOSTILE)
def test_a_name_that_leads_elsewhere_is_refused(prefixes: PrefixStore, slug: str) -> None:
    for act in (prefixes.path, prefixes.lock, prefixes.remove, prefixes.is_whole):
        with pytest.raises(StoreError, match="not a name"):
            act(slug)


@given(st.text(max_size=20))
def test_every_accepted_name_stays_below_the_root(slug: str) -> None:
    prefixes = PrefixStore(Layout("/store", "/cache"))
    try:
        path = prefixes.path(slug)
    except StoreError:
        return
    assert os.path.dirname(os.path.dirname(os.path.normpath(path))) == "/store/prefixes"
    assert prefixes.slug_of(path) == slug


def test_only_prefixes_of_this_store_have_a_slug(layout: Layout, prefixes: PrefixStore) -> None:
    assert prefixes.slug_of(prefixes.path(SLUG)) == SLUG
    assert prefixes.slug_of(prefixes.path(SLUG) + "/site/thing") == SLUG
    for path in ("/usr", layout.root, layout.prefixes, layout.prefixes + "/tool.cmake"):
        assert prefixes.slug_of(path) is None


def test_a_prefix_is_known_by_its_real_path_too(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    prefixes = PrefixStore(Layout(str(link), str(tmp_path / "cache")))
    install(prefixes)
    assert prefixes.slug_of(os.path.realpath(prefixes.path(SLUG))) == SLUG
    assert prefixes.around(str(real / "prefixes" / SLUG / "bin")) == prefixes.path(SLUG)


def test_a_prefix_tells_its_root(layout: Layout, prefixes: PrefixStore) -> None:
    install(prefixes)
    for path in (prefixes.path(SLUG), prefixes.path(SLUG) + "/bin/cmake"):
        assert root_above(path) == layout.prefixes
    assert root_above(layout.prefixes) is None


def test_a_shared_root_has_its_own_locks_and_staging(layout: Layout, tmp_path: Path) -> None:
    shared = str(tmp_path / "shared")
    other = Layout(str(tmp_path / "other"), str(tmp_path / "cache"))
    one, two = PrefixStore(layout, shared), PrefixStore(other, shared)
    with one.staging() as stage:
        assert stage.startswith(shared + os.sep)
    held = pytest.raises(StoreError, match="another process")
    with one.lock(SLUG), held, two.lock(SLUG, timeout=0.01):
        pass
    install(one)
    assert two.is_whole(SLUG)


def test_a_lock_waits_for_its_holder(prefixes: PrefixStore) -> None:
    order: list[str] = []

    def second() -> None:
        with prefixes.lock(SLUG):
            order.append("second")

    with prefixes.lock(SLUG):
        thread = threading.Thread(target=second)
        thread.start()
        with prefixes.lock("tool.other/1"):  # another prefix is not held up
            order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_what_is_left_in_staging_is_removed_even_after_an_error(
    layout: Layout, prefixes: PrefixStore
) -> None:
    with pytest.raises(RuntimeError), prefixes.staging() as stage:
        Path(stage, "half").write_text("")
        raise RuntimeError
    assert left_in_staging(layout) == []


def test_sweep_leaves_the_living_alone(layout: Layout, prefixes: PrefixStore) -> None:
    with prefixes.staging() as stage:
        assert prefixes.sweep() == ()
        assert os.path.isdir(stage)
    assert PrefixStore(Layout(layout.root + "x", layout.cache)).sweep() == ()


INSTALLER = """
import sys
sys.path.insert(0, sys.argv[1])
import concurrent.futures, filelock
from pathlib import Path
from envmgr.store.layout import Layout
from envmgr.store.prefixes import PrefixStore, write_provenance

prefixes = PrefixStore(Layout(sys.argv[2], sys.argv[2] + "/cache"))
print("ready", flush=True)
while True:
    with prefixes.lock("tool.x/1"), prefixes.staging() as stage:
        for number in range(10):
            Path(stage, str(number)).write_text(str(number))
        write_provenance(stage, {})
        prefixes.publish(stage, "tool.x/1", force=True)
    with prefixes.lock("tool.x/1"):
        prefixes.remove("tool.x/1")
"""


def test_an_installer_killed_at_any_moment_leaves_a_whole_prefix_or_none(tmp_path: Path) -> None:
    layout = Layout(str(tmp_path), str(tmp_path / "cache"))
    prefixes = PrefixStore(layout)
    whole = ["tool.x", *sorted([".envmgr", *map(str, range(10))])]
    for _ in range(25):
        process = subprocess.Popen(
            [sys.executable, "-c", INSTALLER, str(PROJECT), str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0, 0.1))
        process.kill()
        process.communicate()
        with prefixes.lock("tool.x/1", timeout=30):  # the kernel let go of it
            place = prefixes.path("tool.x/1")
            seen = sorted(os.listdir(place)) if os.path.exists(place) else []
        assert seen in ([], whole[1:])
        assert prefixes.is_whole("tool.x/1") == bool(seen)
        prefixes.sweep()
        assert left_in_staging(layout) == []
