"""What NVIDIA's driver adds, through /proc and, where it is there, nvidia-smi."""

from __future__ import annotations

import re
from typing import Any

from envmgr.host.facts.reading import Absent, Machine, UnreadableError, known, table

_FIELDS = ("pci.bus_id", "name", "memory.total", "driver_version")
_CAPABILITY = "compute_cap"
"""A field that older versions of nvidia-smi refuse."""
_VERSION = re.compile(r"Kernel Module\s+(?:for \S+\s+)?(\d+(?:\.\d+)+)")


def query(machine: Machine) -> dict[str, dict[str, str]]:
    """Fields of every device by its PCI address, as nvidia-smi tells them."""
    try:
        return _query(machine, (*_FIELDS, _CAPABILITY))
    except UnreadableError:
        return _query(machine, _FIELDS)


def details(
    machine: Machine, address: str, told: dict[str, dict[str, str]] | Absent
) -> dict[str, Any]:
    """Model, driver version, memory and compute capability of the device at *address*."""
    row = told if isinstance(told, Absent) else told.get(address)
    return {
        "model": known(_model, machine, address, row),
        "driver_version": known(_driver_version, machine),
        "memory_bytes": known(_memory, row),
        "architecture": known(_field, row, _CAPABILITY),
    }


def bare_row(address: str, row: dict[str, str]) -> dict[str, Any]:
    """A device that only nvidia-smi shows, as where /sys is hidden or on Windows' side of WSL."""
    return {
        "address": address,
        "vendor": "nvidia",
        "model": known(_field, row, "name"),
        "driver": "nvidia",
        "driver_version": known(_field, row, "driver_version"),
        "memory_bytes": known(_memory, row),
        "architecture": known(_field, row, _CAPABILITY),
    }


def cuda(machine: Machine) -> str:
    """The newest version of CUDA that the driver serves."""
    found = re.search(r"CUDA Version:\s*(\d+\.\d+)", machine.ask("nvidia-smi"))
    if not found:
        raise UnreadableError("nvidia-smi shows no version of CUDA")
    return found[1]


def _query(machine: Machine, fields: tuple[str, ...]) -> dict[str, dict[str, str]]:
    names = ",".join(fields)
    told = machine.ask("nvidia-smi", f"--query-gpu={names}", "--format=csv,noheader,nounits")
    lines = ([part.strip() for part in line.split(",")] for line in told.splitlines())
    rows = (dict(zip(fields, line, strict=True)) for line in lines if len(line) == len(fields))
    return {_address(row["pci.bus_id"]): row for row in rows}


def _address(bus_id: str) -> str:
    """`00000000:3B:00.0` as /sys writes it, `0000:3b:00.0`."""
    domain, _, rest = bus_id.lower().partition(":")
    return f"{domain[-4:]}:{rest}"


def _model(machine: Machine, address: str, row: dict[str, str] | Absent | None) -> str:
    place = f"/proc/driver/nvidia/gpus/{address}/information"
    if machine.has(place) and (told := table(machine.read(place)).get("Model")):
        return told
    return _field(row, "name")


def _driver_version(machine: Machine) -> str:
    found = _VERSION.search(machine.read("/proc/driver/nvidia/version"))
    if not found:
        raise UnreadableError("/proc/driver/nvidia/version shows no version")
    return found[1]


def _memory(row: dict[str, str] | Absent | None) -> int:
    told = _field(row, "memory.total")
    if not told.isdigit():
        raise UnreadableError(f"nvidia-smi says {told!r}, not a number of MiB")
    return int(told) << 20


def _field(row: dict[str, str] | Absent | None, name: str) -> str:
    if isinstance(row, Absent):
        raise UnreadableError(row.reason)
    told = (row or {}).get(name, "")
    if not told or told.startswith("["):  # [N/A], [Not Supported]
        raise UnreadableError(f"nvidia-smi does not tell {name} of this device")
    return told
