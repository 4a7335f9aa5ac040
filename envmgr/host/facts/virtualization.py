"""Whether this is a container, a virtual machine or neither, and which.

Both are asked apart: a container often runs in a virtual machine. `none` for both means bare
metal, or a wall that shows no sign of itself.
"""

from __future__ import annotations

import re
from typing import Any

from envmgr.host.facts.reading import Machine, UnreadableError, known, table

_GROUPS = {
    "kubepods": "kubernetes",
    "docker": "docker",
    "libpod": "podman",
    "lxc": "lxc",
    "machine.slice/systemd-nspawn": "systemd-nspawn",
    "containerd": "containerd",
}
"""What a container's manager calls its control groups, the most telling first."""
_VARIABLES = {
    "KUBERNETES_SERVICE_HOST": "kubernetes",
    "APPTAINER_CONTAINER": "apptainer",
    "SINGULARITY_CONTAINER": "singularity",
}
_FILES = {"/run/.containerenv": "podman", "/.singularity.d": "apptainer"}
_DMI = "/sys/class/dmi/id"
_MAKERS = {
    "amazon ec2": "amazon-ec2",
    "google compute engine": "google-compute-engine",
    "vmware": "vmware",
    "virtualbox": "virtualbox",
    "parallels": "parallels",
    "bhyve": "bhyve",
    "xen": "xen",
    "microsoft corporation virtual machine": "hyper-v",
    "openstack": "openstack",
    "alibaba cloud": "alibaba-cloud",
    "qemu": "qemu",
    "kvm": "kvm",
}
"""What the makers of virtual machines write where a computer's maker stands."""


def facts(machine: Machine) -> dict[str, Any]:
    """Names of the container's manager and of the virtual machine, or `none`."""
    return {
        "container": known(_container, machine),
        "virtual_machine": known(_virtual_machine, machine),
    }


def _container(machine: Machine) -> str:
    for variable, name in _VARIABLES.items():
        if variable in machine.environ:
            return name
    for file, name in _FILES.items():
        if machine.has(file):
            return name
    first = re.search(r"(?:^|\0)container=([\w-]+)", _text(machine, "/proc/1/environ"))
    told = first[1] if first else _text(machine, "/run/systemd/container")
    return told or _by_group(machine) or _by_docker(machine)


def _by_group(machine: Machine) -> str | None:
    groups = _text(machine, "/proc/1/cgroup") + "\n" + _text(machine, "/proc/self/cgroup")
    return next((name for mark, name in _GROUPS.items() if mark in groups), None)


def _by_docker(machine: Machine) -> str:
    """Docker's mark alone proves little: it stays in an image from which a machine was made."""
    if not machine.has("/.dockerenv"):
        return "none"
    rows = [line.split() for line in machine.read("/proc/self/mountinfo").splitlines()]
    given = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
    for row in rows:
        kind = row[row.index("-") + 1] if "-" in row else ""
        if row[4] in given or (row[4] == "/" and kind in ("overlay", "fuse-overlayfs")):
            return "docker"
    raise UnreadableError("/.dockerenv is there, but none of the mounts that a container has")


def _virtual_machine(machine: Machine) -> str:
    kernel = _text(machine, "/proc/sys/kernel/osrelease").lower()
    if "microsoft" in kernel:
        return "wsl"
    return (
        _by_maker(machine)
        or _text(machine, "/sys/hypervisor/type")
        or _by_device_tree(machine)
        or _by_systemd(machine)
        or _by_flag(machine)
    )


def _by_maker(machine: Machine) -> str | None:
    product = _text(machine, f"{_DMI}/product_name").lower()
    if product.endswith(".metal"):  # a cloud's machine without a hypervisor
        return None
    fields = [_text(machine, f"{_DMI}/{name}").lower() for name in ("sys_vendor", "bios_vendor")]
    told = " ".join([fields[0], product, fields[1]])
    return next((name for mark, name in _MAKERS.items() if mark in told), None)


def _by_device_tree(machine: Machine) -> str | None:
    told = _text(machine, "/proc/device-tree/hypervisor/compatible")
    return told.split("\0")[0].removeprefix("linux,") or None


def _by_systemd(machine: Machine) -> str | None:
    if machine.program("systemd-detect-virt") is None:
        return None
    return machine.ask("systemd-detect-virt", "--vm", codes=(0, 1)).strip() or None


def _by_flag(machine: Machine) -> str:
    """x86 processors say whether they are virtual; others do not."""
    flags = table(machine.read("/proc/cpuinfo")).get("flags")
    if flags is None:
        raise UnreadableError("this processor does not say, and no maker is named in /sys")
    if "hypervisor" in flags.split():
        return "unknown"  # virtual for certain, but nothing says whose
    return "none"


def _text(machine: Machine, path: str) -> str:
    """The file's text, or nothing: each of these files is only one sign among others."""
    try:
        return machine.read(path)
    except UnreadableError:
        return ""
