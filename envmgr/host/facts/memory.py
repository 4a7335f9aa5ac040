"""Memory: how much there is, how much of it may be used, how its pages are handed out."""

from __future__ import annotations

import os
import re
from typing import Any

from envmgr.host.facts import cgroups
from envmgr.host.facts.reading import Machine, UnreadableError, known

_HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled"


def facts(machine: Machine) -> dict[str, Any]:
    """Everything about memory; sizes are in bytes."""
    return {
        "total_bytes": known(_virtual, machine, "total"),
        "available_bytes": known(_virtual, machine, "available"),
        "swap_bytes": known(_swap, machine),
        "limit_bytes": known(cgroups.memory_limit, machine),
        "page_size_bytes": known(_page_size, machine),
        "transparent_huge_pages": known(_huge_pages, machine),
    }


def _virtual(machine: Machine, field: str) -> int:
    import psutil

    machine.require_running()
    return int(getattr(psutil.virtual_memory(), field))


def _swap(machine: Machine) -> int:
    import psutil

    machine.require_running()
    return int(psutil.swap_memory().total)


def _page_size(machine: Machine) -> int:
    machine.require_running()
    return os.sysconf("SC_PAGE_SIZE")


def _huge_pages(machine: Machine) -> str:
    found = re.search(r"\[(\w+)\]", machine.read(_HUGE_PAGES))
    if not found:
        raise UnreadableError(f"{_HUGE_PAGES} marks none of its choices")
    return found[1]
