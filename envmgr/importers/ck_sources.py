"""What the sources of a CK program tell of how they want to be compiled, read without a compiler.

CK leaves that to the compiler's defaults, which have changed since most of its programs were
written. Every rule here follows from what stands in the sources, and holds for any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_C89 = "-std=gnu89"
"""What compilers of C took in the years of CK, and newer ones only when told: implicit types and
functions, definitions without prototypes."""
_FOR = re.compile(r"\bfor\s*\(\s*(?:(?:const|unsigned|signed|struct)\s+)*\w+[\s*]+\w+\s*=[^=]")
"""A variable that is declared in the head of a loop, which is not C of 1989."""
_COMMENT = re.compile(
    r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/\*.*?(?:\*/|\Z)|//[^\n]*""", re.DOTALL
)
"""A comment; or a literal, in which none begins."""
_DIRECTIVE = re.compile(r"(?m)^[ \t]*#[ \t]*(\w+)[ \t]*([^\n]*)")
_DEFINED = re.compile(
    r"(?m)^(?:[A-Za-z_][\w \t*]{0,200}[ \t*])?([A-Za-z_]\w*)[ \t]*\([^;{}()]*\)"
    r"[^;{}()]*(?:;[^{}();]*)*\{"
)
"""The name of a function where it is defined, with or without a prototype."""
_REDECLARED = frozenset({"gettimeofday", "settimeofday"})
"""Functions that C libraries have, and declare otherwise than they did (glibc since 2.31: a time
zone is any pointer), so that a program's own replacement no longer compiles."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts of a program: what is compiled, and what that may include."""

    compiled: Mapping[str, str]
    """Path of each file that is compiled, to its text."""
    others: Mapping[str, str]
    """The same of headers."""
    along: Mapping[str, str] = field(default_factory=dict)
    """The same of libraries' files that are compiled along."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts."""
        return (*self.compiled.values(), *self.others.values(), *self.along.values())

    def mention(self, text: str) -> bool:
        """Whether *text* stands somewhere in them."""
        return any(text in one for one in self.texts)

    def call(self, function: str) -> bool:
        """Whether the program's own files name *function*."""
        return any(function in text for text in self.compiled.values())

    def write(self, name: str) -> bool:
        """Whether they hold *name*, of a file, as a literal."""
        return any(quoted in one for quoted in (f'"{name}"', f"'{name}'") for one in self.texts)


def dialect(sources: Sources) -> tuple[str, ...]:
    """The option for the language, where all is C and none of it is newer than 1989."""
    compiled = {**sources.compiled, **sources.along}
    is_c = all(path.endswith(".c") for path in compiled)
    newer = any(_FOR.search(_bare(text)) for text in compiled.values())
    return (_C89,) if is_c and sources.compiled and not newer else ()


def headers_there(sources: Sources) -> tuple[str, ...]:
    """`-DHAVE_X_H` for headers of which some files say that they may be missing, when another
    includes them in any case: that program can only be built where they are there."""
    included = {name for text in sources.compiled.values() for name in _outright(text)}
    options = []
    for header in sorted(included):
        macro = f"HAVE_{re.sub(r'[^A-Z0-9]', '_', header.upper())}"
        if _is_tested(macro, sources.texts) and not _is_defined(macro, sources.texts):
            options.append(f"-D{macro}")
    return tuple(options)


def replaced_by_the_system(sources: Sources) -> tuple[str, ...]:
    """Files that hold nothing but functions of the C library which it now declares otherwise."""
    found = []
    for path, text in sources.compiled.items():
        defined = set(_DEFINED.findall(_bare(text)))
        if defined and defined <= _REDECLARED:
            found.append(path)
    return tuple(found)


def _bare(text: str) -> str:
    """*text* without its comments."""
    return _COMMENT.sub(lambda found: " " if found[0][0] == "/" else found[0], text)


def _outright(text: str) -> Iterable[str]:
    """The system's headers that a file includes under no condition."""
    depth = 0
    for word, rest in _DIRECTIVE.findall(_bare(text)):
        if word in ("if", "ifdef", "ifndef"):
            depth += 1
        elif word == "endif":
            depth -= 1
        elif word == "include" and depth == 0 and (name := re.match(r"<([\w./]+)>", rest)):
            yield name[1]


def _is_tested(macro: str, texts: Iterable[str]) -> bool:
    pattern = re.compile(rf"(?m)^[ \t]*#[ \t]*(?:el)?if[^\n]*\b{macro}\b")
    return any(macro in text and pattern.search(text) for text in texts)


def _is_defined(macro: str, texts: Iterable[str]) -> bool:
    pattern = re.compile(rf"(?m)^[ \t]*#[ \t]*define[ \t]+{macro}\b")
    return any(pattern.search(_bare(text)) for text in texts)
