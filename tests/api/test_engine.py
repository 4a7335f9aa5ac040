"""Sweeps on workers: two real ones of Dask, one of which is killed; what jobs of Slurm are."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import dask
import distributed  # noqa: F401  # or its settings are not there yet to be changed
import pytest

from envmgr.api.choosing import Asked, choices
from envmgr.api.engine import Workers, open_engine, option, slurm_cluster
from envmgr.api.parcel import PackedFile, Parcel, packed, put_down
from envmgr.api.program import Instruments, find_program, prepare, run_once
from envmgr.api.spread import Spread
from envmgr.api.sweep import reference_key, reference_place
from envmgr.api.unit import Delivered, Job, Refused, Unit, deliver, job_of
from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError, StoreError, UsageError
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.sampling import Plan
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point
from envmgr.program.reference import record

Envmgr = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parent.parent.parent
TOML = """name = "pause"
description = "Says so, after a while"
tags = ["kernel"]

[build]
system = "none"

[params]
n = { default = 1, values = [1, 2, 3] }

[run.default]
command = "sh {source}/pause.sh {n}"

[[run.default.check]]
text = "{n}"

[run.kept]
command = "sh {source}/pause.sh {n}"

[[run.kept.check]]
recorded = true

[run.crash]
command = "sh {source}/crash.sh {n}"
"""
OTHER = Experiment("019b00000000deadbeef", 1_700_000_001.0, "another")
EXPERIMENT = Experiment("019a00000000deadbeef", 1_700_000_000.0, "a sweep")
ROUNDS = 8


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that needs nothing but a shell."""
    place = tmp_path / "pause"
    place.mkdir()
    (place / "program.toml").write_text(TOML)
    (place / "pause.sh").write_text('sleep 0.1; echo "$1"\n')
    (place / "crash.sh").write_text('[ "$1" = 2 ] && exit 3; echo "$1"\n')
    return place


# -- workers of Dask -------------------------------------------------------------------------


@contextmanager
def cluster(environ: Mapping[str, str], place: Path) -> Iterator[tuple[str, list[Any]]]:
    """A scheduler and two workers with a store each: the address, and the workers' processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    base = {**environ, "PYTHONPATH": str(ROOT)}
    dask = [sys.executable, "-m", "dask"]
    log = (place / "cluster.log").open("wb")

    def start(*words: str, store: str = "") -> subprocess.Popen[bytes]:
        own = {**base, "ENVMGR_HOME": store} if store else base
        return subprocess.Popen([*dask, *words], env=own, stdout=log, stderr=log)

    host, port = address.split(":")
    begun = [start("scheduler", "--host", host, "--port", port, "--dashboard-address", ":0")]
    try:
        for number in (1, 2):
            own = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory",
                   str(place / f"worker-{number}"))  # fmt: skip
            begun.append(start("worker", address, *own, store=str(place / f"store-{number}")))
        yield f"dask://{address}", begun[1:]
    finally:
        for one in begun:
            one.kill()
            one.wait()
        log.close()


def test_a_worker_is_killed_in_the_middle(
    environ: dict[str, str], program: Path, tmp_path: Path
) -> None:
    with cluster(environ, tmp_path) as (address, workers):
        argv = [sys.executable, "-m", "envmgr", "program", "run", str(program), "--json",
                "--each", "n", "--repeat", str(ROUNDS), "--on", address]  # fmt: skip
        own = {**environ, "PYTHONPATH": str(ROOT)}
        going = subprocess.Popen(argv, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        place = Path(environ["ENVMGR_HOME"]) / "experiments.sqlite"
        wait_until(lambda: recorded(place) >= 4, going)
        workers[0].send_signal(signal.SIGKILL)
        assert recorded(place) < 3 * ROUNDS, "the sweep was over before the worker was killed"
        out, err = going.communicate(timeout=60)
    assert going.returncode == 0, err.decode()
    assert json.loads(out)["failures"] == []
    with open_records(str(place), write=False) as records:
        found = list(records.find())
        contexts = {one.context for one in found}
        assert Counter((one.point.params["n"], one.number) for one in found) == {
            (n, number): 1 for n in "123" for number in range(1, ROUNDS + 1)
        }
        assert {one.verdict for one in found} == {"right"}
        assert all("cpu" in records.document(context)["host"] for context in contexts)


def wait_until(holds: Callable[[], bool], going: subprocess.Popen[bytes]) -> None:
    """Wait until it *holds*, which it must before what is *going* ends."""
    while not holds():
        assert going.poll() is None, going.communicate()[1].decode()
        time.sleep(0.05)


def recorded(place: Path) -> int:
    """How many measurements are recorded there."""
    if not place.exists():
        return 0
    try:
        with open_records(str(place), write=False) as records:
            return records.count()
    except StoreError:  # it is just being made
        return 0


@pytest.mark.parametrize("engine", ["dask://127.0.0.1:9", "dask://nowhere.invalid:1"])
def test_a_scheduler_that_is_not_there(engine: str, tmp_path: Path) -> None:
    layout = Workspace(str(tmp_path)).layout
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "0.3s"}),
        pytest.raises(EnvmgrError, match="cannot reach the scheduler"),
        open_engine(engine, layout),
    ):
        pass


class FakeFuture:
    """A future whose results come one after the other, as if each try had its own end."""

    def __init__(self, result: object) -> None:
        self._result = result

    def result(self, timeout: float) -> object:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def add_done_callback(self, call: Callable[[Any], None]) -> None:
        call(self)

    def release(self) -> None:
        """Nothing is held."""


class FakeClient:
    """Workers that answer as they are told."""

    def __init__(self, answers: list[object], workers: int = 1) -> None:
        self.answers, self.workers = answers, workers
        self.keys: list[str] = []

    def nthreads(self) -> dict[str, int]:
        return {f"worker-{number}": 1 for number in range(self.workers)}

    def submit(self, function: object, unit: Unit, *, key: str, pure: bool) -> FakeFuture:
        self.keys.append(key)
        return FakeFuture(self.answers.pop(0))

    def cancel(self, futures: list[Any]) -> None:
        """Nothing is going on."""


class CancelledError(Exception):
    """What Dask raises for what it lost."""


def unit(number: int = 1) -> Unit:
    """A unit of some point."""
    job = Job(EXPERIMENT, Point("pause", "default"), {}, Parcel("00", ()))
    return Unit(job, number)


def test_what_is_lost_is_handed_out_again() -> None:
    client = FakeClient([CancelledError(), Refused("why")])
    assert list(Workers(client, 1.0).run(iter([unit()]))) == [(unit(), Refused("why"))]
    assert client.keys == [f"envmgr-{unit().id}-1", f"envmgr-{unit().id}-2"]


def test_what_is_lost_again_and_again_is_told() -> None:
    client = FakeClient([CancelledError()] * 9)
    ((_, answer),) = Workers(client, 1.0).run(iter([unit()]))
    assert answer == Refused("it was lost 4 times")


def test_what_a_worker_raises_does_not_end_the_rest() -> None:
    client = FakeClient([ValueError("no\nmore"), Refused("why")])
    answers = [answer for _, answer in Workers(client, 1.0).run(iter([unit(1), unit(2)]))]
    assert answers == [Refused("ValueError: no"), Refused("why")]


def test_without_workers_there_is_an_end() -> None:
    client = FakeClient([], workers=0)
    waiting = Workers(client, 0.01)
    waiting._flying[FakeFuture(None)] = (unit(), 1)
    with pytest.raises(EnvmgrError, match="no worker for"):
        list(waiting.run(iter([])))


# -- what is recorded ------------------------------------------------------------------------


class Script:
    """An engine that gives each unit a right result, unless it is told otherwise."""

    def __init__(self, twice: bool = False, wrong: str = "") -> None:
        self.asked: list[tuple[str, int]] = []
        self._twice, self._wrong = twice, wrong

    def run(self, units: Iterator[Unit]) -> Iterator[tuple[Unit, Delivered | Refused]]:
        for one in units:
            self.asked.append((one.job.point.params["n"], one.number))
            for _ in range(1 + self._twice):
                yield one, self._answer(one)

    def _answer(self, one: Unit) -> Delivered | Refused:
        n = one.job.point.params["n"]
        if self._wrong == "refused" and n == "2":
            return Refused("no compiler")
        verdict = "failed" if self._wrong == "failed" and n == "2" else "right"
        figures = {"cpu": time.perf_counter(), "wall": 0.01} if verdict == "right" else {}
        made = Measurement(
            one.id, one.job.experiment.id, one.job.point, one.number, 1.0, verdict, figures=figures
        )
        return Delivered(made, {"host": {}})


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Records with an experiment that has nothing yet."""
    with open_records(str(tmp_path / "records.sqlite")) as opened:
        opened.begin(EXPERIMENT)
        yield opened


def spread(records: Records, engine: Script, **more: Any) -> Spread:
    """A sweep over three points."""
    points = [Point("pause", "default", {"n": n}) for n in "123"]
    jobs = {one.id: Job(EXPERIMENT, one, {}, Parcel("00", ())) for one in points}
    return Spread(records, engine, jobs, more.get("known", {}))


def test_each_point_once_a_round_and_what_comes_twice_once(records: Records) -> None:
    given = list(spread(records, Script(twice=True)).run(Plan(repeat=4, warmup=0), 4, Random(1)))
    kept = list(records.find())
    assert Counter((one.point.params["n"], one.number) for one in kept) == {
        (n, number): 1 for n in "123" for number in range(1, 5)
    }
    assert {one.id for one in given} == {one.id for one in kept}


def test_what_is_recorded_is_not_measured_again(records: Records) -> None:
    first = Script()
    going = spread(records, first).run(Plan(repeat=4), 4, Random(1))
    before = [next(going) for _ in range(5)]
    known = {(one.point.id, one.number): one for one in before}
    second = Script()
    after = list(spread(records, second, known=known).run(Plan(repeat=4), 4, Random(2)))
    asked = [one for one in second.asked if one[1] > 0]
    assert len(asked) == 7
    assert not {(one.point.params["n"], one.number) for one in before} & set(asked)
    assert Counter(one.number for one in after) == {1: 3, 2: 3, 3: 3, 4: 3}


def test_a_point_that_fails_is_recorded_once_and_left_alone(records: Records) -> None:
    engine = Script(wrong="failed")
    list(spread(records, engine).run(Plan(repeat=4), 4, Random(1)))
    bad = [one for one in records.find() if not one.is_result]
    assert [(one.point.params["n"], one.number) for one in bad] == [("2", 0)]
    assert [one for one in engine.asked if one[0] == "2"] == [("2", 0)]
    again = Script(wrong="failed")
    known = {(one.point.id, one.number): one for one in records.find()}
    list(spread(records, again, known=known).run(Plan(repeat=4), 4, Random(1)))
    assert again.asked == []


def test_what_cannot_be_done_does_not_end_the_sweep(records: Records) -> None:
    going = spread(records, Script(wrong="refused"))
    done = list(going.run(Plan(repeat=2), 2, Random(1)))
    assert {one.point.params["n"] for one in done} == {"1", "3"}
    assert [one.message for one in going.refused.values()] == ["no compiler"]


def test_ids_of_units_are_their_own_and_sort_by_round() -> None:
    ids = [unit(number).id for number in range(50)]
    assert ids == sorted(ids) and len(set(ids)) == 50
    assert unit(3).id == unit(3).id
    other = replace(unit(3).job, point=Point("pause", "other"))
    assert replace(unit(3), job=other).id != unit(3).id


# -- who carries it out ----------------------------------------------------------------------


@pytest.fixture
def there(tmp_path: Path, catalogue_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store of a worker, which this process is now."""
    place = tmp_path / "there"
    shutil.copytree(catalogue_cache, place / "cache")
    monkeypatch.setenv("ENVMGR_HOME", str(place))
    return place


def job(program: Path, environ: dict[str, str], tmp_path: Path, command: str) -> Job:
    """What a person asks for whose store has a reference, made by running it twice."""
    asking = Workspace(environ=environ)
    (choice,) = choices(asking, find_program(asking, str(program)), Asked(command=command))
    ready = prepare(asking, choice)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    rans = [run_once(ready, str(tmp_path / name)).ran for name in ("one", "two")]
    record(reference_place(asking), reference_key(ready.choice, ready.tree, {}), rans)
    return job_of(asking, EXPERIMENT, choice, ready.tree, instruments=Instruments())


def test_what_trusted_builds_gave_travels(
    program: Path, environ: dict[str, str], tmp_path: Path, there: Path
) -> None:
    asked = job(program, environ, tmp_path, "kept")
    shutil.rmtree(program)
    answer = deliver(Unit(asked, 1))
    assert isinstance(answer, Delivered), answer
    assert (answer.measurement.verdict, answer.measurement.point) == ("right", asked.point)
    assert answer.context["wanted"] == {}
    assert list(there.glob("references/*/reference.json"))


def test_a_unit_has_one_id_whoever_does_it(
    program: Path, environ: dict[str, str], tmp_path: Path, there: Path
) -> None:
    asked = Unit(job(program, environ, tmp_path, "default"), 3, repeats=2)
    answers = [deliver(asked), deliver(asked)]
    made = [one.measurement for one in answers if isinstance(one, Delivered)]
    assert [one.id for one in made] == [asked.id, asked.id]
    assert {one.experiment for one in made} == {EXPERIMENT.id}
    assert len(made[0].conditions["worker"]) == 8 and "load" in made[0].conditions
    assert made[0].figures["repeats"] == 2 and made[0].started < made[1].started


def test_another_envmgr_and_another_machine_refuse(
    program: Path, environ: dict[str, str], tmp_path: Path, there: Path
) -> None:
    asked = job(program, environ, tmp_path, "default")
    other = deliver(Unit(replace(asked, experiment=OTHER, version="0"), 1))
    assert isinstance(other, Refused) and "and 0 asks it" in other.message
    point = replace(asked.point, params={"n": "9", "m": "1"})
    lacking = deliver(Unit(replace(asked, experiment=OTHER, point=point), 1))
    assert isinstance(lacking, Refused) and "no such parameter" in lacking.message


# -- in this process, from the command line --------------------------------------------------


def test_an_interrupted_sweep_goes_on(envmgr: Envmgr, program: Path) -> None:
    run = ("program", "run", str(program), "--each", "n", "--json")
    first = json.loads(envmgr(*run, "--repeat", "1").stdout)
    again = envmgr(*run, "--repeat", "2", "--resume", first["experiment"][:16])
    shown = json.loads(again.stdout)
    assert shown["experiment"] == first["experiment"]
    assert [point["runs"] for point in shown["points"]] == [2, 2, 2]
    listed = json.loads(envmgr("experiment", "list", "--json").stdout)
    assert {one["results"] for one in listed["summaries"]} == {2}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--resume", "beef"), "no experiment has the id"),
        (("--on", "cloud"), "there is no engine"),
        (("--on", "dask", "--repeat", "auto"), "--repeat auto"),
        (("--engine-option", "jobs"), "NAME=VALUE"),
    ],
)
def test_what_makes_no_sense(
    envmgr: Envmgr, program: Path, words: tuple[str, ...], message: str
) -> None:
    done = envmgr("program", "run", str(program), *words)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_another_experiment_is_not_gone_on_with(envmgr: Envmgr, program: Path) -> None:
    begun = json.loads(envmgr("program", "run", str(program), "--json").stdout)
    other = ("program", "run", str(program), "--param", "n=7", "--resume", begun["experiment"])
    assert "measured nothing of what was asked for now" in envmgr(*other).stderr


# -- options, parcels, Slurm -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("jobs=4", 4),
        ("queue=batch", "batch"),
        ("walltime=01:00:00", "01:00:00"),
        ("memory=4GB", "4GB"),
        ('job_extra_directives=["--exclusive"]', ["--exclusive"]),
        ("a=b=c", "b=c"),
        ("empty=", ""),
        ("text=x\ny = 2", "x\ny = 2"),
    ],
)
def test_options(text: str, value: object) -> None:
    assert option(text) == (text.partition("=")[0], value)


@pytest.mark.parametrize(
    "file", ["dask = 3", "[dask]\nworker = 1", "[dask", "[dask]\npatience = 0"]
)
def test_mistakes_in_the_file_of_engines(file: str, tmp_path: Path) -> None:
    (tmp_path / "engines.toml").write_text(file)
    with pytest.raises(UsageError), open_engine("dask", Workspace(str(tmp_path)).layout):
        pass


def test_a_job_of_slurm_does_one_unit_at_a_time(tmp_path: Path) -> None:
    layout = Workspace(str(tmp_path)).layout
    options = {"queue": "batch", "job_cpu": 8, "walltime": "00:20:00", "cores": 4}
    with slurm_cluster({**options, "interface": "lo"}, layout) as cluster:
        script = cluster.job_script()
    assert "#SBATCH -p batch" in script
    assert "#SBATCH --cpus-per-task=8" in script
    assert "#SBATCH -t 00:20:00" in script
    assert "--nthreads 1 " in script and "--nworkers" not in script
    assert sys.executable in script


def test_slurm_has_options_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="colour"):
        slurm_cluster({"colour": "red"}, Workspace(str(tmp_path)).layout)


def test_parcels_arrive_as_they_were(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "below").mkdir(parents=True)
    (source / "below" / "run.sh").write_bytes(b"#!/bin/sh\n")
    (source / "below" / "run.sh").chmod(0o755)
    (source / "data").write_bytes(bytes(range(256)))
    parcel = packed(str(source), ["data", "below/run.sh"])
    place = Path(put_down(parcel, str(tmp_path / "there")))
    assert put_down(parcel, str(tmp_path / "there")) == str(place)
    assert (place / "data").read_bytes() == bytes(range(256))
    assert os.access(place / "below" / "run.sh", os.X_OK)
    assert not os.access(place / "data", os.X_OK)
    assert packed(str(place), ["below/run.sh", "data"]) == parcel


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a//b", "a/./b", "a/../../b", ""])
def test_a_parcel_writes_nothing_elsewhere(path: str, tmp_path: Path) -> None:
    parcel = Parcel("00", (PackedFile(path, b"x"),))
    with pytest.raises(StoreError, match="outside"):
        put_down(parcel, str(tmp_path / "there"))
    assert {one.name for one in tmp_path.rglob("*") if one.is_file()} <= {".00.lock", ".lock"}


def test_a_parcel_has_a_limit(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(UsageError, match="64 MiB"):
        packed(str(tmp_path), ["large"])
