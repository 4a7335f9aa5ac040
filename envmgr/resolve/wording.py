"""How things, lists and queries are said in explanations."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.resolve.subject import Subject

_MOST_NAMES = 3


def named(subject: Subject) -> str:
    """*subject* with its place: `compiler.gcc@12.2.0 (/usr/bin/gcc)`."""
    where = subject.path if isinstance(subject, Entry) else "to be installed"
    return f"{subject} ({where})"


def few(names: Sequence[str]) -> str:
    """The first of *names*, once each, and how many more there are."""
    unique = list(dict.fromkeys(names))
    more = len(unique) - _MOST_NAMES
    return ", ".join(unique[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def argument(query: Query) -> str:
    """*query* as it is typed in a shell."""
    return f"--tags={shlex.quote(str(query))}"
