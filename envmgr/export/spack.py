"""Spack's packages.yaml: what is here as externals, which Spack then uses and does not build."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from envmgr.export.heading import heading
from envmgr.export.material import LeftOut
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.export.values import not_one_line
from envmgr.model.entry import Entry

_VERSION = re.compile(r"[A-Za-z0-9_.-]+")
_COMPILERS = {"c": "CC", "cxx": "CXX", "fortran": "FC"}
"""What Spack calls a language, and the variable that names its compiler."""
_VIRTUALS = frozenset(("blas", "lapack", "mpi", "opencl"))
"""Capabilities that Spack has as virtual packages of the same name."""
_VARIANTS = {"lib.hdf5": "~mpi", "lib.hdf5-parallel": "+mpi"}


def render(subject: Subject) -> Export:
    """*subject* as packages.yaml."""
    import yaml

    obstacles = {entry.id: _obstacle(subject, entry) for entry in subject.entries}
    left_out = tuple(
        LeftOut(str(entry), why, entry.path)
        for entry in subject.entries
        if (why := obstacles[entry.id])
    )
    carried = [entry for entry in subject.entries if not obstacles[entry.id]]
    form = {"packages": _packages(subject, carried)}
    text = yaml.safe_dump(form, sort_keys=False, allow_unicode=True, width=1000)
    head = "\n".join(heading(subject, "spack", left_out))
    return Export({"packages.yaml": f"{head}\n{text}"}, subject.entries, left_out)


def _obstacle(subject: Subject, entry: Entry) -> str | None:
    """Why Spack cannot have *entry* as an external."""
    if subject.names.spack(entry.name) is None:
        return "Spack has no package of it"
    if not _VERSION.fullmatch(_version(entry)):
        return f"Spack has no version {entry.version!a}"
    if entry.name.startswith("python.") and entry.origin.kind == "installed":
        return "it is in a directory where Spack does not look for Python packages"
    paths = (entry.prefix, *_programs(entry).values())
    return next(filter(None, map(not_one_line, paths)), None)


def _version(entry: Entry) -> str:
    """The version as Spack has it: a `+`, as in those of Java, would begin a variant."""
    return entry.version.replace("+", "_")


def _packages(subject: Subject, entries: Iterable[Entry]) -> dict[str, Any]:
    externals: dict[str, list[dict[str, Any]]] = {}
    providers: dict[str, list[str]] = {}
    for entry in entries:
        package = subject.names.spack(entry.name) or ""
        external = _external(package, entry)
        known = externals.setdefault(package, [])
        if external not in known:  # one package of Spack may be several things here
            known.append(external)
        for virtual in _virtuals(subject, entry):
            providers.setdefault(virtual, []).append(package)
    packages: dict[str, Any] = {
        name: {"externals": listed, "buildable": False}
        for name, listed in sorted(externals.items())
    }
    if providers:
        once = {virtual: list(dict.fromkeys(p)) for virtual, p in sorted(providers.items())}
        packages["all"] = {"providers": once}
    return packages


def _external(package: str, entry: Entry) -> dict[str, Any]:
    programs = _programs(entry)
    variants = _variants(package, programs) or _VARIANTS.get(entry.name, "")
    external: dict[str, Any] = {
        "spec": f"{package}@{_version(entry)}{variants}",
        "prefix": entry.prefix,
    }
    if programs:
        external["extra_attributes"] = {"compilers": programs}
    return external


def _variants(package: str, programs: Mapping[str, str]) -> str:
    """What the recipes of Spack's own compilers want to know of the languages."""
    if package == "gcc" and programs:
        return f" languages='{','.join(programs).replace('cxx', 'c++')}'"
    if package == "llvm" and programs:
        return f"{'+' if 'c' in programs else '~'}clang{'+' if 'fortran' in programs else '~'}flang"
    return ""


def _programs(entry: Entry) -> dict[str, str]:
    """The compilers of *entry* by their language."""
    if "compiler" not in entry.tags:
        return {}
    return {lang: entry.delta.put[v] for lang, v in _COMPILERS.items() if v in entry.delta.put}


def _virtuals(subject: Subject, entry: Entry) -> Iterator[str]:
    """The virtual packages that *entry* stands for in the environment."""
    yield from _VIRTUALS.intersection(entry.provides)
    for language, program in _programs(entry).items():
        if subject.delta.put.get(_COMPILERS[language]) == program:
            yield language
