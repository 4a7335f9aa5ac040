"""Entries, plans and packages to make images of."""

from __future__ import annotations

from collections.abc import Mapping

from envmgr.export.material import Material, Packaged, Pin, Remade, Source
from envmgr.host.packages import SystemPackage
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from envmgr.model.plan import Plan, Step

SHA = "sha256:" + "ab" * 32


def package(name: str, version: str = "1.0-1") -> SystemPackage:
    return SystemPackage("dpkg", name, version, "amd64")


def detected(
    name: str,
    version: str = "1.0",
    *,
    path: str = "",
    tags: tuple[str, ...] = (),
    delta: Delta | None = None,
    needs: tuple[str, ...] = (),
    links: Mapping[str, str] | None = None,
) -> Entry:
    path = path or f"/usr/bin/{name.partition('.')[2]}"
    origin = Origin("detected", name)
    return make_entry(
        name, version, tags=tags, prefix="/usr", path=path, delta=delta or Delta(),
        origin=origin, needs=needs, links=links or {},
    )  # fmt: skip


def installed(
    name: str,
    prefix: str,
    *,
    version: str = "1.0",
    delta: Delta | None = None,
    needs: tuple[str, ...] = (),
) -> Entry:
    origin = Origin("installed", name, name)
    return make_entry(
        name, version, tags=(), prefix=prefix, path=f"{prefix}/bin/{name.partition('.')[2]}",
        delta=delta or Delta(prepend={"PATH": (f"{prefix}/bin",)}), origin=origin, needs=needs,
    )  # fmt: skip


def plan(
    name: str,
    steps: tuple[Step, ...],
    *,
    version: str = "1.0",
    needs: Mapping[str, Entry] | None = None,
) -> Plan:
    return Plan(
        recipe=name, version=version, detector=name, digest=f"{name}-{version}",
        recipe_digest="", slug=f"{name}/{version}-0a1b2c3d", needs=needs or {}, steps=steps,
    )  # fmt: skip


def remade(made: Plan, *packages: SystemPackage, changed: bool = False) -> Remade:
    return Remade(made, Packaged(packages), changed)


def material(
    *things: tuple[Entry, Source], helpers: tuple[tuple[Entry, Source], ...] = ()
) -> Material:
    everything = (*things, *helpers)
    names = ("curl", "ca-certificates", "libarchive-tools", "python3-pip", "npm", "git")
    return Material(
        base="debian:12.11",
        platform="linux-x86_64-debian12",
        entries=tuple(entry for entry, _ in things),
        known={entry.id: entry for entry, _ in everything},
        sources={entry.id: source for entry, source in everything},
        tools={name: Pin(name, "2.0-1") for name in names},
    )
