"""Lock files: TOML made for a review in a diff, and read with suspicion.

The order is that of names, every list has a line an element, and nothing is written that says
when, where or by whom. What is read comes from somebody else's repository: sizes, types, names,
ids, digests and paths are checked, and all mistakes are named at once with their lines.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from envmgr.catalog.fields import Key, Reader, Table, table_of, text
from envmgr.catalog.locate import lines_of, nearest_line
from envmgr.catalog.problem import Finding, Problem, Spot, dotted
from envmgr.errors import LockError
from envmgr.model.lock import (
    FORMAT,
    Lock,
    LockedEntry,
    LockedEnvironment,
    LockedPlatform,
    needs_in_a_circle,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SIZE_LIMIT = 16 << 20
"""Bytes of a lock file; one of a hundred entries on ten platforms is far smaller."""
_MOST_CHARACTERS = 4096
_HEAD = """\
# Made by `envmgr lock`, for `envmgr sync`. Commit it; do not edit it.
# docs/lock.md says what each key means.

"""
_REMAKE = "delete it and run `envmgr lock`, or take it from version control again"


# -- writing ---------------------------------------------------------------------------------


def written(lock: Lock) -> str:
    """The text of *lock*: the same lock gives the same bytes. Raises LockError."""
    import tomli_w

    form = {
        "format": FORMAT,
        "platform": {name: _platform(lock.platforms[name]) for name in sorted(lock.platforms)},
    }
    text = _HEAD + tomli_w.dumps(form)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        name = ascii(text[error.start - 40 : error.end + 40])
        raise LockError(f"a lock holds text only, and one of its names is none: {name}") from error
    return text


def _platform(part: LockedPlatform) -> dict[str, Any]:
    return _without_empty(
        {
            "cpu": part.cpu,
            "libc": part.libc,
            "environment": {
                name: _environment(part.environments[name]) for name in sorted(part.environments)
            },
            "entry": {key: _entry(part.entries[key]) for key in sorted(part.entries)},
        }
    )


def _environment(environment: LockedEnvironment) -> dict[str, Any]:
    answers = {"answers": dict(environment.answers)}  # in the order in which they were asked
    return {"not_locked": environment.not_locked} if environment.not_locked else answers


def _entry(entry: LockedEntry) -> dict[str, Any]:
    texts = ("id", "name", "version", "kind", "detector", "path", "package")
    more = ("recipe", "recipe_digest", "plan")
    tables = ("needs", "built_with", "sources", "files")
    form: dict[str, Any] = {name: getattr(entry, name) for name in (*texts, *more)}
    form |= {name: dict(sorted(getattr(entry, name).items())) for name in tables}
    return _without_empty(form)


def _without_empty(form: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in form.items() if value}


# -- reading ---------------------------------------------------------------------------------


def parsed(text: str, file: str) -> Lock:
    """The lock in *text*, the content of *file*. Raises LockError with every mistake."""
    document = _document(text, file)
    _require_format(document, file)
    spot = Spot()
    lock: Lock = _LOCK(document, spot)
    for name, part in lock.platforms.items():
        _check_keys(part, spot.at("platform", name))
    if spot.found:
        raise _wrong(file, text, spot.found)
    return lock


def _document(text: str, file: str) -> dict[str, Any]:
    if len(text) > SIZE_LIMIT:
        raise LockError(f"{file} is larger than any lock", hint=_REMAKE)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise LockError(f"{file} is nested too deeply", hint=_REMAKE) from error
    except ValueError as error:
        raise LockError(f"{file} is not TOML: {error}", hint=_REMAKE) from error


def _require_format(document: Mapping[str, Any], file: str) -> None:
    found = document.get("format")
    if isinstance(found, bool) or found != FORMAT:
        raise LockError(
            f"{file} has format {found!r}; this envmgr reads {FORMAT}",
            hint="use the envmgr that wrote it, or make it again with `envmgr lock`",
        )


def _wrong(file: str, text: str, found: list[Finding]) -> LockError:
    lines = lines_of(text)
    problems = (
        Problem(file, nearest_line(lines, f.path), dotted(f.path), f.message, f.suggestion)
        for f in found
    )
    ordered = sorted(problems, key=lambda problem: problem.line)
    return LockError(f"{file} is no lock", lines=tuple(map(str, ordered)), hint=_REMAKE)


def _check_keys(part: LockedPlatform, spot: Spot) -> None:
    """Whether everything that is named is there, and nothing needs itself."""
    for name, environment in part.environments.items():
        for wish, key in environment.answers.items():
            if key not in part.entries:
                at = spot.at("environment", name, "answers", wish)
                at.say(f"there is no entry {key!r} on this platform")
    whole = True
    for key, entry in part.entries.items():
        for need in entry.all_needs:
            if need not in part.entries:
                spot.at("entry", key).say(f"needs {need!r}, which is no entry of this platform")
                whole = False
    for key in needs_in_a_circle(part.entries) if whole else ():
        spot.at("entry", key).say("needs itself")


def _matching(pattern: str, what: str) -> Reader[str]:
    """A reader of texts that *pattern* matches as a whole."""
    compiled = re.compile(pattern)

    def read(value: object, spot: Spot) -> str:
        given = text(value, spot)
        if spot.is_clean and not (len(given) <= _MOST_CHARACTERS and compiled.fullmatch(given)):
            spot.say(f"{given[:80]!r} is not {what}")
        return given

    return read


def _table(key: Callable[[str], bool], what: str, reader: Reader[str]) -> Reader[dict[str, str]]:
    """A table of texts whose keys are for *key* to judge."""
    inner = table_of(reader)

    def read(value: object, spot: Spot) -> dict[str, str]:
        given = inner(value, spot)
        for name in given:
            if not key(name):
                spot.at(name).say(f"{name[:80]!r} is not {what}")
        return given

    return read


def _fits(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda name: len(name) <= _MOST_CHARACTERS and compiled.fullmatch(name) is not None


# No control characters anywhere: a lock is printed to terminals.
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+"
_NAME = r"[a-z0-9](?:[a-z0-9_.+-]*[a-z0-9+])?"
_ROLE = r"[A-Za-z0-9_][A-Za-z0-9_.+-]*"
_PATH = rf"(?:/|[A-Za-z]:[\\/]|\\\\){_LINE}"
_HEX = r"[0-9a-f]{64}"
_CONTENT = rf"(?:ends-|tree-|listing-)?sha256:{_HEX}"
_SOURCE = rf"sha256:{_HEX}|sha512:[0-9a-f]{{128}}|md5:[0-9a-f]{{32}}|git:[0-9a-f]{{40,64}}"

_line = _matching(_LINE, "a line of text")
_name = _matching(_NAME, "a name")
_digest = _matching(_HEX, "a sha256 in hexadecimal digits")
_needs = _table(_fits(_ROLE), "a role", _line)

_ENTRY = Table(
    LockedEntry,
    {
        "id": Key(_matching(r"[0-9a-f]{16}", "an id of 16 hexadecimal digits")),
        "name": Key(_name, required=True),
        "version": Key(_line, required=True),
        "kind": Key(_matching("detected|installed", "detected or installed"), required=True),
        "detector": Key(_name, required=True),
        "path": Key(_matching(_PATH, "an absolute path")),
        "package": Key(_line),
        "recipe": Key(_name),
        "recipe_digest": Key(_digest),
        "plan": Key(_digest),
        "needs": Key(_needs),
        "built_with": Key(_needs),
        "sources": Key(
            _table(_fits(_LINE), "a name", _matching(_SOURCE, "a checksum such as sha256:…"))
        ),
        "files": Key(
            _table(
                _fits(_PATH), "an absolute path", _matching(_CONTENT, "a digest such as sha256:…")
            )
        ),
    },
)


def _whole_entry(value: object, spot: Spot) -> LockedEntry:
    """An entry with all that its kind must have."""
    before = len(spot.found)
    entry: LockedEntry = _ENTRY(value, spot)
    if len(spot.found) > before:
        return entry
    required = {"detected": ("id", "path"), "installed": ("recipe", "plan", "sources")}
    for name in required[entry.kind]:
        if not getattr(entry, name):
            spot.at(name).say(f"is missing, and it is {entry.kind}")
    return entry


_ENVIRONMENT = Table(
    LockedEnvironment,
    {"answers": Key(_table(_fits(_LINE), "a wish", _line)), "not_locked": Key(_line)},
)
_PLATFORM_NAME = r"[a-z0-9][a-z0-9_.+-]*"
_PLATFORM = Table(
    LockedPlatform,
    {
        "cpu": Key(_matching(r"[a-z0-9_.-]+", "the name of a microarchitecture")),
        "libc": Key(_line),
        "environment": Key(table_of(_ENVIRONMENT), into="environments"),
        "entry": Key(table_of(_whole_entry), into="entries"),
    },
)


def _platforms(value: object, spot: Spot) -> dict[str, LockedPlatform]:
    parts = table_of(_PLATFORM)(value, spot)
    for name in parts:
        if not _fits(_PLATFORM_NAME)(name):
            spot.at(name).say(f"{name[:80]!r} is not the name of a platform")
    return parts


def _format(value: object, _: Spot) -> int:
    return value if isinstance(value, int) else 0


def _lock(format: int, platforms: Mapping[str, LockedPlatform] | None = None) -> Lock:
    assert format == FORMAT  # the only one that is read at all
    return Lock(platforms or {})


_LOCK = Table(
    _lock, {"format": Key(_format, required=True), "platform": Key(_platforms, into="platforms")}
)
