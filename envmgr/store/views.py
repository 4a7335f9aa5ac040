"""Views: directories of links that give an entry's programs their plain names.

Inside an environment with `gcc-11`, `gcc` must be that one. A view is made when it is first
needed, appears whole, and is named by the entry's id, so it never has to change.
"""

from __future__ import annotations

import os

from envmgr.errors import StoreError
from envmgr.host.files import remove_tree
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry
from envmgr.store.layout import Layout


def with_view(entry: Entry, layout: Layout) -> Delta:
    """The entry's delta, its view foremost on PATH when it has one. Raises StoreError."""
    if not entry.links:
        return entry.delta
    return entry.delta + Delta(prepend={"PATH": (_made(entry, layout),)})


def _made(entry: Entry, layout: Layout) -> str:
    view = os.path.join(layout.views, entry.id)
    if os.path.isdir(view):
        return view
    scratch = f"{view}.{os.urandom(6).hex()}"
    try:
        os.makedirs(scratch)
        for name, target in entry.links.items():
            os.symlink(target, os.path.join(scratch, name))
        os.rename(scratch, view)
    except OSError as error:
        if os.path.lexists(scratch):
            remove_tree(scratch)
        if not os.path.isdir(view):  # another process may have made it meanwhile
            raise StoreError(f"cannot make {view}: {error.strerror}") from error
    return view
