"""The script, started and read by real shells, where there is no envmgr."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.export import sh
from envmgr.export.carry import Image, decide
from envmgr.export.material import Packaged
from envmgr.export.steps import TOOLS
from envmgr.model.delta import Delta
from envmgr.model.plan import Run

from .served import definitions_in
from .test_dockerfile import MATERIALS
from .things import detected, installed, material, package, plan, remade
from .trips import SYSTEM_PATH, Envmgr, Here, Trip, asked, exported, read, set_out, told

QUERIES = ("tool.greet", "tool.words", "tool.ninja")
SCRIPT = "greet; words; ninja --version"
READERS = ("sh", "bash", "zsh")
PRINTABLE = st.text(st.characters(codec="utf-8").filter(str.isprintable))


@dataclass(frozen=True)
class Machine:
    """A home directory with the script in it, and nothing else."""

    home: Path

    @property
    def root(self) -> str:
        """Where the script puts things by default."""
        return f"{self.home}/.local/share/envmgr-env"

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """*command* with the variables of a new user."""
        kept = {n: v for n, v in os.environ.items() if n.startswith(("PIP_", "SSL_"))}
        variables = {**kept, "HOME": str(self.home), "PATH": SYSTEM_PATH, **environ}
        return subprocess.run(
            command, cwd=self.home, env=variables, capture_output=True, text=True, timeout=280
        )


def machine(home: Path, image: Image) -> Machine:
    """One that is to be like *image*."""
    home.mkdir(exist_ok=True)
    (home / "env.sh").write_text(sh.render(image).text, encoding="utf-8")
    return Machine(home)


# -- really made -----------------------------------------------------------------------------


@pytest.mark.needs("dpkg-query", "gcc", "pypi", "curl", "bsdtar", "bash", "dash", "zsh")
@pytest.mark.timeout(300)
def test_it_makes_the_environment_and_opens_it(envmgr: Envmgr, tmp_path: Path) -> None:
    other = Machine(tmp_path / "other")
    with definitions_in(tmp_path) as repository:
        told(envmgr("repo", "add", str(repository)))
        here = set_out(envmgr, Trip(QUERIES, SCRIPT, QUERIES), tmp_path)
        exported(here, "sh", other.home)
        done = other.run("./env.sh", "bash", "-ec", SCRIPT)
        assert told(done) == here.bash(SCRIPT)
        assert done.stderr.count("making ") == len(here.entries)
    again = other.run("sh", "env.sh", "bash", "-ec", SCRIPT)  # nothing is served any more
    assert (told(again), again.stderr) == (done.stdout, "")
    for shell in READERS:
        check_reading(here, other, shell)
    assert list(Path(other.root).glob("work.*")) == []


def check_reading(here: Here, other: Machine, shell: str) -> None:
    """Whether *shell* is in the environment once it has read the script, or read it twice."""
    expected = here.variables(other.root)
    once = told(other.run(shell, "-c", f". ./env.sh\n{asked(expected)}"))
    assert read(once, expected) == expected
    twice = told(other.run(shell, "-euc", f". ./env.sh\n. ./env.sh\n{asked(expected)}"))
    assert twice == once
    left = told(other.run(shell, "-c", ". ./env.sh\nset | grep '^envmgr_' || echo nothing"))
    assert left == "nothing\n"


@pytest.mark.needs("bash", "curl", "bsdtar")
def test_what_is_not_what_it_should_be_is_not_made(tmp_path: Path) -> None:
    steps = (Run(("sh", "-c", "mkdir -p $0/bin && exit 3", "{prefix}")), Run(("echo", "after")))
    entry = installed("tool.x", "/store/p/x", delta=Delta({"X": "/store/p/x"}))
    other = machine(tmp_path, decide(material((entry, remade(plan("tool.x", steps))))))
    place = tmp_path / "root"
    for _ in range(2):
        done = other.run("bash", "env.sh", "printenv", "X", ENVMGR_ROOT=str(place))
        assert (done.returncode, done.stdout) == (1, "")
        assert "making tool.x" in done.stderr and "after" not in done.stderr
        assert not (place / "made").exists()


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.needs("bash", "dash", "zsh", "dpkg-query")
def test_what_the_system_lacks_is_said_and_nothing_is_set(tmp_path: Path) -> None:
    lacking = Packaged((package("no-such-package", "1.0-1"), package("bash", "0.1")))
    entry = detected("tool.x", delta=Delta({"X": "x"}))
    other = machine(tmp_path, decide(material((entry, lacking))))
    started = other.run("bash", "env.sh", "printenv", "X")
    assert (started.returncode, started.stdout) == (1, "")
    assert "missing here" in started.stderr
    assert (
        "apt-get install --no-install-recommends bash=0.1 no-such-package=1.0-1" in started.stderr
    )
    for shell in READERS:
        done = other.run(shell, "-c", '. ./env.sh\necho "$? ${X-unset}"')
        assert done.stdout == "1 unset\n"


@pytest.mark.needs("bash")
@pytest.mark.parametrize("root", ["relative", "/a b", "/x$(id)", "/x\ny"])
def test_odd_places_are_refused(tmp_path: Path, root: str) -> None:
    other = machine(tmp_path, Image(base="debian:12.11", platform="linux-x86_64"))
    done = other.run("bash", "env.sh", "true", ENVMGR_ROOT=root)
    assert done.returncode == 1
    assert "not an absolute path of plain characters" in done.stderr


# -- values ----------------------------------------------------------------------------------


@pytest.mark.needs("bash")
@settings(max_examples=25, deadline=None)
@given(put=PRINTABLE, directory=PRINTABLE.filter(lambda text: text and ":" not in text))
def test_values_arrive_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, put: str, directory: str
) -> None:
    delta = Delta({"PUT": put}, {"LIST": ("/first", directory)})
    image = Image(base="debian:12.11", platform="linux-x86_64", delta=delta)
    other = machine(tmp_path_factory.mktemp("home"), image)
    done = other.run("bash", "env.sh", "env", "-0", LIST="/before::/first:")
    values = dict(pair.split("=", 1) for pair in told(done).split("\0") if "=" in pair)
    assert values["PUT"] == put
    assert values["LIST"] == delta.apply({"LIST": "/before::/first:"})["LIST"]


@pytest.mark.needs("bash", "dash", "zsh")
@pytest.mark.parametrize("name", MATERIALS)
def test_shells_can_read_it(name: str, tmp_path: Path) -> None:
    machine(tmp_path, decide(MATERIALS[name]))
    _, making, _ = (tmp_path / "env.sh").read_text("utf-8").split("END_OF_MAKING")
    (tmp_path / "making.sh").write_text(making.partition("\n")[2], encoding="utf-8")
    for shell, script in (*((reader, "env.sh") for reader in READERS), ("bash", "making.sh")):
        told(subprocess.run([shell, "-n", tmp_path / script], capture_output=True, text=True))


def test_every_tool_that_fetches_can_be_looked_for() -> None:
    assert {name for names in TOOLS.values() for name in names} == set(sh._TOOLS)
