"""A person installs what is missing, from a repository of their own on a local server."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import tarfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.shop import (
    BUILD,
    GREET,
    Shop,
    archive,
    kill_group,
    ready,
    sha256,
    wait_for,
)

needs_compiler = pytest.mark.needs("gcc", "make")


def built(shop: Shop, **changed: str) -> None:
    """Define `tool.greet`, which has a real build, with some of its files *changed*."""
    names = {name.replace("_", "."): text for name, text in changed.items()}
    files = {f"greet-1.2.3/{name}": text for name, text in {**GREET, **names}.items()}
    shop.define("tool.greet", "1.2.3", archive(files), BUILD)


def provenance(prefix: str) -> dict[str, Any]:
    form: dict[str, Any] = json.loads(Path(prefix, ".envmgr/provenance.json").read_text())
    return form


# -- what an install gives -------------------------------------------------------------------


@needs_compiler
def test_a_build_becomes_a_prefix_and_an_entry(shop: Shop) -> None:
    built(shop)
    entry = shop.install("tool.greet")
    assert (entry["version"], entry["origin"]["kind"]) == ("1.2.3", "installed")
    said = subprocess.run([entry["env"]["GREET"]], capture_output=True, text=True, check=True)
    assert said.stdout == "greet 1.2.3\n"
    assert shop.prefixes() == [entry["prefix"]] and shop.left_in_staging() == []
    assert [e["id"] for e in shop.installed()] == [entry["id"]]


@needs_compiler
@pytest.mark.needs("dpkg-query")
def test_what_was_just_installed_is_exported_as_it_was(shop: Shop) -> None:
    built(shop)
    shop.install("tool.greet")
    done = shop.run("export", "dockerfile", "tool.greet")
    assert done.returncode == 0, done.stderr
    assert "tool.greet" in done.stdout
    assert "has changed" not in done.stdout + done.stderr


@needs_compiler
def test_the_prefix_says_what_it_was_made_from(shop: Shop) -> None:
    built(shop)
    entry = shop.install("tool.greet")
    form = provenance(entry["prefix"])
    recipe = shop.root / "recipes/tool/greet.toml"
    assert form["recipe"] == {
        "name": "tool.greet",
        "version": "1.2.3",
        "digest": hashlib.sha256(recipe.read_bytes()).hexdigest(),
    }
    assert (
        form["sources"] == [sha256(shop.files["/greet-1.2.3.tar.gz"])] == entry["origin"]["sources"]
    )
    known = {e["id"]: e for e in json.loads(shop.run("show", "--json").stdout)["entries"]}
    assert {role: known[need["id"]]["name"] for role, need in form["needs"].items()} == {
        "cc": "compiler.gcc",
        "make": "tool.make",
    }
    assert [command[:2] for command in form["commands"]] == [
        ["make", form["commands"][0][1]],
        ["make", "install"],
    ]
    assert form["host"]["platform"].startswith(os.uname().sysname.lower())
    assert form["host"]["kernel"] == os.uname().release
    assert form["started"] <= form["finished"] and form["finished"].endswith("Z")


def test_without_a_build_unpacking_is_the_install(shop: Shop) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    entry = shop.install("tool.hello")
    assert sorted(os.listdir(entry["prefix"])) == [".envmgr", "README", "bin"]
    assert entry["prepend"] == {"PATH": [f"{entry['prefix']}/bin"]}
    assert provenance(entry["prefix"])["commands"] == []


def test_what_is_installed_is_not_installed_again(shop: Shop) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    entry = shop.install("tool.hello")
    mark = Path(entry["prefix"], "mark")
    mark.touch()
    shop.files.clear()
    done = shop.run("install", "tool.hello")
    assert done.returncode == 0 and "installed already" in done.stderr
    assert mark.exists()


def test_force_installs_again(shop: Shop) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    entry = shop.install("tool.hello")
    mark = Path(entry["prefix"], "mark")
    mark.touch()
    again = shop.install("tool.hello", "--force")
    assert (again["id"], again["prefix"]) == (entry["id"], entry["prefix"])
    assert not mark.exists() and len(shop.installed()) == 1 and shop.left_in_staging() == []


def test_another_root_for_prefixes(shop: Shop, tmp_path: Path) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    root = tmp_path / "shared"
    entry = shop.install("tool.hello", "--prefix-root", str(root))
    assert Path(entry["prefix"]).is_relative_to(root) and shop.prefixes() == []
    assert [e["id"] for e in shop.installed()] == [entry["id"]]
    assert [path.name for path in (root / ".envmgr/staging").iterdir()] == [".lock"]


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    shop.define("tool.helper", "1.0", ready("helper", "1.0"))
    shop.define("tool.hello", "2.0", ready("hello", "2.0"), '[needs]\nhelper = "tool.helper"')
    before = snapshot(shop.store)
    done = shop.run("install", "tool.hello", "--dry-run")
    assert done.returncode == 0 and snapshot(shop.store) == before
    lines = done.stdout.splitlines()
    helper, hello = (
        lines.index("tool.helper@1.0"),
        lines.index("tool.hello@2.0 (with helper: tool.helper@1.0, above)"),
    )
    assert helper < hello
    assert f"fetch {shop.url}/hello-2.0.tar.gz" in done.stdout


def snapshot(store: Path) -> dict[str, int]:
    """Every file of a store but those of its cache, with its time of change."""
    files = (path for path in store.rglob("*") if path.relative_to(store).parts[0] != "cache")
    return {str(path): path.lstat().st_mtime_ns for path in files if path.is_file()}


def test_what_it_needs_is_installed_first(shop: Shop) -> None:
    shop.define("tool.helper", "1.0", ready("helper", "1.0"))
    told = "#!/bin/sh\necho hello 2.0\n"
    build = commands(
        "sh -c 'helper > told'",  # its environment is active
        "grep -x 'helper 1.0' told",
        "sh -c 'test $HELPER = {helper.path}'",
        "mkdir -p {destdir}{prefix}/bin",
        "cp {work}/source/bin/hello {destdir}{prefix}/bin",
    )
    more = f'[needs]\nhelper = "tool.helper,>=1"\n{build}'
    shop.define("tool.hello", "2.0", archive({"bin/hello": told, "README": ""}), more)
    entry = shop.install("tool.hello")
    assert sorted(e["name"] for e in shop.installed()) == ["tool.hello", "tool.helper"]
    need = provenance(entry["prefix"])["needs"]["helper"]
    assert need["id"] in {e["id"] for e in shop.installed()} and need["version"] == "1.0"


def test_what_is_there_is_not_installed_for_a_need(shop: Shop, tmp_path: Path) -> None:
    shop.define("tool.helper", "1.0", ready("helper", "1.0"))
    shop.define("tool.hello", "2.0", ready("hello", "2.0"), '[needs]\nhelper = "tool.helper"')
    own = tmp_path / "own/helper"
    own.parent.mkdir()
    own.write_text("#!/bin/sh\necho helper 7.0\n")
    own.chmod(0o755)
    shop.environ["PATH"] = f"{own.parent}:{shop.environ['PATH']}"
    entry = shop.install("tool.hello")
    assert [e["name"] for e in shop.installed()] == ["tool.hello"]
    assert provenance(entry["prefix"])["needs"]["helper"]["version"] == "7.0"


# -- at once, and killed ---------------------------------------------------------------------


def both(shop: Shop, *arguments: str) -> list[dict[str, Any]]:
    """The entries that two processes give that install the same at once."""
    processes = [shop.start("install", *arguments, "--json") for _ in range(2)]
    ended = [process.communicate(timeout=280) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], ended
    return [json.loads(out)["entries"][0] for out, _ in ended]


@needs_compiler
def test_two_at_once_give_one_prefix_and_one_entry(shop: Shop) -> None:
    built(shop)
    one, two = both(shop, "tool.greet")
    assert one == two
    assert shop.prefixes() == [one["prefix"]] and len(shop.installed()) == 1
    assert shop.left_in_staging() == []


@pytest.mark.needs("pypi")
def test_a_real_tool_twice_at_once(shop: Shop) -> None:
    shop.environ |= {n: v for n, v in os.environ.items() if n.startswith(("PIP_", "SSL_"))}
    one, two = both(shop, "--tags=tool,cmake")
    assert one == two and shop.prefixes() == [one["prefix"]] and len(shop.installed()) == 1
    program = f"{one['prefix']}/bin/cmake"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith(f"cmake version {one['version']}")


@needs_compiler
@pytest.mark.timeout(900)
def test_killed_at_any_moment_it_leaves_a_store_that_works(shop: Shop) -> None:
    built(shop)
    assert shop.run("detect", "compiler.gcc", "tool.make").returncode == 0
    base = shop.store.with_name("base")
    shutil.copytree(shop.store, base)
    began = time.monotonic()
    whole = shop.install("tool.greet")
    lasts = time.monotonic() - began
    moments = random.Random(5)
    for number in range(50):
        if number % 2:  # else a forced install replaces what may be there
            shutil.rmtree(shop.store)
            shutil.copytree(base, shop.store)
        process = shop.start("install", "tool.greet", "--force")
        time.sleep(moments.uniform(0, lasts))
        kill_group(process)
        process.communicate()
        for entry in shop.installed():
            assert works(entry["prefix"]), number
        assert all(works(prefix) for prefix in shop.prefixes()), number
    entry = shop.install("tool.greet")
    assert entry == {**whole, "fingerprint": entry["fingerprint"]}
    assert works(entry["prefix"]) and shop.left_in_staging() == []
    assert shop.prefixes() == [entry["prefix"]] and len(shop.installed()) == 1


def works(prefix: str) -> bool:
    """Whether everything of `tool.greet` is in *prefix*."""
    said = subprocess.run([f"{prefix}/bin/greet"], capture_output=True, text=True)
    form = provenance(prefix)
    return (said.stdout, form["recipe"]["version"], os.path.exists(f"{prefix}/share/Makefile")) == (
        "greet 1.2.3\n",
        "1.2.3",
        True,
    )


@pytest.mark.needs("sh")
def test_a_build_that_outlives_its_install_disturbs_no_other(shop: Shop) -> None:
    """Killed is the install alone: what it started goes on writing where it was told to."""
    build = "sh -c 'echo started; for i in $(seq 200); do mkdir -p {destdir}/$i/$i; done'"
    shop.define("tool.slow", "1", ready("slow", "1"), commands(build))
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    process = shop.start("install", "tool.slow")
    wait_for(lambda: any("started\n" in text for text in logs(shop).values()))
    kill_group(process)
    process.communicate()
    entry = shop.install("tool.hello")
    assert shop.prefixes() == [entry["prefix"]]
    wait_for(lambda: bool(shop.install("tool.hello", "--force")) and not shop.left_in_staging())


def commands(*lines: str) -> str:
    """A build that runs *lines*."""
    return f'[build]\nsystem = "commands"\ncommands = {json.dumps(lines)}'


@pytest.mark.needs("sh")
def test_interrupted_it_leaves_nothing_but_the_log(shop: Shop) -> None:
    more = commands("sh -c 'echo started; exec sleep 600'")
    shop.define("tool.hello", "2.0", ready("hello", "2.0"), more)
    process = shop.start("install", "tool.hello")
    wait_for(lambda: any("started\n" in text for text in logs(shop).values()))
    kill_group(process, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "interrupted" in err and "Traceback" not in err
    assert shop.is_untouched() and len(logs(shop)) == 1


def logs(shop: Shop) -> dict[Path, str]:
    return {path: path.read_text() for path in (shop.store / "logs").glob("*.log")}


# -- what fails ------------------------------------------------------------------------------


@needs_compiler
def test_a_failed_build_says_what_matters_and_leaves_only_its_log(shop: Shop) -> None:
    built(shop, two_c="int two(void) { return undeclared; }\n")
    done = shop.run("install", "tool.greet")
    ((log, text),) = logs(shop).items()
    assert done.returncode == 4 and shop.is_untouched()
    assert "two.c:1:24: error: " in done.stderr and "undeclared" in done.stderr
    assert f"log: {log}" in done.stderr.splitlines()
    assert "error: " in text and "\n$ make " in text and "failed: tool.greet@1.2.3" in text
    as_json = shop.run("install", "tool.greet", "--json")
    error = json.loads(as_json.stdout)["error"]
    assert (error["kind"], error["log"], as_json.returncode) == ("InstallError", str(log), 4)


def test_a_prefix_that_its_detector_refuses_is_removed(shop: Shop) -> None:
    wrong = archive({"hello-2.0/bin/hello": "#!/bin/sh\necho something else\n"})
    shop.define("tool.hello", "2.0", wrong)
    done = shop.run("install", "tool.hello")
    assert done.returncode == 4 and shop.is_untouched() and len(logs(shop)) == 1
    assert "no version in 'something else'" in done.stderr


def test_a_build_that_gives_nothing_is_a_failure(shop: Shop) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"), commands("true"))
    done = shop.run("install", "tool.hello")
    assert done.returncode == 4 and "put nothing into" in done.stderr and shop.is_untouched()


def test_a_wrong_checksum_is_refused(shop: Shop) -> None:
    right = ready("hello", "2.0")
    shop.define("tool.hello", "2.0", right + b"\0", digest=sha256(right))
    done = shop.run("install", "tool.hello")
    assert done.returncode == 4 and shop.is_untouched()
    for digest in (sha256(right), sha256(right + b"\0")):
        assert digest.removeprefix("sha256:") in done.stderr
    assert f"{shop.url}/hello-2.0.tar.gz" in done.stderr


def test_a_file_that_nobody_has_is_an_error_that_names_it(shop: Shop) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    shop.files.clear()
    done = shop.run("install", "tool.hello")
    assert done.returncode == 4 and shop.is_untouched()
    assert f"{shop.url}/hello-2.0.tar.gz" in done.stderr and "404" in done.stderr


def member(
    name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0
) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, target, size
    return made


def bomb() -> bytes:
    """A small archive with ten gibibytes of zeros in it."""
    size = 10 << 30
    packer = zlib.compressobj(1, wbits=31)
    head = packer.compress(member("hello-2.0/bin/hello", size=size).tobuf()) + packer.flush()
    packer = zlib.compressobj(1, wbits=31)
    zeros = packer.compress(bytes(64 << 20)) + packer.flush()
    return head + zeros * (size // (64 << 20))


PWNED = "pwned-by-envmgr-test"
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "above": (lambda: archive({f"../../{PWNED}": "x"}), "leads out of the archive"),
    "absolute": (lambda: archive({f"/tmp/{PWNED}": "x"}), "absolute"),
    "link": (
        lambda: archive({}, member("hello-2.0/out", tarfile.SYMTYPE, "../../../..")),
        "leaves the archive",
    ),
    "absolute link": (
        lambda: archive({}, member("hello-2.0/out", tarfile.SYMTYPE, "/etc")),
        "not a relative path",
    ),
    "through a link": (
        lambda: archive({"a": "x"}, member("d", tarfile.SYMTYPE, ".."), member(f"d/{PWNED}")),
        "is below it",
    ),
    "hard link": (
        lambda: archive({}, member("hello-2.0/out", tarfile.LNKTYPE, "/etc/passwd")),
        "/etc/passwd",
    ),
    "device": (lambda: archive({}, member("hello-2.0/null", tarfile.CHRTYPE)), "device"),
    "pipe": (lambda: archive({}, member("hello-2.0/pipe", tarfile.FIFOTYPE)), "pipe"),
    "bomb": (bomb, "bytes"),
    "no archive": (lambda: b"<html>Sign in</html>", "hello-2.0.tar.gz"),
    "cut off": (lambda: ready("hello", "2.0")[:60], "hello-2.0.tar.gz"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("build", ["", '[build]\nsystem = "make"'], ids=["prefix", "work"])
def test_a_hostile_archive_is_refused_whole(shop: Shop, kind: str, build: str) -> None:
    make, why = HOSTILE[kind]
    shop.define("tool.hello", "2.0", make(), build)
    done = shop.run("install", "tool.hello")
    assert done.returncode == 4, done.stderr
    assert "hello-2.0.tar.gz" in done.stderr and why in done.stderr
    assert shop.is_untouched()
    around = [*shop.root.parent.rglob(PWNED), Path("/tmp", PWNED), Path("/", PWNED)]
    assert not [path for path in around if path.exists()]


# Two files with one MD5, published by Wang and Yu in 2005.
FIRST = bytes.fromhex(
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70"
)
SECOND = bytes(b ^ 128 if at in (19, 45, 59, 83, 109, 123) else b for at, b in enumerate(FIRST))


def test_a_file_with_only_an_md5_must_stay_what_it_was_first(shop: Shop) -> None:
    md5 = {hashlib.md5(data, usedforsecurity=False).hexdigest() for data in (FIRST, SECOND)}
    assert len(md5) == 1 and FIRST != SECOND
    shop.define(
        "dataset.twin", "1", FIRST, "unpack = false", digest=f"md5:{md5.pop()}", file="twin"
    )
    (shop.root / "detectors/dataset/twin.toml").write_text(
        'name = "dataset.twin"\ndescription = "Bytes"\ntags = ["dataset", "twin"]\n'
        '[find]\nmarker = "twin"\n[[version]]\ntext = "1"\nmatch = "(1)"\n'
        '[env]\nTWIN = "{path}"\n'
        '[[case]]\ntree.twin = "x"\nexpect = { version = "1" }\n'
    )
    recipe = shop.root / "recipes/dataset/twin.toml"
    text = recipe.read_text().replace('["tool", "twin"]', '["dataset", "twin"]')
    recipe.write_text(text)
    silent = shop.run("install", "dataset.twin")
    assert silent.returncode == 3 and f"{recipe}:" in silent.stderr and "md5" in silent.stderr
    recipe.write_text(text.replace("A program for tests", "Published with an MD5 only"))
    entry = shop.install("dataset.twin")
    assert Path(entry["env"]["TWIN"]).read_bytes() == FIRST
    shutil.rmtree(shop.store / "cache/downloads")
    shop.files["/twin"] = SECOND
    done = shop.run("install", "dataset.twin", "--force")
    assert done.returncode == 4 and "as the first time" in done.stderr
    for data in (FIRST, SECOND):
        assert hashlib.sha256(data).hexdigest() in done.stderr
    assert Path(entry["env"]["TWIN"]).read_bytes() == FIRST


def test_a_query_that_nothing_answers(shop: Shop) -> None:
    shop.define("tool.hello", "2.0", ready("hello", "2.0"))
    done = shop.run("install", "tool.hello@>=3")
    assert done.returncode == 3 and "2.0" in done.stderr and shop.is_untouched()
