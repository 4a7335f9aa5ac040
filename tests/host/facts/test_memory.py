"""Memory of this machine, and what a recorded one tells."""

from __future__ import annotations

import os
from collections.abc import Callable

import psutil
import pytest

from envmgr.host.facts import memory
from envmgr.host.facts.reading import Machine, split

Record = Callable[..., Machine]


def test_this_machine_agrees_with_psutil() -> None:
    facts, _ = split(memory.facts(Machine(os.environ)))
    assert facts["total_bytes"] == psutil.virtual_memory().total
    assert 0 < facts["available_bytes"] <= facts["total_bytes"]
    assert facts["page_size_bytes"] == os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("text", "choice"), [("always [madvise] never", "madvise"), ("[always] madvise", "always")]
)
def test_a_recorded_machine_tells_what_its_files_hold(
    record: Record, text: str, choice: str
) -> None:
    machine = record(
        {
            "/proc/self/cgroup": "0::/\n",
            "/sys/fs/cgroup/memory.max": "4096\n",
            "/sys/kernel/mm/transparent_hugepage/enabled": text,
        }
    )
    facts, absent = split(memory.facts(machine))
    assert facts == {"limit_bytes": 4096, "transparent_huge_pages": choice}
    assert sorted(absent) == ["available_bytes", "page_size_bytes", "swap_bytes", "total_bytes"]


def test_an_unmarked_choice_is_none(record: Record) -> None:
    machine = record({"/sys/kernel/mm/transparent_hugepage/enabled": "always never"})
    _, absent = split(memory.facts(machine))
    assert "marks none" in absent["transparent_huge_pages"]
