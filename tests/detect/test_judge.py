from __future__ import annotations

import os
import shlex
import time
from pathlib import Path

import psutil
import pytest

from envmgr.detect.judge import Made, judge
from envmgr.detect.places import system_directories
from envmgr.errors import HostError
from envmgr.host.files import unchanged
from envmgr.host.process import Finished
from envmgr.model.definition import Find, Part, RefuseRule, VersionRule
from envmgr.model.entry import Origin
from tests.detect.mock import (
    candidate,
    detector,
    impatient,
    judged,
    probe,
    program,
    refused,
    script,
    text,
)

# -- what it is ------------------------------------------------------------------------------


def test_an_entry_has_the_roles_and_conflicts_of_its_detector(tmp_path: Path) -> None:
    related = detector(provides=("role",), conflicts=("tool.other",))
    entry = judged(related, program(tmp_path / "bin/thing", "thing 1.10")).entry
    assert (entry.provides, entry.conflicts) == (("role",), ("tool.other",))
    assert "role" in entry.all_tags and "role" not in entry.tags


# -- the version -----------------------------------------------------------------------------


def test_the_version_is_what_the_program_says(tmp_path: Path) -> None:
    entry = judged(detector(), program(tmp_path / "bin/thing", "thing 1.10 (2024)")).entry
    assert (entry.name, entry.version) == ("tool.thing", "1.10")
    assert entry.path == str(tmp_path / "bin/thing") and entry.prefix == str(tmp_path)
    assert entry.origin == Origin("detected", "tool.thing")


def test_standard_error_and_a_bad_exit_status_count_too(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", "echo thing 2.0 >&2; exit 3")
    assert judged(detector(), own).entry.version == "2.0"


def test_the_first_group_is_the_version_when_none_is_named(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 3.1")
    wanted = detector(versions=(VersionRule(match=r"thing (\S+)", run="{path}"),))
    assert judged(wanted, own).entry.version == "3.1"


def test_rules_are_tried_in_order(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "release seven")
    rules = (
        VersionRule(match=r"v(\d+)", file="{prefix}/VERSION"),
        VersionRule(match=r"thing (\d+)", run="{path}"),
        VersionRule(match=r"thing-(\d+)", text="{prefix}"),
    )
    place = tmp_path / "thing-7"
    (tmp_path / "bin").rename(tmp_path / "was")
    own = program(place / "bin/thing", "release seven")
    assert judged(detector(versions=rules), own).entry.version == "7"
    program(place / "bin/thing", "thing 8")
    assert judged(detector(versions=rules), own).entry.version == "8"
    text(place / "VERSION", "v9\n")
    assert judged(detector(versions=rules), own).entry.version == "9"
    text(place / "VERSION", "no version in here\n")
    assert judged(detector(versions=rules), own).entry.version == "8"


def test_pieces_of_the_version_and_groups_are_values(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 12.2.1 for x86_64")
    wanted = detector(
        versions=(VersionRule(match=r"thing (?P<version>\S+) for (?P<target>\S+)", run="{path}"),),
        env={"A": "{version_major}|{version_minor}|{version_patch}|{target}|{suffix}|{name}"},
    )
    entry = judged(wanted, own, suffix="-12").entry
    assert entry.delta.put == {"A": "12|2|1|x86_64|-12|thing"}
    assert entry.facts["target"] == "x86_64"


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("", "no version in an empty answer"),
        ("hello\nworld", "no version in 'hello'"),
        ("thing ", "no version in 'thing'"),
    ],
)
def test_no_version_is_a_refusal_that_shows_what_was_said(
    tmp_path: Path, output: str, why: str
) -> None:
    assert refused(detector(), program(tmp_path / "bin/thing", output)) == why


def test_an_empty_version_is_a_refusal(tmp_path: Path) -> None:
    wanted = detector(versions=(VersionRule(match=r"thing(?P<version> *)", run="{path}"),))
    assert refused(wanted, program(tmp_path / "bin/thing", "thing  ")) == "its version is empty"


@pytest.mark.parametrize(
    "said",
    ["../../x", "1.2 beta", "1.2\n3", "1\x1b[2J", "1\u202e2", "-1", "9" * 101, "\ufffd"],
)
def test_a_version_is_one_printable_word(tmp_path: Path, said: str) -> None:
    wanted = detector(versions=(VersionRule(match=r"(?s)thing (.*)", text=f"thing {said}"),))
    why = refused(wanted, program(tmp_path / "bin/thing", "thing"))
    assert why.startswith("this is no version: ") and why.isprintable()


def test_a_file_that_is_not_there_is_nothing_to_read(tmp_path: Path) -> None:
    wanted = detector(versions=(VersionRule(match=r"(\d+)", file="{prefix}/VERSION"),))
    assert refused(wanted, program(tmp_path / "bin/thing", "1")) == "nothing to read"
    os.mkfifo(tmp_path / "VERSION")  # reading one would never end
    assert refused(wanted, tmp_path / "bin/thing") == "nothing to read"


def test_a_template_that_nothing_fills_is_a_refusal(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 1")
    assert "{nonsense}" in refused(detector(env={"A": "{nonsense}"}), own)


# -- programs that behave badly --------------------------------------------------------------


def test_a_program_that_does_not_end_is_refused(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", "echo thing 1.0; sleep 600")
    assert "did not end in time" in refused(detector(), own, impatient)


def test_a_program_that_never_stops_talking_is_refused(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", "exec yes thing 1.0")
    assert "did not end in time" in refused(detector(), own, impatient)


def test_a_program_that_prints_a_lot_is_heard_from_its_start(tmp_path: Path) -> None:
    own = script(
        tmp_path / "bin/thing", "echo thing 1.5; head -c 1000000000 /dev/zero; echo thing 2"
    )
    assert judged(detector(), own).entry.version == "1.5"


def test_binary_junk_is_refused(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", "head -c 100000 /dev/urandom")
    assert refused(detector(), own).startswith("no version in ")
    own.write_bytes(b"\x7fELF" + os.urandom(4096))
    assert "cannot start" in refused(detector(), own)


def test_a_version_among_binary_junk_is_found(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", r"printf '\377\376\n\0thing 1.2\n\200'")
    assert judged(detector(), own).entry.version == "1.2"


def test_a_program_that_reads_its_input_finds_none(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", 'read answer; cat; echo "thing 1.${answer:-0}"')
    assert judged(detector(), own).entry.version == "1.0"


def ends(pid: int) -> bool:
    """Whether a process that was killed is gone, as soon as the kernel gets to it."""
    for _ in range(100):
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.1)
    return False


def test_a_program_that_leaves_a_daemon_is_not_waited_for(tmp_path: Path) -> None:
    body = f"sleep 600 & echo $! > {shlex.quote(str(tmp_path))}/pid; echo thing 1.0"
    own = script(tmp_path / "bin/thing", body)
    assert judged(detector(), own).entry.version == "1.0"
    assert ends(int((tmp_path / "pid").read_text()))


def test_a_program_that_cannot_be_started_is_refused(tmp_path: Path) -> None:
    own = text(tmp_path / "bin/thing", "#!/nonexistent/interpreter\n")
    own.chmod(0o755)
    assert "cannot start" in refused(detector(), own)


def test_whatever_a_probe_raises_is_a_refusal(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 1")

    def vanished(words: tuple[str, ...]) -> Finished:
        own.unlink()
        return Finished(words, 0, "thing 1")

    def broken(words: tuple[str, ...]) -> Finished:
        raise HostError(f"cannot start {words[0]}")

    assert "cannot start" in str(judge(detector(), candidate(own), broken))
    assert str(own) in str(judge(detector(), candidate(own), vanished))


def test_a_path_with_spaces_and_quotes_stays_one_word(tmp_path: Path) -> None:
    place = tmp_path / "a b'c\"d$(touch pwned);e"
    own = script(place / "bin/thing", 'echo "thing $#.0 $1"')
    wanted = detector(
        versions=(
            VersionRule(match=r"thing (\S+) --version$", run="{path} --version '{prefix} x'"),
        ),
        env={"THING": "{path}"},
        prepend={"PATH": ("{bin}",)},
    )
    entry = judged(wanted, own).entry
    assert entry.version == "2.0"
    assert entry.delta.put == {"THING": str(own)}
    assert entry.delta.prepend == {"PATH": (str(place / "bin"),)}


# -- what makes it something else ------------------------------------------------------------


def test_an_output_can_make_it_something_else(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "Apple thing 1.0 (based on other)")
    why = "other under the name of thing"
    wanted = detector(refusals=(RefuseRule(why=why, output=r"based on other"),))
    assert refused(wanted, own) == why
    assert judged(wanted, program(tmp_path / "bin/thing", "thing 1.0")).entry.version == "1.0"


def test_the_real_path_can_make_it_something_else(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", f"touch {tmp_path}/started; echo thing 1")
    wanted = detector(refusals=(RefuseRule(why="a link to it", real=r"/bin/thing$"),))
    assert refused(wanted, own) == "a link to it"
    assert not (tmp_path / "started").exists()


def test_a_file_is_no_output(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "x")
    text(tmp_path / "VERSION", "thing 1.0 other")
    rule = VersionRule(match=r"thing (\S+)", file="{prefix}/VERSION")
    wanted = detector(versions=(rule,), refusals=(RefuseRule(why="other", output="other"),))
    assert judged(wanted, own).entry.version == "1.0"


# -- what it sets ----------------------------------------------------------------------------

PARTS = (
    Part("{bin}/thing++{suffix}", ("lang-cpp",), {"CXX": "{file}"}, alias="thing++"),
    Part("{prefix}/lib64", ("lib64",), prepend={"LD_LIBRARY_PATH": ("{file}",)}),
)


def test_parts_that_are_there_add_to_it(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing-12", "thing 12.2")
    wanted = detector(env={"CC": "{path}"}, parts=PARTS, alias="thing")
    bare = judged(wanted, own, suffix="-12").entry
    assert bare.tags == ("thing", "tool") and bare.delta.put == {"CC": str(own)}
    assert bare.links == {"thing": str(own)}
    cpp = program(tmp_path / "bin/thing++-12", "x")
    (tmp_path / "lib64").mkdir()
    whole = judged(wanted, own, suffix="-12").entry
    assert whole.tags == ("lang-cpp", "lib64", "thing", "tool")
    assert whole.delta.put == {"CC": str(own), "CXX": str(cpp)}
    assert whole.delta.prepend == {"LD_LIBRARY_PATH": (str(tmp_path / "lib64"),)}
    assert whole.links == {"thing": str(own), "thing++": str(cpp)}
    assert str(cpp) in {stamp.path for stamp in whole.fingerprint}


def test_a_plain_name_needs_no_link(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 12.2")
    assert judged(detector(alias="thing"), own).entry.links == {}


def test_only_what_helps_is_prepended(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 1")
    wanted = detector(
        prepend={
            "PATH": ("{bin}", "/usr/bin", "/bin", "{prefix}/gone", "{bin}/../bin"),
            "CPATH": ("/usr/include", "/usr/./include"),
        }
    )
    prepended = judged(wanted, own).entry.delta.prepend
    assert prepended == {"PATH": (str(own.parent),)}
    assert str(own.parent) not in system_directories()


def test_the_fingerprint_covers_everything_that_was_read(tmp_path: Path) -> None:
    real = program(tmp_path / "libexec/thing", "x")
    header = text(tmp_path / "include/thing.h", '#define VERSION "thing 4.5"')
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin/thing"
    link.symlink_to("../libexec/thing")
    rule = VersionRule(match=r'thing ([^"]+)"', file="{prefix}/include/thing.h")
    entry = judged(detector(versions=(rule,)), link).entry
    assert {os.path.realpath(s.path) for s in entry.fingerprint} == {str(real), str(header)}
    assert unchanged(entry.fingerprint)
    header.write_text('#define VERSION "thing 4.5.1"')
    assert not unchanged(entry.fingerprint)


def test_a_detector_may_say_what_the_prefix_is(tmp_path: Path) -> None:
    own = program(tmp_path / "sdk/tools/bin/thing", "thing 1")
    assert judged(detector(prefix="{bin}/../.."), own).entry.prefix == str(tmp_path / "sdk")


def test_an_install_says_how_it_was_made(tmp_path: Path) -> None:
    own = program(tmp_path / "bin/thing", "thing 1")
    made = Made(Origin("installed", "tool.thing", "tool.thing"), ("ab",), {"python": "/p"})
    verdict = judge(detector(env={"P": "{python}"}), candidate(own), probe, made)
    entry = getattr(verdict, "entry", None)
    assert entry is not None, verdict
    assert (entry.origin, entry.needs, entry.delta.put) == (made.origin, ("ab",), {"P": "/p"})


def test_a_package_in_its_own_prefix_extends_pythonpath(tmp_path: Path) -> None:
    metadata = text(tmp_path / "site/numpy-2.1.0.dist-info")
    rule = VersionRule(match=r"(.+)", text="{dist_version}")
    wanted = detector(find=Find(python=("numpy",)), versions=(rule,))
    entry = judged(wanted, metadata, site=str(tmp_path / "site"), dist_version="2.1.0").entry
    assert entry.version == "2.1.0"
    assert entry.delta.prepend == {"PYTHONPATH": (str(tmp_path / "site"),)}
