"""Importing collections of CK: a repository of definitions is made of them, and added."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from envmgr.api.workspace import Workspace
from envmgr.catalog.repositories import Repositories, Repository
from envmgr.errors import StoreError, UsageError
from envmgr.host.files import remove_tree
from envmgr.importers.ck import Collection, read_collections
from envmgr.importers.ck_draft import Draft
from envmgr.importers.ck_needs import IsKnown
from envmgr.model.entry import Entry
from envmgr.model.query import Query

_MARK = "imported.json"
"""The file by which a repository that was made here is known, and may be made anew."""


@dataclass(frozen=True, slots=True)
class ImportedCollection:
    """What came of it."""

    collection: Collection
    repository: Repository | None = None
    """Where everything is now; None when nothing was written."""
    entries: tuple[Entry, ...] = ()
    """The data sets, as they were found there."""

    @property
    def is_empty(self) -> bool:
        """Whether there was something to take over and none of it was."""
        taken = self.collection.programs or self.collection.datasets
        return bool(self.collection.left) and not taken


def import_ck(
    workspace: Workspace,
    directories: Sequence[str],
    *,
    to: str | None = None,
    name: str | None = None,
    dry_run: bool = False,
) -> ImportedCollection:
    """Make a repository of the collections in *directories*, which complete each other.

    It lies in *to*, by default in the store, and is added as *name*, by default after the first
    directory; one that was made so before is made anew. Raises UsageError for a directory that is
    no collection, and for a place or a name that is something else's.
    """
    collection = read_collections(directories, _is_known(workspace))
    drafts = (*collection.programs, *collection.datasets)
    if dry_run or not drafts:
        return ImportedCollection(collection)
    name = name or _name_for(directories[0])
    root = os.path.abspath(to or os.path.join(workspace.layout.root, "repositories", name))
    repositories = Repositories(workspace.layout.root)
    _require_free(repositories, name, root)
    _publish(root, drafts)
    repository = repositories.add(root, name)
    return ImportedCollection(collection, repository, _detected(workspace, collection))


def _is_known(workspace: Workspace) -> IsKnown:
    """Whether a detector or a recipe may answer a query."""

    def is_known(text: str) -> bool:
        query, catalogue = Query.parse(text), workspace.catalogue
        return bool(catalogue.detectors(query) or catalogue.recipes(query))

    return is_known


def _detected(workspace: Workspace, collection: Collection) -> tuple[Entry, ...]:
    """The data sets that came along, recorded."""
    from envmgr.api.detect import detect

    names = [draft.name for draft in collection.datasets]
    if not names:
        return ()
    del workspace.catalogue  # it has a repository more than when it was opened
    return tuple(detect(workspace, names).entries)


# -- the repository --------------------------------------------------------------------------


def _name_for(directory: str) -> str:
    """`ck-` and what the directory is called."""
    last = os.path.basename(os.path.realpath(directory)).lower()
    return f"ck-{re.sub(r'[^a-z0-9._-]+', '-', last).strip('._-') or 'collection'}"


def _require_free(repositories: Repositories, name: str, root: str) -> None:
    """The name must be this repository's or nobody's, and the place its own or empty."""
    for one in repositories.all():
        if one.name == name and one.root != root:
            raise UsageError(
                f"the name {name!r} is taken by the repository at {one.source}",
                hint="give another with --name",
            )
        if one.root == root and one.name != name:
            raise UsageError(f"{root} is the repository {one.name}", hint=f"say --name {one.name}")
    if os.path.lexists(root) and not _is_ours(root):
        raise UsageError(
            f"{root} is there already, and was not made by this command",
            hint="name a directory that is empty or not there yet with --to",
        )


def _is_ours(root: str) -> bool:
    if os.path.islink(root) or not os.path.isdir(root):
        return False
    return not os.listdir(root) or os.path.isfile(os.path.join(root, _MARK))


def _publish(root: str, drafts: Iterable[Draft]) -> None:
    """Write the repository beside its place, then move it there whole."""
    parent = os.path.dirname(root)
    staging = ""
    try:
        os.makedirs(parent, exist_ok=True)
        staging = tempfile.mkdtemp(prefix=".ck-", dir=parent)
        made, old = os.path.join(staging, "new"), os.path.join(staging, "old")
        _write(made, drafts)
        if os.path.lexists(root):
            os.replace(root, old)
        os.replace(made, root)
    except OSError as error:
        raise StoreError(f"cannot write the repository {root}: {error}") from error
    finally:
        if staging:
            remove_tree(staging)


def _write(root: str, drafts: Iterable[Draft]) -> None:
    _put(root, _MARK, json.dumps({"schema": 1, "from": "ck"}, indent=2).encode() + b"\n")
    for draft in drafts:
        for name in draft.files:
            path = _place(root, f"{draft.directory}/{name}")
            shutil.copyfile(os.path.join(draft.source, *name.split("/")), path)
        for name, data in draft.more.items():
            _put(root, f"{draft.directory}/{name}", data)
        _put(root, draft.file, draft.text.encode())


def _put(root: str, name: str, data: bytes) -> None:
    with open(_place(root, name), "wb") as stream:
        stream.write(data)


def _place(root: str, name: str) -> str:
    """Where the file *name* of the repository is; its directory is made."""
    path = os.path.join(root, *name.split("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path
