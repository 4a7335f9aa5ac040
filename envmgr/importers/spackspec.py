"""Specs of Spack, as far as an external has one: `gcc@12.2.0 languages=c,c++ %gcc@11 arch=…`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from envmgr.importers.reading import UntranslatableError

# What stands before a dot is the repository of packages: `builtin.gcc`.
_SPEC = re.compile(
    r"\s*(?:[A-Za-z0-9_-]+\.)*([A-Za-z0-9_][A-Za-z0-9_-]*)\s*(?:@=?\s*([A-Za-z0-9_][\w.-]*))?(.*)",
    re.S,
)


@dataclass(frozen=True, slots=True)
class SpackSpec:
    """The part of a spec that a detector can be compared with."""

    package: str
    version: str = ""
    """As it was written; empty when the spec says none."""
    rest: str = ""
    """Variants, compiler, architecture and dependencies, in one line."""


def parse_spec(text: str) -> SpackSpec:
    """Read the spec of one external, which says at most one version. Raises UntranslatableError."""
    found = _SPEC.fullmatch(text)
    if found is None:
        raise UntranslatableError("this is no spec")
    rest = " ".join(found[3].split())
    if rest.startswith(("@", ":", ",")):
        raise UntranslatableError("an external has one version, not a range")
    return SpackSpec(found[1].lower(), found[2] or "", rest)
