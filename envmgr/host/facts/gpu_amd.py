"""What AMD's driver adds, through /sys."""

from __future__ import annotations

from typing import Any

from envmgr.host.facts.reading import Machine, UnreadableError, known, table

_NODES = "/sys/class/kfd/kfd/topology/nodes"


def details(machine: Machine, address: str) -> dict[str, Any]:
    """Model, memory and instruction set of the device at the PCI *address*."""
    place = f"/sys/bus/pci/devices/{address}"
    return {
        "model": known(machine.read, f"{place}/product_name"),
        "memory_bytes": known(machine.number, f"{place}/mem_info_vram_total"),
        "architecture": known(_architecture, machine, address),
    }


def _architecture(machine: Machine, address: str) -> str:
    """The name that compilers take, `gfx90a`."""
    for node in machine.names(_NODES, r"\d+"):
        rows = table(machine.read(f"{_NODES}/{node}/properties"), " ")
        if _address(int(rows.get("domain", 0)), int(rows.get("location_id", 0))) == address:
            return _gfx(int(rows.get("gfx_target_version", 0)))
    raise UnreadableError(f"{_NODES} has no node for it")


def _gfx(version: int) -> str:
    if not version:
        raise UnreadableError("the driver gives no version of its instruction set")
    major, minor, step = version // 10000, version // 100 % 100, version % 100
    return f"gfx{major}{minor:x}{step:x}"


def _address(domain: int, location: int) -> str:
    bus, device, function = location >> 8 & 0xFF, location >> 3 & 0x1F, location & 7
    return f"{domain:04x}:{bus:02x}:{device:02x}.{function}"
