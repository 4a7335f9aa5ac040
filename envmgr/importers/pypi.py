"""One requirement on a Python package: `numpy[dev]>=1.20,<2; sys_platform == "linux"`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from envmgr.importers.pep440 import range_of
from envmgr.importers.reading import (
    Lookup,
    Reading,
    UntranslatableError,
    left,
    lost,
    taken,
    total,
)

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

_SIMPLE = re.compile(r'(sys_platform|platform_system|platform_machine|os_name) (==|!=) "(\w+)"')
_SYSTEMS: Mapping[str, tuple[str, ...]] = {
    "linux": ("linux-*",),
    "darwin": ("macos-*",),
    "win32": ("windows-*",),
    "windows": ("windows-*",),
    "nt": ("windows-*",),
    "posix": ("linux-*", "macos-*"),
}
_ALL_SYSTEMS = ("linux-*", "macos-*", "windows-*")


def parse_requirement(text: str) -> Requirement:
    """Read one requirement. Raises UntranslatableError."""
    from packaging.requirements import InvalidRequirement, Requirement

    if "${" in text:
        raise UntranslatableError("variables of the environment are not put in")
    if "://" in text.partition("#")[0] and "@" not in text.partition("://")[0]:
        raise UntranslatableError("an address is no version that others could have")
    if text.startswith((".", "/", "~")):
        raise UntranslatableError("a place on one machine is no version that others could have")
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise UntranslatableError(f"this is no requirement: {reason}") from error


def read_requirement(
    requirement: Requirement,
    where: str,
    lookup: Lookup,
    constraints: Iterable[SpecifierSet] = (),
) -> Reading:
    """*requirement* as a wish; *constraints* are further clauses that must hold."""
    what, name = str(requirement), lookup(requirement.name)
    if requirement.url:
        return left(where, what, "an address is no version that others could have")
    try:
        applies, platforms = _platforms(requirement.marker)
        specifiers = requirement.specifier
        for more in constraints:
            specifiers &= more
        versions = range_of(specifiers)
    except UntranslatableError as error:
        return left(where, what, str(error))
    if not applies:
        return lost(where, what, "its marker does not hold on this machine")
    details = total(lost(where, what, why) for why in _details(requirement, platforms) if name)
    return taken(where, what, name, versions, platforms) + details


def _details(requirement: Requirement, platforms: tuple[str, ...]) -> Iterable[str]:
    if requirement.extras:
        yield f"its extras ({', '.join(sorted(requirement.extras))}) are not kept"
    if requirement.marker and not platforms:
        yield "its marker holds on this machine and is not kept"


def _platforms(marker: Marker | None) -> tuple[bool, tuple[str, ...]]:
    """Whether *marker* may hold, and on which platforms where that is all it says."""
    if marker is None:
        return True, ()
    found = _SIMPLE.fullmatch(str(marker))
    platforms = _named(*found.groups()) if found else ()
    return (True, platforms) if platforms else (holds(marker), ())


def _named(variable: str, operator: str, value: str) -> tuple[str, ...]:
    if variable == "platform_machine":
        return (f"*-{value.lower()}*",) if operator == "==" else ()
    named = _SYSTEMS.get(value.lower(), ())
    if operator == "==" or not named:
        return named
    return tuple(one for one in _ALL_SYSTEMS if one not in named)


def holds(marker: Marker) -> bool:
    """Whether *marker* holds for this machine and this Python. Raises UntranslatableError."""
    try:
        return marker.evaluate({"extra": ""})
    except ValueError as error:  # an undefined comparison or name
        raise UntranslatableError(f"its marker cannot be judged: {error}") from error
