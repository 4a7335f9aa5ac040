"""conda's environment.yml: the same versions from conda-forge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from envmgr.export.heading import heading
from envmgr.export.material import LeftOut
from envmgr.export.result import Export
from envmgr.export.subject import Subject
from envmgr.export.values import held, not_one_line
from envmgr.model.entry import Entry

_VERSION = re.compile(r"[a-z0-9][a-z0-9._+!]*")
_PARTS = {
    "gcc": {"CXX": "gxx", "FC": "gfortran"},
    "clang": {"CXX": "clangxx"},
}
"""Packages that conda-forge has for parts of a thing, by the variables that name these parts."""
_BUILDS = {"lib.hdf5-parallel": "mpi_*"}
"""Which of the builds of one version it is, where conda-forge has several kinds."""


def render(subject: Subject) -> Export:
    """*subject* as environment.yml."""
    import yaml

    conda: list[Any] = []
    pip: list[str] = []
    left: list[LeftOut] = []
    for entry in subject.entries:
        specs, requirement = tuple(_specs(subject, entry)), _requirement(subject, entry)
        conda += specs
        if not specs and requirement:
            pip.append(requirement)
        elif not specs:
            left.append(LeftOut(str(entry), _why(subject, entry), entry.path))
    variables, unsaid = held(subject.extra, not_one_line)
    form: dict[str, Any] = {"name": subject.name, "channels": ["conda-forge"]}
    form["dependencies"] = [*dict.fromkeys(conda), *_pip_part(conda, pip)]
    if variables.put:
        form["variables"] = dict(sorted(variables.put.items()))
    left_out = (*left, *unsaid)
    text = yaml.safe_dump(form, sort_keys=False, allow_unicode=True, width=1000)
    head = "\n".join(heading(subject, "conda", left_out))
    return Export({"environment.yml": f"{head}\n{text}"}, subject.entries, left_out)


def _specs(subject: Subject, entry: Entry) -> Iterator[str]:
    package = subject.names.conda(entry.name)
    if package is None or not _VERSION.fullmatch(entry.version.lower()):
        return
    version = entry.version.lower()
    build = _BUILDS.get(entry.name)
    yield f"{package}={version}={build}" if build else f"{package}={version}"
    for variable, part in _PARTS.get(package, {}).items():
        if variable in entry.delta.put:
            yield f"{part}={version}"


def _requirement(subject: Subject, entry: Entry) -> str | None:
    """*entry* from PyPI, if it can be had there."""
    from packaging.version import InvalidVersion, Version

    project = subject.names.pypi(entry.name)
    try:
        return f"{project}=={Version(entry.version)}" if project else None
    except InvalidVersion:
        return None


def _pip_part(conda: list[Any], requirements: list[str]) -> list[Any]:
    if not requirements:
        return []
    has_pip = any(spec.startswith("pip=") for spec in conda)
    return [*([] if has_pip else ["pip"]), {"pip": requirements}]


def _why(subject: Subject, entry: Entry) -> str:
    if subject.names.conda(entry.name):
        return f"conda cannot have the version {entry.version!a}"
    return "conda-forge has no package of it"
