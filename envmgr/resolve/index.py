"""Things by their tags: a query looks only at those that have the rarest tag it wants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from envmgr.model.query import Query

T = TypeVar("T")


class Index(Generic[T]):
    """Things with their tags, in the order given."""

    def __init__(self, tagged: Iterable[tuple[tuple[str, ...], T]]) -> None:
        self._all = list(tagged)
        self._by_tag: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for item in self._all:
            for tag in set(item[0]):
                self._by_tag.setdefault(tag, []).append(item)

    def fitting(self, query: Query) -> list[T]:
        """What the tags of *query* fit; versions are not looked at."""
        wanted = [self._by_tag.get(tag, ()) for tag in query.wanted]
        rarest = min(wanted, key=len, default=self._all)
        return [thing for tags, thing in rarest if query.misfit_tags(tags) is None]
