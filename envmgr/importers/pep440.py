"""Version specifiers of Python packages as clauses of a range here.

The operators have the names that they have here; what they mean differs in corners that
`docs/import.md` lists, and where a clause can say exactly what PEP 440 means, it does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.importers.reading import UntranslatableError
from envmgr.model.version import VersionRange

if TYPE_CHECKING:
    from packaging.specifiers import Specifier, SpecifierSet

_ORDER = (">=", ">", "~=", "==", "!=", "<=", "<")
"""Clauses as people write them: from below to above."""
_RELEASE = re.compile(r"v?[0-9]+(?:\.[0-9]+)*")


def range_of(specifiers: SpecifierSet) -> VersionRange:
    """The range that has the versions of *specifiers*. Raises UntranslatableError."""
    ordered = sorted(specifiers, key=lambda s: (_rank(s), s.version))
    text = ",".join(_clause(one) for one in ordered)
    try:
        return VersionRange.parse(text)
    except UsageError as error:
        raise UntranslatableError(error.message) from error


def _rank(specifier: Specifier) -> int:
    if specifier.operator not in _ORDER:
        raise UntranslatableError(f"{specifier.operator} compares texts, not versions")
    return _ORDER.index(specifier.operator)


def _clause(specifier: Specifier) -> str:
    operator, text = specifier.operator, specifier.version
    if "!" in text:
        raise UntranslatableError("versions have no epochs here")
    if operator == "<" and _RELEASE.fullmatch(text):
        return f"<{text}.dev0"  # pre-releases of it are not below it
    if operator == "~=" and not _RELEASE.fullmatch(text):
        return f">={text},{_family(text)}.*"
    if text.endswith(".*"):
        return text if operator == "==" else operator + text
    return operator + text


def _family(text: str) -> str:
    """The release that a compatible version keeps: `2.2` of `2.2.3rc1`."""
    from packaging.version import Version

    return ".".join(str(number) for number in Version(text).release[:-1])
