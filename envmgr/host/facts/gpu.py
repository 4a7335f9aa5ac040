"""Graphics processors and other accelerators: what the buses show, with what their drivers add."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from envmgr.host.facts import gpu_amd, gpu_nvidia
from envmgr.host.facts.reading import Absent, Machine, UnreadableError, known

_PCI = "/sys/bus/pci/devices"
_DRM = "/sys/class/drm"
_CLASSES = ("0x03", "0x12")
"""PCI's classes of display controllers and of processing accelerators."""
_VENDORS = {"10de": "nvidia", "1002": "amd", "8086": "intel"}
_NAMES = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")


@dataclass(frozen=True, slots=True)
class _Device:
    """A device on the PCI bus; ids are four hexadecimal digits."""

    address: str
    vendor: str
    device: str


def facts(machine: Machine) -> dict[str, Any]:
    """Devices in order of their addresses, and the newest CUDA that NVIDIA's driver serves."""
    if not machine.has("/sys/class") and not machine.program("nvidia-smi"):
        raise UnreadableError("there is no /sys, and no nvidia-smi on PATH")
    told = known(gpu_nvidia.query, machine)
    rows = [_pci_row(machine, device, told) for device in _pci_devices(machine)]
    seen = {row["address"] for row in rows}
    others = {} if isinstance(told, Absent) else told
    rows += [gpu_nvidia.bare_row(address, others[address]) for address in sorted({*others} - seen)]
    rows += [_platform_row(machine, card) for card in _platform_cards(machine)]
    has_nvidia = any(row["vendor"] == "nvidia" for row in rows)
    cuda = known(gpu_nvidia.cuda, machine) if has_nvidia else Absent("there is no NVIDIA device")
    return {"devices": rows, "cuda": cuda}


def _pci_devices(machine: Machine) -> list[_Device]:
    return [
        _Device(
            address,
            machine.read(f"{_PCI}/{address}/vendor").removeprefix("0x"),
            machine.read(f"{_PCI}/{address}/device").removeprefix("0x"),
        )
        for address in machine.names(_PCI)
        if machine.read(f"{_PCI}/{address}/class").startswith(_CLASSES)
    ]


def _pci_row(
    machine: Machine, device: _Device, nvidia: dict[str, dict[str, str]] | Absent
) -> dict[str, Any]:
    place = f"{_PCI}/{device.address}"
    row: dict[str, Any] = {
        "address": device.address,
        "pci_id": f"{device.vendor}:{device.device}",
        "vendor": _VENDORS.get(device.vendor, device.vendor),
        "model": known(_listed_name, machine, device),
        "driver": known(_driver, machine, place),
        "driver_version": known(_driver_version, machine, place),
        "memory_bytes": Absent("this driver does not say in /sys"),
        "architecture": Absent("this driver does not say in /sys"),
    }
    if device.vendor == "10de":
        row |= gpu_nvidia.details(machine, device.address, nvidia)
    elif device.vendor == "1002":
        row |= gpu_amd.details(machine, device.address)
    if isinstance(row["model"], Absent):
        row["model"] = known(_listed_name, machine, device)
    return row


def _driver(machine: Machine, place: str) -> str:
    if not machine.has(f"{place}/driver"):
        raise UnreadableError("no driver is bound to the device")
    return machine.link_name(f"{place}/driver")


def _driver_version(machine: Machine, place: str) -> str:
    driver = _driver(machine, place)
    if not machine.has(f"/sys/module/{driver}/version"):
        raise UnreadableError(f"{driver} has no version apart from the kernel's")
    return machine.read(f"/sys/module/{driver}/version")


def _listed_name(machine: Machine, device: _Device) -> str:
    """The name in the list of PCI ids that many systems keep."""
    for place in _NAMES:
        if machine.has(place):
            block = re.search(rf"^{device.vendor}  .*\n(?:[\t#].*\n)*", machine.read(place), re.M)
            found = block and re.search(rf"^\t{device.device}  (.+)$", block[0], re.M)
            if found:
                return found[1].strip()
    raise UnreadableError("neither the driver nor a list of PCI ids names it")


def _platform_cards(machine: Machine) -> list[str]:
    """Devices of /sys/class/drm that are part of the chip and on no PCI bus."""
    cards = (f"{_DRM}/{name}/device" for name in machine.names(_DRM, r"card\d+"))
    return [card for card in cards if machine.has(f"{card}/of_node/compatible")]


def _platform_row(machine: Machine, card: str) -> dict[str, Any]:
    model = machine.read(f"{card}/of_node/compatible").split("\0")[0]
    return {
        "address": os.path.basename(os.path.dirname(card)),
        "vendor": model.partition(",")[0],
        "model": model,
        "driver": known(_driver, machine, card),
        "driver_version": known(_driver_version, machine, card),
        "memory_bytes": Absent("it has no memory of its own"),
    }
