"""Versions of anything: `12.2.0`, `9f`, `r21e`, `2012`, `17.0.15+10`.

The order is one total order over every string. Where `packaging` can parse both sides it
agrees with `packaging` (PEP 440); everything else sorts naturally around that: numbers by
value, a letter after the number it follows (`1.1.1` < `1.1.1f` < `1.1.1g` < `1.1.2`).
"""

from __future__ import annotations

import re

from envmgr.errors import UsageError

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any

    _Key = tuple[Any, ...]

# The grammar of PEP 440, appendix B, kept here because importing `packaging` costs more
# than a whole warm start-up; a property test holds the two together.
_PEP440 = re.compile(
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>[0-9]*))?"
    r"(?P<post>-(?P<post_1>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n>[0-9]*))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_n>[0-9]*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
_NATURAL = re.compile(r"(?P<word>[^0-9]*)(?P<release>[0-9]+(?:\.[0-9]+)*)?(?P<tail>.*)", re.DOTALL)
_TOKEN = re.compile(r"[0-9]+|[a-z]+")
_PRE = {"alpha": "a", "a": "a", "beta": "b", "b": "b"}

_MOST_DIGITS = 1000
"""Digits of one number that count: Python refuses to read a few thousand, and raises."""
_LOWEST: tuple[int, ...] = (-1,)
_HIGHEST: tuple[int, ...] = (1,)


def _number(digits: str | None) -> int:
    return int(digits[:_MOST_DIGITS]) if digits else 0


def _tokens(text: str) -> tuple[tuple[int, int, str], ...]:
    # A number sorts after a word, as in the local part of PEP 440.
    return tuple(
        (1, _number(token), "") if token.isdigit() else (0, 0, token)
        for token in _TOKEN.findall(text.lower())
    )


def _release(text: str) -> tuple[int, ...]:
    numbers = [_number(part) for part in text.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _pep440_key(found: re.Match[str]) -> _Key:
    pre, post, dev, local = found["pre"], found["post"], found["dev"], found["local"]
    post_key = (0, _number(found["post_1"] or found["post_n"])) if post else _LOWEST
    dev_key = (0, _number(found["dev_n"])) if dev else _HIGHEST
    if pre:
        pre_key: tuple[Any, ...] = (0, _PRE.get(pre, "rc"), _number(found["pre_n"]))
    elif dev and not post:
        pre_key = _LOWEST
    else:
        pre_key = _HIGHEST
    local_key = _tokens(local) if local else ()
    release = _release(found["release"])
    return ("", _number(found["epoch"]), release, pre_key, (), post_key, dev_key, local_key, ())


def _natural_key(text: str) -> _Key:
    found = _NATURAL.fullmatch(text)
    assert found is not None  # every part of the pattern may be empty
    release = _release(found["release"]) if found["release"] else ()
    word = found["word"] if found["word"] != "v" else ""
    tail = (*_tokens(found["tail"]), (-1, 0, found["tail"]))
    return (word, 0, release, _HIGHEST, tail, _LOWEST, _HIGHEST, (), ())


class Version:
    """A version, ordered naturally; equal when the order cannot tell two apart (`1.0` and `1`)."""

    __slots__ = ("_key", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        lower = self.text.lower()
        found = _PEP440.fullmatch(lower)
        self._key: _Key = _pep440_key(found) if found else _natural_key(lower)

    @property
    def is_prerelease(self) -> bool:
        """Whether this is an alpha, beta, candidate or development version."""
        return bool(self._key[3] != _HIGHEST or self._key[6] != _HIGHEST)

    @property
    def parts(self) -> tuple[int | str, ...]:
        """Numbers and words in order: `12.2.0-rc1` is `(12, 2, 0, 'rc', 1)`."""
        return tuple(
            _number(token) if token.isdigit() else token
            for token in _TOKEN.findall(self.text.lower())
        )

    def starts_with(self, prefix: Version) -> bool:
        """Whether this is *prefix* or a finer version of it: `12.2.0` starts with `12`."""
        wanted, have = prefix.parts, self.parts
        padded = have + (0,) * (len(wanted) - len(have))
        return padded[: len(wanted)] == wanted

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Version({self.text!r})"

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and bool(self._key == other._key)

    def __lt__(self, other: Version) -> bool:
        return bool(self._key < other._key)

    def __le__(self, other: Version) -> bool:
        return bool(self._key <= other._key)

    def __gt__(self, other: Version) -> bool:
        return bool(self._key > other._key)

    def __ge__(self, other: Version) -> bool:
        return bool(self._key >= other._key)


# After its first character a version may hold `!`, which ends an epoch.
_CLAUSE = re.compile(r"(>=|<=|==|!=|~=|=|<|>)?\s*([^\s<>=!~,@][^\s<>=~,@]*)")


class VersionRange:
    """Clauses that all must hold: `>=12,<15`, `~=1.4`, `!=2.0`; a bare `12` means `12` or `12.*`.

    Unlike PEP 440, a pre-release is inside a range whenever the order says so: a compiler
    that calls itself `19.0.0git` is there, and refusing it would hide it.
    """

    __slots__ = ("clauses",)

    def __init__(self, clauses: tuple[tuple[str, str], ...] = ()) -> None:
        self.clauses = clauses

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """Read comma-separated clauses. Raises UsageError naming the clause that is wrong."""
        clauses = []
        for item in filter(None, (part.strip() for part in text.split(","))):
            found = _CLAUSE.fullmatch(item)
            # A bound without a digit or a letter would be met by every version.
            if not found or not _TOKEN.search(found[2].lower()):
                raise UsageError(
                    f"not a version range: {item!r}",
                    hint="write clauses such as >=12, <15, ~=1.4, !=2.0, ==3.1.2, or a bare 12",
                )
            clauses.append((found[1] or "=", found[2]))
        return cls(tuple(clauses))

    def broken_clause(self, version: Version) -> str | None:
        """The first clause that *version* does not meet, or None when it is inside."""
        for operator, text in self.clauses:
            if not _meets(version, operator, text):
                return _clause_text(operator, text)
        return None

    def __contains__(self, version: Version) -> bool:
        return self.broken_clause(version) is None

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def __str__(self) -> str:
        return ",".join(_clause_text(operator, text) for operator, text in self.clauses)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VersionRange) and self.clauses == other.clauses

    def __hash__(self) -> int:
        return hash(self.clauses)

    def __repr__(self) -> str:
        return f"VersionRange({str(self)!r})"


def _clause_text(operator: str, text: str) -> str:
    return text if operator == "=" else operator + text


def _meets(version: Version, operator: str, text: str) -> bool:
    if text.endswith(".*"):
        within = version.starts_with(Version(text[:-2]))
        return not within if operator == "!=" else within
    bound = Version(text)
    if operator == "=":
        return version.starts_with(bound)
    if operator == "~=":
        family = text.rpartition(".")[0] or text
        return version >= bound and version.starts_with(Version(family))
    if operator == "==":
        return version == bound
    if operator == "!=":
        return version != bound
    if operator == ">=":
        return version >= bound
    if operator == "<=":
        return version <= bound
    return version > bound if operator == ">" else version < bound


def version_values(version: str) -> dict[str, str]:
    """`version` and its pieces `version_major`, `version_minor`, `version_patch`; 0 where short."""
    parts = [str(part) for part in Version(version).parts]
    names = ("version_major", "version_minor", "version_patch")
    return {"version": version, **dict(zip(names, [*parts, "0", "0", "0"], strict=False))}
