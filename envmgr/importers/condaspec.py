"""Package specifications of conda: `numpy=1.24`, `conda-forge::numpy >=1.20,<2 py310*`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from envmgr.errors import UsageError
from envmgr.importers.reading import UntranslatableError
from envmgr.model.version import VersionRange

_NAME = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(.*)")
_BRACKETS = re.compile(r"([^\[\]]*)\[([^\[\]]*)\]")
_KEY = re.compile(r"""\s*(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,'"\s]*))\s*(?:,|$)""")
_CLAUSE = re.compile(r"(==|!=|<=|>=|~=|<|>|=)?([A-Za-z0-9_.+-]+)(\*?)")
_BUILD = re.compile(r"(.*[^<>=!~,|])=([^<>=!~,|]+)")
"""A version with its build behind it."""
_ANY = ("", "*", "=*", "==*")
_AROUND = re.compile(r"\s*([,|])\s*|([<>=!~])\s+")


@dataclass(frozen=True, slots=True)
class CondaSpec:
    """One specification."""

    name: str
    versions: VersionRange
    lost: tuple[str, ...] = ()
    """What else it says, which has no meaning here: its channel, its build."""


def parse_spec(text: str) -> CondaSpec:
    """Read one specification. Raises UntranslatableError."""
    channel, _, rest = text.strip().rpartition("::")
    if "/" in rest or rest.endswith((".conda", ".tar.bz2")):
        raise UntranslatableError("a file or an address is no version that others could have")
    brackets = _BRACKETS.fullmatch(rest)
    spec = _plain(brackets[1] if brackets else rest)
    if channel:
        spec = replace(spec, lost=(f"channel {channel}", *spec.lost))
    return _bracketed(spec, brackets[2]) if brackets else spec


def _plain(text: str) -> CondaSpec:
    found = _NAME.fullmatch(text.strip())
    if found is None:
        raise UntranslatableError("this is no package specification")
    name, rest = found[1], _AROUND.sub(lambda m: m[1] or m[2], found[2])
    version, build = _split(rest)
    return CondaSpec(name.lower(), _range(version), (f"build {build}",) if build else ())


def _split(rest: str) -> tuple[str, str]:
    """The version and the build of what follows a name: `1.2 py_0`, `=1.2=py_0`, `>=1.2,<2`."""
    words = rest.split()
    if len(words) > 2:
        raise UntranslatableError("this is no package specification")
    version, build = (*words, "", "")[:2]
    if not build:
        found = _BUILD.fullmatch(version)
        version, build = found.groups() if found else (version, "")
    if build and version.startswith("=") and not version.startswith("=="):
        version = version.removeprefix("=")  # with its build, a version is exact
    return version, build


def _bracketed(spec: CondaSpec, inside: str) -> CondaSpec:
    """*spec* with what stands in brackets: `[version=">=1.2", build=py310*]`."""
    for key, value in _pairs(inside):
        if key == "version":
            spec = replace(spec, versions=_range(value.strip()))
        else:
            spec = replace(spec, lost=(*spec.lost, f"{key} {value}"))
    return spec


def _pairs(inside: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(inside):
        found = _KEY.match(inside, at)
        if found is None:
            raise UntranslatableError("what stands in its brackets cannot be read")
        yield found[1], found[2] or found[3] or found[4] or ""
        at = found.end()


def _range(text: str) -> VersionRange:
    if "|" in text:
        raise UntranslatableError("a range here has no alternatives: all of its clauses hold")
    if "!" in text.replace("!=", ""):
        raise UntranslatableError("versions have no epochs here")
    clauses = [_clause(one.strip()) for one in text.split(",") if one.strip() not in _ANY]
    try:
        return VersionRange.parse(",".join(clauses))
    except UsageError as error:
        raise UntranslatableError(error.message) from error


def _clause(text: str) -> str:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        raise UntranslatableError(f"the version {text!r} cannot be said here")
    operator, version, star = found[1] or "==", found[2], found[3]
    family = version.removesuffix(".")
    if operator == "=" or (star and operator == "=="):
        return f"{family}.*"
    if not star:
        return _exact(operator, version)
    if operator == "~=":
        raise UntranslatableError("~= takes no pattern")
    # A pattern says nothing to an order; conda drops it too.
    return f"!={family}.*" if operator == "!=" else operator + family


def _exact(operator: str, version: str) -> str:
    if operator == "~=" and "." not in version:
        raise UntranslatableError("~= needs a version of two numbers at least")
    return operator + version
