"""Preferences: what is taken first among things that fit equally.

    detected  installed        what was found, or what envmgr installed, before the other
    newest  oldest             the order of versions
    compiler.llvm@>=16         what fits a query before what does not

Earlier ones decide before later ones; the order of `resolve.rank` decides the rest.
"""

from __future__ import annotations

from envmgr.errors import UsageError
from envmgr.model.query import Query

KINDS = ("detected", "installed")
AGES = ("newest", "oldest")


def checked(preference: str) -> str:
    """*preference*, if it is one. Raises UsageError."""
    if preference in (*KINDS, *AGES):
        return preference
    try:
        Query.parse(preference)
    except UsageError as error:
        raise UsageError(
            f"not a preference: {preference!r}",
            hint=f"one of {', '.join((*KINDS, *AGES))}, or a query: {error.message}",
        ) from error
    return preference
