from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import FetchError, InstallError, StoreError
from envmgr.host.process import Finished
from envmgr.install import perform as deeds
from envmgr.install.execute import execute
from envmgr.install.perform import Site
from envmgr.install.progress import Silent
from envmgr.install.words import describe
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
from envmgr.store.layout import Layout
from envmgr.store.prefixes import PrefixStore
from envmgr.store.trust import Trust
from tests.acceptance.shop import archive, ready, sha256

SLUG = "tool.thing/1.0-00000000"


def described(prefix: str) -> Entry:
    """The entry of a prefix, whatever is in it."""
    return make_entry(
        "tool.thing",
        "1.0",
        tags=("tool",),
        prefix=prefix,
        path=f"{prefix}/bin/thing",
        delta=Delta({"THING": f"{prefix}/bin/thing"}, {"PATH": (f"{prefix}/bin",)}),
        origin=Origin("installed", "tool.thing", "tool.thing"),
    )


class Place:
    """A store to install into, and a directory of files to fetch."""

    def __init__(self, top: Path) -> None:
        layout = Layout(str(top / "store"), str(top / "cache"))
        self.top = top
        self.site = Site(
            PrefixStore(layout),
            os.path.join(layout.cache, "downloads"),
            layout.logs,
            Trust(layout),
            {"PATH": os.environ["PATH"], "HOME": str(top)},
            "linux-test",
            Silent(),
        )
        self.prefix = Path(self.site.prefixes.path(SLUG))

    def file(self, name: str, data: bytes) -> Download:
        """A step that fetches *data*."""
        (self.top / name).write_bytes(data)
        return Download(name, ((self.top / name).as_uri(),), sha256(data))

    def run(
        self,
        *steps: Step,
        needs: Mapping[str, Entry] | None = None,
        describe: Callable[[str], Entry] = described,
        force: bool = False,
    ) -> Entry:
        """Execute a plan of *steps*."""
        plan = Plan("tool.thing", "1.0", "tool.thing", "0" * 64, "d" * 64, SLUG, steps=steps)
        return execute(plan, needs or {}, self.site, describe, force=force)

    def fails(self, *steps: Step, **more: Any) -> InstallError:
        """The error of an install that must fail, of which only the log is left."""
        with pytest.raises(InstallError) as caught:
            self.run(*steps, **more)
        assert not os.path.lexists(self.prefix) and self.left_in_staging() == []
        assert caught.value.log and "failed: " in Path(caught.value.log).read_text(errors="replace")
        return caught.value

    def left_in_staging(self) -> list[str]:
        top = self.top / "store/staging"
        return [path.name for path in top.glob("*") if path.name != ".lock"]

    def log(self) -> str:
        (path,) = Path(self.site.logs).glob("*.log")
        return path.read_text()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def shell(text: str, **env: str) -> Run:
    """A step of a build that is a line of shell."""
    return Run(("sh", "-c", text), "source", env)


BUILD = shell("mkdir -p {destdir}{prefix}/bin && echo built > {destdir}{prefix}/bin/thing")


# -- the whole -------------------------------------------------------------------------------


def test_an_archive_becomes_a_prefix(place: Place) -> None:
    data = ready("thing", "1.0")
    entry = place.run(place.file("thing.tar.gz", data), Unpack("thing.tar.gz", "prefix", "."))
    assert entry == described(str(place.prefix))
    said = subprocess.run([place.prefix / "bin/thing"], capture_output=True, text=True, check=True)
    assert said.stdout == "thing 1.0\n" and place.left_in_staging() == []


def test_the_prefix_tells_how_it_was_made(place: Place) -> None:
    need = described("/elsewhere")
    fetch = place.file("thing.tar.gz", ready("thing", "1.0"))
    place.run(fetch, Unpack("thing.tar.gz", "work", "source"), BUILD, needs={"cc": need})
    form = json.loads((place.prefix / ".envmgr/provenance.json").read_text())
    assert form["recipe"] == {"name": "tool.thing", "version": "1.0", "digest": "d" * 64}
    assert form["sources"] == [fetch.digest] and form["host"]["platform"] == "linux-test"
    assert form["needs"] == {"cc": {"id": need.id, "name": "tool.thing", "version": "1.0"}}
    assert form["commands"][0][:2] == ["sh", "-c"] and str(place.prefix) in form["commands"][0][2]
    assert len(form["steps"]) == 3 and form["started"] <= form["finished"]


def test_a_prefix_that_is_there_is_kept(place: Place) -> None:
    first = place.run(BUILD)
    (place.prefix / "mark").touch()
    assert place.run(shell("exit 1")) == first and (place.prefix / "mark").exists()
    with pytest.raises(InstallError):
        place.run(shell("exit 1"), force=True)
    assert (place.prefix / "mark").exists(), "a failed install takes nothing away"
    assert place.run(BUILD, force=True) == first and not (place.prefix / "mark").exists()


def test_a_prefix_that_cannot_be_described_is_removed(place: Place) -> None:
    def refuse(prefix: str) -> Entry:
        assert Path(prefix, "bin/thing").exists()
        raise InstallError("it is not what it should be")

    assert "not what it should be" in place.fails(BUILD, describe=refuse).message


@pytest.mark.parametrize("error", [StoreError("the store is full"), OSError(28, "No space left")])
def test_whatever_goes_wrong_is_an_install_error_with_a_log(place: Place, error: Exception) -> None:
    def broken(prefix: str) -> Entry:
        raise error

    with pytest.raises(InstallError, match=r"tool\.thing@1\.0.*(full|space)") as caught:
        place.run(BUILD, describe=broken)
    assert caught.value.log and place.left_in_staging() == []


def test_a_build_that_gives_nothing_is_a_failure(place: Place) -> None:
    assert "put nothing into" in place.fails(shell("true")).message


# -- builds ----------------------------------------------------------------------------------


def test_a_build_sees_its_needs(place: Place) -> None:
    (place.top / "need/bin").mkdir(parents=True)
    helper = place.top / "need/bin/helper"
    helper.write_text("#!/bin/sh\necho helped\n")
    helper.chmod(0o755)
    need = make_entry(
        "tool.helper",
        "7.1",
        tags=(),
        prefix=f"{place.top}/need",
        path=str(helper),
        delta=Delta({"HELPER": str(helper)}, {"PATH": (f"{place.top}/need/bin",)}),
        origin=Origin("detected", "tool.helper"),
    )
    out = "{destdir}{prefix}"
    told = place.run(
        shell(f"mkdir -p {out} && helper > {out}/told && $HELPER >> {out}/told"),
        shell(f"echo {{h.path}} {{h.prefix}} {{h.version}} {{h.HELPER}} $X >> {out}/told",
              X="{h.version}/{jobs}"),
        needs={"h": need},
    )  # fmt: skip
    lines = Path(told.prefix, "told").read_text().splitlines()
    assert lines[:2] == ["helped", "helped"]
    assert lines[2] == f"{helper} {place.top}/need 7.1 {helper} 7.1/{os.cpu_count()}"


def test_a_value_that_nothing_defines_is_an_error_with_the_next_step(place: Place) -> None:
    error = place.fails(shell("echo {cc.CC}"))
    assert "{cc.CC}" in error.message and error.hint and "envmgr info tool.thing" in error.hint


def test_a_failed_command_repeats_the_lines_that_speak_of_an_error(place: Place) -> None:
    noise = "for i in $(seq 100); do echo line $i; done"
    error = place.fails(shell(f"{noise}; echo 'a.c:1: Error: bad'; {noise}; exit 7"))
    assert "exit status 7" in error.message and "a.c:1: Error: bad" in error.message
    assert "line 5" not in error.message and place.log().count("line 50\n") == 2


def test_a_failed_command_without_an_error_repeats_its_last_lines(place: Place) -> None:
    error = place.fails(shell("for i in $(seq 100); do echo line $i; done; exit 1"))
    shown = [line.strip() for line in error.message.splitlines()[1:]]
    assert shown == [f"line {number}" for number in range(89, 101)]


def test_what_an_earlier_command_said_is_not_repeated(place: Place) -> None:
    error = place.fails(shell("echo 'error: of no account'"), shell("echo why; exit 1"))
    assert "of no account" not in error.message and "why" in error.message


def test_binary_output_is_kept_and_shown(place: Place) -> None:
    error = place.fails(shell(r"printf 'error: \377\376\n'; exit 1"))
    assert "error: \N{REPLACEMENT CHARACTER}" in error.message


def test_a_path_that_is_not_text_is_a_path(place: Place) -> None:
    odd = described(os.fsdecode(b"/odd\xff"))
    place.run(BUILD, shell("echo {odd.path} > {destdir}{prefix}/told"), needs={"odd": odd})
    assert (place.prefix / "told").read_bytes() == b"/odd\xff/bin/thing\n"


def test_a_command_that_is_not_there_is_named(place: Place) -> None:
    assert "/nonexistent/cc" in place.fails(Run(("/nonexistent/cc",))).message


def test_a_command_that_ran_out_of_time_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "BUILD_TIMEOUT", 0.2)
    assert "ran out of time" in place.fails(shell("sleep 60")).message


def test_an_interrupt_leaves_nothing_but_the_log(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Finished:
        raise KeyboardInterrupt

    monkeypatch.setattr(deeds, "run_logged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        place.run(BUILD)
    assert not place.prefix.exists() and place.left_in_staging() == []
    assert "$ sh -c" in place.log()


# -- files -----------------------------------------------------------------------------------


def test_a_file_is_put_as_it_is(place: Place) -> None:
    place.run(place.file("data.bin", b"\0\1"), CopyFile("data.bin", "share/raw/data.bin"))
    assert (place.prefix / "share/raw/data.bin").read_bytes() == b"\0\1"


def test_a_file_that_is_not_what_it_should_be_is_refused(place: Place) -> None:
    step = place.file("data.bin", b"\0\1")
    (place.top / "data.bin").write_bytes(b"\0\2")
    error = place.fails(step, CopyFile("data.bin", "data.bin"))
    assert isinstance(error, FetchError)


def test_links_are_relative_and_inside(place: Place) -> None:
    tree = archive({"a/lib/tool/bin/thing-1.0": "one", "a/lib/tool/x": "", "a/bin/old": "two"})
    place.run(
        place.file("x.tar", tree),
        Unpack("x.tar", "prefix", "."),
        Link("bin/thing", "lib/*/bin/thing-*"),
        Link("bin/*", "lib/tool/x"),
        Link("bin/old", "bin/thing"),
    )
    links = {path.name: os.readlink(path) for path in (place.prefix / "bin").iterdir()}
    assert links == {"thing": "../lib/tool/bin/thing-1.0", "x": "../lib/tool/x", "old": "thing"}
    assert (place.prefix / "bin/old").read_text() == "one"


@pytest.mark.parametrize(
    ("target", "why"), [("gone", "nothing"), ("lib/*", "2 files"), ("lib/*.c", "nothing")]
)
def test_a_link_to_anything_but_one_file_is_an_error(place: Place, target: str, why: str) -> None:
    step = place.file("x.tar", archive({"lib/a": "", "lib/b": ""}))
    error = place.fails(step, Unpack("x.tar", "prefix", ".", 0), Link("bin/x", target))
    assert f"{target!r} matches {why}" in error.message


@pytest.mark.parametrize(
    "step",
    [
        Link("../../outside", "bin/thing"),
        Link("/tmp/outside", "bin/thing"),
        Link("bin/x", "../../../../outside"),
        Link("bin/x", "*/../../../../../../*"),
        CopyFile("data", "../../outside"),
        CopyFile("data", "/tmp/outside"),
        Script("../outside", "a:b", "python", "site"),
        Script("bin/x", "a:b", "python", "../../site"),
        Unpack("data", "prefix", "../.."),
        Unpack("data", "work", "source/../../.."),
        Run(("true",), "../../.."),
    ],
)
def test_no_step_leads_out_of_its_directory(place: Place, step: Step) -> None:
    (place.top / "outside").touch()
    fetch = place.file("data", b"x")
    message = place.fails(fetch, BUILD, step).message
    assert "leads out of the" in message or "matches nothing" in message
    assert not os.path.lexists("/tmp/outside") and (place.top / "outside").stat().st_size == 0


def test_a_launcher_calls_its_entry_point(place: Place) -> None:
    module = 'import sys\ndef main():\n    print("called", *sys.argv[1:])\n    return 3\n'
    place.run(
        place.file("x.tar", archive({"site/own/__init__.py": "", "site/own/cli.py": module})),
        Unpack("x.tar", "prefix", ".", 0),
        Script("bin/own", "own.cli:main", "{python.path}", "site"),
        needs={"python": interpreter()},
    )
    moved = place.top / "moved"
    place.prefix.rename(moved)
    (place.top / "link").symlink_to(moved / "bin/own")
    said = subprocess.run([place.top / "link", "a b"], capture_output=True, text=True)
    assert (said.stdout, said.returncode) == ("called a b\n", 3), said.stderr


def interpreter() -> Entry:
    return make_entry(
        "compiler.python",
        "3.11",
        tags=(),
        prefix=sys.prefix,
        path=sys.executable,
        delta=Delta(),
        origin=Origin("detected", "compiler.python"),
    )


def test_files_become_executable_and_links_are_left_alone(place: Place) -> None:
    tree = archive({"lib/a": "", "lib/deep/b": "", "lib/c.txt": ""})
    place.run(
        place.file("x.tar", tree),
        Unpack("x.tar", "prefix", ".", 0),
        Link("lib/link", "lib/c.txt"),
        MakeExecutable("lib/[al]*"),
        MakeExecutable("**/b"),
        MakeExecutable("nothing/*"),
    )
    lib = place.prefix / "lib"
    can = {name: os.access(lib / name, os.X_OK) for name in ("a", "deep/b", "c.txt")}
    assert can == {"a": True, "deep/b": True, "c.txt": False}


# -- words -----------------------------------------------------------------------------------

WORDS: dict[str, Step] = {
    "fetch https://a.org/x.tar (sha256:0123456789ab…)": Download(
        "x.tar", ("https://a.org/x.tar",), "sha256:0123456789abcdef"
    ),
    "fetch a-1-py3-none-any.whl from the Python package index (sha256:01…)": Wheel(
        "a-1-py3-none-any.whl", "a", "1", "sha256:01"
    ),
    "fetch @s/p@1.0 from the npm registry (sha512:01…)": NodePackage(
        "s-p-1.0.tgz", "@s/p", "1.0", "sha512:01"
    ),
    "check out https://a.org/x.git at cafe": Checkout("https://a.org/x.git", "cafe", "."),
    "unpack x.tar into source": Unpack("x.tar", "work", "source"),
    "unpack x.tar into {prefix}": Unpack("x.tar", "prefix", "."),
    "put x at {prefix}/share/x": CopyFile("x", "share/x"),
    "run CC='a b' make 'x y'": Run(("make", "x y"), ".", {"CC": "a b"}),
    "link {prefix}/bin/x to lib/x": Link("bin/x", "lib/x"),
    "write {prefix}/bin/x, which calls a:b": Script("bin/x", "a:b", "{python.path}", "site"),
    "make {prefix}/bin/* executable": MakeExecutable("bin/*"),
}


@pytest.mark.parametrize("words", WORDS)
def test_steps_in_words(words: str) -> None:
    assert describe(WORDS[words]) == words
