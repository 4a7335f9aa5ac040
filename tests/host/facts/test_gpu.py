"""Graphics processors of recorded machines: NVIDIA, AMD, Intel, a chip's own, none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envmgr.host.facts import gpu
from envmgr.host.facts.reading import Machine, UnreadableError, split

Record = Callable[..., Machine]
_PCI = "/sys/bus/pci/devices"


def _device(address: str, ids: str, driver: str | None, kind: str = "0x030200") -> dict[str, Any]:
    vendor, device = ids.split(":")
    files: dict[str, Any] = {
        f"{_PCI}/{address}/class": f"{kind}\n",
        f"{_PCI}/{address}/vendor": f"0x{vendor}\n",
        f"{_PCI}/{address}/device": f"0x{device}\n",
        "/sys/class/drm/version": "drm 1.1.0 20060810\n",
    }
    if driver:
        files[f"{_PCI}/{address}/driver"] = Path(f"../../../bus/pci/drivers/{driver}")
    return files


_H100 = {
    **_device("0000:3b:00.0", "10de:2330", "nvidia"),
    **_device("0000:00:02.0", "1a03:2000", None, "0x030000"),
    **_device("0000:00:1f.0", "8086:a1c1", None, "0x060100"),
    "/proc/driver/nvidia/version": (
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
        "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n"
    ),
    "/proc/driver/nvidia/gpus/0000:3b:00.0/information": (
        "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 18\nBus Location: \t 0000:3b:00.0\n"
    ),
}
_SMI = """
case "$1" in
"") echo "| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4  |" ;;
*) echo "00000000:3B:00.0, NVIDIA H100 80GB HBM3, 81559, 550.54.15, 9.0" ;;
esac"""


def _facts(machine: Machine) -> tuple[dict[str, Any], dict[str, str]]:
    return split(gpu.facts(machine))


def test_an_nvidia_machine(record: Record) -> None:
    facts, absent = _facts(record(_H100, {"nvidia-smi": _SMI}))
    assert facts["cuda"] == "12.4"
    assert facts["devices"] == [
        {"address": "0000:00:02.0", "pci_id": "1a03:2000", "vendor": "1a03"},
        {
            "address": "0000:3b:00.0",
            "pci_id": "10de:2330",
            "vendor": "nvidia",
            "model": "NVIDIA H100 80GB HBM3",
            "driver": "nvidia",
            "driver_version": "550.54.15",
            "memory_bytes": 81559 << 20,
            "architecture": "9.0",
        },
    ]
    assert absent["devices.0.driver"] == "no driver is bound to the device"
    assert not [name for name in absent if name.startswith("devices.1")]


def test_an_nvidia_machine_without_nvidia_smi(record: Record) -> None:
    facts, absent = _facts(record(_H100))
    device = facts["devices"][1]
    assert (device["model"], device["driver_version"]) == ("NVIDIA H100 80GB HBM3", "550.54.15")
    assert "memory_bytes" not in device
    reason = "there is no nvidia-smi on PATH"
    assert [absent[name] for name in ("cuda", "devices.1.memory_bytes")] == [reason, reason]


def test_the_open_kernel_module_says_its_version_in_other_words(record: Record) -> None:
    version = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  555.42.02  Release Build\n"
    facts, _ = _facts(record({**_H100, "/proc/driver/nvidia/version": version}))
    assert facts["devices"][1]["driver_version"] == "555.42.02"


def test_an_old_nvidia_smi_that_refuses_a_field(record: Record) -> None:
    script = """
case "$1" in
*compute_cap*) echo 'Field "compute_cap" is not a valid field to query.'; exit 2 ;;
--query*) echo "00000000:3B:00.0, Tesla V100-SXM2-16GB, 16160, 418.67" ;;
*) echo "| NVIDIA-SMI 418.67 |" ;;
esac"""
    facts, absent = _facts(record(_H100, {"nvidia-smi": script}))
    assert facts["devices"][1]["memory_bytes"] == 16160 << 20
    assert absent["devices.1.architecture"] == "nvidia-smi does not tell compute_cap of this device"
    assert absent["cuda"] == "nvidia-smi shows no version of CUDA"


def test_a_driver_that_does_not_answer(record: Record) -> None:
    script = (
        'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the driver."; exit 9'
    )
    _, absent = _facts(record(_H100, {"nvidia-smi": script}))
    assert "couldn't communicate" in absent["devices.1.memory_bytes"]
    assert "couldn't communicate" in absent["cuda"]


def test_devices_that_only_nvidia_smi_shows(record: Record) -> None:
    script = """
case "$1" in
"") echo "CUDA Version: 12.4" ;;
*) echo "00000000:01:00.0, NVIDIA GH200, [N/A], 550.54.15, 9.0"; echo "no row" ;;
esac"""
    facts, absent = _facts(record({}, {"nvidia-smi": script}))
    (device,) = facts["devices"]
    assert device["address"] == "0000:01:00.0"
    assert (device["model"], device["driver_version"]) == ("NVIDIA GH200", "550.54.15")
    assert absent["devices.0.memory_bytes"].startswith("nvidia-smi does not tell memory.total")


def test_an_amd_machine(record: Record) -> None:
    address = "0000:c1:00.0"
    machine = record(
        {
            **_device(address, "1002:740f", "amdgpu", "0x120000"),
            f"{_PCI}/{address}/product_name": "AMD Instinct MI210\n",
            f"{_PCI}/{address}/mem_info_vram_total": "68702699520\n",
            "/sys/module/amdgpu/version": "6.3.6\n",
            "/sys/class/kfd/kfd/topology/nodes/0/properties": "cpu_cores_count 64\n",
            "/sys/class/kfd/kfd/topology/nodes/1/properties": (
                f"simd_count 416\ndomain 0\nlocation_id {0xC1 << 8}\ngfx_target_version 90010\n"
            ),
        }
    )
    facts, absent = _facts(machine)
    assert facts["devices"] == [
        {
            "address": address,
            "pci_id": "1002:740f",
            "vendor": "amd",
            "model": "AMD Instinct MI210",
            "driver": "amdgpu",
            "driver_version": "6.3.6",
            "memory_bytes": 68702699520,
            "architecture": "gfx90a",
        }
    ]
    assert absent == {"cuda": "there is no NVIDIA device"}


def test_an_intel_device_is_named_by_the_list_of_pci_ids(record: Record) -> None:
    ids = (
        "# a comment\n1002  Advanced Micro Devices\n\t56a0  Wrong vendor\n"
        "8086  Intel Corporation\n\t46a6  Other\n\t56a0  DG2 [Arc A770]\n"
        "\t\t1849 6000  A board\n8087  Intel\n\t56a0  Wrong again\n"
    )
    machine = record(
        {**_device("0000:03:00.0", "8086:56a0", "i915", "0x030000"), "/usr/share/misc/pci.ids": ids}
    )
    facts, absent = _facts(machine)
    (device,) = facts["devices"]
    assert (device["vendor"], device["model"]) == ("intel", "DG2 [Arc A770]")
    assert absent["devices.0.driver_version"] == "i915 has no version apart from the kernel's"


def test_a_graphics_processor_that_is_part_of_the_chip(record: Record) -> None:
    machine = record(
        {
            "/sys/class/drm/card0/device/of_node/compatible": "nvidia,ga10b\0nvidia,gpu\0",
            "/sys/class/drm/card0/device/driver": Path("../../bus/platform/drivers/nvgpu"),
            "/sys/class/drm/card0-DP-1/status": "connected\n",
        }
    )
    facts, absent = _facts(machine)
    assert facts["devices"] == [
        {"address": "card0", "vendor": "nvidia", "model": "nvidia,ga10b", "driver": "nvgpu"}
    ]
    assert absent["devices.0.memory_bytes"] == "it has no memory of its own"


def test_a_machine_without_any_and_one_that_hides_all(record: Record) -> None:
    facts, absent = _facts(record({"/sys/class/net/lo/x": ""}))
    assert facts == {"devices": []}
    assert absent == {"cuda": "there is no NVIDIA device"}


def test_where_there_is_no_sys_nothing_is_claimed(record: Record) -> None:
    with pytest.raises(UnreadableError, match="no /sys"):
        gpu.facts(record({}))
