"""Containers, virtual machines and bare metal, recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from envmgr.host.facts import virtualization
from envmgr.host.facts.reading import Machine, split

Record = Callable[..., Machine]

_MOUNTED = """22 20 0:21 / /proc rw - proc proc rw
30 20 254:1 /var/lib/docker/containers/ab/hosts /etc/hosts rw,relatime - ext4 /dev/vda1 rw
"""
_OVERLAY = "20 1 0:50 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l\n"
_MACHINE = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"


def _container(machine: Machine) -> object:
    facts, absent = split(virtualization.facts(machine))
    return facts.get("container", absent.get("container"))


def _virtual(machine: Machine) -> object:
    facts, absent = split(virtualization.facts(machine))
    return facts.get("virtual_machine", absent.get("virtual_machine"))


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, "none"),
        ({"/.dockerenv": "", "/proc/self/mountinfo": _MOUNTED}, "docker"),
        ({"/.dockerenv": "", "/proc/self/mountinfo": _OVERLAY}, "docker"),
        ({"/run/.containerenv": 'engine="podman-4.3.1"\n'}, "podman"),
        ({"/.singularity.d/runscript": ""}, "apptainer"),
        ({"/proc/1/environ": "PATH=/bin\0container=lxc\0TERM=x\0"}, "lxc"),
        ({"/run/systemd/container": "systemd-nspawn\n"}, "systemd-nspawn"),
        ({"/proc/self/cgroup": "0::/system.slice/docker-0a1b.scope\n"}, "docker"),
        ({"/proc/1/cgroup": "4:cpu:/kubepods/burstable/pod1/docker-2\n"}, "kubernetes"),
        ({"/proc/self/cgroup": "0::/user.slice/session-1.scope\n"}, "none"),
    ],
)
def test_containers(record: Record, files: dict[str, str], name: str) -> None:
    assert _container(record(files)) == name


@pytest.mark.parametrize(
    ("variable", "name"),
    [("KUBERNETES_SERVICE_HOST", "kubernetes"), ("APPTAINER_CONTAINER", "apptainer")],
)
def test_containers_that_say_so_in_the_environment(
    record: Record, variable: str, name: str
) -> None:
    assert _container(record({}, environ={variable: "x"})) == name


def test_a_mark_that_stayed_in_the_image_of_a_machine_proves_no_container(record: Record) -> None:
    told = _container(record({"/.dockerenv": "", "/proc/self/mountinfo": _MACHINE}))
    assert told == "/.dockerenv is there, but none of the mounts that a container has"


def _dmi(vendor: str, product: str, bios: str = "") -> dict[str, str]:
    base = "/sys/class/dmi/id"
    names = {"sys_vendor": vendor, "product_name": product, "bios_vendor": bios}
    return {f"{base}/{name}": text + "\n" for name, text in names.items()}


_PLAIN = {"/proc/cpuinfo": "processor : 0\nflags : fpu avx\n"}
_GUEST = {"/proc/cpuinfo": "processor : 0\nflags : fpu avx hypervisor\n"}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({**_dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"), **_GUEST}, "qemu"),
        ({**_dmi("Amazon EC2", "c5.large"), **_GUEST}, "amazon-ec2"),
        ({**_dmi("Amazon EC2", "c5.metal"), **_PLAIN}, "none"),
        ({**_dmi("Microsoft Corporation", "Virtual Machine"), **_GUEST}, "hyper-v"),
        ({**_dmi("Microsoft Corporation", "Surface Laptop"), **_PLAIN}, "none"),
        ({**_dmi("VMware, Inc.", "VMware7,1"), **_GUEST}, "vmware"),
        ({**_dmi("innotek GmbH", "VirtualBox"), **_GUEST}, "virtualbox"),
        ({**_dmi("Dell Inc.", "PowerEdge R750"), **_PLAIN}, "none"),
        ({"/sys/hypervisor/type": "xen\n", **_GUEST}, "xen"),
        ({"/proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n", **_GUEST}, "wsl"),
        ({"/proc/device-tree/hypervisor/compatible": "linux,kvm\0"}, "kvm"),
        (_GUEST, "unknown"),
        (_PLAIN, "none"),
    ],
)
def test_virtual_machines(record: Record, files: dict[str, str], name: str) -> None:
    assert _virtual(record(files)) == name


def test_systemd_is_asked_where_nothing_else_tells(record: Record) -> None:
    assert _virtual(record(_GUEST, {"systemd-detect-virt": "echo kvm"})) == "kvm"


def test_systemd_says_none_with_a_failing_exit_status(record: Record) -> None:
    machine = record(
        {"/proc/cpuinfo": "Features : fp\n"}, {"systemd-detect-virt": "echo none; exit 1"}
    )
    assert _virtual(machine) == "none"


@pytest.mark.parametrize("files", [{"/proc/cpuinfo": "Features : fp asimd\n"}, {}])
def test_a_processor_that_does_not_say_leaves_it_open(
    record: Record, files: dict[str, str | Path]
) -> None:
    _, absent = split(virtualization.facts(record(files)))
    assert absent["virtual_machine"]
