"""A workspace: one store, one catalogue, one machine, and the verbs wired together.

The verbs know nothing of each other; here their inputs are gathered and their results
recorded. Everything is opened when it is first used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from envmgr.host.platform import platform_name
from envmgr.store.entries import EntryStore
from envmgr.store.layout import default_layout

if TYPE_CHECKING:
    from envmgr.catalog.index import Catalogue
    from envmgr.store.prefixes import PrefixStore


class Workspace:
    """Where envmgr works.

    *store* is a directory for entries and prefixes, by default `$ENVMGR_HOME` or the user's
    data directory; *environ* the environment that is looked at and changed copies of, by
    default this process's; *prefix_root* another place for installed prefixes.
    """

    def __init__(
        self,
        store: str | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        prefix_root: str | None = None,
    ) -> None:
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.layout = default_layout(self.environ, store)
        self.store = EntryStore(self.layout)
        self.prefix_root = prefix_root or self.environ.get("ENVMGR_PREFIX_ROOT")

    @cached_property
    def catalogue(self) -> Catalogue:
        """Detectors, recipes, shells and known places."""
        from envmgr.catalog.index import open_catalogue

        return open_catalogue(self.layout.root, self.layout.cache)

    @cached_property
    def prefixes(self) -> PrefixStore:
        """Installed prefixes."""
        from envmgr.store.prefixes import PrefixStore

        return PrefixStore(self.layout, self.prefix_root)

    def prefixes_of(self, path: str) -> PrefixStore:
        """The prefixes that *path* is in one of: an install may have been given another root."""
        from envmgr.store.prefixes import PrefixStore, root_above

        if self.prefixes.slug_of(path):
            return self.prefixes
        root = root_above(path)
        return PrefixStore(self.layout, root) if root else self.prefixes

    @cached_property
    def platform(self) -> str:
        """The short name of this platform."""
        return platform_name()
