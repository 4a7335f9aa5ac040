"""Things by their tags: a query looks only at those that have the rarest tag it wants."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from envmgr.model.query import Query

T = TypeVar("T")


class Index(Generic[T]):
    """Things by the tags that *tags_of* tells, in the order given."""

    def __init__(self, things: Iterable[T], tags_of: Callable[[T], tuple[str, ...]]) -> None:
        self._tags_of = tags_of
        self._all = list(things)
        self._by_tag: dict[str, list[T]] = {}
        for thing in self._all:
            for tag in set(tags_of(thing)):
                self._by_tag.setdefault(tag, []).append(thing)

    def fitting(self, query: Query) -> list[T]:
        """What the tags of *query* fit; versions are not looked at."""
        wanted = [self._by_tag.get(tag, []) for tag in query.wanted]
        rarest = min(wanted, key=len, default=self._all)
        if len(wanted) == 1 and not query.refused:
            return rarest
        return [thing for thing in rarest if query.misfit_tags(self._tags_of(thing)) is None]
