"""What the values of a definition must be beyond their shape: rules that several kinds share.

Every rule takes a value and its spot, and says to the spot what is wrong with it.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
import warnings
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from envmgr.catalog.problem import Spot, nearest
from envmgr.errors import UsageError
from envmgr.model.definition import Definition
from envmgr.model.query import Query, is_tag
from envmgr.model.template import holes

VERSION = frozenset({"version", "version_major", "version_minor", "version_patch"})
"""Placeholders that a version fills."""

_RUNAWAY = re.compile(
    r"(?<!\\)\((?:\?:|\?P<\w+>)?(?:\\.|\[[^\]]+\]|[^\\()\[\]|])[+*]\??\)(?:[+*]|\{\d*,\})"
)
"""A group of nothing but a repetition, repeated: there are as many ways to fail as subsets."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYSTEMS = ("linux", "macos", "windows", "freebsd", "netbsd", "openbsd", "aix", "sunos")
_HEX_LENGTHS = {"sha256": 64, "sha512": 128, "md5": 32}


def common(definition: Definition, place: tuple[str, str], spot: Spot) -> None:
    """Name, tags and description of a definition that lies at *place*: category, short name."""
    category, short = place
    name = f"{category}.{short}"
    if definition.name and definition.name != name:
        spot.at("name").say(f"must be {name!r}, as the file is {category}/{short}.toml", name)
    elif not is_tag(name):
        spot.at("name").say("may hold only lower case letters, digits and ._+-")
    if definition.tags and definition.tags[:2] != place:
        spot.at("tags").say(f"must begin with {category!r} and {short!r}")
    tags(definition.tags, spot.at("tags"))
    if "\n" in definition.description:
        spot.at("description").say("must be one line")
    if definition.homepage:
        address(definition.homepage, spot.at("homepage"), ("https", "http"))


def tags(values: Iterable[str], spot: Spot) -> None:
    """Every tag is lower case letters, digits and `._+-`, and stands once."""
    seen = set()
    for i, tag in enumerate(values):
        if tag and not is_tag(tag):
            meant = re.sub(r"[^a-z0-9_.+-]+", "-", tag.lower()).strip("-_.")
            spot.at(i).say(f"{tag!r} is not a tag", meant if is_tag(meant) else None)
        elif tag in seen:
            spot.at(i).say(f"{tag!r} stands twice")
        seen.add(tag)


def pattern(value: str, spot: Spot) -> re.Pattern[str] | None:
    """A regular expression that this and later versions of Python read alike, and that ends.

    A search cannot be stopped from outside, so the mistake that makes one endless is told here.
    """
    if runaway := _RUNAWAY.search(value):
        spot.say(f"{runaway[0]} repeats a repetition, which can search for ever: repeat once")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(value, re.MULTILINE)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        spot.say(f"is not a regular expression: {error}")
        return None


def template(value: str, spot: Spot, allowed: Collection[str]) -> None:
    """Only placeholders that are *allowed* here."""
    for name in holes(value):
        if name not in allowed:
            close = nearest(name, allowed)
            spot.say(f"unknown placeholder {{{name}}}", f"{{{close}}}" if close else None)


def variables(names: Iterable[str], spot: Spot) -> None:
    """Names of environment variables."""
    for name in names:
        if not _VARIABLE.fullmatch(name):
            spot.at(name).say("is not a name of a variable: letters, digits and _")


def command(value: str, spot: Spot) -> None:
    """A command that can be split into words."""
    try:
        if not shlex.split(value) and value:
            spot.say("is a command without words")
    except ValueError as error:
        spot.say(f"cannot be split into words: {str(error).lower()}")


def inside(value: str, spot: Spot) -> None:
    """A path that stays below the directory it is relative to."""
    if value.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", value):
        spot.say(f"{value!r} must be relative")
    elif ".." in re.split(r"[/\\]", value):
        spot.say(f"{value!r} leaves its directory")
    elif "\0" in value:
        spot.say("holds a zero character")


def anywhere(value: str, spot: Spot) -> None:
    """A glob of directories that depends on no working directory."""
    if value and not re.match(r"[/~$]|[A-Za-z]:[/\\]", value):
        spot.say(f"{value!r} must begin with /, ~ or a $VARIABLE")


def address(value: str, spot: Spot, schemes: tuple[str, ...] = ("https", "http", "file")) -> None:
    """An address with one of *schemes*."""
    try:
        parts = urlsplit(value)
    except ValueError as error:
        spot.say(f"is not an address: {error}")
        return
    if re.search(r"[\s\x00-\x1f]", value):
        spot.say("is not an address: it holds a blank")
    elif parts.scheme not in schemes:
        spot.say(f"is not an address with {', '.join(f'{name}://' for name in schemes)}")
    elif parts.scheme != "file" and not parts.hostname:
        spot.say("is an address without a host")


def digest(value: str, spot: Spot) -> None:
    """`sha256:<hex>`, `sha512:<hex or base64>` or `md5:<hex>`, of the right length."""
    if not value:
        return
    algorithm, _, rest = value.partition(":")
    if algorithm not in _HEX_LENGTHS:
        forms = "sha256:…, sha512:… or md5:…"
        spot.say(f"{value!r} is not a digest: {forms}", _prefixed(value))
    elif not re.fullmatch(f"[0-9a-f]{{{_HEX_LENGTHS[algorithm]}}}", rest) and not (
        algorithm == "sha512" and _is_base64(rest, 64)
    ):
        spot.say(f"is not a {algorithm} digest: {_digest_form(algorithm)}")


def _prefixed(value: str) -> str | None:
    """The digest with the algorithm that its length tells."""
    if value.startswith("sha512-"):
        return value.replace("-", ":", 1)
    sizes = {size: name for name, size in _HEX_LENGTHS.items()}
    is_hex = re.fullmatch("[0-9a-f]+", value) is not None
    return f"{sizes[len(value)]}:{value}" if is_hex and len(value) in sizes else None


def _digest_form(algorithm: str) -> str:
    form = f"{_HEX_LENGTHS[algorithm]} hexadecimal digits in lower case"
    return form + (" or base64 of 64 bytes" if algorithm == "sha512" else "")


def _is_base64(value: str, size: int) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == size
    except (binascii.Error, ValueError):
        return False


def platform(glob: str, spot: Spot) -> None:
    """A glob of names of platforms, `linux-x86_64*`: it begins with a system or with a wildcard."""
    if not glob:
        return
    if not re.fullmatch(r"[a-z0-9_.+*?!\[\]-]+", glob):
        spot.say(f"{glob!r} fits no name of a platform, which is lower case: linux-x86_64-debian12")
    elif not overlap(glob, _SYSTEMS):
        system = nearest(_plain(glob).partition("-")[0], _SYSTEMS)
        spot.say(f"{glob!r} begins with no system: {', '.join(_SYSTEMS)}", system)


def overlap(glob: str, others: Iterable[str]) -> bool:
    """Whether *glob* may fit what one of *others* fits: they agree as far as both are plain."""
    one = _plain(glob)
    return any(one.startswith(plain) or plain.startswith(one) for plain in map(_plain, others))


def _plain(glob: str) -> str:
    return re.split(r"[*?\[]", glob, maxsplit=1)[0]


def queries(needs: Mapping[str, str], spot: Spot) -> None:
    """Role → query, where a role can stand in a placeholder."""
    for role, text in needs.items():
        if not re.fullmatch("[a-z][a-z0-9_]*", role):
            spot.at(role).say("is not a role: lower case letters, digits and _")
        try:
            if text:
                Query.parse(text)
        except UsageError as error:
            spot.at(role).say(error.message)


def exactly_one(given: Mapping[str, object], spot: Spot) -> str | None:
    """The one name whose value is given; says so when there is none or more than one."""
    names = [name for name, value in given.items() if value is not None and value != ()]
    if len(names) == 1:
        return names[0]
    known = ", ".join(given)
    spot.say(
        f"must have exactly one of {known}" + (f", not {' and '.join(names)}" if names else "")
    )
    return None
