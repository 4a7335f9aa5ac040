"""`envmgr program` as a person uses it, on a real compiler."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]
pytestmark = pytest.mark.needs("gcc", "linux")

TOML = """name = "twice"
description = "Doubles a number"
tags = ["kernel"]

[needs]
compiler = "compiler,gcc,lang-c"

[params]
n = 21

[run.default]
command = "{exe} {n}"
timeout = 20

[[run.default.check]]
text = "42"

[run.sleep]
command = "{exe} sleep"
timeout = 0.5

[run.crash]
command = "{exe} crash"

[run.quiet]
command = "{exe} quiet"

[[run.quiet.check]]
recorded = true

[run.noisy]
command = "{exe} noisy"

[[run.noisy.check]]
recorded = true

[[mutation]]
file = "twice.c"
replace = "2 * n"
with = "2 + n"
"""
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "sleep")) {
        if (fork() == 0)
            setsid();
        sleep(600);
    }
    if (!strcmp(what, "crash"))
        abort();
    if (!strcmp(what, "quiet"))
        return 0;
    if (!strcmp(what, "noisy")) {
        printf("%d\n", (int)getpid());
        return 0;
    }
    int n = atoi(what);
    printf("%d\n", 2 * n);
    return 0;
}
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The directory of a small program."""
    place = tmp_path / "twice"
    place.mkdir()
    (place / "program.toml").write_text(TOML)
    (place / "twice.c").write_text(SOURCE)
    return place


def asked(envmgr: Envmgr, *arguments: object, status: int = 0) -> dict[str, Any]:
    """What a call with `--json` answers."""
    done = envmgr("program", *map(str, arguments), "--json")
    assert done.returncode == status, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def records(environ: dict[str, str]) -> Path:
    """The file that holds what was recorded."""
    return Path(environ["ENVMGR_HOME"]) / "experiments.sqlite"


def test_a_run_is_built_judged_and_recorded(envmgr: Envmgr, program: Path) -> None:
    answer = asked(envmgr, "run", program, "--flags=-O2")
    (point,) = answer["points"]
    assert point["verdicts"] == ["right"]
    assert point["point"]["flags"] == ["-O2"]
    assert point["point"]["needs"]["compiler"].startswith("compiler.gcc@")
    assert point["figures"]["wall"] > 0 and point["figures"]["code_size"] > 0
    shown = envmgr("experiment", "show", answer["experiment"])
    assert shown.returncode == 0 and "twice" in shown.stdout


def test_two_runs_alike_have_one_context(envmgr: Envmgr, program: Path) -> None:
    ids = [asked(envmgr, "run", program)["experiment"] for _ in range(2)]
    shown = [json.loads(envmgr("experiment", "show", id, "--json").stdout) for id in ids]
    assert len({one["measurements"][0]["context"] for one in shown}) == 1


def test_a_wrong_output_is_never_a_result(envmgr: Envmgr, program: Path) -> None:
    answer = asked(envmgr, "run", program, "--param", "n=20", status=10)
    (point,) = answer["points"]
    assert point["verdicts"] == ["wrong"]
    assert point["figures"] == {} and point["median"] is None
    assert "40" in point["why"]


def test_a_crash_is_named(envmgr: Envmgr, program: Path) -> None:
    answer = asked(envmgr, "run", f"{program}:crash", status=9)
    assert answer["points"][0]["verdicts"] == ["failed"]
    assert "SIGABRT" in answer["points"][0]["why"]


def test_what_takes_too_long_is_ended_with_its_children(envmgr: Envmgr, program: Path) -> None:
    answer = asked(envmgr, "run", f"{program}:sleep", status=9)
    assert answer["points"][0]["verdicts"] == ["timed-out"]
    assert answer["points"][0]["figures"] == {}
    assert running(f"{program.name} sleep") == []


def running(words: str) -> list[str]:
    """Processes whose command line ends with *words*, after a moment for them to go."""
    for _ in range(50):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, UnicodeDecodeError):
                continue
            if line.strip().endswith(words):
                found.append(line)
        if not found:
            break
        time.sleep(0.1)
    return found


def test_what_cannot_be_run_keeps_no_other_point_from_it(envmgr: Envmgr, tmp_path: Path) -> None:
    place = tmp_path / "any"
    place.mkdir()
    (place / "program.toml").write_text(
        """name = "any"
description = "Runs anything"
tags = ["probe"]
build.system = "none"
params.what = { default = "/bin/true", values = ["/bin/true", "/nonexistent/x"] }
run.default.command = "{what}"
"""
    )
    answer = asked(envmgr, "run", place, "--each", "what", "--repeat", "2", status=9)
    verdicts = {one["point"]["params"]["what"]: one["verdicts"] for one in answer["points"]}
    assert verdicts == {"/bin/true": ["unchecked"], "/nonexistent/x": ["failed"]}
    assert "code_size" not in answer["points"][0]["figures"]


def test_a_program_that_changes_its_data_gives_no_result(envmgr: Envmgr, tmp_path: Path) -> None:
    root, data = tmp_path / "own", tmp_path / "own/programs/datasets/notes"
    data.mkdir(parents=True)
    (data / "notes.txt").write_text("one\n")
    (root / "detectors/dataset").mkdir(parents=True)
    (root / "detectors/dataset/notes.toml").write_text(
        """name = "dataset.notes"
description = "Notes"
tags = ["dataset", "notes"]
[find]
marker = "notes.txt"
dirs = ["{repository}/programs/datasets/notes"]
[[version]]
text = "1"
match = '(.+)'
[[case]]
tree."notes.txt" = "x"
expect = { version = "1" }
"""
    )
    (root / "programs/scribble").mkdir()
    (root / "programs/scribble/program.toml").write_text(
        """name = "scribble"
description = "Writes where it should read"
tags = ["probe"]
build.system = "none"
[run.default]
command = "/bin/sh -c 'echo more >>$0' {notes}"
data = { notes = "dataset.notes" }
"""
    )
    assert envmgr("repo", "add", str(root)).returncode == 0
    answer = asked(envmgr, "run", "scribble", status=9)
    assert answer["points"][0]["verdicts"] == ["failed"]
    assert "it changed what it reads: notes" in answer["points"][0]["why"]


def test_a_failed_build_names_the_program_and_its_log(envmgr: Envmgr, program: Path) -> None:
    (program / "twice.c").write_text("int main(void) { return no_such_thing; }\n")
    answer = asked(envmgr, "run", program, status=9)
    (failure,) = answer["failures"]
    assert "no_such_thing" in failure["message"]
    assert "no_such_thing" in Path(failure["log"]).read_text()
    assert answer["points"] == []


def test_several_points_are_measured_in_rounds(envmgr: Envmgr, program: Path) -> None:
    answer = asked(
        envmgr, "run", program, "--flags=-O0", "--flags=-O3", "--repeat", "3", "--seed", "1"
    )
    assert [point["runs"] for point in answer["points"]] == [3, 3]
    assert answer["seed"] == 1


def test_a_build_is_kept(envmgr: Envmgr, program: Path) -> None:
    first = asked(envmgr, "build", program, "--flags=-O1")["builds"][0]
    again = asked(envmgr, "build", program, "--flags=-O1")["builds"][0]
    other = asked(envmgr, "build", program, "--flags=-O2")["builds"][0]
    assert (first["cached"], again["cached"], other["cached"]) == (False, True, False)
    assert first["executable"] == again["executable"] != other["executable"]
    assert os.access(first["executable"], os.X_OK)


def test_check_tries_levels_and_mutations(envmgr: Envmgr, program: Path) -> None:
    answer = asked(envmgr, "check", f"{program}:default", "--with", "compiler.gcc")
    assert all(one["good"] for one in answer["findings"])
    levels = {one["chosen"]["flags"] for one in answer["findings"] if not one["mutation"]}
    assert levels == {"-O0", "-O2", "-O3"}
    assert [one["verdict"] for one in answer["findings"] if one["mutation"]] == ["wrong"]


def test_a_mutation_that_is_not_caught_is_no_success(envmgr: Envmgr, program: Path) -> None:
    toml = TOML.replace('with = "2 + n"', 'with = "n + n"')
    (program / "program.toml").write_text(toml)
    answer = asked(envmgr, "check", f"{program}:default", status=10)
    assert [one["mutation"]["with"] for one in answer["findings"] if not one["good"]] == ["n + n"]


def test_check_tells_values_apart_and_the_rest_is_in_the_log(envmgr: Envmgr, program: Path) -> None:
    wrong = ("check", f"{program}:default", "--no-mutations", "--param", "n=20", "--param", "n=21")
    done = envmgr("program", *wrong, "--with", "compiler.gcc", "--flags=-O1 -g")
    told = [line for line in done.stdout.splitlines() if "twice:default" in line]
    assert told and all("n=20 compiler.gcc@" in line and "-O1 -g" in line for line in told)
    (program / "twice.c").write_text("int main(void) { return no_such_thing; }\n")
    done = envmgr("program", *wrong, "--with", "compiler.gcc")
    assert done.returncode == 9
    assert "no_such_thing" in done.stdout and "in `" not in done.stdout


def test_what_is_empty_or_never_the_same_proves_nothing(envmgr: Envmgr, program: Path) -> None:
    quiet = asked(envmgr, "check", f"{program}:quiet", "--no-mutations")["findings"]
    assert {one["verdict"] for one in quiet} == {"unchecked"}
    assert {"stdout" in one["empty"] for one in quiet} == {True}
    noisy = asked(envmgr, "check", f"{program}:noisy", "--no-mutations", status=10)["findings"]
    assert {one["verdict"] for one in noisy} == {"not-deterministic"}


def test_list_and_info_show_what_ships(envmgr: Envmgr) -> None:
    listed = asked(envmgr, "list", "--tags=kernel,lang-c")["programs"]
    assert "matmul-c" in [one["name"] for one in listed]
    assert envmgr("program", "list", "--tags=no-such-tag").returncode == 1
    info = asked(envmgr, "info", "matmul-c")["program"]
    assert info["params"]["n"]["default"] == "192"
    text = envmgr("program", "info", "matmul-c").stdout
    assert "command default" in text and "{exe} {n}" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "matmul"), "did you mean matmul-c"),
        (("run", "./nowhere"), "nowhere/program.toml"),
        (("run", "matmul-c:fast"), "has no command 'fast'"),
        (("run", "matmul-c", "--repeat", "0"), "say a number, or auto"),
        (("run", "matmul-c", "--repeat", "٣"), "say a number, or auto"),
        (("run", "matmul-c", "--timeout", "nan"), "must be more than nothing, and have an end"),
        (("run", "matmul-c", "--budget", "0"), "must be more than nothing, and have an end"),
        (("run", "matmul-c", "--cpus", "0-99999999999"), "say numbers of cores"),
        (("run", "matmul-c", "--precision", "x"), "say a part"),
        (("run", "matmul-c", "--param", "n"), "say NAME=VALUE"),
        (("run", "matmul-c", "--with", "cc=compiler.gcc"), "has no role 'cc'"),
        (("run", "matmul-c", "--flags", "'"), "cannot be split"),
        (("rum", "matmul-c"), "did you mean run"),
    ],
)
def test_what_makes_no_sense_is_said(envmgr: Envmgr, arguments: tuple[str, ...], says: str) -> None:
    done = envmgr("program", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
