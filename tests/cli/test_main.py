"""The command line as a whole: its help, its streams, and what it does with nonsense."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from envmgr.cli import VERBS, main, overview

from .conftest import Envmgr

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "envmgr"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_examples(envmgr: Envmgr, verb: str) -> None:
    done = envmgr(verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: envmgr {verb}")
    examples = done.stdout.partition("examples:\n")[2]
    assert f"envmgr {verb}" in examples


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_the_overview_names_every_verb(envmgr: Envmgr, arguments: tuple[str, ...]) -> None:
    done = envmgr(*arguments)
    assert (done.returncode, done.stdout) == (0, overview() + "\n")
    assert all(re.search(rf"^  {verb} ", done.stdout, re.MULTILINE) for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_option_makes_no_sense(envmgr: Envmgr, verb: str) -> None:
    done = envmgr(verb, "--no-such-option", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--no-such-option" in done.stderr or "invalid choice" in done.stderr
    assert f"hint: envmgr {verb} --help" in done.stderr


def test_an_option_is_not_guessed(envmgr: Envmgr) -> None:
    assert envmgr("show", "--js").returncode == 2


@pytest.mark.parametrize(
    ("word", "near"), [("detct", "detect"), ("instal", "install"), ("xyzzy", None), ("", None)]
)
def test_an_unknown_verb_suggests_the_nearest(envmgr: Envmgr, word: str, near: str | None) -> None:
    done = envmgr(word)
    assert (done.returncode, done.stdout) == (2, "")
    assert ("did you mean" in done.stderr) == bool(near)
    assert near is None or f"did you mean {near}?" in done.stderr


# None of these is a query that something answers.
HOSTILE = [
    "",
    " ",
    "-",
    "--",
    "..",
    "../../../etc/passwd",
    "a\nb",
    "$(reboot)",
    "`id`",
    "';--",
    "%s%n",
    "{path}",
    "é",
    os.fsdecode(b"\xff\xfe"),
    "\x1b[31m",
    "x" * 5000,
    "@",
    "a@",
    "@1",
    ">=",
    "~",
    "*",
]


# `exec` and `shell` never come back when they succeed; another test is theirs.
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("exec", "shell")])
def test_hostile_words_never_end_in_a_traceback(
    verb: str,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in [*os.environ]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(environ["HOME"])
    for word in HOSTILE:
        for arguments in ([verb, word], [verb, "--tags", word, "--json"]):
            try:
                code = main(arguments)
            except SystemExit as ended:
                code = int(str(ended.code))
            assert code in (0, 1, 2, 3, 6), (arguments, capfd.readouterr().err)


@pytest.mark.parametrize("word", HOSTILE)
def test_a_store_may_have_any_name(
    word: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(environ["HOME"])
    assert main(["show", f"--store=./{word}/x"]) in (0, 1)


@pytest.mark.parametrize("verb", ["exec", "shell"])
@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_queries_start_nothing(
    verb: str,
    word: str,
    environ: dict[str, str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    command = ["--", "true"] if verb == "exec" else []
    assert main([verb, f"--tags={word}", *command]) in (2, 3)
    assert capfd.readouterr().out == ""


# -- streams ---------------------------------------------------------------------------------


def shell(environ: dict[str, str], script: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of *script*, in which `$E` is envmgr."""
    return subprocess.run(
        ["bash", "-c", script],
        env={**environ, "E": " ".join(COMMAND), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.needs("bash")
@pytest.mark.parametrize("arguments", ["search --json", "search", "--help", "host --help"])
def test_a_reader_that_goes_away_is_no_error(environ: dict[str, str], arguments: str) -> None:
    done = shell(environ, f"$E {arguments} | (exec <&-; sleep 1); echo ${{PIPESTATUS[0]}}")
    assert done.stderr == ""
    assert done.stdout in ("141\n", "0\n")


@pytest.mark.needs("bash", "linux")
@pytest.mark.parametrize("arguments", ["search --json", "--version", "repo list"])
def test_a_full_disk_is_an_error_and_no_traceback(environ: dict[str, str], arguments: str) -> None:
    done = shell(environ, f"$E {arguments} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("envmgr: error: ")
    assert "No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_error_of_the_system_is_one_object_for_scripts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere")

    monkeypatch.setattr("envmgr.cli.host_.run", refused)
    assert main(["host", "--json"]) == 1
    assert "/elsewhere" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.needs("bash")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize("arguments", ["repo list --json", "search gcc", "--version"])
def test_closed_streams_are_no_error(environ: dict[str, str], closed: str, arguments: str) -> None:
    done = shell(environ, f"$E {arguments} {closed}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("lines", [0, 1])
def test_interrupting_is_said_in_one_line(environ: dict[str, str], lines: int) -> None:
    """In the middle of things, and when the reading of the catalogue has just begun."""
    shutil.rmtree(os.path.join(environ["ENVMGR_HOME"], "cache"))
    process = subprocess.Popen(
        [*COMMAND, "detect", "--all"],
        env={**environ, "PYTHONPATH": str(ROOT), "PYTHONVERBOSE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    wanted = ("envmgr.cli.detect_", "envmgr.catalog.load")[lines]
    while f"import '{wanted}'" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "envmgr: interrupted; nothing half-done is left behind\n" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("name", "status"), [("INT", 130), ("TERM", 143), ("HUP", 129)])
def test_a_signal_ends_a_build_and_leaves_nothing_of_it(
    envmgr: Envmgr, environ: dict[str, str], definitions: Path, name: str, status: int
) -> None:
    started = definitions / "started"
    slow = definitions / "slow.sh"
    moved = f'echo $$ > "{started}.new" && mv "{started}.new" "{started}"'
    slow.write_text(f"{moved}\nexec sleep 600\n")
    with (definitions / "recipes/tool/hello.toml").open("a") as recipe:
        recipe.write(f'[build]\nsystem = "commands"\ncommands = ["sh \'{slow}\'"]\n')
    assert envmgr("repo", "add", str(definitions)).returncode == 0
    process = subprocess.Popen(
        [*COMMAND, "install", "tool.hello"],
        env={**environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not started.exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert "Traceback" not in process.communicate(timeout=60)[1]
    assert process.returncode == status
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert list(Path(environ["ENVMGR_HOME"], "staging").glob("[!.]*")) == []


@pytest.mark.parametrize("charset", ["ascii", "latin-1", "utf-8"])
def test_names_that_cannot_be_shown_are_escaped(
    environ: dict[str, str], tmp_path: Path, charset: str
) -> None:
    place = tmp_path / os.fsdecode(b"pr\xffvate \xc3\xa9 \xe2\x80\x94")
    (place / "detectors/tool").mkdir(parents=True)
    start = {**environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": charset}
    for arguments in (("add", str(place), "--name=odd"), ("list",)):
        done = subprocess.run(
            [*COMMAND, "repo", *arguments], env=start, capture_output=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, b"")
    assert b"odd" in done.stdout
    if charset == "utf-8":
        assert os.fsencode(place) in done.stdout


def test_nothing_is_coloured_when_it_is_not_a_terminal(envmgr: Envmgr) -> None:
    for arguments in (("search", "gcc"), ("show", "a b"), ("host",), ("detect", "tool.none-such")):
        done = envmgr(*arguments, TERM="xterm-256color")
        assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
@pytest.mark.parametrize("arguments", ["show a:b", "host"])
def test_a_terminal_is_coloured_unless_it_wants_none(
    environ: dict[str, str], variables: dict[str, str], coloured: bool, arguments: str
) -> None:
    start = {**environ, "PYTHONPATH": str(ROOT), **variables}
    said = pexpect.run(
        f"{sys.executable} -m envmgr {arguments}", env=start, encoding="utf-8", timeout=60
    )
    assert ("\x1b[" in str(said)) == coloured


def test_an_empty_store_is_not_the_users_own(envmgr: Envmgr) -> None:
    done = envmgr("show", "--store=")
    assert done.returncode == 2
    assert "--store is empty" in done.stderr


def test_a_relative_home_is_refused(envmgr: Envmgr) -> None:
    done = envmgr("show", ENVMGR_HOME="here")
    assert done.returncode == 2
    assert "ENVMGR_HOME" in done.stderr


@pytest.mark.needs("linux")
@pytest.mark.parametrize("store", ["/dev/null", "/dev/null/x", "/proc/nothing"])
def test_a_store_that_cannot_be_is_an_error(envmgr: Envmgr, store: str) -> None:
    done = envmgr("detect", "compiler.python", "--store", store)
    assert done.returncode == 1
    assert done.stderr.startswith("envmgr: error: ")
    assert store in done.stderr
