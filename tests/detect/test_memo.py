from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.detect.memo import Memo
from envmgr.detect.sweep import Sweep
from envmgr.model.definition import Detector, Find, Part, RefuseRule, VersionRule
from tests.detect.mock import counted, detector, found, program, text


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Sweep]:
    """A whole sweep over `tree` that remembers, as each `envmgr detect` is."""

    def call(*detectors: Detector, whole: bool = True) -> Sweep:
        memo = Memo(str(tmp_path / "cache"))
        result = found(tmp_path / "tree", *detectors, memo=memo)
        memo.save(detectors, whole=whole)
        return result

    return call


def starts(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def versions(result: Sweep) -> list[str]:
    return [entry.version for entry in result.entries]


def test_a_second_sweep_starts_no_program(tmp_path: Path, look: Callable[..., Sweep]) -> None:
    log = tmp_path / "log"
    counted(tmp_path / "tree/bin/thing", "thing 1.0", log)
    counted(tmp_path / "tree/bin/thing-2", "thing 2.0", log)
    counted(tmp_path / "tree/bin/thing-3", "no version", log)
    wanted = detector(find=Find(program=(r"thing(-\d)?",)))
    first = look(wanted)
    assert starts(log) == 3
    second = look(wanted)
    assert starts(log) == 3
    assert first == second and versions(second) == ["1.0", "2.0"] and len(second.refusals) == 1


def test_what_is_replaced_is_judged_again(tmp_path: Path, look: Callable[..., Sweep]) -> None:
    own = program(tmp_path / "tree/bin/thing", "thing 1.0")
    assert versions(look(detector())) == ["1.0"]
    stamp = own.stat()
    program(tmp_path / "new", "thing 1.1").rename(own)
    os.utime(own, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # same size, same time
    assert versions(look(detector())) == ["1.1"]


def test_what_is_refused_is_judged_again_once_it_changed(
    tmp_path: Path, look: Callable[..., Sweep]
) -> None:
    program(tmp_path / "tree/bin/thing", "broken")
    assert versions(look(detector())) == []
    program(tmp_path / "tree/bin/thing", "thing 1.0.1")
    assert versions(look(detector())) == ["1.0.1"]


def test_another_definition_judges_again(tmp_path: Path, look: Callable[..., Sweep]) -> None:
    log = tmp_path / "log"
    counted(tmp_path / "tree/bin/thing", "thing 1.0", log)
    look(detector())
    why = "something else"
    again = look(detector(digest="2", refusals=(RefuseRule(why=why, output="thing"),)))
    assert [r.why for r in again.refusals] == [why] and starts(log) == 2
    assert versions(look(detector())) == ["1.0"]


def test_a_part_that_appears_is_seen(tmp_path: Path, look: Callable[..., Sweep]) -> None:
    program(tmp_path / "tree/bin/thing-12", "thing 12.0")
    wanted = detector(
        find=Find(program=(r"thing(?P<suffix>-\d+)?",)),
        parts=(Part("{bin}/thing++{suffix}", ("lang-cpp",)), Part("{prefix}/{version}", ("own",))),
    )
    assert look(wanted).entries[0].tags == ("thing", "tool")
    program(tmp_path / "tree/bin/thing++-12", "x")
    assert look(wanted).entries[0].tags == ("lang-cpp", "thing", "tool")
    text(tmp_path / "tree/12.0")
    assert look(wanted).entries[0].tags == ("lang-cpp", "own", "thing", "tool")
    (tmp_path / "tree/bin/thing++-12").unlink()
    assert look(wanted).entries[0].tags == ("own", "thing", "tool")


def test_a_file_that_tells_the_version_is_seen_when_it_appears(
    tmp_path: Path, look: Callable[..., Sweep]
) -> None:
    text(tmp_path / "tree/lib/libthing.so")
    rule = VersionRule(match=r"(\d[\d.]*)", file="{prefix}/include/thing.h")
    wanted = detector(find=Find(library=(r"libthing\.so",)), versions=(rule,))
    assert versions(look(wanted)) == []
    header = text(tmp_path / "tree/include/thing.h", "nothing yet")
    assert versions(look(wanted)) == []
    header.write_text("1.2.3")
    assert versions(look(wanted)) == ["1.2.3"]
    header.write_text("1.2.10")
    assert versions(look(wanted)) == ["1.2.10"]


def test_what_is_gone_is_forgotten(tmp_path: Path, look: Callable[..., Sweep]) -> None:
    own = program(tmp_path / "tree/bin/thing", "thing 1.0")
    look(detector())
    own.unlink()
    look(detector())
    assert json.loads((tmp_path / "cache/judgements.json").read_text())["judgements"] == {}


def test_a_sweep_elsewhere_forgets_nothing(tmp_path: Path, look: Callable[..., Sweep]) -> None:
    log = tmp_path / "log"
    counted(tmp_path / "tree/bin/thing", "thing 1.0", log)
    look(detector())
    (tmp_path / "elsewhere").mkdir()
    memo = Memo(str(tmp_path / "cache"))
    found(tmp_path / "elsewhere", detector(), memo=memo)
    memo.save([detector()], whole=False)
    look(detector())
    assert starts(log) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[1, 2]",
        lambda text: "[" * 100_000,
        lambda text: '{"schema": 1}',
        lambda text: text.replace('"stamps":', '"stumps":'),
        lambda text: text.replace('"entry":', '"entree":'),
        lambda text: text.replace('"absent":[]', '"absent":7'),
        lambda text: text.replace('"digest":', '"envmgr":'),
        lambda text: '{"schema": 1, "envmgr": "", "judgements": {}}',
        lambda text: json.dumps({**json.loads(text), "judgements": dict.fromkeys(
            json.loads(text)["judgements"], 5)}),
        lambda text: "\0\udc80\udcff" * 100,
    ],
)  # fmt: skip
def test_a_damaged_memo_costs_time_and_nothing_else(
    tmp_path: Path, look: Callable[..., Sweep], damage: Callable[[str], str]
) -> None:
    log = tmp_path / "log"
    counted(tmp_path / "tree/bin/thing", "thing 1.0", log)
    look(detector())
    file = tmp_path / "cache/judgements.json"
    file.write_bytes(damage(file.read_text()).encode("utf-8", "surrogateescape"))
    assert versions(look(detector())) == ["1.0"] and starts(log) == 2
    assert versions(look(detector())) == ["1.0"] and starts(log) == 2


def test_a_memo_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    program(tmp_path / "tree/bin/thing", "thing 1.0")
    memo = Memo(str(text(tmp_path / "file") / "cache"))
    assert versions(found(tmp_path / "tree", detector(), memo=memo)) == ["1.0"]
    memo.save([detector()], whole=True)
